"""The targets of a job that are reached from this very hop.

They come in batches and wait here for their turn in the task's window; what has not had it
yet can be taken back.  Before a target is started, that is announced, and the start waits
until the announcement is under way: nobody may believe later that it never ran.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Callable, Optional

from clush.engine.child import KILL_GRACE
from clush.events import Ended, GatewayNews
from clush.job import Job
from clush.runtime.run import Run

if TYPE_CHECKING:
    from clush.events import Event
    from clush.job import Work
    from clush.runtime.activity import Sink
    from clush.runtime.process import Process
    from clush.runtime.task import Task
    from clush.transport.base import Launch

# Told the numbers of what is about to be started, and what to call when it may be.
Announce = Callable[[list[int], Callable[[], object]], object]


class Local(Iterator["Launch"]):
    """Starts targets of ``work``, which are given to it with their numbers.

    ``tell(number, event)`` hears of each; ``announce`` is called before a start, and
    ``input_lost(numbers, size)`` as :class:`clush.runtime.run.Run` does.
    """

    def __init__(
        self,
        task: Task,
        work: Work,
        tell: Callable[[int, Event], object],
        announce: Announce,
        input_lost: Callable[[list[int], int], object],
    ) -> None:
        self._task = task
        self._work = work
        self._tell = tell
        self._announce = announce
        self._input_lost = input_lost
        self._waiting: deque[tuple[int, str]] = deque()
        self._numbers: dict[str, int] = {}  # of all that have not ended
        self._run: Optional[_Run] = None
        self._shut = False  # nothing is to be started for now

    # -- targets ----------------------------------------------------------------------

    def add(self, ids: Iterable[int], names: Iterable[str]) -> None:
        """Take in targets; they start as the window allows."""
        for number, name in zip(ids, names):
            self._waiting.append((number, name))
            self._numbers[name] = number
        self._go_on()

    def take_back(self, count: int) -> list[int]:
        """Give back up to ``count`` targets that have not been started, the last ones first."""
        taken = [self._waiting.pop() for _ in range(min(count, len(self._waiting)))]
        for _, name in taken:
            del self._numbers[name]
        return [number for number, _ in taken]

    def __next__(self) -> Launch:
        """The next start; for the run only."""
        if self._shut or not self._waiting:
            raise StopIteration
        number, name = self._waiting.popleft()
        work = self._work
        if isinstance(work, Job):
            work = work._replace(nodes=(name,), rank=number)  # type: ignore[arg-type]
        else:
            work = work._replace(nodes=(name,))  # type: ignore[arg-type]
        return next(work.transport.launches(work))

    @property
    def waiting(self) -> int:
        """How many have not had their turn."""
        return len(self._waiting)

    @property
    def reads(self) -> bool:
        """Whether something runs, or is about to, that has not taken all of the input."""
        return self._run is not None and self._run.reads

    def set_fanout(self, fanout: Optional[int]) -> None:
        """As with :meth:`clush.runtime.activity.Activity.set_fanout`."""
        self._work = self._work._replace(fanout=fanout)
        if self._run is not None:
            self._run.set_fanout(fanout)

    def abort(self, grace: float = KILL_GRACE, *, timed_out: bool = False) -> list[int]:
        """Stop what runs; returns those that were never started and will not be."""
        never = self.take_back(len(self._waiting))
        self._shut = True
        if self._run is not None:
            self._run.abort(grace, timed_out=timed_out)
        return never

    def no_more(self) -> None:
        """No more targets will come."""
        self._shut = True
        if self._run is not None:
            self._run.no_more()

    # -- input ------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Give ``data`` to all that run or will run, until :meth:`shut`."""
        if not self._shut:
            self._reader().write(data)
        elif self._run is not None and not self._run.over:
            self._run.write(data)

    def write_eof(self) -> None:
        if not self._shut:
            self._reader().write_eof()
        elif self._run is not None:
            self._run.write_eof()

    @property
    def behind(self) -> int:
        """How many bytes of input the slowest one has not taken."""
        return 0 if self._run is None else self._run.behind

    def shut(self) -> None:
        """Start nothing more: those that come too late need the input from its beginning.

        What runs goes on; :meth:`begin_again` lets the others begin.  Nothing of the input
        is kept for them.
        """
        if self._shut:
            return
        self._shut = True
        if self._run is not None:
            for name in reversed(self._run.withdraw()):
                self._waiting.appendleft((self._numbers[name], name))
            self._run.no_more()

    def begin_again(self) -> None:
        """Start what waits; the input begins again for all of them.

        What runs has taken all of it.
        """
        if self._run is not None:
            self._run.begin_again()
        self._shut = False
        self._go_on()

    # -- inside -----------------------------------------------------------------------

    def _go_on(self) -> None:
        if self._waiting and not self._shut:
            self._reader().more()

    def _reader(self) -> _Run:
        if self._run is None or self._run.over:
            self._run = _Run(self._task, self._work, self._took, self, self._starting)
            self._run.on_input_lost = self._lost
            self._task.add(self._run)
        return self._run

    def _starting(self, names: Sequence[str], go: Callable[[], object]) -> None:
        self._announce([self._numbers[name] for name in names], go)

    def _lost(self, names: Sequence[str], size: int) -> None:
        self._input_lost([self._numbers[name] for name in names], size)

    def _took(self, event: Event) -> None:
        assert not isinstance(event, GatewayNews), "they are none of a run's own"
        number = self._numbers[event.node]
        if isinstance(event, Ended):
            del self._numbers[event.node]
        self._tell(number, event)


class _Run(Run):
    """A run that announces its starts."""

    def __init__(
        self,
        task: Task,
        work: Work,
        sink: Sink,
        launches: Iterator[Launch],
        announce: Callable[[Sequence[str], Callable[[], object]], object],
    ) -> None:
        super().__init__(task, work, sink, True, launches)
        self._announce = announce
        self._announced: list[Launch] = []
        self._unannounced: list[Launch] = []
        self._last = False  # whether nothing comes after these
        self._have_all: set[Process] = set()  # run, and have the input from an earlier pass

    @property
    def reads(self) -> bool:
        """Whether something of it has not taken all of the input, or is about to start."""
        taken = self._input_eof and not self.behind
        return self._about_to_start or not (taken or self._live <= self._have_all)

    def begin_again(self) -> None:
        """Targets will come again, for whom the input begins; what runs has had its end."""
        self._open = True
        self._last = self._input_eof = False
        self._input.clear()
        self._have_all = self._live.copy()

    @property
    def _about_to_start(self) -> bool:
        return bool(self._announced or self._unannounced)

    def no_more(self) -> None:
        self._last = True
        if not self._about_to_start:  # they need the input that is kept
            super().no_more()

    def withdraw(self) -> list[str]:
        """Give back what was drawn ahead from where the targets come."""
        waiting = self._task.window.drain(self.lane)
        return [name for launch in waiting for name in launch.nodes]

    def start(self, launch: Launch) -> None:
        self._unannounced.append(launch)
        if len(self._unannounced) == 1:  # all that start in this turn are announced at once
            self._task.loop.call_soon(self._announce_all)

    def abort(self, grace: float = KILL_GRACE, *, timed_out: bool = False) -> None:
        stopped = self._announced + self._unannounced
        self._announced, self._unannounced = [], []
        for launch in stopped:
            self._not_started(launch, None, "stopped before it was started")
        super().abort(grace, timed_out=timed_out)

    def check_over(self) -> None:
        if not self._about_to_start:
            super().check_over()

    def _announce_all(self) -> None:
        launches, self._unannounced = self._unannounced, []
        if not launches:
            return
        self._announced += launches
        names = [name for launch in launches for name in launch.nodes]
        self._announce(names, lambda: self._start_all(launches))

    def _start_all(self, launches: list[Launch]) -> None:
        for launch in launches:
            if launch in self._announced:  # not, if it was stopped meanwhile
                self._announced.remove(launch)
                super().start(launch)
        if self._last:
            self.no_more()
