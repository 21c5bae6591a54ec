"""Sets of index vectors as decision diagrams, and their algebra.

A ``Node`` decides on one axis: it tells, for each index there, what may follow on the
other axes: a node again, or on the last axis a ``RangeSet``. Indexes that are followed
by the same share one object, so a product of ranges has one node per axis whatever its
size. A node is seen by element, as a dict (then set algebra is dict algebra, one axis
after the other), or by group, as range sets with what follows all their elements (then
an axis of millions costs no more than one of a few). Each view is made from the other
when it is needed.

Nodes, and the range sets in them, never change. Nothing here knows text or order.
"""

from __future__ import annotations

from itertools import product

from clush.errors import RangeSetError
from clush.sets.ranges import RangeSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator
    from typing import Optional, Union

    Below = Union["Node", RangeSet]
    Group = tuple[RangeSet, Below]
    Point = tuple[str, ...]
    Product = tuple[RangeSet, ...]
    Memo = dict[tuple[int, int], Optional[Below]]

# An axis up to this size is always seen by element; a larger one only when its groups
# are so many that looking at all pairs of them would cost more.
NARROW = 1 << 12

# A product up to this many rows (of up to NARROW indexes) is entered row by row among
# single vectors; a larger one is united with the rest as a whole.
FEW_ROWS = 64

# What one operation may cost: seconds, and less than 1 GB. It is enough for half a million rows
# of any shape; without it, a short text with some long stepped ranges takes the machine.
MAX_WORK = 1 << 21
WORK_PER_PART = 1 << 12  # more, for each of many products that are united
CHUNK_WORK = 4  # a chunk takes some 600 bytes, an index by itself some 100


class Node:
    """The vectors of ``dim`` axes (two or more); there is at least one."""

    __slots__ = ("_by_element", "_counts", "_groups", "_key", "_rows", "_size", "dim")

    def __init__(
        self, dim: int, by_element: dict[str, Below] | None, groups: list[Group] | None
    ) -> None:
        """One of the views is given; both hold at least one entry."""
        self.dim = dim
        self._by_element = by_element
        self._groups = groups
        self._counts: list[tuple[int, Below]] | None = None
        self._key: Hashable = None
        self._size = 0
        self._rows = 0

    # Two views

    def by_element(self) -> dict[str, Below]:
        """What follows each index of the first axis."""
        if self._by_element is None:
            self._by_element = {text: below for values, below in self.groups() for text in values}
        return self._by_element

    def groups(self) -> list[Group]:
        """The indexes of the first axis that are followed by equal sets, and this set."""
        if self._groups is None:
            texts: dict[Hashable, list[str]] = {}
            following: dict[Hashable, Below] = {}
            keys: dict[int, Hashable] = {}
            for text, below in self.by_element().items():
                key = keys.get(id(below))
                if key is None:
                    key = keys[id(below)] = below.key()
                    following.setdefault(key, below)
                texts.setdefault(key, []).append(text)
            self._groups = [(RangeSet(texts[key]), below) for key, below in following.items()]
        return self._groups

    def key(self) -> Hashable:
        """A hashable value, equal for equal sets."""
        if self._key is None:
            self._key = frozenset([(values.key(), below.key()) for values, below in self.groups()])
        return self._key

    def distinct(self) -> list[Below]:
        """What follows the indexes of the first axis, without repeated objects."""
        if self._groups is not None:
            return [below for _, below in self._groups]
        return list({id(below): below for below in self.by_element().values()}.values())

    def is_by_element(self) -> bool:
        """Whether that view has been made already."""
        return self._by_element is not None

    # Counts

    def width(self) -> int:
        """The number of indexes on the first axis."""
        if self._by_element is not None:
            return len(self._by_element)
        return sum([count for count, _ in self._counted()])

    def _counted(self) -> list[tuple[int, Below]]:
        """How many indexes each object follows; an object may occur more than once."""
        if self._by_element is not None:
            return [(1, below) for below in self._by_element.values()]
        if self._counts is None:
            self._counts = [(len(values), below) for values, below in self.groups()]
        return self._counts

    @property
    def size(self) -> int:
        """The number of vectors."""
        if not self._size:
            self._size = sum(count * size_of(below) for count, below in self._counted())
        return self._size

    @property
    def rows(self) -> int:
        """The number of vectors without their last axis."""
        if not self._rows:
            self._rows = sum(
                count * (below.rows if isinstance(below, Node) else 1)
                for count, below in self._counted()
            )
        return self._rows

    # Looking things up

    def at(self, text: str) -> Below | None:
        """What follows one index of the first axis."""
        if self._by_element is not None or self.width() <= NARROW:
            return self.by_element().get(text)
        for values, below in self.groups():
            if text in values:
                return below
        return None

    def paths(self) -> Iterator[Product]:
        """Disjoint products that together are the set: the groups of each axis."""
        for values, below in self.groups():
            if isinstance(below, Node):
                for path in below.paths():
                    yield (values, *path)
            else:
                yield values, below


def dim_of(below: Below | None) -> int:
    """The number of axes, or 0 for the empty set."""
    if below is None:
        return 0
    return below.dim if isinstance(below, Node) else 1


def size_of(below: Below | None) -> int:
    """The number of vectors."""
    if below is None:
        return 0
    return below.size if isinstance(below, Node) else len(below)


def contains(below: Below | None, vector: Iterable[str]) -> bool:
    """Whether a vector is in the set; it has as many axes as the set."""
    for text in vector:
        if not isinstance(below, Node):
            return below is not None and text in below
        below = below.at(text)
    return False


# Making


def of_product(sets: Product) -> Below:
    """The diagram of one product; no set is empty."""
    below: Below = sets[-1]
    for dim, values in enumerate(reversed(sets[:-1]), 2):
        below = Node(dim, None, [(values, below)])
    return below


def of_vectors(points: list[Point], products: list[Product]) -> Below | None:
    """The union of single vectors and of products, all with the same number of axes."""
    texts: dict[Point, list[str]] = {}  # of the last axis, by what stands on the others
    for point in points:
        try:
            texts[point[:-1]].append(point[-1])
        except KeyError:
            texts[point[:-1]] = [point[-1]]
    ranges: dict[Point, list[RangeSet]] = {}
    large: list[Below] = []
    for sets in products:
        if _rows_of(sets) > FEW_ROWS or len(sets[-1]) > NARROW:
            large.append(of_product(sets))
        elif len(sets[-1]) > 1:
            for prefix in product(*sets[:-1]):
                ranges.setdefault(prefix, []).append(sets[-1])
        else:
            text = next(iter(sets[-1]))
            for prefix in product(*sets[:-1]):
                texts.setdefault(prefix, []).append(text)
    rows = {prefix: RangeSet(row) for prefix, row in texts.items()}
    for prefix, parts in ranges.items():
        rows[prefix] = _row([*parts, rows[prefix]] if prefix in texts else parts)
    if rows:
        large.append(_nested({**rows}))
    return united(large)


def _rows_of(sets: Product) -> int:
    count = 1
    for values in sets[:-1]:
        count *= len(values)
    return count


def _row(parts: list[RangeSet]) -> RangeSet:
    """The union of some sets, one of which may be the result."""
    if len(parts) == 1:
        return parts[0]
    row = parts[0].copy()
    for part in parts[1:]:
        row.update(part)
    return row


def _nested(level: dict[Point, Below]) -> Below:
    """The diagram of what follows each of some prefixes."""
    dim = 1
    while () not in level:
        dim += 1
        upper: dict[Point, dict[str, Below]] = {}
        for prefix, below in level.items():
            upper.setdefault(prefix[:-1], {})[prefix[-1]] = below
        level = {prefix: Node(dim, by_element, None) for prefix, by_element in upper.items()}
    return level[()]


def united(parts: list[Below]) -> Below | None:
    """The union of many sets, in pairs, so that none is gone through often."""
    union = _Combination(UNION, MAX_WORK + WORK_PER_PART * len(parts))
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2])
        odd = parts[len(parts) // 2 * 2 :]
        parts = [part for x, y in pairs if (part := union.start(x, y))] + odd
    return parts[0] if parts else None


# Algebra


class Operation:
    """A set operation: what it keeps, and how it works on the last axis."""

    __slots__ = ("both", "last", "left", "right")

    def __init__(
        self, left: bool, both: bool, right: bool, last: Callable[[RangeSet, RangeSet], RangeSet]
    ) -> None:
        self.left = left
        self.both = both
        self.right = right
        self.last = last


UNION = Operation(True, True, True, RangeSet.union)
INTERSECTION = Operation(False, True, False, RangeSet.intersection)
DIFFERENCE = Operation(True, False, False, RangeSet.difference)
SYMMETRIC_DIFFERENCE = Operation(True, False, True, RangeSet.symmetric_difference)


def combined(operation: Operation, x: Below | None, y: Below | None) -> Below | None:
    """The result of an operation on two sets with the same number of axes; None: empty.

    ``RangeSetError`` when it would take more than ``MAX_WORK``.
    """
    if x is None or y is None:
        return (x if operation.left else None) or (y if operation.right else None)
    return _Combination(operation, MAX_WORK).start(x, y)


def _weight(values: RangeSet) -> int:
    """What a range set costs: one for the usual, and a lot for each further chunk."""
    return 1 + CHUNK_WORK * (values.chunks() - 1)


class _Combination:
    """Operations under way: each pair of nodes that meets is looked at once."""

    __slots__ = ("_memo", "_operation", "_room")

    def __init__(self, operation: Operation, room: int) -> None:
        self._operation = operation
        self._memo: Memo = {}
        self._room = room

    def start(self, x: Below, y: Below) -> Below | None:
        """The result of the operation on two whole sets, which keep their nodes alive."""
        self._memo.clear()
        return self._of(x, y)

    def _of(self, x: Below, y: Below) -> Below | None:
        if x is y:
            return x if self._operation.both else None
        pair = id(x), id(y)
        if pair in self._memo:
            return self._memo[pair]
        made: Below | None
        if not (isinstance(x, Node) and isinstance(y, Node)):
            self._spend(_weight(x) + _weight(y))  # type: ignore[arg-type]
            made = self._operation.last(x, y) or None  # type: ignore[arg-type]
        else:
            made = self._by_group(x, y) if self._worth_groups(x, y) else self._by_element(x, y)
        self._memo[pair] = made
        return made

    def _spend(self, work: int) -> None:
        self._room -= work
        if self._room < 0:
            raise RangeSetError(
                f"ranges overlap in too many ways (limit is {MAX_WORK} parts), combine fewer"
            )

    def _worth_groups(self, x: Node, y: Node) -> bool:
        if x.is_by_element() and y.is_by_element():
            return False
        width = x.width() + y.width()
        return width > NARROW and _pairs_weight(x, y) < width

    def _by_element(self, x: Node, y: Node) -> Node | None:
        self._spend(x.width() + y.width())
        mine, theirs = x.by_element(), y.by_element()
        made = {**mine} if self._operation.left else {}
        if self._operation.right:
            made.update(theirs)
        for text in mine.keys() & theirs.keys():
            below = self._of(mine[text], theirs[text])
            if below:
                made[text] = below
            else:
                made.pop(text, None)
        return Node(x.dim, made, None) if made else None

    def _by_group(self, x: Node, y: Node) -> Node | None:
        self._spend(_pairs_weight(x, y))
        parts: list[Group] = []
        theirs = y.groups()
        for values, below in x.groups():
            rest = values
            for other, following in theirs:
                common = rest & other
                if common:
                    rest = rest - common
                    made = self._of(below, following)
                    if made:
                        parts.append((common, made))
            if rest and self._operation.left:
                parts.append((rest, below))
        if self._operation.right:
            for other, following in theirs:
                for values, _ in x.groups():
                    other = other - values
                if other:
                    parts.append((other, following))
        return Node(x.dim, None, _regrouped(parts)) if parts else None


def _pairs_weight(x: Node, y: Node) -> int:
    """What it costs to look at each pair of a group of one and a group of the other."""
    mine, theirs = x.groups(), y.groups()
    weight = sum(_weight(values) for values, _ in mine) * len(theirs)
    return weight + sum(_weight(values) for values, _ in theirs) * len(mine)


def _regrouped(parts: list[Group]) -> list[Group]:
    """The same with one group for all that is followed by equal sets."""
    followed: dict[Hashable, Group] = {}
    for values, below in parts:
        key = below.key()
        had = followed.get(key)
        followed[key] = (had[0] | values, had[1]) if had else (values, below)
    return list(followed.values())
