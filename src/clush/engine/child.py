"""One running program on an event loop: its pipes, its end, and how it is stopped.

A child reads at most ``READ_SIZE`` bytes per pipe and turn of the loop, so that no
child starves the others.  It has ended when its output pipes are at their end *and* the
process is gone; its pidfd is opened only when the process outlives its pipes or is being
stopped.  Stopping goes to the whole group: TERM, a grace time, then KILL, and what the
leader left behind is killed before the leader is reaped, while its id cannot be reused.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from typing import Optional, Protocol

from clush.engine.spawn import Spawned

READ_SIZE = 65536  # the capacity of a pipe: more never comes in one read
KILL_GRACE = 1.0  # seconds between TERM and KILL: enough for ssh to close a connection

# Where the kernel has no pidfd, a process that outlives its pipes is asked this often.
_SWEEP_FIRST = 0.002
_SWEEP_SLOWEST = 0.1

_HAS_PIDFD = hasattr(os, "pidfd_open")


class ChildOwner(Protocol):
    """Who is told what happens to a child; called from the loop's thread only."""

    def child_output(self, stream: str, data: bytes) -> None:
        """``data`` (1 to ``READ_SIZE`` bytes) was read from ``stream``."""

    def child_written(self, size: int) -> None:
        """``size`` bytes of standard input were accepted by the pipe."""

    def child_ended(self, returncode: Optional[int]) -> None:
        """The process is gone; last call.  -N for signal N, ``None`` if it is not known."""


class Child:
    """A spawned process whose pipes are watched by ``loop``."""

    __slots__ = (
        "_ended",
        "_grace",
        "_loop",
        "_outputs",
        "_owner",
        "_paused",
        "_pending",
        "_pidfd",
        "_queue",
        "_stdin",
        "_stdin_eof",
        "_stopping",
        "pid",
    )

    def __init__(
        self, loop: asyncio.AbstractEventLoop, spawned: Spawned, owner: ChildOwner
    ) -> None:
        self._loop = loop
        self._owner = owner
        self.pid = spawned.pid
        self._stdin = spawned.stdin
        self._stdin_eof = False
        self._queue: deque[memoryview] = deque()
        self._pending = 0
        self._outputs: dict[int, str] = {spawned.stdout: "stdout"}
        if spawned.stderr is not None:
            self._outputs[spawned.stderr] = "stderr"
        self._pidfd: Optional[int] = None
        self._grace: Optional[asyncio.TimerHandle] = None
        self._stopping = False
        self._paused = False
        self._ended = False
        for fd in self._outputs:
            loop.add_reader(fd, self._readable, fd)

    # -- output -----------------------------------------------------------------------

    def _readable(self, fd: int) -> None:
        try:
            data = os.read(fd, READ_SIZE)
        except BlockingIOError:
            return
        if data:
            self._owner.child_output(self._outputs[fd], data)
        else:
            self._close_output(fd)
            if not self._outputs:
                self._await_end()

    def _close_output(self, fd: int) -> None:
        self._loop.remove_reader(fd)
        os.close(fd)
        del self._outputs[fd]

    def pause(self) -> None:
        """Stop reading; the pipes fill and the program waits."""
        if not self._paused:
            self._paused = True
            for fd in self._outputs:
                self._loop.remove_reader(fd)

    def resume(self) -> None:
        """Read again after :meth:`pause`."""
        if self._paused:
            self._paused = False
            for fd in self._outputs:
                self._loop.add_reader(fd, self._readable, fd)

    # -- input ------------------------------------------------------------------------

    @property
    def pending(self) -> int:
        """Bytes of standard input accepted by :meth:`write` and not yet by the pipe."""
        return self._pending

    def write(self, data: bytes) -> None:
        """Queue ``data`` for standard input; ignored once the program closed it.

        The bytes are not copied: the same object may be queued for many children.
        """
        if self._stdin is None or self._stdin_eof or not data:
            return
        self._queue.append(memoryview(data))
        self._pending += len(data)
        if len(self._queue) == 1 and not self._flush() and self._stdin is not None:
            self._loop.add_writer(self._stdin, self._writable)

    def write_eof(self) -> None:
        """Close standard input when all that was written has been taken."""
        self._stdin_eof = True
        if not self._queue:
            self._close_stdin()

    def _writable(self) -> None:
        if self._flush() and self._stdin is not None:
            self._loop.remove_writer(self._stdin)

    def _flush(self) -> bool:
        """Give the pipe one turn's worth; true if nothing is left to be given.

        The owner may write, close or stop from within :meth:`ChildOwner.child_written`.
        """
        budget = READ_SIZE
        try:
            while self._queue and budget > 0 and self._stdin is not None:
                head = self._queue[0]
                size = os.write(self._stdin, head[:budget])
                budget -= size
                self._pending -= size
                if size < len(head):
                    self._queue[0] = head[size:]
                else:
                    self._queue.popleft()
                self._owner.child_written(size)
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self._close_stdin()
        if self._stdin_eof and not self._queue:
            self._close_stdin()
        return not self._queue

    def _close_stdin(self) -> None:
        if self._stdin is not None:
            self._loop.remove_writer(self._stdin)
            os.close(self._stdin)
            self._stdin = None
            self._queue.clear()
            self._pending = 0

    # -- end --------------------------------------------------------------------------

    def stop(self, grace: float = KILL_GRACE) -> None:
        """End the whole process group: TERM now, KILL ``grace`` seconds later.

        The owner is told the end as usual, perhaps before this returns.  Calling it again
        with ``grace=0`` kills.
        """
        if self._ended:
            return
        first, self._stopping = not self._stopping, True
        if grace <= 0:
            self._kill()
            return
        if first:
            self._signal(signal.SIGTERM)
            # A stopped (SIGSTOP) program must run to receive it.
            self._signal(signal.SIGCONT)
            self._grace = self._loop.call_later(grace, self._kill)
            self._await_end()

    def _kill(self) -> None:
        self._cancel_grace()
        if self._signal(signal.SIGKILL):
            self._await_end()
        else:
            self._finish(None)

    def has_exited(self) -> bool:
        """True if the process is over, though something may still hold its pipes open."""
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def _signal(self, number: int) -> bool:
        """Signal the group; false if nobody in it may be signalled by us (setuid)."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            pass
        except PermissionError:
            return False
        return True

    def _await_end(self) -> None:
        """Reap the process now if it is over, else when the kernel says so."""
        if self._ended or self._pidfd is not None:
            return
        if self.has_exited():
            self._reap()
        elif _HAS_PIDFD:
            try:
                self._pidfd = os.pidfd_open(self.pid)
            except OSError:
                self._sweep(_SWEEP_FIRST)
            else:
                self._loop.add_reader(self._pidfd, self._reap)
        else:
            self._sweep(_SWEEP_FIRST)

    def _sweep(self, delay: float) -> None:
        if self._ended:
            return
        if self.has_exited():
            self._reap()
        else:
            self._loop.call_later(delay, self._sweep, min(delay * 2, _SWEEP_SLOWEST))

    def _reap(self) -> None:
        if self._ended:
            return
        if self._stopping:
            self._signal(signal.SIGKILL)
        try:
            _, status = os.waitpid(self.pid, 0)
            self._finish(os.waitstatus_to_exitcode(status))
        except ChildProcessError:
            self._finish(None)  # somebody else reaped it, or SIGCHLD is ignored

    def _finish(self, returncode: Optional[int]) -> None:
        """Let go of everything and tell the owner."""
        self._ended = True
        for fd in tuple(self._outputs):
            self._drain(fd)
        self._cancel_grace()
        self._close_stdin()
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = None
        self._owner.child_ended(returncode)

    def _drain(self, fd: int) -> None:
        """Take what a stopped program has left in its pipe, without waiting for more.

        One pipe's worth at most: what it left behind may still be writing.
        """
        try:
            data = os.read(fd, READ_SIZE)
        except OSError:
            data = b""
        if data:
            self._owner.child_output(self._outputs[fd], data)
        self._close_output(fd)

    def _cancel_grace(self) -> None:
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None
