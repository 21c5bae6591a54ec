"""Reading vectors: what callers may give for an axis, to plain indexes and range sets.

A single index becomes its text, anything else a ``RangeSet``. Texts repeat a lot from
vector to vector, so each is read once.
"""

from __future__ import annotations

from clush.sets.ranges import RangeSet
from clush.sets.rangetext import MAX_DIGITS, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Union

    from clush.sets.numbered import Part

    Vector = Sequence[Union[str, int, RangeSet]]


class VectorReader:
    """Reads many vectors; ``pads`` are the widths of ints, axis by axis.

    ``has_ranges`` tells whether an axis of any vector was not a single index, and
    ``autostep`` is that of the first range set that had one.
    """

    __slots__ = ("_copy", "_known", "_pads", "autostep", "has_ranges")

    def __init__(self, pads: Sequence[int], copy_rangeset: bool) -> None:
        self._pads = pads
        self._copy = copy_rangeset
        self._known: dict[object, Part] = {}
        self.has_ranges = False
        self.autostep: float | None = None

    def read(self, vector: Vector) -> tuple[Part, ...]:
        """The axes of one vector; ``RangeSetParseError`` for text that is no range set."""
        if isinstance(vector, str):
            raise TypeError(f"a vector is a list or a tuple, not a text: {vector!r}")
        known = self._known
        try:
            return tuple([known[axis] for axis in vector])
        except (KeyError, TypeError):  # a new text; or an int, or a range set
            return tuple([self._axis(number, axis) for number, axis in enumerate(vector)])

    def _axis(self, number: int, axis: str | int | RangeSet) -> Part:
        if isinstance(axis, str):
            part = self._known.get(axis)
            if part is None:
                part = self._known[axis] = self._text(axis)
            return part
        if isinstance(axis, int):
            return written(self._pads[number] if number < len(self._pads) else 0, axis)
        if not isinstance(axis, RangeSet):
            raise TypeError(f"an axis is a text, an int or a RangeSet, not {axis!r}")
        if self.autostep is None:
            self.autostep = axis.autostep
        return self._ranges(axis)

    def _text(self, text: str) -> Part:
        if text.isdigit() and text.isascii() and len(text) <= MAX_DIGITS:
            return text
        return self._ranges(RangeSet(text))

    def _ranges(self, values: RangeSet) -> Part:
        if len(values) == 1:
            return next(iter(values))
        self.has_ranges = True
        return values.copy() if self._copy else values
