"""Node sets as command lines and files speak of them.

What the tools share when they read sets from words, files and options.  What a set is, and
how its text is parsed, is the business of ``clush.sets``.
"""

from __future__ import annotations

import os

from clush.errors import CommandError
from clush.sets.nodeset import NodeSet
from clush.sets.ranges import RangeSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeVar

    Set = TypeVar("Set", NodeSet, RangeSet)


BYTE_ORDER_MARK = "\ufeff"  # some editors put it in front of a file


def words(text: str) -> Iterator[str]:
    """The sets written in a file or on standard input: between blanks, ``#`` for comments.

    Blanks are those of ASCII: any other may be a part of a name.
    """
    for line in text.lstrip(BYTE_ORDER_MARK).split("\n"):
        sets = line.partition("#")[0]
        if sets.isascii():
            yield from sets.split()
        else:
            yield from map(os.fsdecode, os.fsencode(sets).split())


def fold_axes(text: str | None) -> tuple[int, ...] | None:
    """``--axis`` as axes counted from 0; None, for all of them, if there is no text.

    People count from 1, and from the last axis with -1, -2.
    """
    if not text:
        return None
    axes = RangeSet(text).intiter()
    return tuple(axis - 1 if axis > 0 else axis for axis in axes if axis)


def pick(elements: Set, count: int) -> Set:
    """``count`` random elements; all of them if there are no more, or if ``count`` is 0."""
    if count < 0:
        raise CommandError(f"--pick: cannot pick {count} of {len(elements)}")
    if count == 0 or count >= len(elements):
        return elements
    from random import sample  # takes longer to import than most runs take

    picked = sample(list(elements), count)
    if isinstance(elements, NodeSet):
        return elements.fromnames(picked)
    return elements.fromlist(picked)
