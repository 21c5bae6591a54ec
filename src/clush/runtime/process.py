"""One started launch: it turns what its child does into events about its nodes."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Optional

from clush.engine.child import Child
from clush.engine.spawn import Spawned
from clush.events import STDERR, Ended, Event, Output, Started, Status, Written
from clush.lines import LineBuffer
from clush.transport.base import LAST_WORDS, Closing, Launch, Verdict

if TYPE_CHECKING:
    from clush.runtime.task import Run


class Process:
    """Owner of a child, for as long as it runs."""

    __slots__ = (
        "_buffers",
        "_cancelled",
        "_deadline",
        "_last_words",
        "_spoke",
        "_started",
        "_timed_out",
        "child",
        "launch",
        "run",
    )

    def __init__(self, run: Run, launch: Launch) -> None:
        self.run = run
        self.launch = launch
        self._started = time.time()
        self._buffers: dict[str, LineBuffer] = {}
        self._last_words = b""
        self._spoke = False
        self._deadline: Optional[asyncio.TimerHandle] = None
        self._timed_out = False
        self._cancelled = False

    def begin(self, loop: asyncio.AbstractEventLoop, spawned: Spawned) -> None:
        """Watch the child, give it the input there is so far, and start its clock."""
        self.child = Child(loop, spawned, self)
        job = self.run.job
        if job.timeout is not None:
            self._deadline = loop.call_later(job.timeout, self._time_out)
        for node in self.launch.nodes:
            self._emit(Started(node, self._started))

    # -- told by the child ------------------------------------------------------------

    def child_output(self, stream: str, data: bytes) -> None:
        if stream is STDERR or self.run.job.merge_stderr:
            # Only the end is kept, to explain a failure.
            self._last_words = (self._last_words + data[-LAST_WORDS:])[-LAST_WORDS:]
        else:
            self._spoke = True
        buffer = self._buffers.get(stream)
        if buffer is None:
            buffer = self._buffers[stream] = LineBuffer()
        lines = buffer.feed(data)
        if lines:
            self._say(stream, lines)

    def child_written(self, size: int) -> None:
        for node in self.launch.nodes:
            self._emit(Written(node, size))
        self.run.input_taken(self.child.pending)

    def child_ended(self, returncode: Optional[int]) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        for stream, buffer in self._buffers.items():
            rest = buffer.flush()
            if rest:
                self._say(stream, rest)
        verdict = self._verdict(returncode)
        now = time.time()
        for node in self.launch.nodes:
            self._emit(Ended(node, *verdict, self._started, now))
        self.run.process_ended(self)

    # -- ends -------------------------------------------------------------------------

    def cancel(self, grace: float) -> None:
        """Stop the command; its nodes end as cancelled unless they just ended by themselves."""
        if not self.child.has_exited():
            self._cancelled = True
        self.child.stop(grace)

    def _time_out(self) -> None:
        # What is over may still have its pipe held open by something it left behind: it
        # ended with its own return code, and only the waiting is cut short.
        if not self.child.has_exited():
            self._timed_out = True
        self.child.stop()

    def _verdict(self, returncode: Optional[int]) -> Verdict:
        job = self.run.job
        if self._timed_out:
            return Verdict(Status.TIMED_OUT, None, f"still running after {job.timeout:g} s")
        if self._cancelled:
            return Verdict(Status.CANCELLED, None, "stopped while it ran")
        return job.transport.verdict(job, Closing(returncode, self._spoke, self._last_words))

    # -- events -----------------------------------------------------------------------

    def _say(self, stream: str, lines: bytes) -> None:
        for node in self.launch.nodes:
            self._emit(Output(node, stream, lines))

    def _emit(self, event: Event) -> None:
        self.run.emit(event)
