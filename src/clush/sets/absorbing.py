"""The last step of the fold: vectors that differ on one axis join, wherever they stand.

Such vectors meet under the key made of their other axes, so none is compared with those
it cannot join. A round goes from the first vector to the last, and each takes in later
ones; a round after the first looks only at what shares a key with a vector made in the
round before, for two old ones that could join have done so.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from itertools import islice

from clush.sets.numbered import entry_of, numbers_of, replaced, union_shape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from clush.sets.numbered import Axis, Entry, Numbers


def absorb(axes: list[Axis], entries: list[Entry]) -> None:
    """Let each vector take in later ones in rounds, in place."""
    meeting = Meeting(axes, entries)
    takers = meeting.crowded()
    while takers:
        made: list[Entry] = []
        for taker in takers:
            if numbers_of(taker) not in meeting.gone:
                numbers = meeting.take(taker)
                if numbers is not None:
                    made.append(entry_of(axes, numbers))
        for entry in made:
            meeting.add(entry)
        entries += made
        takers = meeting.crowded()
    if meeting.gone:
        entries[:] = sorted(e for e in entries if numbers_of(e) not in meeting.gone)


class Meeting:
    """Vectors under the key made of all their axes but one: those under one key can join."""

    def __init__(self, axes: list[Axis], entries: list[Entry]) -> None:
        self.axes = axes
        self.gone: set[Numbers] = set()
        self._under: dict[Numbers, list[Entry]] = {}
        for entry in entries:
            for key in self._keys(numbers_of(entry)):
                self._under.setdefault(key, []).append(entry)
        self._changed = {key for key, under in self._under.items() if len(under) > 1}

    def _keys(self, numbers: Numbers) -> list[Numbers]:
        return [replaced(numbers, axis, -1) for axis in range(len(numbers))]

    def add(self, entry: Entry) -> None:
        for key in self._keys(numbers_of(entry)):
            insort(self._under.setdefault(key, []), entry)
            self._changed.add(key)

    def crowded(self) -> list[Entry]:
        """The vectors, in order, under keys that have changed since this was last asked."""
        crowds = []
        for key in self._changed:
            under = [e for e in self._under[key] if numbers_of(e) not in self.gone]
            if len(under) > 1:
                crowds.append(under)
            self._under[key] = under
        self._changed.clear()
        found = {numbers_of(entry): entry for under in crowds for entry in under}
        return sorted(found.values())

    def take(self, taker: Entry) -> Numbers | None:
        """What ``taker`` becomes with all the later vectors it takes in; None if nothing.

        The search goes on from the vector that was taken last. While vectors come from
        one key the union on that axis is not made, unless a set of its shape is known:
        only then another axis may offer one that comes before the next.
        """
        numbers, here = numbers_of(taker), taker
        while True:
            offers = [
                (entry, axis, place)
                for axis, key in enumerate(self._keys(numbers))
                for entry, place in self._next(key, here)
            ]
            if not offers:
                break
            _, along, place = min(offers)
            here, numbers = self._take_along(numbers, along, place)
        if numbers == numbers_of(taker):
            return None
        self.gone.add(numbers_of(taker))
        return numbers

    def _next(self, key: Numbers, here: Entry) -> Iterator[tuple[Entry, int]]:
        """The first vector after ``here`` under a key, if there is one, and its place."""
        under = self._under.get(key, ())
        for place in range(bisect_right(under, here), len(under)):
            if numbers_of(under[place]) not in self.gone:
                yield under[place], place
                return

    def _take_along(self, numbers: Numbers, along: int, place: int) -> tuple[Entry, Numbers]:
        """Take in the vectors from ``place`` on that differ on the axis ``along``."""
        axis = self.axes[along]
        under = self._under[replaced(numbers, along, -1)]
        shape = axis.shapes[numbers[along]]
        joined = [numbers[along]]
        last = under[place]
        for entry in islice(under, place, None):
            taken = numbers_of(entry)
            if taken in self.gone:
                continue
            last = entry
            self.gone.add(taken)
            joined.append(taken[along])
            shape = union_shape([shape, axis.shapes[taken[along]]])
            if shape in axis.known:
                break
        return last, replaced(numbers, along, axis.union(joined))
