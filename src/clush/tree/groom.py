"""Equal output of many targets, folded on its way up: values only.

What targets say within a while is held back here and told once for all who said the same.
Of each target and stream the order is kept.  Held text that is equal is held once, in a tree
of whole lines, in whatever pieces it came: what many began with alike is one branch of it.
"""

from __future__ import annotations

from collections.abc import Iterable

# Bytes that are said again with what follows them, rather than alone: that would be one more
# message, and it names all who follow once more.
AGAIN = 256


class _Piece:
    """Lines that some said, and what they said then, by its first line."""

    __slots__ = ("data", "ids", "onward")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.onward: dict[bytes, _Piece] = {}
        self.ids: list[int] = []  # who said no more


class Groomer:
    """Holds what was said until :meth:`flush`; ``size`` is what it holds, in bytes."""

    def __init__(self) -> None:
        self.size = 0
        # By stream: what is before all pieces, and the last piece of each who said something.
        self._said: dict[str, tuple[_Piece, dict[int, _Piece]]] = {}

    def output(self, ids: Iterable[int], stream: str, data: bytes) -> None:
        """Each of ``ids`` said ``data`` (as in :class:`clush.events.Output`) on ``stream``."""
        if stream not in self._said:
            self._said[stream] = _Piece(b""), {}
        root, last = self._said[stream]
        ends: dict[_Piece, _Piece] = {}
        for number in ids:
            piece = last.get(number, root)
            if piece not in ends:
                ends[piece] = self._end(piece, data)
            last[number] = ends[piece]

    def _end(self, piece: _Piece, data: bytes) -> _Piece:
        """The last piece of one who said ``data`` after ``piece``."""
        start = 0
        while start < len(data):
            line = data[start : data.find(b"\n", start) + 1 or None]
            after = piece.onward.get(line)
            if after is None:
                # A line without an end may be another one's beginning: it stays alone.
                after = _Piece(data[start : data.rfind(b"\n", start) + 1 or None])
                self.size += len(after.data)
            elif not data.startswith(after.data, start):
                after = _parted(after, data[start:])
            piece.onward[line] = after
            piece = after
            start += len(piece.data)
        return piece

    def flush(self) -> list[tuple[list[int], str, bytes]]:
        """Who said what on which stream, what many began with alike once; nothing is left."""
        sayings: list[tuple[list[int], str, bytes]] = []
        for stream, (root, last) in self._said.items():
            for number, piece in last.items():
                piece.ids.append(number)
            stack: list[tuple[_Piece, bytes, list[list[int]]]] = [(root, b"", [])]
            while stack:
                piece, text, heard = stack.pop()
                parts = [text, piece.data]
                while len(piece.onward) == 1 and not piece.ids:
                    (piece,) = piece.onward.values()
                    parts.append(piece.data)
                text = b"".join(parts)
                for ids in heard:
                    ids += piece.ids
                if piece.ids or len(text) > AGAIN:
                    sayings.append((piece.ids, stream, text))
                if len(text) > AGAIN:
                    heard, text = [*heard, piece.ids], b""
                stack += [(after, text, heard) for after in reversed(piece.onward.values())]
        for ids, _, _ in sayings:
            ids.sort()
        self._said.clear()
        self.size = 0
        return sayings


def _parted(piece: _Piece, data: bytes) -> _Piece:
    """The lines that ``piece`` and ``data`` have in common, as a piece before it."""
    # The lowest bit of what they differ in is in the first byte that differs.
    apart = int.from_bytes(piece.data, "little") ^ int.from_bytes(data, "little")
    end = piece.data.rfind(b"\n", 0, (apart & -apart).bit_length() - 1 >> 3) + 1
    before = _Piece(piece.data[:end])
    piece.data = piece.data[end:]
    before.onward[piece.data[: piece.data.find(b"\n") + 1 or None]] = piece
    return before
