"""Indexes by the width they are written with: what a range set is made of.

A dict from a width of zero padding to the ``IndexSet`` of the values written that way.
Width ``PLAIN`` is for numbers without leading zero (negatives too); in bucket w all values
are below ``10 ** (w - 1)``, for ``10`` is one element whether it came from ``8-12`` or from
``08-12``. No bucket is empty. Algebra works width by width; order is by the length of the
text, then by value, negatives first.
"""

from __future__ import annotations

from itertools import islice

from clush.sets.indexset import IndexSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Buckets = dict[int, IndexSet]

PLAIN = 0


def put(buckets: Buckets, width: int, values: IndexSet) -> None:
    """Add ``values``, written on ``width`` digits (``PLAIN``: without padding)."""
    if width > 1:
        limit = 10 ** (width - 1)
        padded = values.between(0, limit)
        if padded:
            _join(buckets, width, padded)
            values = values.between(limit, 10 * limit)
    if values:
        _join(buckets, PLAIN, values)


def _join(buckets: Buckets, width: int, values: IndexSet) -> None:
    had = buckets.get(width)
    if had is None:
        buckets[width] = values
    else:
        had |= values


# Algebra


def copy(mine: Buckets) -> Buckets:
    """Buckets that share nothing with the given ones."""
    return {width: values.copy() for width, values in mine.items()}


def update(mine: Buckets, theirs: Buckets) -> None:
    """Add to ``mine`` what is in ``theirs``."""
    for width, values in theirs.items():
        had = mine.get(width)
        if had is None:
            mine[width] = values.copy()
        else:
            had |= values


def union(mine: Buckets, theirs: Buckets) -> Buckets:
    """What is in either."""
    made = {
        width: values | theirs[width] if width in theirs else values.copy()
        for width, values in mine.items()
    }
    for width in theirs.keys() - mine.keys():
        made[width] = theirs[width].copy()
    return made


def intersection(mine: Buckets, theirs: Buckets) -> Buckets:
    """What is in both."""
    return {
        width: both
        for width, values in mine.items()
        if width in theirs and (both := values & theirs[width])
    }


def difference(mine: Buckets, theirs: Buckets) -> Buckets:
    """What is in ``mine`` only."""
    return {
        width: rest
        for width, values in mine.items()
        if (rest := values - theirs[width] if width in theirs else values.copy())
    }


def symmetric_difference(mine: Buckets, theirs: Buckets) -> Buckets:
    """What is in exactly one of the two."""
    empty = IndexSet()
    return {
        width: rest
        for width in mine.keys() | theirs.keys()
        if (rest := mine.get(width, empty) ^ theirs.get(width, empty))
    }


def isdisjoint(mine: Buckets, theirs: Buckets) -> bool:
    """Whether nothing is in both."""
    return all(
        values.isdisjoint(theirs[width]) for width, values in mine.items() if width in theirs
    )


def issubset(mine: Buckets, theirs: Buckets) -> bool:
    """Whether all of ``mine`` is in ``theirs``."""
    return all(width in theirs and values.issubset(theirs[width]) for width, values in mine.items())


# Order


def segments(buckets: Buckets) -> list[tuple[int, IndexSet]]:
    """The elements in written order (length of text, then value), cut where padding occurs.

    A segment of width w holds the padded elements of that width, with the plain numbers
    of w digits that carry on their last run; a segment ``PLAIN`` holds plain numbers.
    """
    if buckets.keys() <= {PLAIN}:
        return list(buckets.items())
    plain = buckets.get(PLAIN, IndexSet())
    low, top = (plain.min(), plain.max() + 1) if plain else (0, 0)
    cut: list[tuple[int, IndexSet]] = []
    for width in sorted(buckets.keys() - {PLAIN}):
        limit = 10 ** (width - 1)
        cut.append((PLAIN, plain.between(low, limit)))
        padded, low = buckets[width], limit
        if limit in plain and limit - 1 in padded:
            _, last = next(plain.between(limit, 10 * limit).runs())
            padded = padded | IndexSet.from_range(limit, last + 1)
            low = last + 1
        cut.append((width, padded))
    cut.append((PLAIN, plain.between(low, top)))
    return [(width, values) for width, values in cut if values]


def element_at(buckets: Buckets, rank: int) -> tuple[int, int]:
    """Width and value of what stands at ``rank`` >= 0; ``IndexError`` when nothing does."""
    left = rank
    for width, values in segments(buckets):
        if left < len(values):
            return width, values.select(left)
        left -= len(values)
    raise IndexError(rank)


def rank_of(buckets: Buckets, width: int, value: int) -> int:
    """Where an element stands that is in."""
    rank = 0
    for among, values in segments(buckets):
        same_way = among == width or (width == PLAIN and value >= 10 ** (among - 1))
        if same_way and value in values:
            return rank + values.rank(value)
        rank += len(values)
    raise KeyError(value)


def pick(buckets: Buckets, ranks: range) -> Buckets:
    """What stands at ``ranks``."""
    if ranks.step < 0:
        ranks = ranks[::-1]
    if ranks.step == 1:
        _, part = islice(cut(buckets, [ranks.start, len(ranks)]), 2)
        return part
    made: Buckets = {}
    start = 0
    for width, values in segments(buckets):
        inside = overlap(ranks, start, len(values))
        put(made, width, IndexSet(islice(values, inside.start, inside.stop, inside.step)))
        start += len(values)
    return made


def cut(buckets: Buckets, sizes: Iterable[int]) -> Iterator[Buckets]:
    """Consecutive subsets of the given sizes, in one pass; the last may be smaller."""
    ordered = segments(buckets)
    if len(ordered) == 1:
        ((width, values),) = ordered
        for part in values.cut(sizes):
            made: Buckets = {}
            put(made, width, part)
            yield made
        return
    ordered.reverse()  # the next one is popped
    for size in sizes:
        made = {}
        while size > 0 and ordered:
            width, values = ordered.pop()
            head, rest = islice(values.cut([size, len(values)]), 2)
            size -= len(head)
            put(made, width, head)
            if rest:
                ordered.append((width, rest))
        yield made


def overlap(ranks: range, start: int, size: int) -> slice:
    """Of increasing ranks, those that fall in a part of ``size`` from rank ``start`` on."""
    skipped = start - ranks.start
    first = -skipped if skipped <= 0 else -skipped % ranks.step
    return slice(first, max(min(size, ranks.stop - start), 0), ranks.step)


def even_sizes(total: int, nbr: int) -> list[int]:
    """The sizes of at most ``nbr`` non-empty parts, the larger ones first."""
    assert nbr > 0, "a set is split in one part or more"
    size, larger = divmod(total, nbr)
    return [size + 1] * larger + ([size] * (nbr - larger) if size else [])
