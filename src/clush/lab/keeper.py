"""The process that is the lab: builds the folder, opens the doors, cleans up at the end.

Started by ``clush.lab.owner`` with one line of JSON on its standard input (a ``Plan``);
answers with one line on its standard output: the lab's ports, or what went wrong. It
ends on SIGTERM, SIGINT, SIGHUP, and, unless the plan says ``detached``, as soon as its
standard input ends, which is when its owner is gone for whatever reason.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from clush.errors import LabError
from clush.lab import openssh, processes, texts
from clush.lab.children import Children, adopt_orphans
from clush.lab.cluster import NAMELESS, OPEN, UNKNOWN, Plan, build
from clush.lab.doors import Door
from clush.lab.folder import State, remove, write_state
from clush.lab.keys import make_key

if TYPE_CHECKING:
    from clush.lab.cluster import Node
    from clush.lab.inprocess import InProcess

KEYS = ("host", "user", "other")  # the last is the one that does not fit
CLIENTS = ("ssh", "scp", "sftp")
ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def choose(flavour: str) -> str:
    """``sshd`` or ``asyncssh``, whichever was asked for or (``auto``) is there."""
    obstacle = openssh.obstacle() if flavour in ("auto", "sshd") else None
    if flavour == "sshd" and obstacle:
        raise LabError(f"{obstacle}: install openssh-server")
    if flavour == "sshd" or (flavour == "auto" and not obstacle):
        return "sshd"
    try:
        import asyncssh  # noqa: F401 # an optional extra
    except ImportError:
        what = f"{obstacle}, and no asyncssh" if obstacle else "no asyncssh for this Python"
        raise LabError(f"{what}: install openssh-server or `pip install asyncssh`") from None
    return "asyncssh"


def node_path(folder: Path) -> str:
    """PATH on the nodes: the lab's ssh first, so that a node reaches the others too."""
    # our own interpreter comes last: a machine may have no other python3
    return f"{folder / 'bin'}:{openssh.SYSTEM_PATH}:{Path(sys.executable).parent}"


class Keeper:
    """One lab, from its empty folder to the last process of it."""

    def __init__(self, plan: Plan, cluster: list[Node]) -> None:
        self._plan = plan
        self._folder = Path(plan.folder)
        self._cluster = cluster
        self._doors: dict[tuple[str, float], Door] = {}
        self._children = Children()
        self._over = asyncio.Event()

    def build(self) -> State:
        """Make the lab ready for its first login."""
        self._make_homes()
        self._make_keys()
        self._make_programs()
        server = self._server(choose(self._plan.flavour))
        self._open_doors(server)
        ports = {kind: door.port for kind, door in self._doors.items()}
        text = texts.ssh_config(self._folder, self._cluster, ports)
        (self._folder / "ssh_config").write_text(text)
        me = processes.look(os.getpid())
        assert me is not None
        state = State(me.pid, me.birth, self._plan.nodes, server.name, ports[OPEN, 0.0])
        write_state(self._folder, state)
        return state

    def _make_homes(self) -> None:
        homes, noisy = self._folder / "home", self._folder / "noisy"
        homes.mkdir()
        noisy.mkdir()
        for name in (NAMELESS, *(node.name for node in self._cluster)):
            (homes / name).mkdir()
        for node in self._cluster:
            if node.noisy:
                (noisy / node.name).touch()

    def _make_keys(self) -> None:
        folder = self._folder
        host, user, other = (make_key(folder / f"{whose}_key") for whose in KEYS)
        (folder / "authorized_keys").write_text(user + "\n")
        (folder / "known_hosts").write_text(texts.known_hosts(self._cluster, host, other))

    def _make_programs(self) -> None:
        folder = self._folder
        (folder / "bin").mkdir()
        _script(folder / "login", texts.login(folder))
        for program in CLIENTS:
            found = shutil.which(program)
            if found:
                _script(folder / "bin" / program, texts.client(found, folder))

    def _open_doors(self, server: openssh.OpenSSH | InProcess) -> None:
        for kind in {(OPEN, 0.0), *(node.behind for node in self._cluster)}:
            if kind[0] != UNKNOWN:
                self._doors[kind] = Door(*kind, server.serve)

    def _server(self, flavour: str) -> openssh.OpenSSH | InProcess:
        path = node_path(self._folder)
        if flavour == "sshd":
            return openssh.OpenSSH(self._folder, path, self._children, sys.stderr.fileno())
        from clush.lab.inprocess import InProcess  # needs the extra, and is slow to import

        return InProcess(self._folder, path, self._children)

    async def keep(self) -> None:
        """Serve until told to end, or until the owner is gone."""
        loop = asyncio.get_running_loop()
        for number in ENDINGS:
            loop.add_signal_handler(number, self._over.set)
        if not self._plan.detached:
            loop.add_reader(sys.stdin.fileno(), self._owner_spoke)
        await self._over.wait()

    def _owner_spoke(self) -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            self._over.set()

    def close(self) -> None:
        """Close the doors, and end every process that came of the lab."""
        for door in self._doors.values():
            door.close()
        me = processes.look(os.getpid())
        if me is not None:
            processes.end(lambda: processes.family(me.pid, me.birth), reap=self._children.reap)


def _script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


async def run(plan: Plan) -> None:
    """A lab's whole life."""
    keeper = Keeper(plan, build(plan.nodes, plan.knobs, plan.delays))
    try:
        state = keeper.build()
        _answer(state._asdict())
        await keeper.keep()
    finally:
        keeper.close()


def _answer(message: dict[str, object]) -> None:
    print(json.dumps(message), flush=True)


def main() -> int:
    """Entry point of the keeper's process."""
    plan = Plan(**json.loads(sys.stdin.readline()))
    log = os.open(Path(plan.folder) / "keeper.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, sys.stderr.fileno())
    os.close(log)
    adopt_orphans()
    try:
        asyncio.run(run(plan))
    except (LabError, OSError) as error:
        _answer({"error": str(error)})
        return LabError.exit_code
    finally:
        remove(Path(plan.folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
