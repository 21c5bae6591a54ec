"""Keep whole lines together while bytes arrive in chunks of any size.

A chunk is cut once, at its last newline; nothing is handled line by line.
"""

from __future__ import annotations

# A longer line is passed on in pieces of this size, counted from its start so that equal
# lines are cut in equal places: one endless line must not eat the machine.
MAX_LINE = 4 * 1024 * 1024


class LineBuffer:
    """Turns the chunks of one stream into chunks of whole lines."""

    __slots__ = ("_size", "_tail")

    def __init__(self) -> None:
        self._tail: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> bytes:
        """The whole lines that ``data`` completes, line ends included; maybe none."""
        end = data.rfind(b"\n") + 1
        if end:
            lines = data[:end]  # no copy if it is all of it
            if self._tail:
                self._tail.append(lines)
                lines = b"".join(self._tail)
            self._tail = [data[end:]] if end < len(data) else []
            self._size = len(data) - end
            return lines
        self._tail.append(data)
        self._size += len(data)
        return self._cut() if self._size > MAX_LINE else b""

    def _cut(self) -> bytes:
        """The front of a line that is too long; at least a byte of it stays."""
        text = self.flush()
        end = (len(text) - 1) // MAX_LINE * MAX_LINE
        self._tail = [text[end:]]
        self._size = len(text) - end
        return text[:end]

    def flush(self) -> bytes:
        """What is left without a newline: the end of the stream."""
        rest = b"".join(self._tail)
        self._tail = []
        self._size = 0
        return rest
