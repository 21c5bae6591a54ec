"""Equal output of many targets, folded on its way up: values only.

What targets say within a while is held back here and told once for all who said the same.
Of each target and stream the order is kept.  Held text that is equal is held once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Optional


class Saying(NamedTuple):
    """``ids`` said ``data`` (whole lines, as in :class:`clush.events.Output`)."""

    ids: list[int]
    stream: str
    data: bytes


class _Piece:
    """A piece of output and all that was said before it; equal ones are one object."""

    __slots__ = ("before", "data", "onward")

    def __init__(self, before: Optional[_Piece], data: bytes) -> None:
        self.before = before
        self.data = data
        self.onward: dict[bytes, _Piece] = {}

    def text(self) -> bytes:
        parts = []
        piece: Optional[_Piece] = self
        while piece is not None:
            parts.append(piece.data)
            piece = piece.before
        return b"".join(reversed(parts))

    def cut(self) -> None:
        """Let go of what came after the pieces before it, so that all go at once.

        Left to the garbage collector, which counts objects and not bytes, they would be
        many megabytes before it looked.
        """
        piece = self.before
        while piece is not None and piece.onward:
            piece.onward.clear()
            piece = piece.before


class Groomer:
    """Holds what was said until :meth:`flush`; ``size`` is what it holds, in bytes."""

    def __init__(self) -> None:
        self.size = 0
        self._beginnings: dict[str, dict[bytes, _Piece]] = {}
        self._last: dict[str, dict[int, _Piece]] = {}

    def output(self, ids: Iterable[int], stream: str, data: bytes) -> None:
        """Each of ``ids`` said ``data`` on ``stream``."""
        last = self._last.setdefault(stream, {})
        beginnings = self._beginnings.setdefault(stream, {})
        for number in ids:
            before = last.get(number)
            onward = beginnings if before is None else before.onward
            piece = onward.get(data)
            if piece is None:
                piece = onward[data] = _Piece(before, data)
                self.size += len(data)
            last[number] = piece

    def flush(self) -> list[Saying]:
        """All that was held, each distinct text of a stream once; nothing is left."""
        sayings = []
        for stream, last in self._last.items():
            ids_of: dict[_Piece, list[int]] = {}
            for number, piece in last.items():
                ids_of.setdefault(piece, []).append(number)
            # It may have been said in other pieces and yet be the same.
            same: dict[bytes, list[int]] = {}
            for piece, ids in ids_of.items():
                same.setdefault(piece.text(), []).extend(ids)
            sayings += [Saying(ids, stream, text) for text, ids in same.items()]
            for piece in ids_of:
                piece.cut()
        self._last.clear()
        self._beginnings.clear()
        self.size = 0
        return sayings
