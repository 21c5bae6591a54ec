"""Vectors of sets as tuples of small numbers, and their order.

The sets that are met on one axis are numbered, so that vectors compare and hash quickly
however large their sets are. Each set has a shape: what its place in the order of
vectors depends on, and a quick test of whether a set can be known at all.
"""

from __future__ import annotations

from clush.sets.ranges import RangeSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Union

    Part = Union[str, RangeSet]  # a single index is left as its text: it is quick to make
    Shape = tuple[int, str, str]  # minus the number of elements, first and last of them
    Numbers = tuple[int, ...]  # a vector: the number of its set on each axis
    Entry = tuple[object, ...]  # sorts as its vector: minus its size, its shapes, its Numbers


class Axis:
    """The sets met on one axis, numbered in order of appearance."""

    __slots__ = ("_kept", "_numbers", "_singles", "known", "sets", "shapes")

    def __init__(self) -> None:
        self._singles: dict[str, int] = {}
        self._kept: dict[int, int] = {}  # id() -> number
        self._numbers: dict[object, int] = {}  # RangeSet.key() -> number
        self.sets: list[Part] = []
        self.shapes: list[Shape] = []
        self.known: set[Shape] = set()  # the shapes of larger sets

    def single(self, text: str) -> int:
        """The number of the set of one element."""
        number = self._singles.get(text)
        if number is None:
            number = self._singles[text] = self._append(text, (-1, text, text))
        return number

    def number_of_kept(self, values: RangeSet) -> int:
        """The same as ``number_of``, quick for an object met before; it must outlive this."""
        number = self._kept.get(id(values))
        if number is None:
            number = self._kept[id(values)] = self.number_of(values)
        return number

    def number_of(self, values: RangeSet) -> int:
        """The number of a set, which must not change any more."""
        if len(values) == 1:
            return self.single(next(iter(values)))  # quicker than values[0]
        key = values.key()
        number = self._numbers.get(key)
        if number is None:
            number = self._number(key, values, (-len(values), values[0], values[-1]))
        return number

    def _number(self, key: object, values: RangeSet, shape: Shape) -> int:
        number = self._numbers[key] = self._append(values, shape)
        self.known.add(shape)
        return number

    def _append(self, values: Part, shape: Shape) -> int:
        self.sets.append(values)
        self.shapes.append(shape)
        return len(self.sets) - 1

    def union(self, numbers: list[int]) -> int:
        """The number of the union of two or more disjoint sets."""
        parts = [self.sets[number] for number in numbers]
        values = RangeSet([part for part in parts if isinstance(part, str)])
        for part in parts:
            if not isinstance(part, str):
                values.update(part)
        key = values.key()
        number = self._numbers.get(key)
        if number is None:
            shape = union_shape([self.shapes[number] for number in numbers])
            number = self._number(key, values, shape)
        return number


def union_shape(shapes: list[Shape]) -> Shape:
    """The shape of the union of disjoint sets."""
    counts, firsts, lasts = zip(*shapes)
    return sum(counts), min(firsts, key=index_order), max(lasts, key=index_order)


def index_order(text: str) -> tuple[int, int, str]:
    """Sorts the texts of indexes: negatives by value, then by length, then by value."""
    return (int(text) if text[0] == "-" else 0), len(text), text


def entry_of(axes: list[Axis], numbers: Numbers) -> Entry:
    """A vector in the form that sorts: largest first, then axis by axis.

    Two disjoint vectors never tie, so ``numbers`` are not compared.
    """
    shapes = [axis.shapes[number] for axis, number in zip(axes, numbers)]
    size = -1
    for count, _, _ in shapes:
        size *= -count
    return (size, *shapes, numbers)


def numbers_of(entry: Entry) -> Numbers:
    """The vector in an entry."""
    return entry[-1]  # type: ignore[return-value]


def differing(one: Numbers, other: Numbers) -> int:
    """The only axis on which two distinct vectors differ, or -1."""
    found = -1
    for axis, number in enumerate(one):
        if number != other[axis]:
            if found >= 0:
                return -1
            found = axis
    return found


def replaced(numbers: Numbers, axis: int, number: int) -> Numbers:
    """``numbers`` with another set on one axis."""
    return (*numbers[:axis], number, *numbers[axis + 1 :])
