"""One running program on an event loop: its pipes, its end, and how it is stopped.

A child has ended when its output pipes are at their end *and* the process is gone; its
pidfd is opened only when the process outlives its pipes or is being stopped.  Stopping
goes to the whole group: TERM, a grace time, then KILL, and what the leader left behind is
killed before the leader is reaped, while its id cannot be reused.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Optional, Protocol

from clush.engine.inlets import Inlets
from clush.engine.outlet import Outlet
from clush.engine.spawn import Spawned
from clush.errors import ResourceLimitError

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

    def child_input_lost(self, size: int) -> None:
        """The last ``size`` bytes of standard input were not wanted any more."""

    def child_ended(self, returncode: Optional[int]) -> None:
        """The process is gone; last call.  -N for signal N, ``None`` if it is not known."""


class Child:
    """A spawned process whose pipes are watched by ``loop``.

    Raises :class:`clush.errors.ResourceLimitError` if the engine cannot watch them; the
    process is killed then.
    """

    __slots__ = (
        "_ended",
        "_grace",
        "_inlets",
        "_loop",
        "_owner",
        "_pidfd",
        "_stdin",
        "_stopping",
        "pid",
    )

    def __init__(
        self, loop: asyncio.AbstractEventLoop, spawned: Spawned, owner: ChildOwner
    ) -> None:
        self._loop = loop
        self._owner = owner
        self.pid = spawned.pid
        self._pidfd: Optional[int] = None
        self._grace: Optional[asyncio.TimerHandle] = None
        self._stopping = False
        self._ended = False
        outputs = {spawned.stdout: "stdout"}
        if spawned.stderr is not None:
            outputs[spawned.stderr] = "stderr"
        self._stdin: Optional[Outlet] = None
        if spawned.stdin is not None:
            self._stdin = Outlet(loop, spawned.stdin, owner.child_written, self._input_closed)
        try:
            self._inlets = Inlets(loop, outputs, owner.child_output, self._output_ended)
        except ResourceLimitError:
            self._abandon()
            raise

    # -- pipes ------------------------------------------------------------------------

    def _output_ended(self, _stream: str) -> None:
        if not self._inlets:
            self._await_end()

    def pause(self) -> None:
        """Stop reading; the pipes fill and the program waits."""
        self._inlets.pause()

    def resume(self) -> None:
        """Read again after :meth:`pause`."""
        self._inlets.resume()

    @property
    def pending(self) -> int:
        """Bytes of standard input accepted by :meth:`write` and not yet by the pipe."""
        return 0 if self._stdin is None else self._stdin.pending

    def write(self, data: bytes) -> None:
        """Queue ``data`` for standard input; ignored once the program closed it."""
        if self._stdin is not None:
            self._stdin.write(data)

    def write_eof(self) -> None:
        """Close standard input when all that was written has been taken."""
        if self._stdin is not None:
            self._stdin.write_eof()

    def _input_closed(self, lost: int) -> None:
        if lost:
            self._owner.child_input_lost(lost)

    # -- end --------------------------------------------------------------------------

    def stop(self, grace: float = KILL_GRACE) -> None:
        """End the whole process group: TERM now, KILL ``grace`` seconds later.

        The owner is told the end as usual, perhaps before this returns.  Calling it again
        may shorten the grace time, to none with ``grace=0``; it never makes it longer.
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
        if self._grace is None or self._loop.time() + grace < self._grace.when():
            self._cancel_grace()
            self._grace = self._loop.call_later(grace, self._kill)
        if first:
            self._await_end()

    def _kill(self) -> None:
        self._cancel_grace()
        if self._signal(signal.SIGKILL):
            self._await_end()
        else:
            self._finish(None)

    def has_exited(self) -> bool:
        """True if the process is over, though something may still hold its pipes open."""
        if self._ended:  # its id may be another's by now
            return True
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
                self._watch_pidfd(self._pidfd)
        else:
            self._sweep(_SWEEP_FIRST)

    def _watch_pidfd(self, pidfd: int) -> None:
        try:
            self._loop.add_reader(pidfd, self._reap)
        except ResourceLimitError:
            self._close_pidfd()
            self._sweep(_SWEEP_FIRST)

    def _close_pidfd(self) -> None:
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = None

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
        self._inlets.drain()
        self._cancel_grace()
        if self._stdin is not None:
            self._stdin.close()
        self._close_pidfd()
        self._owner.child_ended(returncode)

    def _abandon(self) -> None:
        """Kill what cannot be watched."""
        self._ended = True
        if self._stdin is not None:
            self._stdin.close()
        if self._signal(signal.SIGKILL):
            try:
                os.waitpid(self.pid, 0)
            except ChildProcessError:
                pass

    def _cancel_grace(self) -> None:
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None
