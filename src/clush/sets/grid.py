"""RangeSetND: a set of vectors of indexes, written as products of range sets.

What is added waits in lists; algebra, membership and counting work on a decision diagram
(``diagram``) that is brought up to date when it is needed, and text, order and positions
on the folded vectors (``folding``, ``listing``) that are made when first asked for.

All vectors of a set have the same number of axes. The text is a function of the set
alone, whatever the order and the operations it came from.
"""

from __future__ import annotations

from itertools import product

from clush.errors import RangeSetError
from clush.sets.diagram import (
    DIFFERENCE,
    INTERSECTION,
    SYMMETRIC_DIFFERENCE,
    UNION,
    combined,
    contains,
    dim_of,
    of_vectors,
    size_of,
    united,
)
from clush.sets.folding import fold
from clush.sets.listing import Listing, rangeset
from clush.sets.ranges import RangeSet
from clush.sets.vectors import VectorReader

TYPE_CHECKING = False
if not TYPE_CHECKING:

    def overload(function):  # typing costs more to import than this package
        return function

else:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Union, overload

    from typing_extensions import Self

    from clush.sets.diagram import Below, Operation, Point, Product
    from clush.sets.folding import Folded
    from clush.sets.numbered import Part
    from clush.sets.vectors import Vector

    Other = Union["RangeSetND", Iterable[Vector]]


class RangeSetND:
    """A mutable set of index vectors, ordered as its text.

    >>> str(RangeSetND([["1-2", "1-3"], ["3", "1-3"]]))
    '1-3; 1-3\\n'

    ``args`` are vectors of texts (of ranges), ints or range sets; they may overlap. An
    int is written on as many digits as ``pads`` says for its axis. ``autostep`` is as for
    ``RangeSet``, on each axis; without it, the first range set that has one gives it.
    With ``copy_rangeset=False`` the range sets are handed over: do not change them.

    ``RangeSetError`` for vectors of different lengths, ``RangeSetParseError`` for text
    that is not a range set.
    """

    __slots__ = ("_autostep", "_below", "_dim", "_listing", "_parts", "_points", "_products")

    def __init__(
        self,
        args: Iterable[Vector] | None = None,
        pads: Sequence[int] | None = None,
        autostep: float | None = None,
        copy_rangeset: bool = True,
    ) -> None:
        self._dim = 0  # not known yet
        self._below: Below | None = None
        self._points: list[Point] = []  # these three wait to be united with it
        self._products: list[Product] = []
        self._parts: list[Below] = []
        self._listing: Listing | None = None
        self._autostep = RangeSet(autostep=autostep).autostep
        if isinstance(args, RangeSetND):
            self.update(args)
        elif args is not None:
            self._load(args, VectorReader(pads or (), copy_rangeset))

    def _of(self, below: Below | None) -> Self:
        """The set of a diagram, with the autostep of this one."""
        made = type(self)()
        made._autostep = self._autostep
        made._below = below
        made._dim = dim_of(below)
        return made

    def copy(self) -> Self:
        """An equal set with the same autostep."""
        made = self._of(self._below)
        made._dim = self._dim
        made._points, made._products = self._points.copy(), self._products.copy()
        made._parts, made._listing = self._parts.copy(), self._listing
        return made

    __copy__ = copy

    def __deepcopy__(self, memo: object) -> Self:
        return self.copy()

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.vectors(), None, self._autostep, False)

    # Adding

    def _load(self, vectors: Iterable[Vector], reader: VectorReader) -> None:
        for vector in vectors:
            axes = reader.read(vector)
            self._check_dim(len(axes))
            if reader.has_ranges and not all(type(axis) is str for axis in axes):
                sets = tuple(map(rangeset, axes))
                if all(sets):
                    self._products.append(sets)
            else:
                self._points.append(axes)  # type: ignore[arg-type]
        if self._autostep is None:
            self._autostep = reader.autostep

    def _check_dim(self, dim: int) -> None:
        if not dim:
            raise RangeSetError("a vector without axes")
        if self._dim and dim != self._dim:
            raise RangeSetError(f"vectors of {self._dim} and of {dim} axes in one set")
        self._dim = dim

    def _settled(self) -> Below | None:
        """The diagram with all that has been added."""
        if self._points or self._products or self._parts:
            fresh = of_vectors(self._points, self._products)
            parts = [part for part in (self._below, fresh, *self._parts) if part is not None]
            self._below = united(parts)
            self._points, self._products, self._parts = [], [], []
        return self._below

    # Text

    @property
    def autostep(self) -> float | None:
        """The least number of indexes that are written as ``a-b/step``; None: never."""
        return self._autostep

    @autostep.setter
    def autostep(self, value: float | str | None) -> None:
        shown = RangeSet()
        shown.autostep = value
        self._autostep = shown.autostep

    def _only(self) -> Folded | None:
        """The one vector that the set was made of, as most are; it is folded as it is."""
        if self._below is not None or self._parts or len(self._points) + len(self._products) != 1:
            return None
        return self._products[0] if self._products else self._points[0]

    def _listed(self) -> Listing:
        if self._listing is None:
            only = self._only()
            if only is not None:
                self._listing = Listing([only])
            else:
                below = self._settled()
                self._listing = Listing(fold(below) if below is not None else [])
        return self._listing

    def fold(self) -> None:
        """Fold now what would be folded when it is first asked for."""
        self._listed()

    def _shown(self, part: Part) -> RangeSet:
        values = RangeSet(part) if isinstance(part, str) else part.copy()
        values.autostep = self._autostep
        return values

    def vectors(self) -> list[list[RangeSet]]:
        """The folded vectors in order; the range sets are the caller's own."""
        return [[self._shown(part) for part in vector] for vector in self._listed().vectors]

    def texts(self) -> Iterator[list[str]]:
        """The text of each axis of the folded vectors, in order."""
        for vector in self._listed().vectors:
            if self._autostep is None:
                yield [str(part) for part in vector]
            else:
                yield [part if type(part) is str else str(self._shown(part)) for part in vector]

    def __str__(self) -> str:
        """One line per folded vector, its axes separated by ``"; "``."""
        return "".join(["; ".join(axes) + "\n" for axes in self.texts()])

    def contiguous(self) -> Iterator[Self]:
        """One set per product of runs of consecutive indexes, without autostep."""
        for vector in self._listed().vectors:
            for sets in product(*[list(rangeset(part).contiguous()) for part in vector]):
                yield type(self)([sets])

    # Shape

    def dim(self) -> int:
        """The number of axes, or 0 when the set is empty."""
        return self._dim if self else 0

    def pads(self) -> tuple[int, ...]:
        """The largest padded width on each axis (0: none is padded); ``()`` when empty."""
        widths = [[_padding(part) or 0 for part in vector] for vector in self._listed().vectors]
        return tuple(map(max, zip(*widths)))

    # Members in order

    def __len__(self) -> int:
        if self._listing is None and self._only() is None:
            return size_of(self._settled())
        return self._listed().starts()[-1]

    def __bool__(self) -> bool:
        return bool(self._points or self._products or self._parts) or self._below is not None

    def __iter__(self) -> Iterator[Point]:
        return iter(self._listed())

    def iter_padding(self) -> Iterator[tuple[Point, list[int | None]]]:
        """Each member with the padded width of each axis of the folded vector it is in."""
        for vector in self._listed().vectors:
            pads = [_padding(part) for part in vector]
            for member in Listing([vector]):
                yield member, pads.copy()

    def __contains__(self, item: object) -> bool:
        """Whether a vector (texts as written, or ints), or all of a set, is in."""
        if isinstance(item, RangeSetND):
            return item.issubset(self)
        if not isinstance(item, (tuple, list)):
            return False
        member = tuple(map(str, item))
        return len(member) == self._dim and contains(self._settled(), member)

    @overload
    def __getitem__(self, index: int) -> Point: ...

    @overload
    def __getitem__(self, index: slice) -> Self: ...

    def __getitem__(self, index: int | slice) -> Point | Self:
        """One member, or the set of the members that a list slice would pick."""
        if isinstance(index, slice):
            return self._picked(range(len(self))[index])
        if not isinstance(index, int):
            raise TypeError("RangeSetND indices must be integers")
        position = index + len(self) if index < 0 else index
        if not 0 <= position < len(self):
            raise IndexError(f"{index} out of range")
        return self._listed().at(position)

    def _picked(self, positions: range) -> Self:
        made = self._of(None)
        if positions:
            made._dim = self._dim
            if positions.step < 0:
                positions = positions[::-1]
            if positions.step == 1:
                made._products = list(self._listed().between(positions[0], positions[-1] + 1))
            else:
                made._points = list(self._listed().picked(positions))
        return made

    def index(self, elem: Sequence[int | str], start: int = 0, stop: int | None = None) -> int:
        """The position of a vector of texts or ints.

        ``ValueError`` when it is not in ``[start:stop]``, ``TypeError`` when it is no vector.
        """
        if not isinstance(elem, (tuple, list)):
            raise TypeError("RangeSetND.index() argument must be a vector of indexes")
        if elem in self:
            position = self._listed().position(tuple(map(str, elem)))
            if position in range(len(self))[start:stop]:
                return position
        raise ValueError(f"{elem} is not in RangeSetND")

    # Algebra

    def _coerced(self, other: Other) -> Self | RangeSetND:
        """An operand as a set, which has as many axes as this one, if neither is empty."""
        given = other if isinstance(other, RangeSetND) else RangeSetND(other)
        if self and given:
            self._check_dim(given._dim)
        return given

    def _combined(self, operation: Operation, other: Other) -> Self:
        return self._of(combined(operation, self._settled(), self._coerced(other)._settled()))

    def _change(self, operation: Operation, other: Other) -> None:
        self._below = combined(operation, self._settled(), self._coerced(other)._settled())
        self._dim, self._listing = dim_of(self._below), None

    def union(self, other: Other) -> Self:
        """What is in this set or in ``other``: a set or vectors."""
        return self._combined(UNION, other)

    def intersection(self, other: Other) -> Self:
        """What is in this set and in ``other``."""
        return self._combined(INTERSECTION, other)

    def difference(self, other: Other) -> Self:
        """What is in this set and not in ``other``."""
        return self._combined(DIFFERENCE, other)

    def symmetric_difference(self, other: Other) -> Self:
        """What is in exactly one of the two."""
        return self._combined(SYMMETRIC_DIFFERENCE, other)

    def update(self, other: Other) -> None:
        """Add what is in ``other``; the work is done when the result is needed."""
        given = self._coerced(other)
        if given:
            self._dim = given._dim
            self._points += given._points
            self._products += given._products
            self._parts += given._parts
            if given._below is not None:
                self._parts.append(given._below)
            self._listing = None

    def intersection_update(self, other: Other) -> None:
        """Keep only what is also in ``other``."""
        self._change(INTERSECTION, other)

    def difference_update(self, other: Other, strict: bool = False) -> None:
        """Take out what is in ``other``.

        With ``strict``, ``KeyError`` with the first member that is not here, and nothing
        is taken out.
        """
        if strict:
            missing = self._coerced(other)._combined(DIFFERENCE, self)
            if missing:
                raise KeyError(missing[0])
        self._change(DIFFERENCE, other)

    def symmetric_difference_update(self, other: Other) -> None:
        """Keep what is in exactly one of the two."""
        self._change(SYMMETRIC_DIFFERENCE, other)

    def __or__(self, other: RangeSetND) -> Self:
        return self.union(other) if isinstance(other, RangeSetND) else NotImplemented

    def __and__(self, other: RangeSetND) -> Self:
        return self.intersection(other) if isinstance(other, RangeSetND) else NotImplemented

    def __sub__(self, other: RangeSetND) -> Self:
        return self.difference(other) if isinstance(other, RangeSetND) else NotImplemented

    def __xor__(self, other: RangeSetND) -> Self:
        if not isinstance(other, RangeSetND):
            return NotImplemented
        return self.symmetric_difference(other)

    def __ior__(self, other: RangeSetND) -> Self:
        return self._in_place(self.update, other)

    def __iand__(self, other: RangeSetND) -> Self:
        return self._in_place(self.intersection_update, other)

    def __isub__(self, other: RangeSetND) -> Self:
        return self._in_place(self.difference_update, other)

    def __ixor__(self, other: RangeSetND) -> Self:
        return self._in_place(self.symmetric_difference_update, other)

    def _in_place(self, change: Callable[[RangeSetND], None], other: RangeSetND) -> Self:
        if not isinstance(other, RangeSetND):
            return NotImplemented
        change(other)
        return self

    # Comparison

    def __eq__(self, other: object) -> bool:
        """Whether the members are the same, however each set came about."""
        if not isinstance(other, RangeSetND):
            return NotImplemented
        return size_of(self._settled()) == size_of(other._settled()) and self.issubset(other)

    __hash__ = None  # type: ignore[assignment]

    def issubset(self, other: Other) -> bool:
        """Whether every member is also in ``other``."""
        given = other if isinstance(other, RangeSetND) else RangeSetND(other)
        if not (self and given and self._dim == given._dim):
            return not self
        return combined(DIFFERENCE, self._settled(), given._settled()) is None

    def issuperset(self, other: Other) -> bool:
        """Whether every member of ``other`` is here."""
        return (other if isinstance(other, RangeSetND) else RangeSetND(other)).issubset(self)

    def __le__(self, other: RangeSetND) -> bool:
        return self.issubset(other) if isinstance(other, RangeSetND) else NotImplemented

    def __ge__(self, other: RangeSetND) -> bool:
        return self.issuperset(other) if isinstance(other, RangeSetND) else NotImplemented

    def __lt__(self, other: RangeSetND) -> bool:
        return self <= other and self != other

    def __gt__(self, other: RangeSetND) -> bool:
        return self >= other and self != other


def _padding(part: Part) -> int | None:
    return rangeset(part).padding
