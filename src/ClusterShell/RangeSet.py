"""Classic range sets: those of `clush.sets`, with the ways of a Python set of texts.

A classic range set was a subclass of ``set``. This one takes sets where it took them and
is registered as a ``MutableSet``; ``isinstance(ranges, set)`` is no longer true.
"""

from __future__ import annotations

from collections.abc import MutableSet, Set

from clush.errors import RangeSetError as RangeSetException
from clush.errors import RangeSetParseError
from clush.sets import grid, ranges
from clush.sets.ranges import AUTOSTEP_DISABLED

__all__ = [
    "AUTOSTEP_DISABLED",
    "RangeSet",
    "RangeSetException",
    "RangeSetND",
    "RangeSetPaddingError",
    "RangeSetParseError",
]


class RangeSetPaddingError(RangeSetParseError):
    """Known to scripts that catch it; padding errors are `RangeSetParseError`."""

    def __init__(self, part, msg):
        super().__init__(part, f"padding mismatch ({msg})")


class _Autostep:
    """The accessors of autostep as methods."""

    __slots__ = ()

    def get_autostep(self):
        return self.autostep

    def set_autostep(self, val):
        self.autostep = val


def _lifted(other):
    """A plain set of texts as a range set; anything else as it is."""
    is_set = isinstance(other, Set) and not isinstance(other, ranges.RangeSet)
    return ranges.RangeSet(other) if is_set else other


def _required(other):
    other = _lifted(other)
    if not isinstance(other, ranges.RangeSet):
        raise TypeError("Binary operation only permitted between sets")
    return other


class RangeSet(_Autostep, ranges.RangeSet):
    __slots__ = ()
    __doc__ = ranges.RangeSet.__doc__

    def __setstate__(self, state):
        """What pickles of ClusterShell hold besides the text, or before 1.6 instead of it."""
        if "_ranges" in state:
            self.__init__()
            for start, last, step, pad in state["_ranges"]:
                self.add_range(start, last + 1, step, pad)
        self.autostep = _autostep_of(state)

    def striter(self):
        """The elements in order, as iteration gives them."""
        return iter(self)

    def union_update(self, other):
        """The same as `update`."""
        self.update(other)

    def __contains__(self, element):
        return super().__contains__(_lifted(element))

    def issubset(self, other):
        return super().issubset(_required(other))

    def issuperset(self, other):
        return super().issuperset(_required(other))

    def __eq__(self, other):
        try:
            return super().__eq__(_lifted(other))
        except (TypeError, RangeSetParseError):
            return NotImplemented  # a set of other things than texts

    __hash__ = None

    def __le__(self, other):
        return super().__le__(_required(other))

    def __lt__(self, other):
        return super().__lt__(_required(other))

    def __ge__(self, other):
        return super().__ge__(_required(other))

    def __gt__(self, other):
        return super().__gt__(_required(other))

    def __or__(self, other):
        return super().__or__(_lifted(other))

    def __and__(self, other):
        return super().__and__(_lifted(other))

    def __sub__(self, other):
        return super().__sub__(_lifted(other))

    def __xor__(self, other):
        return super().__xor__(_lifted(other))

    __ror__, __rand__, __rxor__ = __or__, __and__, __xor__

    def __rsub__(self, other):
        return type(self)(other) - self if isinstance(other, Set) else NotImplemented

    def __ior__(self, other):
        return super().__ior__(_required(other))

    def __iand__(self, other):
        return super().__iand__(_required(other))

    def __isub__(self, other):
        return super().__isub__(_required(other))

    def __ixor__(self, other):
        return super().__ixor__(_required(other))


MutableSet.register(RangeSet)


class RangeSetND(_Autostep, grid.RangeSetND):
    __slots__ = ()
    __doc__ = grid.RangeSetND.__doc__

    def __setstate__(self, state):
        """The content that a pickle of ClusterShell holds."""
        self.__init__(state["_veclist"])
        self.autostep = _autostep_of(state)

    @property
    def veclist(self):
        """The folded vectors, as `vectors` gives them."""
        return self.vectors()

    def union_update(self, other):
        """The same as `update`."""
        self.update(other)


def _autostep_of(state):
    """The autostep in a pickle of ClusterShell: there one less, and never absent."""
    stored = state.get("_autostep")
    return None if stored is None or stored >= AUTOSTEP_DISABLED else stored + 1
