"""One job in a task: its processes and their input."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Callable, Optional

from clush.engine.spawn import spawn
from clush.errors import SpawnError, TaskError
from clush.runtime.activity import Activity, Sink
from clush.runtime.process import Process

if TYPE_CHECKING:
    from clush.job import Work
    from clush.runtime.task import Task
    from clush.transport.base import Launch

# Standard input queued for the fastest reader before its source is asked to wait, and
# the level at which it may go on.
INPUT_HIGH = 1024 * 1024
INPUT_LOW = 256 * 1024

# What a reader may lag behind before the others have to wait for it: memory is not endless.
INPUT_MOST = 64 * 1024 * 1024


class Run(Activity[Process]):
    """Made by :meth:`clush.runtime.task.Task.submit`.

    ``on_input_lost(nodes, size)`` is called when the command of ``nodes`` took the last
    ``size`` bytes of its input no more; by default that is nobody's concern.
    """

    def __init__(
        self,
        task: Task,
        job: Work,
        sink: Sink,
        background: bool,
        launches: Optional[Iterator[Launch]] = None,
    ) -> None:
        """With ``launches``, targets come from there instead, as long as :meth:`more` is called."""
        own = job.transport.launches(job) if launches is None else launches
        super().__init__(task, sink, own, job.fanout, background)
        self._open = launches is not None
        self.job = job
        self.on_input_lost: Optional[Callable[[tuple[str, ...], int], object]] = None
        # A plain dictionary: os.environ would be decoded and encoded for each child.
        self._env = os.environb.copy()
        self._input: list[bytes] = []  # kept while somebody has not seen it
        self._unprimed: set[Process] = set()  # have not been given what is in it
        self._input_eof = not job.stdin
        self._crowded = False  # whether the slowest reader holds back the others
        self._taken = asyncio.Event()

    # -- for callers ------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send ``data`` to the standard input of every target, the waiting ones included.

        The bytes are kept once, whatever the number of targets.
        """
        if self._input_eof:
            raise TaskError("standard input of this job is closed")
        if not isinstance(data, bytes):
            raise TypeError(f"standard input takes bytes, not {type(data).__name__}")
        if self._unprimed or not self.lane.empty or self._open:
            self._input.append(data)
        for process in self._live - self._unprimed:
            process.child.write(data)

    def write_eof(self) -> None:
        """No more input: each target sees the end when it has read what was written."""
        self._input_eof = True
        for process in self._live - self._unprimed:
            process.child.write_eof()

    async def drain(self) -> None:
        """Wait until the fastest reader has room again, or nobody is left to read.

        The slower ones do not hold back the others until they lag ``INPUT_MOST`` bytes
        behind: their input waits in memory.
        """
        while not self._over and self._live and not self._has_room():
            self._taken.clear()
            await self._taken.wait()

    def more(self) -> None:
        """There are targets again where they come from."""
        self._task.window.refill(self.lane)
        if self._task.closing:
            self._task.loop.call_soon(self.abort)
        else:
            self._task.schedule_fill()

    def no_more(self) -> None:
        """No other targets will come: the run is over when those that it has are."""
        self._open = False
        if self.lane.empty and not self._unprimed:
            self._input.clear()
        self.check_over()

    @property
    def behind(self) -> int:
        """How many bytes of the input the slowest reader has not taken yet."""
        return max((process.child.pending for process in self._live), default=0)

    # -- for the task and its processes -----------------------------------------------

    def start(self, launch: Launch) -> None:
        """Start one launch; a program that cannot be executed ends its nodes."""
        job = self.job
        env = self._env
        merge = job.merge_stderr and not launch.apart
        try:
            if launch.env:
                env = {**env, **{os.fsencode(k): os.fsencode(v) for k, v in launch.env.items()}}
            process = _process(self, launch)
            spawned = spawn(launch.argv, env, stdin=job.stdin, merge_stderr=merge)
            process.watch(self._task.loop, spawned)
        except Exception as exc:  # of a transport, too: each target has its end
            self._cannot_start(launch, exc)
            return
        self._live.add(process)
        if self._task.paused:
            process.pause()
        if not job.stdin:
            process.begin()
            return
        self._unprimed.add(process)
        process.begin()
        self._prime(process)

    def _prime(self, process: Process) -> None:
        """Give a process what was written before it was there; more may come meanwhile."""
        given = 0
        while given < len(self._input):
            process.child.write(self._input[given])
            given += 1
        self._unprimed.discard(process)
        if self._input_eof:
            process.child.write_eof()
        if self.lane.empty and not (self._unprimed or self._open):
            self._input.clear()

    def input_taken(self, pending: int) -> None:
        if pending <= INPUT_LOW or self._crowded:
            self._taken.set()

    def input_lost(self, nodes: tuple[str, ...], size: int) -> None:
        if self.on_input_lost is not None:
            self.on_input_lost(nodes, size)

    def ended(self, live: Process) -> None:
        super().ended(live)
        self._taken.set()

    def _cannot_start(self, launch: Launch, exc: Exception) -> None:
        rc = exc.returncode if isinstance(exc, SpawnError) else None
        if rc is None:  # nothing more can be started, whatever the program
            self._task.fail(exc)
        self._not_started(launch, rc, str(exc))

    def _waiting_dropped(self) -> None:
        self._input.clear()

    def _now_over(self) -> None:
        self._taken.set()

    def _has_room(self) -> bool:
        pending = [process.child.pending for process in self._live]
        self._crowded = max(pending) > INPUT_MOST
        return min(pending) <= INPUT_HIGH and not self._crowded


def _process(run: Run, launch: Launch) -> Process:
    if launch.interpreter is None:
        return Process(run, launch)
    from clush.runtime.interpreted import InterpretedProcess  # few transports need it

    return InterpretedProcess(run, launch, launch.interpreter)
