"""What every transport is tried with: a kit that knows how to have it reach some nodes.

The nodes are ``node1``, ``node2``, ... whatever the transport.  A command learns on which
it runs from ``kit.me``, and finds its files where ``kit.home`` says.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Callable, NamedTuple, Optional

import pytest

from clush.engine.loop import run_blocking
from clush.events import Ended, Event, Output, Started
from clush.job import Copy, Job
from clush.result import Collector, Result
from clush.runtime.task import Run, Task
from clush.sets.nodeset import NodeSet
from clush.transport.base import Transport
from clush.transport.exec import Exec
from clush.transport.pdsh import Pdsh
from clush.transport.rsh import Rsh
from clush.transport.ssh import Ssh

STUBS = Path(__file__).resolve().parents[1] / "stubs"

# Seconds in which whatever should happen has happened, on a busy machine too.
PATIENCE = 30


class Told:
    """The events of one run, checked as they come."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.started: set[str] = set()
        self.ends: dict[str, Ended] = {}
        self._collector = Collector()

    def __call__(self, event: Event) -> None:
        assert event.node not in self.ends, f"{event} after the end"
        if isinstance(event, Started):
            assert event.node not in self.started
            self.started.add(event.node)
        elif isinstance(event, Ended):
            assert (event.started is not None) == (event.node in self.started)
            self.ends[event.node] = event
        else:
            assert event.node in self.started
        self.events.append(event)
        self._collector(event)

    @property
    def result(self) -> Result:
        return self._collector.result()

    def said(self, node: str, stream: str = "stdout") -> bytes:
        return b"".join(
            event.data
            for event in self.events
            if isinstance(event, Output) and (event.node, event.stream) == (node, stream)
        )


class Kit(NamedTuple):
    """A transport, and what has to be known to try it.

    ``me`` is the name of the node in a command, ``place`` makes a path on the node of a
    relative one, ``home`` is where that is.  ``missing`` is the transport without its
    program, ``tick`` the least time limit (seconds) that it knows.
    """

    name: str
    transport: Transport
    me: str
    home: Callable[[str], Path]
    place: Callable[[str], str] = str
    missing: Optional[Transport] = None
    takes_input: bool = True
    tick: float = 0.4

    def job(self, command: str, nodes: str, **fields: object) -> Job:
        return Job(NodeSet(nodes), command.replace("ME", self.me), self.transport, **fields)

    def copy(self, source: str, dest: str, nodes: str, **fields: object) -> Copy:
        return Copy(source, dest, NodeSet(nodes), self.transport, **fields)

    def told(
        self,
        work: object,
        *,
        stdin: Optional[bytes] = None,
        meanwhile: Callable[[Run, Event], object] = lambda run, event: None,
    ) -> Told:
        """Carry it out and return what was told; ``meanwhile`` is shown each event."""
        told = Told()

        def sink(event: Event) -> None:
            told(event)
            meanwhile(run, event)

        async def main() -> None:
            nonlocal run
            async with Task(fanout=8) as task:
                run = task.submit(work, sink)
                if stdin is not None:
                    run.write(stdin)
                    run.write_eof()
                await asyncio.wait_for(task.join(), PATIENCE)

        run: Run
        run_blocking(main)
        assert set(told.ends) == set(work.nodes)
        return told

    def run(self, command: str, nodes: str = "node[1-2]", **fields: object) -> Result:
        """How it went to run the command; ``stdin`` are the bytes it is given."""
        stdin = fields.pop("stdin", None)
        job = self.job(command, nodes, stdin=stdin is not None, **fields)
        return self.told(job, stdin=stdin).result


def exec_kit(request: pytest.FixtureRequest) -> Kit:
    homes = homes_of(request)
    return Kit("exec", Exec(), "%h", homes.joinpath, place=lambda path: f"{homes}/%h/{path}")


def ssh_kit(request: pytest.FixtureRequest) -> Kit:
    lab = request.getfixturevalue("in_lab")
    return Kit("ssh", Ssh(), "$LAB_NODE", lab.home, missing=Ssh(path="/no/such/ssh"))


def rsh_kit(request: pytest.FixtureRequest) -> Kit:
    homes = homes_of(request)
    request.getfixturevalue("monkeypatch").setenv("STUB_HOMES", str(homes))
    rsh = Rsh(path=f"{STUBS}/rsh", rcp_path=f"{STUBS}/rcp")
    missing = rsh._replace(path="/no/such/rsh")
    return Kit("rsh", rsh, "$LAB_NODE", homes.joinpath, missing=missing)


def pdsh_kit(request: pytest.FixtureRequest) -> Kit:
    if not shutil.which("pdsh"):
        pytest.skip("no pdsh on this machine")
    lab = request.getfixturevalue("in_lab")
    pdsh = Pdsh("pdsh -R ssh", "pdcp -R ssh", "rpdcp -R ssh")
    missing = pdsh._replace(path="/no/such/pdsh")
    return Kit("pdsh", pdsh, "$LAB_NODE", lab.home, missing=missing, takes_input=False, tick=1)


def homes_of(request: pytest.FixtureRequest, nodes: Iterable[str] = ("node1", "node2")) -> Path:
    """A folder with a home for each node."""
    homes: Path = request.getfixturevalue("tmp_path") / "homes"
    for node in nodes:
        (homes / node).mkdir(parents=True)
    return homes


KITS = {"exec": exec_kit, "ssh": ssh_kit, "rsh": rsh_kit, "pdsh": pdsh_kit}


@pytest.fixture(params=KITS)
def kit(request: pytest.FixtureRequest) -> Kit:
    return KITS[request.param](request)
