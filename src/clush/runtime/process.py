"""One started launch: it turns what its child does into events about its nodes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Optional

from clush.engine.child import KILL_GRACE, Child
from clush.engine.spawn import Spawned
from clush.events import STDERR, Ended, Event, Output, Started, Status, Written
from clush.lines import LineBuffer
from clush.transport.base import LAST_WORDS, Closing, Launch, Verdict

if TYPE_CHECKING:
    from clush.runtime.run import Run


class Process:
    """Owner of a child, for as long as it runs."""

    __slots__ = (
        "_buffers",
        "_cancelled",
        "_deadline",
        "_grace",
        "_last_words",
        "_spoke",
        "_started",
        "_telling",
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
        self._telling = True  # what comes before the end of any of its nodes
        self._grace: Optional[float] = None  # the shortest of all stops

    def watch(self, loop: asyncio.AbstractEventLoop, spawned: Spawned) -> None:
        """Watch the child and start its clock.

        Raises :class:`clush.errors.ResourceLimitError` if it cannot be watched, and leaves
        nothing of it behind then.
        """
        self.child = Child(loop, spawned, self)
        timeout = self.run.job.timeout
        if timeout is not None and not self.launch.keeps_time:
            self._deadline = loop.call_later(timeout, self._time_out)

    def begin(self) -> None:
        """Tell that it has started; who hears it may have it stopped."""
        for node in self.launch.nodes:
            self._emit(Started(node, self._started))
        self._told()

    # -- told by the child ------------------------------------------------------------

    def child_output(self, stream: str, data: bytes) -> None:
        if stream == STDERR or self.run.job.merge_stderr:
            # Only the end is kept, to explain a failure.
            self._last_words = (self._last_words + data[-LAST_WORDS:])[-LAST_WORDS:]
        else:
            self._spoke = True
            if self.run.job.raw:
                self._say(stream, data)
                return
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

    def child_input_lost(self, size: int) -> None:
        self.run.input_lost(self.launch.nodes, size)

    def child_ended(self, returncode: Optional[int]) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        for stream, buffer in self._buffers.items():
            rest = buffer.flush()
            if rest:
                self._say(stream, rest)
        verdicts = self._safe_verdicts(returncode)
        now = time.time()
        self.run.place_free()
        for node, verdict in verdicts:
            self._emit(Ended(node, *verdict, self._started, now))
        self.run.ended(self)

    # -- ends -------------------------------------------------------------------------

    def stop(self, grace: float = KILL_GRACE, *, timed_out: bool = False) -> None:
        """Stop the command; its nodes end so unless they just ended by themselves."""
        # What is over may still have its pipe held open by something it left behind: it
        # ended with its own return code, and only the waiting is cut short.
        if not (self._cancelled or self.child.has_exited()):
            self._cancelled = True
            self._timed_out = timed_out
        if self._grace is None or grace < self._grace:
            self._grace = grace
        if not self._telling:
            self._told()

    def _told(self) -> None:
        """Its nodes may end now."""
        self._telling = False
        if self._grace is not None:
            self.child.stop(self._grace)

    def pause(self) -> None:
        self.child.pause()

    def resume(self) -> None:
        self.child.resume()

    def _time_out(self) -> None:
        self.stop(timed_out=True)

    def _safe_verdicts(self, returncode: Optional[int]) -> Iterable[tuple[str, Verdict]]:
        """The verdicts; a transport that fails to judge ends the run, not the accounting."""
        try:
            return self._verdicts(returncode)
        except Exception as exc:
            self.run.fail(exc)
            verdict = Verdict(Status.FAILED, None, f"its end was not understood: {exc}")
            return [(node, verdict) for node in self.launch.nodes]

    def _verdicts(self, returncode: Optional[int]) -> Iterable[tuple[str, Verdict]]:
        """How each node ended; all of them as the process did."""
        verdict = self._verdict(returncode)
        return [(node, verdict) for node in self.launch.nodes]

    def _verdict(self, returncode: Optional[int]) -> Verdict:
        job = self.run.job
        if self._timed_out:
            return Verdict(Status.TIMED_OUT, None, self._overdue())
        if self._cancelled:
            return Verdict(Status.CANCELLED, None, "stopped while it ran")
        return job.transport.verdict(job, self._closing(returncode))

    def _closing(self, returncode: Optional[int]) -> Closing:
        return Closing(returncode, self._spoke, self._last_words)

    def _overdue(self) -> str:
        timeout = self.run.job.timeout
        if timeout is None:
            return "still running at the end of the time for all"
        return f"still running after {timeout:g} s"

    # -- events -----------------------------------------------------------------------

    def _say(self, stream: str, lines: bytes) -> None:
        for node in self.launch.nodes:
            self._emit(Output(node, stream, lines))

    def _emit(self, event: Event) -> None:
        self.run.emit(event)
