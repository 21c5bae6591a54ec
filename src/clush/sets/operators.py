"""The operators of a set, made of its methods.

``|``, ``&``, ``-``, ``^``, their forms in place and the comparisons take a set of the same
family only; the methods they call may take more.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self


class SetOperators:
    """A base for sets that says by ``_fits`` which objects may be operands."""

    __slots__ = ()

    if TYPE_CHECKING:

        def union(self, other: Any) -> Self: ...
        def intersection(self, other: Any) -> Self: ...
        def difference(self, other: Any) -> Self: ...
        def symmetric_difference(self, other: Any) -> Self: ...
        def update(self, other: Any) -> None: ...
        def intersection_update(self, other: Any) -> None: ...
        def difference_update(self, other: Any) -> None: ...
        def symmetric_difference_update(self, other: Any) -> None: ...
        def issubset(self, other: Any) -> bool: ...
        def issuperset(self, other: Any) -> bool: ...

    @staticmethod
    def _fits(other: object) -> bool:
        raise NotImplementedError

    def __or__(self, other: Self) -> Self:
        return self.union(other) if self._fits(other) else NotImplemented

    def __and__(self, other: Self) -> Self:
        return self.intersection(other) if self._fits(other) else NotImplemented

    def __sub__(self, other: Self) -> Self:
        return self.difference(other) if self._fits(other) else NotImplemented

    def __xor__(self, other: Self) -> Self:
        return self.symmetric_difference(other) if self._fits(other) else NotImplemented

    def __ior__(self, other: Self) -> Self:
        if not self._fits(other):
            return NotImplemented
        self.update(other)
        return self

    def __iand__(self, other: Self) -> Self:
        if not self._fits(other):
            return NotImplemented
        self.intersection_update(other)
        return self

    def __isub__(self, other: Self) -> Self:
        if not self._fits(other):
            return NotImplemented
        self.difference_update(other)
        return self

    def __ixor__(self, other: Self) -> Self:
        if not self._fits(other):
            return NotImplemented
        self.symmetric_difference_update(other)
        return self

    def __le__(self, other: Self) -> bool:
        return self.issubset(other) if self._fits(other) else NotImplemented

    def __ge__(self, other: Self) -> bool:
        return self.issuperset(other) if self._fits(other) else NotImplemented

    def __lt__(self, other: Self) -> bool:
        return self <= other and self != other

    def __gt__(self, other: Self) -> bool:
        return self >= other and self != other
