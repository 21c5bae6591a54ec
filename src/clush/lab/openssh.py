"""Logins served by the machine's own sshd: one ``sshd -i`` per connection.

In this mode sshd listens nowhere: the keeper accepts the connection and hands it over,
so there is no port to race for and every session descends from the keeper.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from clush.errors import LabError
from clush.lab import texts

if TYPE_CHECKING:
    import socket

    from clush.lab.children import Children

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SFTP_SERVERS = (
    "/usr/lib/openssh/sftp-server",
    "/usr/libexec/openssh/sftp-server",
    "/usr/lib/ssh/sftp-server",
    "/usr/libexec/sftp-server",
)
NO_LOGIN_SHELLS = ("nologin", "false")
MISSING_FOLDER = "Missing privilege separation directory: "
UNKNOWN_OPTION = "Bad configuration option: "


def find_sshd() -> str | None:
    """Where sshd is; the system's folders are searched whatever PATH says."""
    return shutil.which("sshd", path=os.environ.get("PATH", "") + ":" + SYSTEM_PATH)


def find_sftp_server() -> str | None:
    """The program that serves files to scp and sftp, if the machine has it."""
    return next((path for path in SFTP_SERVERS if os.access(path, os.X_OK)), None)


def obstacle() -> str | None:
    """Why sshd cannot serve the lab of this user on this machine; None when it can."""
    if find_sshd() is None:
        return "no sshd on this machine"
    try:
        user = pwd.getpwuid(os.getuid())
    except KeyError:
        return f"user {os.getuid()} has no account"
    if Path(user.pw_shell).name in NO_LOGIN_SHELLS:
        return f"{user.pw_name} has no login shell ({user.pw_shell})"
    if _is_locked(user.pw_name):
        return f"the account {user.pw_name} is locked"
    return None


def _is_locked(name: str) -> bool:
    """Would sshd find a locked password? Only root is able to see, for itself as for sshd."""
    try:
        lines = Path("/etc/shadow").read_text().splitlines()
    except OSError:
        return False
    return any(line.startswith(f"{name}:!") for line in lines)


class OpenSSH:
    """The server of a lab in ``folder``; made ready (or refused) by the constructor."""

    name = "sshd"

    def __init__(self, folder: Path, path: str, children: Children, log: int) -> None:
        self._children = children
        self._log = log
        program = find_sshd() or "sshd"
        self._argv = [program, "-i", "-f", str(folder / "sshd_config")]
        self._argv += ["-E", str(folder / "sshd.log")]
        recent = dict(texts.RECENT_SSHD_OPTIONS)
        while True:
            text = texts.sshd_config(folder, path, find_sftp_server(), recent)
            (folder / "sshd_config").write_text(text)
            complaint = _check(program, folder / "sshd_config")
            if not complaint:
                return
            if not _mend(complaint, recent):
                raise LabError(f"{program} refuses to serve the lab: {complaint}")

    async def serve(self, connection: socket.socket) -> None:
        """Hand the connection to a server of its own, until the session ends."""
        connection.setblocking(True)  # as sshd expects it
        fd = connection.fileno()
        end = self._children.spawn(self._argv, {"PATH": SYSTEM_PATH}, (fd, fd, self._log))
        connection.close()
        await end


def _check(program: str, config: Path) -> str:
    """What sshd says about its configuration; empty when it accepts it."""
    command = [program, "-t", "-f", str(config)]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return result.stderr.strip() or f"exit code {result.returncode}" if result.returncode else ""


def _mend(complaint: str, recent: dict[str, str]) -> bool:
    """Do what a known complaint asks for; was it one?

    As root, sshd insists on an empty folder outside of ours, which its package makes only
    when the service starts: the one thing a lab ever leaves on a machine.
    """
    for line in complaint.splitlines():
        _, found, folder = line.partition(MISSING_FOLDER)
        if found:
            os.makedirs(folder, mode=0o755, exist_ok=True)
            return True
        _, found, option = line.partition(UNKNOWN_OPTION)
        for known in list(recent):
            if found and option.strip().lower() == known.lower():
                del recent[known]
                return True
    return False
