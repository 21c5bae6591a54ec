"""RangeSet: a set of indexes as they are written, zeros included.

``1``, ``01`` and ``001`` are three elements, so a range set holds one ``IndexSet`` per
width of zero padding, and algebra works width by width. Elements are ordered by the
length of their text, then by value; negatives come first.

Reading and writing the text is the business of ``rangetext``. Nothing here knows names.
"""

from __future__ import annotations

from clush.sets import buckets
from clush.sets.buckets import PLAIN, element_at, even_sizes, put, rank_of, segments
from clush.sets.indexset import IndexSet
from clush.sets.operators import SetOperators
from clush.sets.rangetext import element, fold, load_numbers, parse, runs, text, texts, written

TYPE_CHECKING = False
if not TYPE_CHECKING:

    def overload(function):  # typing costs more to import than this package
        return function

else:
    from collections.abc import Iterable, Iterator
    from typing import Union, overload

    from typing_extensions import Self

    from clush.sets.buckets import Buckets

    Element = Union[int, str]
    Other = Union["RangeSet", str, Iterable[Union[int, str, "RangeSet"]]]

# The autostep that never writes a step: no set is that large.
AUTOSTEP_DISABLED = 1e100


class RangeSet(SetOperators):
    """A mutable, ordered set of indexes.

    >>> str(RangeSet("3,1-2,08-10"))
    '1-3,08-10'

    ``RangeSet(text)`` reads a list of ranges ``a``, ``a-b``, ``a-b/step`` and raises
    ``RangeSetParseError``; any other iterable gives texts, ints or range sets, which are
    united. ``autostep`` is the least number of elements that are written as ``a-b/step``
    (None: never); it changes the text only, never the content.

    Operators combine two range sets; the methods of the same meaning also take a text or
    an iterable. Results share nothing with their operands and keep the left autostep.
    """

    __slots__ = ("_autostep", "_buckets")

    def __init__(self, pattern: Other | None = None, autostep: float | None = None) -> None:
        self.autostep = autostep
        self._buckets: Buckets = {}
        if isinstance(pattern, str):
            self._buckets = parse(pattern)
        elif pattern is not None:
            self.updaten(pattern if not isinstance(pattern, RangeSet) else [pattern])

    @classmethod
    def fromlist(cls, rnglist: Iterable[Other | None], autostep: float | None = None) -> Self:
        """The union of texts, range sets and iterables; None stands for nothing."""
        made = cls(autostep=autostep)
        made.updaten(item for item in rnglist if item is not None)
        return made

    @classmethod
    def fromone(cls, index: Element | slice, pad: int = 0, autostep: float | None = None) -> Self:
        """The set of one index, or of the indexes of a slice that has an end.

        ``pad`` is the width of an int; a text says its width itself. ``ValueError`` when
        ``index`` is not one index, or when the slice is open.
        """
        made = cls(autostep=autostep)
        if not isinstance(index, slice):
            made.add(index, pad)
        elif index.stop is None:
            raise ValueError(f"Invalid range upper limit ({index.stop})")
        else:
            start, step = index.start or 0, index.step or 1
            if start < index.stop:
                made.add_range(start, index.stop, step, pad)
        return made

    @classmethod
    def from_numbers(cls, numbers: list[str]) -> Self:
        """The set of many single indexes, each at most ``MAX_DIGITS`` ASCII digits.

        This is the short way for text that was looked at before; nothing is checked.
        """
        made = cls()
        load_numbers(made._buckets, numbers)
        return made

    @classmethod
    def _of(cls, content: Buckets, autostep: float | None = None) -> Self:
        made = cls.__new__(cls)
        made._buckets = content
        made._autostep = autostep
        return made

    def _like(self, content: Buckets) -> Self:
        return self._of(content, self._autostep)

    def copy(self) -> Self:
        """An equal set with the same autostep."""
        return self._like(buckets.copy(self._buckets))

    __copy__ = copy

    def __deepcopy__(self, memo: object) -> Self:
        return self.copy()

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (text(self._buckets) or None, self._autostep)

    # Text

    def __str__(self) -> str:
        return text(self._buckets, self._autostep)

    def __repr__(self) -> str:
        return str(self)

    @property
    def autostep(self) -> float | None:
        """The least number of elements that are written as ``a-b/step``; None: never."""
        return self._autostep

    @autostep.setter
    def autostep(self, value: float | str | None) -> None:
        if value is None or value == AUTOSTEP_DISABLED:
            self._autostep: float | None = None if value is None else AUTOSTEP_DISABLED
        else:
            self._autostep = int(value)

    @property
    def padding(self) -> int | None:
        """The largest padded width, or None when no element is padded.

        When set, every element is rewritten with (at least) that many digits, and with
        None, 0 or 1 without leading zeros; elements that become equal merge. Negative
        elements are never padded.
        """
        return max(self._buckets, default=PLAIN) or None

    @padding.setter
    def padding(self, width: int | None) -> None:
        values = IndexSet()
        for each in self._buckets.values():
            values |= each
        self._buckets = {}
        if values:
            low, high = values.min(), values.max() + 1
            limit = min(max(10 ** (width or 0), low), high)
            for outside in (values.between(low, 0), values.between(max(limit, 0), high)):
                put(self._buckets, PLAIN, outside)
            put(self._buckets, width or PLAIN, values.between(max(low, 0), limit))

    def slices(self) -> Iterator[slice]:
        """One ``slice(first, last + 1, step)`` per range of the text; padding is lost."""
        for first, last, step, _ in fold(self._buckets, self._autostep):
            yield slice(first, last + 1, step)

    def contiguous(self) -> Iterator[Self]:
        """One set per range of consecutive indexes, without autostep."""
        for first, last, width in runs(self._buckets):
            run: Buckets = {}
            put(run, width, IndexSet.from_range(first, last + 1))
            yield self._of(run)

    # Elements in order

    def __len__(self) -> int:
        return sum(map(len, self._buckets.values()))

    def __bool__(self) -> bool:
        return bool(self._buckets)

    def dim(self) -> int:
        """1, or 0 when the set is empty."""
        return 1 if self._buckets else 0

    def has_negative(self) -> bool:
        """Whether an index is below zero."""
        return PLAIN in self._buckets and self._buckets[PLAIN].min() < 0

    def __iter__(self) -> Iterator[str]:
        return texts(self._buckets)

    def __reversed__(self) -> Iterator[str]:
        return reversed(list(self))

    def wrapped(self, head: str, tail: str) -> Iterator[str]:
        """Each element between two texts, made as it is asked for."""
        return texts(self._buckets, head, tail)

    def intiter(self) -> Iterator[int]:
        """The values in the same order; elements that differ by padding repeat a value."""
        for _, values in segments(self._buckets):
            yield from values

    def __contains__(self, item: object) -> bool:
        """Whether an index (text as written, or an int) or all of a range set is in."""
        if isinstance(item, RangeSet):
            return item.issubset(self)
        if not isinstance(item, (str, int)):
            return False
        try:
            width, value = element(item)
        except ValueError:
            return False
        exact = not isinstance(item, str) or written(width, value) == item
        return exact and value in self._buckets.get(width, ())

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Self: ...

    def __getitem__(self, index: int | slice) -> str | Self:
        """The text of one element, or the set that a list slice would pick."""
        if isinstance(index, slice):
            return self._like(buckets.pick(self._buckets, range(len(self))[index]))
        if not isinstance(index, int):
            raise TypeError("RangeSet indices must be integers")
        rank = index + len(self) if index < 0 else index
        try:
            return written(*element_at(self._buckets, rank))
        except IndexError:
            raise IndexError(f"{index} out of range") from None

    def cut(self, sizes: Iterable[int]) -> Iterator[Self]:
        """Consecutive subsets of the given sizes, in one pass; the last may be smaller."""
        return map(self._like, buckets.cut(self._buckets, sizes))

    def split(self, nbr: int) -> Iterator[Self]:
        """At most ``nbr`` non-empty subsets in order, whose sizes differ by one at most."""
        yield from self.cut(even_sizes(len(self), nbr))

    def index(self, elem: Element, start: int = 0, stop: int | None = None) -> int:
        """The position of an index; ``ValueError`` when it is not in ``[start:stop]``."""
        if elem in self:
            rank = rank_of(self._buckets, *element(elem))
            if rank in range(len(self))[start:stop]:
                return rank
        raise ValueError(f"{elem} is not in RangeSet")

    # One element

    def add(self, elem: Element, pad: int = 0) -> None:
        """Add a text as it is, or an int on ``pad`` digits; ``ValueError`` for a range."""
        width, value = element(elem, pad)
        values = self._buckets.get(width)
        if values is None:
            self._buckets[width] = IndexSet([value])
        else:
            values.add(value)

    def add_range(self, start: int, stop: int, step: int = 1, pad: int = 0) -> None:
        """Add ``range(start, stop, step)`` on ``pad`` digits."""
        assert start < stop and step > 0, "a range goes up and is not empty"
        values = IndexSet.from_range(start, stop, step)
        put(self._buckets, PLAIN, values.between(start, 0))
        put(self._buckets, pad, values.between(max(start, 0), stop))

    def discard(self, elem: Element, pad: int = 0) -> None:
        """Take out an element, if it is in."""
        try:
            self.remove(elem, pad)
        except KeyError:
            pass

    def remove(self, elem: Element, pad: int = 0) -> None:
        """Take out an element; ``KeyError`` with its text when it is not in."""
        try:
            width, value = element(elem, pad)
        except ValueError:
            raise KeyError(elem) from None
        values = self._buckets.get(width)
        if values is None or value not in values:
            raise KeyError(written(width, value))
        values.discard(value)
        if not values:
            del self._buckets[width]

    def pop(self) -> str:
        """Take out any element and return its text; ``KeyError`` when empty."""
        if not self._buckets:
            raise KeyError("pop from an empty RangeSet")
        elem = self[-1]
        self.discard(elem)
        return elem

    def clear(self) -> None:
        """Take everything out."""
        self._buckets = {}

    # Algebra

    @staticmethod
    def _fits(other: object) -> bool:
        return isinstance(other, RangeSet)

    def union(self, other: Other) -> Self:
        """What is in this set or in ``other``."""
        return self._like(buckets.union(self._buckets, _coerced(other)._buckets))

    def intersection(self, other: Other) -> Self:
        """What is in this set and in ``other``."""
        return self._like(buckets.intersection(self._buckets, _coerced(other)._buckets))

    def difference(self, other: Other) -> Self:
        """What is in this set and not in ``other``."""
        return self._like(buckets.difference(self._buckets, _coerced(other)._buckets))

    def symmetric_difference(self, other: Other) -> Self:
        """What is in exactly one of the two."""
        return self._like(buckets.symmetric_difference(self._buckets, _coerced(other)._buckets))

    def update(self, other: Other) -> None:
        """Add what is in ``other``."""
        buckets.update(self._buckets, _coerced(other)._buckets)

    def updaten(self, rangesets: Iterable[Other | int]) -> None:
        """Add what is in each of many texts, indexes, range sets or iterables."""
        single: list[str] = []
        for item in rangesets:
            if isinstance(item, (str, int)):
                single.append(str(item))
            else:
                self.update(item)
        if single:
            self.update(",".join(single))

    def intersection_update(self, other: Other) -> None:
        """Keep only what is also in ``other``."""
        self._buckets = self.intersection(other)._buckets

    def difference_update(self, other: Other, strict: bool = False) -> None:
        """Take out what is in ``other``.

        With ``strict``, ``KeyError`` with the first element that is not here to be taken
        out, and nothing changes.
        """
        gone = _coerced(other)
        if strict and not gone.issubset(self):
            raise KeyError(gone.difference(self)[0])
        self._buckets = self.difference(gone)._buckets

    def symmetric_difference_update(self, other: Other) -> None:
        """Keep what is in exactly one of the two."""
        self._buckets = self.symmetric_difference(other)._buckets

    # Comparison

    def __eq__(self, other: object) -> bool:
        return self._buckets == other._buckets if isinstance(other, RangeSet) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def key(self) -> frozenset[tuple[int, frozenset[tuple[int, int, int]]]]:
        """A hashable value, equal for equal sets."""
        return frozenset([(width, values.key()) for width, values in self._buckets.items()])

    def chunks(self) -> int:
        """What the set costs in memory, and each operation in time; see ``IndexSet``."""
        return sum([values.chunks() for values in self._buckets.values()])

    def isdisjoint(self, other: Other) -> bool:
        """Whether no element is in both."""
        return buckets.isdisjoint(self._buckets, _coerced(other)._buckets)

    def issubset(self, other: Other) -> bool:
        """Whether every element is also in ``other``."""
        return buckets.issubset(self._buckets, _coerced(other)._buckets)

    def issuperset(self, other: Other) -> bool:
        """Whether every element of ``other`` is here."""
        return buckets.issubset(_coerced(other)._buckets, self._buckets)


def _coerced(other: Other) -> RangeSet:
    return other if isinstance(other, RangeSet) else RangeSet(other)
