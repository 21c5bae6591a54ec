"""A job over a tree of gateways, as its callers see it: a run like any other.

The head numbers the targets and keeps the input as long as somebody may need it from the
beginning.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional, Union
from weakref import WeakKeyDictionary

from clush.engine.child import KILL_GRACE
from clush.errors import JobError, ProtocolError, TaskError
from clush.job import Copy
from clush.plan.router import DIRECT
from clush.runtime.activity import Activity
from clush.runtime.run import INPUT_HIGH, INPUT_MOST
from clush.tree.branch import Branch
from clush.tree.feed import Log
from clush.tree.link import Via
from clush.tree.links import Links
from clush.tree.share import declared
from clush.tree.teller import Teller
from clush.wire import message as wire
from clush.wire import ways
from clush.wire.frame import encode
from clush.wire.table import to_frame

if TYPE_CHECKING:
    from clush.job import Job, Work
    from clush.plan.routes import Pool
    from clush.runtime.activity import Alike, Sink
    from clush.runtime.run import Run
    from clush.runtime.task import Task
    from clush.transport.base import Launch
    from clush.tree.share import Share

    TreeSubmitted = Union[Run, "TreeRun"]

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
    task: Task,
    work: Work,
    sink: Sink,
    plan: Plan,
    *,
    background: bool = False,
    alike: Optional[Alike] = None,
) -> TreeSubmitted:
    """Queue ``work`` as :meth:`clush.runtime.task.Task.submit` does, through gateways.

    ``alike``, if there is one, is told in place of ``sink`` what nodes have said alike.
    Raises :class:`clush.errors.JobError` for what cannot be done behind gateways.
    """
    if plan.flat:
        return task.submit(work, sink, background=background)
    task.check_open()
    work.transport.launches(work)  # it refuses what it cannot do
    try:
        _check(work, plan)
    except (ProtocolError, UnicodeError) as exc:
        raise JobError(f"this does not work behind gateways: {exc}") from exc
    if isinstance(work, Copy):
        from clush.tree.copying import CopyRun, FetchRun

        maker: Callable[..., TreeRun] = FetchRun if work.reverse else CopyRun
        run = maker(task, work, sink, plan, background)
    else:
        run = TreeRun(task, work, sink, plan, background)
    if alike is not None:
        run.tell_alike(alike)
    task.add(run)
    run.begin()
    return run


_links: WeakKeyDictionary[Task, Links] = WeakKeyDictionary()


class TreeRun(Activity[Any]):
    """``job`` over a tree; ``local`` is what is done for direct targets, if it is something else.

    ``teller`` makes events of what is reported.
    ``on_input_lost`` is as for :class:`clush.runtime.run.Run`.
    """

    def __init__(
        self,
        task: Task,
        job: Job,
        sink: Sink,
        plan: Plan,
        background: bool,
        *,
        local: Optional[Work] = None,
        teller: Callable[..., Teller] = Teller,
    ) -> None:
        super().__init__(task, sink, _nothing(), job.fanout, background)
        self._open = True
        self.job: Work = local or job  # what was asked for
        self.on_input_lost: Optional[Callable[[tuple[str, ...], int], object]] = None
        self._plan = plan
        names: dict[int, str] = {}
        for pool in plan.pools:
            names.update(zip(pool.ranks, pool.names))
        self.teller = teller(names, self.emit, self._input_lost, self._changed)
        links = _links.get(task)
        if links is None:
            links = _links[task] = Links()
        self.branch = Branch(
            task, job, job.command, links, plan.via, self.teller,
            grooming=plan.grooming, max_running=plan.max_running, local=local,
        )  # fmt: skip
        self._taken = asyncio.Event()
        self.teller.busy = task.paused
        self._input = Keep(self)
        self._input.source.ended = not job.stdin
        if job.stdin:
            self.branch.intake = self._input

    def begin(self) -> None:
        """Hand out the targets."""
        branch = self.branch
        for number, pool in enumerate(self._plan.pools):
            branch.add_pool(number, pool.ways, direct=self._plan.direct)
            branch.router.pull(DIRECT, len(pool.ranks))  # they wait for the task's window
        for number, pool in enumerate(self._plan.pools):
            branch.add(number, pool.ranks, pool.names)
        self.check_over()

    # -- for callers ------------------------------------------------------------------

    def tell_alike(self, alike: Alike) -> None:
        """Tell ``alike``, and not the sink, what several nodes have said alike."""

        def tell(nodes: Sequence[str], stream: str, lines: bytes) -> None:
            try:
                alike(nodes, stream, lines)
            except BaseException as exc:
                self.fail(exc)

        self.teller.alike = tell

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
        while not self._over and not self._input.has_room:
            self._taken.clear()
            await self._taken.wait()

    # -- for the task -----------------------------------------------------------------

    def fanout_changed(self) -> None:
        self.branch.fanout_changed()

    def set_paused(self, paused: bool) -> None:
        self.teller.busy = paused
        if not paused:
            self.branch.resume()

    def check_over(self) -> None:
        if not self.teller.left:
            self._open = False
            super().check_over()

    def _now_over(self) -> None:
        self._taken.set()
        self.branch.close()

    # -- inside -----------------------------------------------------------------------

    def _changed(self) -> None:
        self.input_moved()
        self.check_over()

    def _input_lost(self, nodes: tuple[str, ...], size: int) -> None:
        if self.on_input_lost is not None:
            self.on_input_lost(nodes, size)

    def input_moved(self) -> None:
        """Some reader has got on."""
        self._taken.set()
        if not self.teller.unstarted:
            self._input.nobody_is_late()


class Keep:
    """The input of a job at the head: kept until every target has started."""

    def __init__(self, run: TreeRun) -> None:
        self.source = Log()
        self._run = run

    def wanted(self) -> None:
        """It is here."""

    def starting(self) -> None:
        """It is kept for them."""

    def moved(self) -> None:
        self._run.input_moved()

    def restart(self, share: Share) -> bool:
        if self.source.base > share.place:
            share.breach("it asks for input from the beginning after all nodes have started")
            return False
        return True

    @property
    def has_room(self) -> bool:
        """As of a run: whether the fastest reader waits for more, and none is far behind."""
        local = self._run.branch.local
        behind = [self.source.size - place for place in self._places()]
        if local.reads:
            behind.append(local.behind)
        if not behind:
            return self.source.size - self.source.base <= INPUT_HIGH
        return min(behind) <= INPUT_HIGH and max(behind) <= INPUT_MOST

    def nobody_is_late(self) -> None:
        """Let go of what all have read."""
        self.source.let_go(min(self._places(), default=self.source.size))
        self._run.branch.local.shut()

    def _places(self) -> list[int]:
        return [share.place for share in self._run.branch.shares.values() if share.reads]


def _check(work: Work, plan: Plan) -> None:
    """``JobError`` for what only makes sense from one place, or does not fit into messages.

    ``ProtocolError`` and ``UnicodeError``, too.
    """
    command = "" if isinstance(work, Copy) else work.command
    if work.transport.name == "exec" and ("%hosts" in command or "%{hosts}" in command):
        raise JobError("'%hosts' stands for all nodes at once: it does not work behind gateways")
    size = len(command.encode("utf-8", "surrogateescape"))
    if size > wire.MAX_DATA:
        raise JobError(f"a command of {size} bytes: {wire.MAX_DATA} is the most behind gateways")
    encode(*to_frame(declared(1, work, plan.via, command, plan.grooming)))
    told = set()
    for number, pool in enumerate(plan.pools):
        "".join(pool.names).encode("utf-8", "surrogateescape")
        for name in (*pool.names, *pool.ways):
            if len(name) > ways.MAX_NAME or "\n" in name:
                raise JobError(f"{name[:40]!r} is no name of a node behind gateways")
        for below in pool.ways.values():
            if below and id(below) not in told:
                told.add(id(below))
                to_frame(wire.Pool(1, number, ways.write(below)))


def _nothing() -> Iterator[Launch]:
    return iter(())
