"""What a task carries out: targets that wait for their turn, run and end.

The part that commands (`run`) and streams (`streams`) have in common: the place in the
window, the sink, stopping, and the moment at which all is over.  All of it belongs to
the thread of the task's loop.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Callable, Generic, Optional, Protocol, TypeVar

from clush.engine.child import KILL_GRACE
from clush.events import Ended, Event, Status
from clush.transport.base import Launch

if TYPE_CHECKING:
    from clush.plan.fanout import Lane
    from clush.runtime.task import Task

Sink = Callable[[Event], object]

# Hears of whole lines that several nodes have said alike: the nodes, the stream, the lines.
Alike = Callable[[Sequence[str], str, bytes], object]


class Live(Protocol):
    """One target that runs."""

    def stop(self, grace: float, *, timed_out: bool = False) -> None:
        """End it; how it ended is told as usual, perhaps before this returns."""

    def pause(self) -> None:
        """Read no more of it."""

    def resume(self) -> None:
        """Read it again."""


L = TypeVar("L", bound=Live)


class Activity(Generic[L]):
    """Base of what is submitted to a task; also the caller's handle to stop it."""

    def __init__(
        self,
        task: Task,
        sink: Sink,
        launches: Iterator[Launch],
        fanout: Optional[int],
        background: bool,
    ) -> None:
        self.background = background
        self.lane: Lane[Launch] = task.window.add(launches, fanout)
        self._task = task
        self._sink = sink
        self._live: set[L] = set()
        self._failing = 0  # launches whose end, without a beginning, is about to be told
        self._open = False  # whether more targets may come
        self._over = False

    # -- for callers ------------------------------------------------------------------

    @property
    def over(self) -> bool:
        """True when every target has ended."""
        return self._over

    def start_now(self) -> None:
        """Start what the window allows before this returns, ahead of what waits longer."""
        self._task.start_now(self)

    def set_fanout(self, fanout: Optional[int]) -> None:
        """Change the window: one of its own of this size, or with ``None`` the task's."""
        if not self._over:
            self._task.window.set_limit(self.lane, fanout)
            self._task.schedule_fill()

    def abort(self, grace: float = KILL_GRACE, *, timed_out: bool = False) -> None:
        """Start nothing more and stop what runs; every target is accounted for.

        What runs ends as cancelled, or as timed out on request, unless it just ended by
        itself; what waits was never started.
        """
        self._open = False
        waiting = self._task.window.drain(self.lane)
        self._waiting_dropped()
        self._end_unstarted(waiting, None, "stopped before it was started")
        for live in tuple(self._live):
            live.stop(grace, timed_out=timed_out)

    # -- for the task and what runs ---------------------------------------------------

    def start(self, launch: Launch) -> None:
        """Start one target that was drawn from the window."""
        raise NotImplementedError

    def emit(self, event: Event) -> None:
        try:
            self._sink(event)
        except BaseException as exc:
            self._task.fail(exc)

    def fail(self, error: BaseException) -> None:
        """Have the task stopped because of ``error``."""
        self._task.fail(error)

    def place_free(self) -> None:
        """A target is over; how, is told next.  Who hears it may start another one."""
        self._task.window.ended(self.lane)

    def ended(self, live: L) -> None:
        """All was told about a target."""
        self._live.discard(live)
        self.check_over()
        self._task.fill()

    def fanout_changed(self) -> None:
        """The task has another fanout."""

    def set_paused(self, paused: bool) -> None:
        for live in self._live:
            if paused:
                live.pause()
            else:
                live.resume()

    def check_over(self) -> None:
        """Tell the task once when every target has ended."""
        if not (self._over or self._open or self._live or self._failing) and self.lane.empty:
            self._over = True
            self._now_over()
            self._task.activity_over(self)

    def _not_started(self, launch: Launch, rc: Optional[int], why: str) -> None:
        """Have the end of a drawn launch told, when the caller is done with what it does.

        Who hears it may try again, for ever; at once, that would be a recursion.
        """
        self._failing += 1
        self._task.loop.call_soon(self._end_failed, launch, rc, why)

    def _end_failed(self, launch: Launch, rc: Optional[int], why: str) -> None:
        self.place_free()
        self._failing -= 1
        self._end_unstarted([launch], rc, why)
        self._task.fill()

    def _end_unstarted(self, launches: Iterable[Launch], rc: Optional[int], why: str) -> None:
        now = time.time()
        for launch in launches:
            for node in launch.nodes:
                self.emit(Ended(node, Status.NOT_STARTED, rc, why, None, now))
        self.check_over()

    def _waiting_dropped(self) -> None:
        """Nothing more will be started."""

    def _now_over(self) -> None:
        """Every target has ended."""
