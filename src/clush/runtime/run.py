"""One job in a task: its processes and their input."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Callable, Optional

from clush.engine.spawn import spawn
from clush.errors import ClushError, SpawnError, TaskError
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


class Run(Activity[Process]):
    """Made by :meth:`clush.runtime.task.Task.submit`.

    ``on_input_lost(nodes, size)`` is called when the command of ``nodes`` took the last
    ``size`` bytes of its input no more; by default that is nobody's concern.
    """

    def __init__(self, task: Task, job: Work, sink: Sink, background: bool) -> None:
        super().__init__(task, sink, job.transport.launches(job), job.fanout, background)
        self.job = job
        self.on_input_lost: Optional[Callable[[tuple[str, ...], int], object]] = None
        # A plain dictionary: os.environ would be decoded and encoded for each child.
        self._env = os.environb.copy()
        self._input: list[bytes] = []  # kept while somebody has not seen it
        self._unprimed: set[Process] = set()  # have not been given what is in it
        self._input_eof = not job.stdin
        self._taken: Optional[asyncio.Future[None]] = None

    # -- for callers ------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send ``data`` to the standard input of every target, the waiting ones included.

        The bytes are kept once, whatever the number of targets.
        """
        if self._input_eof:
            raise TaskError("standard input of this job is closed")
        if self._unprimed or not self.lane.empty:
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

        The slower ones do not hold back the others: their input waits in memory.
        """
        while not self._over and self._live and not self._has_room():
            self._taken = self._task.loop.create_future()
            await self._taken

    # -- for the task and its processes -----------------------------------------------

    def start(self, launch: Launch) -> None:
        """Start one launch; a program that cannot be executed ends its nodes."""
        job = self.job
        env = self._env
        if launch.env:
            env = {**env, **{os.fsencode(k): os.fsencode(v) for k, v in launch.env.items()}}
        process = _process(self, launch)
        merge = job.merge_stderr and not launch.apart
        try:
            spawned = spawn(launch.argv, env, stdin=job.stdin, merge_stderr=merge)
            process.watch(self._task.loop, spawned)
        except ClushError as exc:
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
        if self.lane.empty and not self._unprimed:
            self._input.clear()

    def input_taken(self, pending: int) -> None:
        if pending <= INPUT_LOW:
            self._wake_writer()

    def input_lost(self, nodes: tuple[str, ...], size: int) -> None:
        if self.on_input_lost is not None:
            self.on_input_lost(nodes, size)

    def ended(self, live: Process) -> None:
        super().ended(live)
        self._wake_writer()

    def _cannot_start(self, launch: Launch, exc: ClushError) -> None:
        rc = exc.returncode if isinstance(exc, SpawnError) else None
        self._not_started(launch, rc, str(exc))
        if rc is None:  # nothing more can be started, whatever the program
            self._task.fail(exc)

    def _waiting_dropped(self) -> None:
        self._input.clear()

    def _now_over(self) -> None:
        self._wake_writer()

    def _has_room(self) -> bool:
        return any(process.child.pending <= INPUT_HIGH for process in self._live)

    def _wake_writer(self) -> None:
        if self._taken is not None and not self._taken.done():
            self._taken.set_result(None)


def _process(run: Run, launch: Launch) -> Process:
    if launch.interpreter is None:
        return Process(run, launch)
    from clush.runtime.interpreted import InterpretedProcess  # few transports need it

    return InterpretedProcess(run, launch, launch.interpreter)
