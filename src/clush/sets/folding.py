"""How a set of index vectors is written as few products of range sets.

The result is a function of the set alone. Its definition: start from one vector per
member and sort; *sweep*: while two neighbours differ on exactly one axis, join them,
then sort again, until nothing joins; *absorb*: each vector takes in every later one that
differs from it on exactly one axis, sort again, until nothing is taken in.

Nothing here compares all vectors with all others. The sets met on an axis are numbered,
a vector is a tuple of these numbers; members that share all but the last axis are joined
at once; a later round looks only at what the one before has changed; and two vectors
that differ on one axis meet in a dict under the key made of their other axes.
"""

from __future__ import annotations

from bisect import bisect_left

from clush.sets.absorbing import absorb
from clush.sets.diagram import Node, size_of
from clush.sets.numbered import Axis, differing, entry_of, numbers_of, replaced
from clush.sets.ranges import RangeSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clush.sets.diagram import Below
    from clush.sets.numbered import Entry, Numbers, Part

    Folded = tuple[Part, ...]
    Found = tuple[int, int, Numbers]  # entries start .. stop - 1 are joined to one vector

# Up to this many rows (members counted without their last axis) the definition is
# followed from single members, in about 10 microseconds per row. Beyond, the vectors to
# start from are the groups of equal parts: as canonical, and independent of the size.
MAX_ROWS = 1 << 15

# Up to this many elements it is quickest to look at each.
SMALL = 64

# A round that changes more than this share of the list sorts it; others patch it.
BULK = 8


def fold(root: Below) -> list[Folded]:
    """The vectors of a set that is not empty, in order; they are disjoint."""
    if isinstance(root, RangeSet):
        return [(root,)]
    axes = [Axis() for _ in range(root.dim)]
    if root.rows > MAX_ROWS or _only_groups_join(root):
        seeds: Iterable[Numbers] = (
            tuple([axis.number_of_kept(values) for axis, values in zip(axes, path)])
            for path in root.paths()
        )
    else:
        seeds = join_rows(axes, root)
    entries = sorted(entry_of(axes, numbers) for numbers in seeds)
    sweep(axes, entries)
    absorb(axes, entries)
    return [
        tuple([axis.sets[number] for axis, number in zip(axes, numbers_of(entry))])
        for entry in entries
    ]


def _only_groups_join(root: Node) -> bool:
    """Whether the groups of equal parts are the end as well as a possible start.

    So it is with a product. On two axes, when no row is a single member, nothing but
    equal rows can join.
    """
    below = root.distinct()
    if root.dim == 2 and all(size_of(values) > 1 for values in below):
        return True
    while len(below) == 1 and isinstance(below[0], Node):
        below = below[0].distinct()
    return len(below) == 1


# First round of the sweep, on members in the order of their text


def join_rows(axes: list[Axis], root: Node) -> Iterator[Numbers]:
    """The vectors after the first round.

    Members sorted by text come row by row, and the members of a row join to one vector.
    But the last member of a row, if it stands alone, may first join the next row's first
    member along another axis; that one is then missing in its own row.
    """
    last = axes[-1]
    lone: list[Numbers] = []  # members under way that differ on one axis, `along`
    along = -1
    text = ""  # of these members on the last axis
    for prefix, values in _rows(axes, root, ()):
        only = next(iter(values)) if len(values) == 1 else ""
        rest = values
        if lone:
            axis = differing(lone[-1], prefix)
            if axis >= 0 and along in (-1, axis) and _starts_with(values, only, text):
                lone.append(prefix)
                along = axis
                if only:
                    continue
                rest = values.difference(RangeSet(text))
                only = rest[0] if len(rest) == 1 else ""
            yield _joined(axes, lone, along, text)
            lone, along = [], -1
        if only:
            lone, text = [prefix], only
        elif rest is values:
            yield (*prefix, last.number_of_kept(rest))
        else:
            yield (*prefix, last.number_of(rest))
    if lone:
        yield _joined(axes, lone, along, text)


def _starts_with(values: RangeSet, only: str, text: str) -> bool:
    """Whether ``text`` is the first element in the order of text; ``only``: if it has one."""
    return text == only if only else text in values and text == first_text(values)


def _rows(axes: list[Axis], node: Node, before: Numbers) -> Iterator[tuple[Numbers, RangeSet]]:
    """The numbers of all axes but the last, in the order of their text, and the row there."""
    single = axes[len(before)].single
    for text, below in sorted(node.by_element().items()):
        prefix = (*before, single(text))
        if isinstance(below, RangeSet):
            yield prefix, below
        else:
            yield from _rows(axes, below, prefix)


def first_text(values: RangeSet) -> str:
    """The first element in the order of text, where 10 comes before 9."""
    if len(values) <= SMALL:
        return min(values)
    return min(first for run in values.contiguous() for first in _first_texts(run))


def _first_texts(run: RangeSet) -> Iterator[str]:
    """The smallest of each length in a run, from which the first text comes."""
    first, last = run[0], run[-1]
    yield first
    if last[0] == "-":
        yield last
    for length in range(max(len(first), len(last))):
        for power in ("1" + "0" * length, "-1" + "0" * length):
            if power in run:
                yield power


def _joined(axes: list[Axis], prefixes: list[Numbers], along: int, text: str) -> Numbers:
    joined = prefixes[0]
    if len(prefixes) > 1:
        number = axes[along].union([prefix[along] for prefix in prefixes])
        joined = replaced(joined, along, number)
    return (*joined, axes[-1].single(text))


# Further rounds of the sweep: neighbours that differ on one axis are joined


def sweep(axes: list[Axis], entries: list[Entry]) -> None:
    """Join neighbours in rounds, in place.

    Two neighbours that did not join stay apart as long as both stay as they are, so after
    the first round only places where the list has changed are looked at.
    """
    places: Iterable[int] = range(len(entries))
    while True:
        found = list(_neighbours(axes, entries, places))
        if not found:
            return
        if len(found) * BULK > len(entries):
            _rebuild(axes, entries, found)
            places = range(len(entries))
        else:
            places = _patch(axes, entries, found)


def _neighbours(axes: list[Axis], entries: list[Entry], places: Iterable[int]) -> Iterator[Found]:
    """One round, from left to right, of the entries at ``places`` and those they join."""
    stop = 0
    end = len(entries)
    for start in places:
        if start < stop:
            continue  # has been joined to one before
        numbers = numbers_of(entries[start])
        stop = start + 1
        while stop < end:
            axis = differing(numbers, numbers_of(entries[stop]))
            if axis < 0:
                break
            joined = [numbers[axis]]
            while stop < end and differing(numbers, numbers_of(entries[stop])) == axis:
                joined.append(numbers_of(entries[stop])[axis])
                stop += 1
            numbers = replaced(numbers, axis, axes[axis].union(joined))
        if stop > start + 1:
            yield start, stop, numbers


def _rebuild(axes: list[Axis], entries: list[Entry], found: list[Found]) -> None:
    kept: list[Entry] = []
    here = 0
    for start, stop, _ in found:
        kept += entries[here:start]
        here = stop
    kept += entries[here:]
    kept += [entry_of(axes, numbers) for _, _, numbers in found]
    entries[:] = sorted(kept)


def _patch(axes: list[Axis], entries: list[Entry], found: list[Found]) -> list[int]:
    """The new list has new neighbours at the places that are returned."""
    left: list[Entry] = []
    for start, stop, _ in reversed(found):
        del entries[start:stop]
        if start:
            left.append(entries[start - 1])
    for _, _, numbers in found:
        entry = entry_of(axes, numbers)
        place = bisect_left(entries, entry)
        entries.insert(place, entry)
        left.append(entry)
        if place:
            left.append(entries[place - 1])
    places = set()
    for entry in left:
        place = bisect_left(entries, entry)
        if place < len(entries) and entries[place] is entry:
            places.add(place)
    return sorted(places)
