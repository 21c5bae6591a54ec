"""An operand with brackets: one axis for each bracket and for each number outside.

Digits that touch a bracket belong to its axis. A sign belongs to the text before it.
"""

from __future__ import annotations

from clush.errors import NodeSetParseError, NodeSetParseRangeError, RangeSetParseError
from clush.sets.names import DIGITS, literals, split_name
from clush.sets.ranges import RangeSet
from clush.sets.rangetext import read_piece, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Product = tuple[list[str], list[RangeSet]]  # the texts around the axes, and the axes

# An axis with both signs makes two products of one; more such axes than any name has.
MAX_SIGNED = 6


def bracketed(operand: str) -> list[tuple[str, list[RangeSet]]]:
    """Templates and axes of an operand with brackets; several when an index is negative.

    The sign of a negative index is text of the name: ``n[-1-1]`` is ``n-1,n[0-1]``.
    """
    texts, contents = _taken_apart(operand)
    parts, axes = [""], []
    for place, literal in enumerate(texts):
        trailing = literal if place == 0 else literal.lstrip(DIGITS)
        middle = trailing if place == len(contents) else trailing.rstrip(DIGITS)
        template, indexes = split_name(middle)
        first, *others = literals(template)
        parts[-1] += first
        parts += others
        axes += [_range_set(index) for index in indexes]
        if place < len(contents):
            lead = trailing[len(middle) :]
            following = texts[place + 1]
            trail = following[: len(following) - len(following.lstrip(DIGITS))]
            axes.append(_glued(lead, contents[place], trail))
            parts.append("")
    signed = sum([axis.has_negative() for axis in axes])
    if not signed:
        return [("%s".join(parts), axes)]
    if signed > MAX_SIGNED:
        raise NodeSetParseError(operand, f"more than {MAX_SIGNED} axes with negative indexes")
    return [("%s".join(parts), axes) for parts, axes in _unsigned(parts, axes)]


def _taken_apart(operand: str) -> tuple[list[str], list[str]]:
    """The texts outside the brackets, and those inside: one less."""
    texts: list[str] = []
    contents: list[str] = []
    rest = operand
    while True:
        before, opening, after = rest.partition("[")
        if "]" in before:
            raise NodeSetParseError(rest, "illegal closing bracket")
        texts.append(before)
        if not opening:
            return texts, contents
        if contents and not before.strip(DIGITS):
            raise NodeSetParseError(opening + after, "illegal reopening bracket")
        content, closing, rest = after.partition("]")
        if not closing:
            raise NodeSetParseError(operand, "missing bracket")
        contents.append(content)


def _range_set(text: str) -> RangeSet:
    try:
        return RangeSet(text)
    except RangeSetParseError as error:
        raise NodeSetParseRangeError(error) from error


def _glued(lead: str, content: str, trail: str) -> RangeSet:
    """The ranges of a bracket with the digits that touch it on both sides."""
    if not (lead or trail):
        return _range_set(content)
    pieces = content.split(",")
    try:
        if trail:
            pieces = [_with_trail(piece.strip(), trail) for piece in pieces]
        if lead:
            pieces = [glued for piece in pieces for glued in _with_lead(lead, piece)]
        return RangeSet(",".join(pieces))
    except RangeSetParseError as error:
        raise NodeSetParseRangeError(error) from error


def _with_trail(piece: str, trail: str) -> str:
    """Each index of the piece followed by digits: ``8-10`` and ``0`` are 80, 90, 100."""
    if "/" in piece:
        raise NodeSetParseError(trail, "illegal trailing digits after range with steps")
    dash = piece.find("-", 1)
    if dash < 0:
        return piece and piece + trail
    low, high = piece[:dash].strip(), piece[dash + 1 :].strip()
    return f"{low}{trail}-{high}{trail}/1{'0' * len(trail)}"


def _with_lead(lead: str, piece: str) -> Iterator[str]:
    """The piece with digits before it.

    A range is read between its ends as they are then written: ``3`` and ``5-120`` is
    ``35-3120``. Indexes that are written one by one, or by a step, are taken one by one.
    """
    first, last, step, width = read_piece(piece)
    if first < 0:
        raise RangeSetParseError(piece.strip(), "negative index after digits")
    low, high = written(width, first), written(width, last)
    if step == 1 or len(low) == len(high):
        yield f"{lead}{low}-{lead}{high}" + (f"/{step}" if step > 1 else "")
        return
    for size in range(len(low), len(high) + 1):  # in each, all texts have one length
        floor = max(first, 10 ** (size - 1))
        start = first if size == len(low) else floor + (first - floor) % step
        stop = min(last, 10**size - 1)
        if start <= stop:
            yield f"{lead}{start}-{lead}{stop}/{step}"


def _unsigned(parts: list[str], axes: list[RangeSet]) -> list[Product]:
    """The same products without negative indexes: the sign goes to the text before."""
    for place, axis in enumerate(axes):
        if axis.has_negative():
            below = [each for each in axis.slices() if each.start < 0]
            negative = RangeSet(f"{each.start}-{min(each.stop - 1, -1)}" for each in below)
            positive = RangeSet(f"{max(1 - each.stop, 1)}-{-each.start}" for each in below)
            signed = [*parts[:place], parts[place] + "-", *parts[place + 1 :]]
            found = _unsigned(signed, [*axes[:place], positive, *axes[place + 1 :]])
            rest = axis - negative
            if rest:
                found += _unsigned(parts, [*axes[:place], rest, *axes[place + 1 :]])
            return found
    return [(parts, axes)]
