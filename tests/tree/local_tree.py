"""Trees on this machine: gateways and targets that are processes here."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NamedTuple, Optional

from clush.events import Ended, GatewayNews, Started
from clush.job import Job
from clush.plan.routes import Pool, Ways
from clush.result import Collector, Result
from clush.runtime.task import Task
from clush.sets.nodeset import NodeSet
from clush.transport.exec import Exec
from clush.tree.head import Plan, TreeRun, submit
from clush.tree.link import Via


class Outcome(NamedTuple):
    """What came of a job over a tree."""

    result: Result
    news: list[GatewayNews]

    def kinds(self, kind: str) -> list[GatewayNews]:
        return [news for news in self.news if news.kind == kind]


During = Callable[[Task, TreeRun], Coroutine[Any, Any, object]]


class Local(NamedTuple):
    """Runs jobs over trees that are processes of this machine.

    Where there are several trees, the targets go to them in turn.
    """

    fanout: int = 64
    silence: float = 10.0

    def run(
        self,
        nodes: str,
        command: str,
        *ways: Ways,
        stdin: Optional[bytes] = None,
        during: Optional[During] = None,
        feed: Optional[During] = None,
        timeout: Optional[float] = None,
        via: Any = None,
        transport: Any = None,
        grooming: float = 0.05,
        max_running: Optional[int] = None,
        merge_stderr: bool = False,
        python: str = "python3",
    ) -> Outcome:
        targets = NodeSet(nodes)
        job = Job(
            targets, command, transport or Exec(), timeout,
            stdin=stdin is not None, merge_stderr=merge_stderr,
        )  # fmt: skip
        names = list(targets)
        shares = [range(number, len(names), len(ways)) for number in range(len(ways))]
        pools = [
            Pool(list(ranks), names[ranks.start :: ranks.step], way)
            for ranks, way in zip(shares, ways)
        ]
        via = Via(via or Exec(), python, self.silence)
        plan = Plan(pools, via, grooming, max_running)
        collector, news, started = Collector(), [], set()

        def sink(event: Any) -> None:
            (news.append if isinstance(event, GatewayNews) else collector)(event)
            if isinstance(event, Started):
                started.add(event.node)
            elif isinstance(event, Ended):
                assert (event.node in started) == (event.started is not None)

        async def main() -> None:
            async with Task(fanout=self.fanout) as task:
                run = submit(task, job, sink, plan)
                assert isinstance(run, TreeRun)
                if feed is not None:
                    await feed(task, run)
                elif stdin is not None:
                    run.write(stdin)
                    run.write_eof()
                if during is not None:
                    await during(task, run)
                await asyncio.wait_for(task.join(), 60)

        asyncio.run(main())
        return Outcome(collector.result(), news)


def gateways_of(test: str) -> list[str]:
    """The processes that run as gateways and inherited the name of ``test``."""
    found = []
    mark = b"PYTEST_CURRENT_TEST=" + test.encode()
    for entry in os.listdir("/proc"):
        try:
            words = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
            if b"-ESs" in words and mark in Path(f"/proc/{entry}/environ").read_bytes():
                found.append(entry)
        except OSError:
            continue
    return found
