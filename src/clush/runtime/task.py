"""Many jobs under shared limits, on the running event loop.

A task draws targets from its jobs as its window allows, starts them, and hands every
event to the sink of the job it belongs to, synchronously and in order.  All calls belong
to the loop's thread, except :meth:`Task.call_threadsafe`.  Whatever goes wrong (an error
in a sink, the end of the descriptors) stops everything that runs, accounts for every
target, and is raised from :meth:`Task.join`; the task can be used again afterwards.
A task that was left as a context is closed: nothing is left of it that would carry out
what is submitted, so that is an error.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any, Callable, Optional

from clush.engine.child import KILL_GRACE
from clush.errors import TaskError, TaskTimeoutError
from clush.job import Work
from clush.plan.fanout import Fanout, Lane
from clush.runtime.activity import Activity, Sink
from clush.runtime.run import Run
from clush.runtime.timer import Timer
from clush.transport.base import Launch

if TYPE_CHECKING:
    from clush.runtime.streams import StreamRun, Streams

DEFAULT_FANOUT = 64

# A fanout that is no limit.
UNLIMITED = sys.maxsize

# Children started in one turn of the loop; the output of those that run is read between.
_STARTS_PER_TURN = 16


class Task:
    """Runs jobs concurrently, at most ``fanout`` commands at a time."""

    def __init__(self, *, fanout: int = DEFAULT_FANOUT) -> None:
        self.loop = asyncio.get_running_loop()
        self.window: Fanout[Launch] = Fanout(_checked(fanout))
        self.paused = False
        self.closing = False
        self.closed = False
        self._activities: dict[Lane[Launch], Activity[Any]] = {}
        self._timers: set[Timer] = set()
        # What `join` waits for: activities and timers in the foreground, and what is held.
        self._awaited: set[object] = set()
        self._fill_scheduled = False
        self._idle = asyncio.Event()
        self._gone = asyncio.Event()
        self._error: Optional[BaseException] = None

    async def __aenter__(self) -> Task:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        try:
            await self.stop()
        finally:
            self.closed = True

    def submit(self, job: Work, sink: Sink, *, background: bool = False) -> Run:
        """Queue ``job``; its events go to ``sink``, from the next turn of the loop on.

        :meth:`Activity.start_now` of what is returned does not wait for that.  May be
        called at any time, also from within a sink; while the task is being stopped, the
        targets end as never started.  :meth:`join` does not wait for a ``background`` job.
        Raises :class:`clush.errors.JobError` if the job cannot be carried out as it is, and
        :class:`clush.errors.TaskError` if the task is closed.
        """
        self.check_open()
        run = Run(self, job, sink, background)
        self.add(run)
        return run

    def attach(self, streams: Streams, sink: Sink, *, background: bool = False) -> StreamRun:
        """Queue ``streams`` as :meth:`submit` queues a job: they are one target of the window."""
        from clush.runtime.streams import StreamRun  # a short run of a command notices

        self.check_open()
        run = StreamRun(self, streams, sink, background)
        self.add(run)
        return run

    def timer(
        self,
        delay: float,
        call: Callable[[], object],
        *,
        interval: Optional[float] = None,
        background: bool = False,
    ) -> Timer:
        """Have ``call()`` made ``delay`` seconds from now, then every ``interval`` seconds.

        :meth:`join` waits for it, unless it is a ``background`` timer.  An error it raises
        is treated like one of a sink.  While the task is being stopped, it is cancelled.
        """
        self.check_open()
        timer = Timer(self, delay, call, interval, background)
        self.timer_changed(timer)
        if self.closing:
            timer.cancel()
        return timer

    def hold(self, thing: object) -> None:
        """Have :meth:`join` wait until ``thing`` is let go with :meth:`release`.

        Stopping lets go of everything.
        """
        self.check_open()
        if not self.closing:
            self._awaited.add(thing)

    def release(self, thing: object) -> None:
        """Let go of what may have been held."""
        self._no_longer_awaited(thing)

    def call_threadsafe(self, call: Callable[..., object], *args: object) -> None:
        """Have ``call(*args)`` made in the loop's thread; may be called from any thread."""
        self.loop.call_soon_threadsafe(call, *args)

    @property
    def fanout(self) -> int:
        """How many commands run at a time.  A new value stops nothing that runs."""
        return self.window.limit

    @fanout.setter
    def fanout(self, fanout: int) -> None:
        self.window.limit = _checked(fanout)
        self.schedule_fill()
        for activity in tuple(self._activities.values()):
            activity.fanout_changed()

    @property
    def error(self) -> Optional[BaseException]:
        """What it fails with, until ``join`` has raised it."""
        return self._error

    async def join(self, timeout: Optional[float] = None) -> None:
        """Wait until every job and timer is over; raise the first error of a sink or of the system.

        ``timeout`` (seconds) bounds the wait: what runs then is stopped, ends as timed out,
        and :class:`clush.errors.TaskTimeoutError` is raised.
        """
        try:
            await asyncio.wait_for(self._until_idle(), timeout)
        except asyncio.TimeoutError:
            await self.stop(timed_out=True)
            if self._error is None:
                self._error = TaskTimeoutError(f"not all done within {timeout:g} s")
        error = self._error
        if error is not None:
            await self.stop()
            self._error = None
            raise error

    def abort(self, grace: float = KILL_GRACE, *, timed_out: bool = False) -> None:
        """Stop all jobs and timers; targets end as cancelled (or timed out) or never started."""
        for timer in tuple(self._timers):
            timer.cancel()
        for activity in tuple(self._activities.values()):
            activity.abort(grace, timed_out=timed_out)
        for thing in self._awaited - set(self._activities.values()):
            self._no_longer_awaited(thing)

    async def stop(self, grace: float = KILL_GRACE, *, timed_out: bool = False) -> None:
        """Stop all jobs and timers and wait until the processes are gone.

        A cancellation meanwhile cuts the grace time short; the wait is bounded by it.
        """
        self.closing = True
        self.abort(grace, timed_out=timed_out)
        try:
            await self._until_gone()
        except asyncio.CancelledError:
            self.abort(0)
            await self._until_gone()
            raise
        finally:
            self.closing = False

    def pause(self) -> None:
        """Read no more output until :meth:`resume`; commands that say much will wait."""
        self._set_paused(True)

    def resume(self) -> None:
        """Read output again."""
        self._set_paused(False)

    # -- for activities and timers ----------------------------------------------------

    def check_open(self) -> None:
        """``TaskError`` if nothing more can be submitted."""
        if self.closed:
            raise TaskError("the task is closed and carries out nothing more: make another one")

    def add(self, activity: Activity[Any]) -> None:
        """Take in an activity that was made for this task."""
        self._activities[activity.lane] = activity
        if not activity.background:
            self._awaited.add(activity)
        if self.closing:
            self.loop.call_soon(activity.abort)
        elif activity.lane.empty:
            self.loop.call_soon(activity.check_over)
        else:
            self.schedule_fill()

    def fail(self, error: BaseException) -> None:
        """Stop everything because of ``error``; the first one is what ``join`` raises."""
        if self._error is None:
            self._error = error
            self.closing = True
            self.loop.call_soon(self.abort)

    def fill(self) -> None:
        """Start what the window allows, a bounded number at a time."""
        self._fill_scheduled = False
        try:
            for _ in range(_STARTS_PER_TURN):
                drawn = None if self.closing else self.window.next()
                if drawn is None:
                    return
                lane, launch = drawn
                self._activities[lane].start(launch)
        except Exception as exc:  # of a transport: what it makes as it is drawn
            self.fail(exc)
        self.schedule_fill()

    def start_now(self, activity: Activity[Any]) -> None:
        """Start what the window allows of one activity, all of it."""
        try:
            while not self.closing:
                launch = self.window.next_of(activity.lane)
                if launch is None:
                    return
                activity.start(launch)
        except Exception as exc:
            self.fail(exc)

    def schedule_fill(self) -> None:
        if not self._fill_scheduled:
            self._fill_scheduled = True
            self.loop.call_soon(self.fill)

    def activity_over(self, activity: Activity[Any]) -> None:
        self._activities.pop(activity.lane, None)
        if not self._activities:
            self._gone.set()
        self._no_longer_awaited(activity)

    def timer_changed(self, timer: Timer) -> None:
        if timer.active:
            self._timers.add(timer)
            if not timer.background:
                self._awaited.add(timer)
        else:
            self._timers.discard(timer)
            self._no_longer_awaited(timer)

    # -- inside -----------------------------------------------------------------------

    def _no_longer_awaited(self, thing: object) -> None:
        self._awaited.discard(thing)
        if not self._awaited:
            self._idle.set()

    async def _until_idle(self) -> None:
        while self._awaited:
            self._idle.clear()
            await self._idle.wait()

    async def _until_gone(self) -> None:
        while self._activities:
            self._gone.clear()
            await self._gone.wait()

    def _set_paused(self, paused: bool) -> None:
        self.paused = paused
        for activity in self._activities.values():
            activity.set_paused(paused)


def _checked(fanout: int) -> int:
    if fanout < 1:
        raise TaskError(f"fanout must be at least 1: {fanout}")
    return fanout
