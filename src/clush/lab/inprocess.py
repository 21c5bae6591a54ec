"""Logins served by asyncssh in the keeper itself, on machines that have no sshd.

Behaves like the sshd of ``clush.lab.openssh`` in what a lab promises: keys, the node's
name in the environment, the login script, commands with or without a terminal, files.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import signal
from typing import TYPE_CHECKING

import asyncssh

from clush.lab.cluster import NAMELESS
from clush.lab.openssh import NO_LOGIN_SHELLS
from clush.lab.pipes import CHUNK, Ends, pull, push
from clush.lab.texts import FOLDER_VARIABLE, NODE_VARIABLE

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from clush.lab.children import Children

Session = asyncssh.SSHServerProcess[bytes]
Channel = asyncssh.SSHServerChannel[bytes]


class InProcess:
    """The server of a lab in ``folder``."""

    name = "asyncssh"

    def __init__(self, folder: Path, path: str, children: Children) -> None:
        self._children = children
        user = pwd.getpwuid(os.getuid())
        shut = os.path.basename(user.pw_shell) in NO_LOGIN_SHELLS
        self._shell = "/bin/sh" if shut or not user.pw_shell else user.pw_shell
        self._argv = [self._shell, "-c", str(folder / "login")]
        self._env = {
            "PATH": path,
            FOLDER_VARIABLE: str(folder),
            "HOME": str(folder),
            "SHELL": self._shell,
            "USER": user.pw_name,
            "LOGNAME": user.pw_name,
        }
        self._options = asyncssh.SSHServerConnectionOptions(
            server_host_keys=[str(folder / "host_key")],
            authorized_client_keys=str(folder / "authorized_keys"),
            process_factory=self._serve_command,
            sftp_factory=lambda channel: Files(channel, folder),
            encoding=None,
            line_editor=False,
            gss_host=None,
        )

    async def serve(self, connection: socket.socket) -> None:
        """Serve this connection until it ends."""
        try:
            server = await asyncssh.run_server(connection, options=self._options)
            await server.wait_closed()
        except (OSError, asyncssh.Error):
            pass  # the client left, or was refused; it knows why

    async def _serve_command(self, session: Session) -> None:
        ends = Ends.of_terminal() if session.term_type is not None else Ends.of_pipes()
        command = asyncio.ensure_future(self._run(session, ends))
        closed = asyncio.ensure_future(session.wait_closed())
        try:
            await asyncio.wait({command, closed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            command.cancel()
            closed.cancel()
            await asyncio.gather(command, closed, return_exceptions=True)
            ends.close()  # a command that outlives its client finds nobody at the other end

    async def _run(self, session: Session, ends: Ends) -> None:
        try:
            end = self._children.spawn(self._argv, self._environ(session), ends.its, session=True)
        finally:
            ends.hand_over()
        feeder = asyncio.ensure_future(push(lambda: _read(session), ends.stdin))
        try:
            pulled = [pull(ends.stdout, session.stdout.write, session.stdout.drain)]
            if ends.stderr is not None:
                pulled.append(pull(ends.stderr, session.stderr.write, session.stderr.drain))
            await asyncio.gather(*pulled)
            code = await end
        finally:
            feeder.cancel()
        if code < 0:
            session.exit_with_signal(signal.Signals(-code).name[len("SIG") :])
        else:
            session.exit(code)

    def _environ(self, session: Session) -> dict[str, str]:
        environ = dict(self._env)
        node = session.channel.get_environment().get(NODE_VARIABLE)
        for name, value in (
            (NODE_VARIABLE, node),
            ("TERM", session.term_type),
            ("SSH_ORIGINAL_COMMAND", session.command),
        ):
            if value:
                environ[name] = value
        return environ


async def _read(session: Session) -> bytes:
    """The client's next bytes, none at their end; its window and its signals are ignored."""
    while True:
        try:
            return await session.stdin.read(CHUNK)
        except (asyncssh.TerminalSizeChanged, asyncssh.BreakReceived, asyncssh.SignalReceived):
            continue
        except asyncssh.Error:
            return b""


class Files(asyncssh.SFTPServer):
    """Serves files to scp and sftp; relative paths start in the node's own home."""

    def __init__(self, channel: Channel, folder: Path) -> None:
        node = channel.get_environment().get(NODE_VARIABLE, NAMELESS)
        self._home = os.fsencode(folder / "home" / node)
        super().__init__(channel)
        if (folder / "noisy" / node).exists():
            channel.write(f"Welcome to {node}\n".encode())

    def map_path(self, path: bytes) -> bytes:
        """A path of the client as one of this machine."""
        return os.path.join(self._home, path)

    def exit(self) -> None:
        """End as a program would: scp fails when nobody tells it how that went."""
        self.channel.exit(0)
