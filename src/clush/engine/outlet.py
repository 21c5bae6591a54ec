"""Bytes on their way into one descriptor, as fast as it takes them.

They are not copied: the same object may be queued for many outlets.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from typing import Callable, Optional

# Written at a time: others get their turn before the rest.
WRITE_SIZE = 256 * 1024

# What the pipe of a reader that has more than PIPE to read is made to hold: a quarter of the
# turns.  Not more than so many at a time, as the kernel makes the pipes small of a user who
# has 64 MiB in them.
PIPE = 64 * 1024
WIDE = 256 * 1024
WIDE_MOST = 64
_SET_SIZE = 1031  # F_SETPIPE_SZ of Linux; Python knows it since 3.10


class Outlet:
    """Writes to ``fd``, which must be non-blocking, on ``loop``.

    ``taken(size)`` is called for each write that succeeded; it may write, end or close.
    ``closed(lost)`` is called once when nothing more can be written, with the number of
    bytes that the reader did not want any more: 0 after :meth:`write_eof`.
    The descriptor is closed then, by ``closer`` if there is one.
    """

    __slots__ = (
        "_closed", "_closer", "_eof", "_fd", "_loop", "_queue", "_taken", "_wide", "pending",
    )  # fmt: skip

    _wide_ones = 0  # of all that there are

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        fd: int,
        taken: Callable[[int], object],
        closed: Callable[[int], object],
        closer: Optional[Callable[[], object]] = None,
    ) -> None:
        self._loop = loop
        self._fd: Optional[int] = fd
        self._taken = taken
        self._closed = closed
        self._closer = closer
        self._queue: deque[memoryview] = deque()
        self._eof = False
        self._wide = False
        self.pending = 0  # bytes accepted by `write` and not yet by the descriptor

    def write(self, data: bytes) -> None:
        """Queue ``data``; ignored once the reader is gone or the end was written."""
        if self._fd is None or self._eof or not data:
            return
        self._queue.append(memoryview(data))
        self.pending += len(data)
        if self.pending > PIPE and not self._wide and Outlet._wide_ones < WIDE_MOST:
            self._widen(self._fd)
        if len(self._queue) == 1 and not self._flush() and self._fd is not None:
            self._loop.add_writer(self._fd, self._writable)

    def write_eof(self) -> None:
        """Close when all that was written has been taken."""
        self._eof = True
        if not self._queue:
            self.close()

    def close(self) -> None:
        """Close at once."""
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        Outlet._wide_ones -= self._wide
        self._loop.remove_writer(fd)
        if self._closer is None:
            os.close(fd)
        else:
            self._closer()
        lost, self.pending = self.pending, 0
        self._queue.clear()
        self._closed(lost)

    def _widen(self, fd: int) -> None:
        from fcntl import fcntl

        self._wide = True
        Outlet._wide_ones += 1
        try:
            fcntl(fd, _SET_SIZE, WIDE)
        except OSError:  # it is no pipe, or we have enough of them
            pass

    def _writable(self) -> None:
        if self._flush() and self._fd is not None:
            self._loop.remove_writer(self._fd)

    def _flush(self) -> bool:
        """Write one turn's worth; true if nothing is left to be written."""
        budget = WRITE_SIZE
        try:
            while self._queue and budget > 0 and self._fd is not None:
                head = self._queue[0]
                size = os.write(self._fd, head[:budget])
                budget -= size
                self.pending -= size
                if size < len(head):
                    self._queue[0] = head[size:]
                else:
                    self._queue.popleft()
                self._taken(size)
        except BlockingIOError:
            pass
        except OSError:  # nobody reads any more
            self.close()
        if self._eof and not self._queue:
            self.close()
        return not self._queue
