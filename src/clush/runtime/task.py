"""Many jobs under shared limits, on the running event loop.

A task draws targets from its jobs as its window allows, starts them, and hands every
event to the sink of the job it belongs to, synchronously and in order.  All calls belong
to the loop's thread, except :meth:`Task.call_threadsafe`.  Whatever goes wrong (an error
in a sink, the end of the descriptors) stops everything that runs, accounts for every
target, and is raised from :meth:`Task.join`; the task can be used again afterwards.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable
from typing import Callable, Optional

from clush.engine.child import KILL_GRACE
from clush.engine.spawn import spawn
from clush.errors import ClushError, SpawnError, TaskError, TaskTimeoutError
from clush.events import Ended, Event, Status
from clush.job import Job
from clush.plan.fanout import Fanout, Lane
from clush.runtime.process import Process
from clush.runtime.timer import Timer
from clush.transport.base import Launch

DEFAULT_FANOUT = 64

# Children started in one turn of the loop; the output of those that run is read between.
_STARTS_PER_TURN = 16

# Standard input queued for the fastest reader before its source is asked to wait, and
# the level at which it may go on.
INPUT_HIGH = 1024 * 1024
INPUT_LOW = 256 * 1024

Sink = Callable[[Event], object]


class Run:
    """One job in a task: its input, and the handle to stop it."""

    def __init__(self, task: Task, job: Job, sink: Sink) -> None:
        self.job = job
        self._task = task
        self._sink = sink
        self.lane: Lane[Launch] = task.window.add(job.transport.launches(job), job.fanout)
        # A plain dictionary: os.environ would be decoded and encoded for each child.
        self._env = os.environb.copy()
        self._processes: set[Process] = set()
        self._input: list[bytes] = []  # kept while targets wait that have not seen it
        self._input_eof = not job.stdin
        self._taken: Optional[asyncio.Future[None]] = None
        self._over = False

    # -- for callers ------------------------------------------------------------------

    @property
    def over(self) -> bool:
        """True when every target of the job has ended."""
        return self._over

    def write(self, data: bytes) -> None:
        """Send ``data`` to the standard input of every target, the waiting ones included.

        The bytes are kept once, whatever the number of targets.
        """
        if self._input_eof:
            raise TaskError("standard input of this job is closed")
        if not self.lane.empty:
            self._input.append(data)
        for process in tuple(self._processes):
            process.child.write(data)

    def write_eof(self) -> None:
        """No more input: each target sees the end when it has read what was written."""
        self._input_eof = True
        for process in tuple(self._processes):
            process.child.write_eof()

    async def drain(self) -> None:
        """Wait until the fastest reader has room again, or nobody is left to read.

        The slower ones do not hold back the others: their input waits in memory.
        """
        while not self._over and self._processes and not self._has_room():
            self._taken = self._task.loop.create_future()
            await self._taken

    def abort(self, grace: float = KILL_GRACE) -> None:
        """Start nothing more and stop what runs; every target is accounted for."""
        waiting = self._task.window.drain(self.lane)
        self._input.clear()
        self._end_unstarted(waiting, None, "stopped before it was started")
        for process in tuple(self._processes):
            process.cancel(grace)

    # -- for the task and its processes -----------------------------------------------

    def emit(self, event: Event) -> None:
        try:
            self._sink(event)
        except BaseException as exc:
            self._task.fail(exc)

    def start(self, launch: Launch) -> None:
        """Start one launch; a program that cannot be executed ends its nodes."""
        job = self.job
        env = self._env
        if launch.env:
            env = {**env, **{os.fsencode(k): os.fsencode(v) for k, v in launch.env.items()}}
        try:
            spawned = spawn(launch.argv, env, stdin=job.stdin, merge_stderr=job.merge_stderr)
        except ClushError as exc:
            self._not_started(launch, exc)
            return
        process = Process(self, launch)
        self._processes.add(process)
        process.begin(self._task.loop, spawned)
        if job.stdin:
            for data in self._input:
                process.child.write(data)
            if self._input_eof:
                process.child.write_eof()
        if self._task.paused:
            process.child.pause()
        if self.lane.empty:
            self._input.clear()  # everyone has been given what there is

    def process_ended(self, process: Process) -> None:
        self._processes.discard(process)
        self._task.window.ended(self.lane)
        self._wake_writer()
        self.check_over()
        self._task.fill()

    def input_taken(self, pending: int) -> None:
        if pending <= INPUT_LOW:
            self._wake_writer()

    def set_paused(self, paused: bool) -> None:
        for process in self._processes:
            if paused:
                process.child.pause()
            else:
                process.child.resume()

    def _has_room(self) -> bool:
        return any(process.child.pending <= INPUT_HIGH for process in self._processes)

    def check_over(self) -> None:
        """Tell the task once when every target has ended."""
        if not self._over and self.lane.empty and not self._processes:
            self._over = True
            self._wake_writer()
            self._task.run_over(self)

    def _wake_writer(self) -> None:
        if self._taken is not None and not self._taken.done():
            self._taken.set_result(None)

    def _not_started(self, launch: Launch, exc: ClushError) -> None:
        self._task.window.ended(self.lane)
        rc = exc.returncode if isinstance(exc, SpawnError) else None
        self._end_unstarted([launch], rc, str(exc))
        if rc is None:  # nothing more can be started, whatever the program
            self._task.fail(exc)

    def _end_unstarted(self, launches: Iterable[Launch], rc: Optional[int], why: str) -> None:
        now = time.time()
        for launch in launches:
            for node in launch.nodes:
                self.emit(Ended(node, Status.NOT_STARTED, rc, why, None, now))
        self.check_over()


class Task:
    """Runs jobs concurrently, at most ``fanout`` commands at a time."""

    def __init__(self, *, fanout: int = DEFAULT_FANOUT) -> None:
        if fanout < 1:
            raise TaskError(f"fanout must be at least 1: {fanout}")
        self.loop = asyncio.get_running_loop()
        self.window: Fanout[Launch] = Fanout(fanout)
        self.paused = False
        self._runs: dict[Lane[Launch], Run] = {}
        self._timers: set[Timer] = set()
        self._fill_scheduled = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._error: Optional[BaseException] = None

    async def __aenter__(self) -> Task:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.stop()

    def submit(self, job: Job, sink: Sink) -> Run:
        """Queue ``job``; its events go to ``sink``, from the next turn of the loop on.

        May be called at any time, also from within a sink.  Raises
        :class:`clush.errors.JobError` if the job cannot be carried out as it is.
        """
        run = Run(self, job, sink)
        self._runs[run.lane] = run
        self._check_idle()
        if run.lane.empty:
            self.loop.call_soon(run.check_over)
        else:
            self._schedule_fill()
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
        is treated like one of a sink.
        """
        timer = Timer(self, delay, call, interval, background)
        self.timer_changed(timer)
        return timer

    def call_threadsafe(self, call: Callable[..., object], *args: object) -> None:
        """Have ``call(*args)`` made in the loop's thread; may be called from any thread."""
        self.loop.call_soon_threadsafe(call, *args)

    async def join(self, timeout: Optional[float] = None) -> None:
        """Wait until every job and timer is over; raise the first error of a sink or of the system.

        ``timeout`` (seconds) bounds the wait: what runs then is stopped and
        :class:`clush.errors.TaskTimeoutError` is raised.
        """
        try:
            if timeout is None:
                await self._idle.wait()
            else:
                await asyncio.wait_for(self._idle.wait(), timeout)
        except asyncio.TimeoutError:
            await self.stop()
            raise TaskTimeoutError(f"not all done within {timeout:g} s") from None
        error, self._error = self._error, None
        if error is not None:
            raise error

    def abort(self, grace: float = KILL_GRACE) -> None:
        """Stop all jobs and timers; targets end as cancelled or never started."""
        for timer in tuple(self._timers):
            timer.cancel()
        for run in tuple(self._runs.values()):
            run.abort(grace)

    async def stop(self, grace: float = KILL_GRACE) -> None:
        """Stop all jobs and timers and wait until the processes are gone.

        A cancellation meanwhile cuts the grace time short; the wait is bounded by it.
        """
        self.abort(grace)
        try:
            await self._idle.wait()
        except asyncio.CancelledError:
            self.abort(0)
            await self._idle.wait()
            raise

    def pause(self) -> None:
        """Read no more output until :meth:`resume`; commands that say much will wait."""
        self._set_paused(True)

    def resume(self) -> None:
        """Read output again."""
        self._set_paused(False)

    # -- for runs and processes -------------------------------------------------------

    def fail(self, error: BaseException) -> None:
        """Stop everything because of ``error``; the first one is what ``join`` raises."""
        if self._error is None:
            self._error = error
            self.loop.call_soon(self.abort)

    def fill(self) -> None:
        """Start what the window allows, a bounded number at a time."""
        self._fill_scheduled = False
        if self._error is not None:
            return
        for _ in range(_STARTS_PER_TURN):
            drawn = self.window.next()
            if drawn is None:
                break
            lane, launch = drawn
            self._runs[lane].start(launch)
        else:
            self._schedule_fill()

    def run_over(self, run: Run) -> None:
        self._runs.pop(run.lane, None)
        self._check_idle()

    def timer_changed(self, timer: Timer) -> None:
        if timer.active:
            self._timers.add(timer)
        else:
            self._timers.discard(timer)
        self._check_idle()

    # -- inside -----------------------------------------------------------------------

    def _check_idle(self) -> None:
        if self._runs or not all(timer.background for timer in self._timers):
            self._idle.clear()
        else:
            self._idle.set()

    def _schedule_fill(self) -> None:
        if not self._fill_scheduled:
            self._fill_scheduled = True
            self.loop.call_soon(self.fill)

    def _set_paused(self, paused: bool) -> None:
        self.paused = paused
        for run in self._runs.values():
            run.set_paused(paused)
