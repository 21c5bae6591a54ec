"""Input on its way to many readers: kept, read at any place, and let go.  No I/O but a file's.

A source is read by offset, so that each reader goes at its own speed, and may start again
from the beginning while that is still there.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Optional, Protocol
from zlib import crc32

# Read at a time: large enough for few messages, small enough to share a pipe.
PIECE = 128 * 1024


class Source(Protocol):
    """Bytes by their place."""

    def read(self, offset: int, size: int) -> Optional[bytes]:
        """1 to ``size`` bytes from ``offset`` on; ``b""`` at the end, None if not there yet."""


class Log:
    """A source that is written as it is read.

    ``size`` counts what was written, ``base`` is where what is still held begins, ``crc``
    is the CRC-32 of all that was written.
    """

    def __init__(self) -> None:
        self.base = 0
        self.size = 0
        self.crc = 0
        self.ended = False
        self._pieces: list[bytes] = []
        self._offsets: list[int] = []

    def write(self, data: bytes) -> None:
        """Add ``data`` behind what is there."""
        if data:
            self._pieces.append(data)
            self._offsets.append(self.size)
            self.size += len(data)
            self.crc = crc32(data, self.crc)

    def read(self, offset: int, size: int) -> Optional[bytes]:
        if offset >= self.size:
            return b"" if self.ended else None
        assert offset >= self.base, "what was let go cannot be read again"
        number = bisect_right(self._offsets, offset) - 1
        start = offset - self._offsets[number]
        piece = self._pieces[number]
        return piece if not start and len(piece) <= size else piece[start : start + size]

    def let_go(self, offset: int) -> None:
        """Nobody will read what comes before ``offset``."""
        number = bisect_right(self._offsets, offset) - 1
        if offset >= self.size:
            number = len(self._pieces)
        if number > 0:
            del self._pieces[:number], self._offsets[:number]
            self.base = self._offsets[0] if self._offsets else self.size
