"""The members of a folded set of index vectors as a sequence.

Folded vectors come one after the other, and within a vector the last axis varies
fastest, so a position is a vector and a number in mixed radix; no member but those
asked for is ever made. Nothing here knows how vectors are folded.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, product

from clush.sets.ranges import RangeSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from clush.sets.diagram import Point, Product
    from clush.sets.folding import Folded
    from clush.sets.numbered import Part

# An axis up to this size is listed as a whole; a larger one is gone through each time.
LISTED = 1 << 16

# Up to this many entries (some 100 bytes each) a table is made for finding members.
TABLED = 1 << 20


class Listing:
    """Disjoint folded vectors, and their members by position."""

    __slots__ = ("_starts", "_table", "vectors")

    def __init__(self, vectors: list[Folded]) -> None:
        self.vectors = vectors
        self._starts: list[int] | None = None
        self._table: tuple[int, dict[str, list[int]]] | None = None

    def __iter__(self) -> Iterator[Point]:
        for vector in self.vectors:
            yield from _members(vector)

    def starts(self) -> list[int]:
        """The position of the first member of each vector, and the number of members."""
        if self._starts is None:
            self._starts = [0, *accumulate(map(_size, self.vectors))]
        return self._starts

    def at(self, position: int) -> Point:
        """The member at a position that exists."""
        starts = self.starts()
        number = bisect_right(starts, position) - 1
        return _at(self.vectors[number], position - starts[number])

    def between(self, start: int, stop: int) -> Iterator[Product]:
        """Disjoint products of the members at positions ``start .. stop - 1``."""
        starts = self.starts()
        for number, vector in enumerate(self.vectors):
            low = max(start, starts[number]) - starts[number]
            high = min(stop, starts[number + 1]) - starts[number]
            if low < high:
                yield from _cut(tuple(map(rangeset, vector)), low, high)

    def picked(self, positions: range) -> Iterator[Point]:
        """The members at increasing positions."""
        starts = self.starts()
        for number, vector in enumerate(self.vectors):
            skip = max(starts[number] - positions.start, 0)
            first = -(-skip // positions.step)  # of the positions, the first that is here
            here = positions[first:]
            if not here or here[0] >= starts[number + 1]:
                continue
            listed = [_listed(part) for part in vector]
            stop = min(positions.stop, starts[number + 1])
            for position in range(here[0], stop, positions.step):
                yield _at(listed, position - starts[number])

    def position(self, member: Point) -> int:
        """Where a member is; it must be one."""
        for number in self._candidates(member):
            vector = self.vectors[number]
            if all(text in _indexes(part) for text, part in zip(member, vector)):
                position = 0
                for text, part in zip(member, vector):
                    position = position * _count(part) + _indexes(part).index(text)
                return self.starts()[number] + position
        raise ValueError(f"{member} is not listed")

    def _candidates(self, member: Point) -> Iterable[int]:
        """The numbers of the vectors that may hold a member."""
        if self._table is None:
            self._table = self._make_table(len(member))
        axis, numbers = self._table
        return numbers[member[axis]] if axis >= 0 else range(len(self.vectors))

    def _make_table(self, dim: int) -> tuple[int, dict[str, list[int]]]:
        """The axis that tells vectors apart best, and the vectors with each index there.

        The axis is -1 when ranges are so long that the table would be too large.
        """
        best: tuple[int, int, dict[str, list[int]]] | None = None
        for axis in range(dim):
            parts = [vector[axis] for vector in self.vectors]
            if sum(map(_count, parts)) > TABLED:
                continue
            table: dict[str, list[int]] = {}
            for number, part in enumerate(parts):
                for text in _indexes(part):
                    table.setdefault(text, []).append(number)
            most = max(map(len, table.values()))
            if best is None or most < best[0]:
                best = most, axis, table
        return best[1:] if best else (-1, {})


def rangeset(part: Part) -> RangeSet:
    """A part as a range set."""
    return RangeSet(part) if isinstance(part, str) else part


def _indexes(part: Part) -> RangeSet | tuple[str]:
    return (part,) if isinstance(part, str) else part


def _count(part: Part | Sequence[str]) -> int:
    return 1 if isinstance(part, str) else len(part)


def _size(vector: Iterable[Part]) -> int:
    size = 1
    for part in vector:
        size *= _count(part)
    return size


def _listed(part: Part) -> RangeSet | Sequence[str]:
    """What gives indexes by position, quickly if it is not too large."""
    if isinstance(part, str):
        return (part,)
    return list(part) if len(part) <= LISTED else part


def _members(vector: Folded) -> Iterator[Point]:
    """All members of one vector."""
    if all(_count(part) <= LISTED for part in vector):
        return product(*map(_indexes, vector))
    return ((*before, text) for before in _members(vector[:-1]) for text in _indexes(vector[-1]))


def _at(vector: Iterable[Part | RangeSet | Sequence[str]], position: int) -> Point:
    """The member of one vector at a position in it."""
    texts = []
    for part in reversed(list(vector)):
        if isinstance(part, str):
            texts.append(part)
        else:
            position, rank = divmod(position, len(part))
            texts.append(part[rank])
    return tuple(reversed(texts))


def _cut(sets: tuple[RangeSet, ...], start: int, stop: int) -> Iterator[Product]:
    """Products, in order, of the members of one vector at ``start .. stop - 1``."""
    first, rest = sets[0], sets[1:]
    if not rest:
        yield (first[start:stop],)
        return
    below = _size(rest)
    low, skipped = divmod(start, below)
    high, left = divmod(stop, below)
    if skipped:
        end = left if low == high else below
        yield from _beside(first[low : low + 1], _cut(rest, skipped, end))
        low += 1
    if low < high:
        yield (first[low:high], *rest)
    if left and low <= high:
        yield from _beside(first[high : high + 1], _cut(rest, 0, left))


def _beside(first: RangeSet, products: Iterator[Product]) -> Iterator[Product]:
    return ((first, *sets) for sets in products)
