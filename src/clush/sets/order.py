"""The order of a mapping's names, and what is found by position in it.

Templates come in code-point order, under each its indexes in theirs. Ranks count from 0.
"""

from __future__ import annotations

from clush.sets.algebra import size
from clush.sets.buckets import overlap
from clush.sets.ranges import RangeSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from clush.sets.algebra import Mapping, Part


def ordered(mapping: Mapping) -> list[tuple[str, Part | None]]:
    """The templates and their parts in order."""
    return sorted(mapping.items())


def name_at(mapping: Mapping, rank: int) -> str:
    """The name at ``rank``; ``IndexError`` when there is none."""
    left = rank
    for template, part in ordered(mapping) if rank >= 0 else ():
        if left < size(part):
            return template % (() if part is None else part[left])
        left -= size(part)
    raise IndexError(rank)


def rank_of(mapping: Mapping, one: Mapping) -> int:
    """The rank of the only name in ``one``, which is in ``mapping``."""
    ((wanted, indexes),) = one.items()
    rank = 0
    for template, part in ordered(mapping):
        if template == wanted:
            if part is None or indexes is None:
                return rank
            one_index: Any = indexes[0]  # of the kind that the part holds
            return rank + part.index(one_index)
        rank += size(part)
    raise KeyError(wanted)


def pick(mapping: Mapping, ranks: range) -> Mapping:
    """What stands at ``ranks``."""
    if ranks.step < 0:
        ranks = ranks[::-1]
    made: Mapping = {}
    start = 0
    for template, part in ordered(mapping):
        inside = overlap(ranks, start, size(part))
        if inside.start < inside.stop:
            made[template] = None if part is None else part[inside]
        start += size(part)
    return made


def cut(mapping: Mapping, sizes: Iterable[int]) -> Iterator[Mapping]:
    """Consecutive subsets of ``sizes``, whose sum is the size of ``mapping``."""
    rooms = iter(sizes)
    room = next(rooms, 0)
    made: Mapping = {}
    for template, part in ordered(mapping):
        takes: list[int] = []
        full: list[bool] = []
        left = size(part)
        while left:
            takes.append(min(left, room))
            left -= takes[-1]
            room -= takes[-1]
            full.append(not room)
            room = room or next(rooms, 0)
        for piece, is_full in zip(_pieces(part, takes), full):
            made[template] = piece
            if is_full:
                yield made
                made = {}


def _pieces(part: Part | None, sizes: list[int]) -> Iterator[Part | None]:
    if part is None or isinstance(part, RangeSet):
        yield from [None] if part is None else part.cut(sizes)
        return
    start = 0
    for each in sizes:
        yield part[start : start + each]
        start += each
