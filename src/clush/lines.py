"""Keep whole lines together while bytes arrive in chunks of any size.

A chunk is cut once, at its last newline; nothing is handled line by line.
"""

from __future__ import annotations

# A longer line is passed on in pieces of this size, counted from its start so that equal
# lines are cut in equal places: one endless line must not eat the machine.
MAX_LINE = 4 * 1024 * 1024


class LineBuffer:
    """Turns the chunks of one stream into chunks of whole lines."""

    __slots__ = ("_tail",)

    def __init__(self) -> None:
        self._tail = bytearray()  # no list: chunks may be of a byte each

    def feed(self, data: bytes) -> bytes:
        """The whole lines that ``data`` completes, line ends included; maybe none."""
        end = data.rfind(b"\n") + 1
        if not end:
            self._tail += data
            return self._cut() if len(self._tail) > MAX_LINE else b""
        lines = data[:end]  # no copy if it is all of it
        if self._tail:
            lines = b"".join((self._tail, lines))
            self._tail = bytearray()
        if end < len(data):
            self._tail += data[end:]
        return lines

    def _cut(self) -> bytes:
        """The front of a line that is too long; at least a byte of it stays."""
        end = (len(self._tail) - 1) // MAX_LINE * MAX_LINE
        text = bytes(self._tail[:end])
        del self._tail[:end]
        return text

    def flush(self) -> bytes:
        """What is left without a newline: the end of the stream."""
        rest = bytes(self._tail)
        self._tail = bytearray()
        return rest
