"""A job over a tree of gateways, as its callers see it: a run like any other.

The head numbers the targets, keeps the input as long as somebody may need it from the
beginning, and makes events of what its branch reports.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional, Union
from weakref import WeakKeyDictionary

from clush.engine.child import KILL_GRACE
from clush.errors import JobError, TaskError
from clush.events import STDERR, STDOUT, Ended, GatewayNews, Output, Started, Status, Written
from clush.job import Copy
from clush.lines import LineBuffer
from clush.runtime.activity import Activity
from clush.runtime.run import INPUT_HIGH
from clush.tree.branch import RC_LOST, Branch
from clush.tree.carried import carried
from clush.tree.feed import Log
from clush.tree.link import Links, Via

if TYPE_CHECKING:
    from clush.job import Job, Work
    from clush.plan.router import Pull
    from clush.plan.routes import Pool
    from clush.runtime.activity import Sink
    from clush.runtime.run import Run
    from clush.runtime.task import Task
    from clush.transport.base import Launch
    from clush.tree.share import Share

GROOMING = 0.25  # seconds


class Plan(NamedTuple):
    """How the targets of a job are reached.

    ``pools`` say which ways they may take, ``via`` how gateways are reached.  ``grooming`` is
    how long (seconds) a gateway waits for equal output, ``max_running`` bounds the commands
    that run at once over the whole tree.  With ``direct``, targets whose gateways have all
    failed are reached from here.
    """

    pools: Sequence[Pool]
    via: Via
    grooming: float = GROOMING
    max_running: Optional[int] = None
    direct: bool = False

    @property
    def flat(self) -> bool:
        """True if no target goes through a gateway."""
        return self.max_running is None and not any(pool.ways for pool in self.pools)


def submit(
    task: Task, work: Work, sink: Sink, plan: Plan, *, background: bool = False
) -> Union[Run, TreeRun]:
    """Queue ``work`` as :meth:`clush.runtime.task.Task.submit` does, through gateways.

    Raises :class:`clush.errors.JobError` for what cannot be done behind gateways.
    """
    if plan.flat or isinstance(work, Copy):
        return task.submit(work, sink, background=background)
    work.transport.launches(work)  # it refuses what it cannot do
    check_behind_gateways(work)
    carried(work.transport)
    carried(plan.via.transport)
    run = TreeRun(task, work, work.command, sink, plan, background)
    task.add(run)
    run.begin()
    return run


_links: WeakKeyDictionary[Task, Links] = WeakKeyDictionary()


class TreeRun(Activity[Any]):
    """A job over a tree; the reporter of its branch."""

    def __init__(
        self,
        task: Task,
        work: Job,
        command: str,
        sink: Sink,
        plan: Plan,
        background: bool,
        *,
        raw: bool = False,
        local: Optional[Work] = None,
    ) -> None:
        super().__init__(task, sink, _nothing(), work.fanout, background)
        self._open = True
        self.job = local or work
        self.on_input_lost: Optional[Callable[[tuple[str, ...], int], object]] = None
        self._plan = plan
        self._names: dict[int, str] = {}
        for pool in plan.pools:
            self._names.update(zip(pool.ranks, pool.names))
        self._left = len(self._names)
        self._unstarted = set(self._names)
        self._unfinished: dict[tuple[str, int], LineBuffer] = {}  # lines
        links = _links.get(task)
        if links is None:
            links = _links[task] = Links(task)
        self.branch = Branch(
            task, work, command, links, plan.via, self,
            grooming=plan.grooming, max_running=plan.max_running, raw=raw, local=local,
        )  # fmt: skip
        self._taken = asyncio.Event()
        self._input = _Input(self)
        if work.stdin:
            self.branch.intake = self._input

    def begin(self) -> None:
        """Hand out the targets."""
        branch = self.branch
        for number, pool in enumerate(self._plan.pools):
            branch.add_pool(number, pool.ways, direct=self._plan.direct)
            branch.router.pull("", len(pool.ranks) if not pool.ways or self._plan.direct else 0)
        for number, pool in enumerate(self._plan.pools):
            branch.add(number, pool.ranks, pool.names)
        self.check_over()

    # -- for callers ------------------------------------------------------------------

    def start_now(self) -> None:
        """Nothing can be started behind a gateway before this returns."""

    def set_fanout(self, fanout: Optional[int]) -> None:
        if not self._over and fanout is not None:
            self.branch.set_fanout(fanout)

    def abort(self, grace: float = KILL_GRACE, *, timed_out: bool = False) -> None:
        if not self._over:
            self.branch.stop(grace, timed_out=timed_out)

    def write(self, data: bytes) -> None:
        """As :meth:`clush.runtime.run.Run.write`."""
        if self._input.source.ended:
            raise TaskError("standard input of this job is closed")
        self._input.source.write(data)
        self.branch.local.write(data)
        self.branch.pump()

    def write_eof(self) -> None:
        """As :meth:`clush.runtime.run.Run.write_eof`."""
        if not self._input.source.ended:
            self._input.source.ended = True
            self.branch.local.write_eof()
            self.branch.pump()

    async def drain(self) -> None:
        """As :meth:`clush.runtime.run.Run.drain`."""
        while not self._over and self._input.behind > INPUT_HIGH:
            self._taken.clear()
            await self._taken.wait()

    # -- for the task -----------------------------------------------------------------

    def set_paused(self, paused: bool) -> None:
        if not paused:
            self.branch.resume()

    def check_over(self) -> None:
        if not self._left:
            self._open = False
            super().check_over()

    def _now_over(self) -> None:
        self._taken.set()
        self.branch.close()

    # -- reports ----------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        return self._task.paused

    def pull(self, pull: Pull) -> None:
        """All targets have been given."""

    def exposed(self, ids: Sequence[int], go: Callable[[], object]) -> None:
        go()

    def started(self, ids: Sequence[int], at: Sequence[float]) -> None:
        for number, when in zip(ids, at):
            if number in self._unstarted:
                self._unstarted.remove(number)
                self.emit(Started(self._names[number], when))

    def output(self, ids: Sequence[int], stream: str, data: bytes) -> None:
        if data.endswith(b"\n") and not self._unfinished:
            names = self._names
            for number in ids:
                self.emit(Output(names[number], stream, data))
            return
        for number in ids:
            self._unfinished_output(number, stream, data)

    def _unfinished_output(self, number: int, stream: str, data: bytes) -> None:
        """Make whole lines of pieces."""
        key = stream, number
        buffer = self._unfinished.setdefault(key, LineBuffer())
        lines = buffer.feed(data)
        if data.endswith(b"\n"):
            del self._unfinished[key]
        if lines:
            self.emit(Output(self._names[number], stream, lines))

    def written(self, ids: Sequence[int], size: int) -> None:
        for number in ids:
            self.emit(Written(self._names[number], size))

    def input_lost(self, ids: Sequence[int], size: int) -> None:
        if self.on_input_lost is not None:
            self.on_input_lost(tuple(self._names[number] for number in ids), size)

    def ended(
        self,
        ids: Sequence[int],
        status: Status,
        rc: Optional[int],
        detail: str,
        started: Sequence[Optional[float]],
        ended: Sequence[float],
    ) -> None:
        for number, begin, end in zip(ids, started, ended):
            if self._unfinished:
                self._flush(number)
            if begin is not None:
                self.started((number,), (begin,))
            self._end(number, Ended(self._names[number], status, rc, detail, begin, end))
        self.check_over()

    def returned(self, ids: Sequence[int], why: str) -> None:
        for number in ids:
            end = Ended(self._names[number], Status.NOT_STARTED, RC_LOST, why, None, time.time())
            self._end(number, end)
        self.check_over()

    def news(self, news: GatewayNews, ids: Sequence[int] = ()) -> None:
        if ids and not news.nodes:
            news = news._replace(nodes=tuple(self._names[number] for number in ids))
        self.emit(news)

    def settled(self) -> None:
        self.check_over()

    def _flush(self, number: int) -> None:
        for stream in (STDOUT, STDERR):
            buffer = self._unfinished.pop((stream, number), None)
            rest = buffer.flush() if buffer is not None else b""
            if rest:
                self.emit(Output(self._names[number], stream, rest))

    def _end(self, number: int, event: Ended) -> None:
        self._left -= 1
        self._unstarted.discard(number)
        self.emit(event)
        if not self._unstarted:
            self._input.nobody_is_late()

    # -- input ------------------------------------------------------------------------

    def input_moved(self) -> None:
        self._taken.set()
        if not self._unstarted:
            self._input.nobody_is_late()


class _Input:
    """The input of a job at the head: kept until every target has started."""

    def __init__(self, run: TreeRun) -> None:
        self.source = Log()
        self._run = run

    def wanted(self) -> None:
        """It is here."""

    def moved(self) -> None:
        self._run.input_moved()

    def restart(self, share: Share) -> bool:
        return self.source.base == 0

    @property
    def behind(self) -> int:
        """How far the fastest reader is behind."""
        branch = self._run.branch
        places = [share.offset for share in branch.shares.values() if share.offset is not None]
        behind = [self.source.size - place for place in places]
        if branch.local.busy:
            behind.append(branch.local.behind)
        return min(behind, default=self.source.size - self.source.base)

    def nobody_is_late(self) -> None:
        """Let go of what all have read."""
        shares = self._run.branch.shares.values()
        places = [share.offset for share in shares if share.offset is not None]
        self.source.let_go(min(places, default=self.source.size))


def check_behind_gateways(work: Work) -> None:
    """``JobError`` for work that only makes sense from one place."""
    if not isinstance(work, Copy) and "%hosts" in work.command and work.transport.name == "exec":
        raise JobError("'%hosts' stands for all nodes at once: it does not work behind gateways")


def _nothing() -> Iterator[Launch]:
    return iter(())
