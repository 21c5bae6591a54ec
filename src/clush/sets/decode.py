"""Text to mapping: operands and operators, brackets, digits that touch a bracket.

``decode`` reads an expression from left to right; operators have no precedence. Operands
that are united are collected and made into sets together, names above all. What ``@``,
``*`` and ``?`` mean is the business of ``grouptokens``, which is imported when the first
one is met.
"""

from __future__ import annotations

from clush.errors import (
    NodeSetParseError,
    NodeSetParseRangeError,
    RangeSetError,
    RangeSetParseError,
)
from clush.sets import algebra
from clush.sets.names import DIGITS, gather, literals, split_name
from clush.sets.ranges import RangeSet
from clush.sets.rangetext import read_piece, written
from clush.sets.resolver import NoGroups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from clush.sets.algebra import Mapping
    from clush.sets.resolver import Given

    Key = tuple["str | None", str]

STRUCTURE = frozenset(",!&^[]()")
_AS_COMMAS = str.maketrans("!&^", ",,,")


class Scope:
    """In what surroundings a text is read.

    ``namespace`` is the group source of names without one, ``path`` the groups whose
    content is being read, ``wildcards`` whether ``*`` and ``?`` are matched, ``everything``
    the names of all nodes of the sources where they were needed.
    """

    __slots__ = ("everything", "groups", "namespace", "path", "resolver", "special", "wildcards")

    def __init__(
        self,
        resolver: Given,
        namespace: str | None = None,
        path: tuple[Key, ...] = (),
        wildcards: bool = True,
    ) -> None:
        self.resolver = resolver
        self.groups = not isinstance(resolver, NoGroups)
        self.namespace = namespace
        self.path = path
        self.wildcards = wildcards and self.groups
        self.special = STRUCTURE | frozenset("@*?" if self.wildcards else "@" * self.groups)
        self.everything: dict[str | None, list[str]] = {}

    def inside(self, namespace: str | None, group: str, wildcards: bool) -> Scope:
        """The scope of the content of a group."""
        path = (*self.path, (namespace, group))
        scope = Scope(self.resolver, namespace, path, wildcards)
        scope.everything = self.everything
        return scope


def decode(text: str, resolver: Given = None) -> Mapping:
    """The mapping that ``text`` denotes.

    ``NodeSetParseError`` when it is no node set; errors of the group system as they are.
    """
    return expression(text, Scope(resolver))


def expression(text: str, scope: Scope) -> Mapping:
    """The mapping that ``text`` denotes in ``scope``."""
    if "[" not in text and not ("!" in text or "&" in text or "^" in text):
        mapping, rejected = gather(text.split(","), scope.special)
        if not rejected:
            return mapping
    try:
        return _evaluate(text, scope)
    except NodeSetParseError as error:
        if error.text is None:
            error.text = text
            error.position = _position(error, text, 0)
        raise


def _evaluate(text: str, scope: Scope) -> Mapping:
    result: Mapping = {}
    union = _Union(scope)
    for operator, operand, position in operands(text):
        try:
            if operator == ",":
                union.add(operand)
            else:
                algebra.update(result, union.finish())
                union = _Union(scope)
                union.add(operand)
                result = algebra.OPERATORS[operator](result, union.finish())
                union = _Union(scope)
        except NodeSetParseError as error:
            if error.text is None:
                error.text = text
                error.position = _position(error, text, position)
            raise
        except RangeSetError as error:
            raise NodeSetParseError(operand, str(error), text=text, position=position) from error
    if not result:
        return union.finish()
    algebra.update(result, union.finish())
    return result


def _position(error: NodeSetParseError, text: str, start: int) -> int:
    """Where in ``text``, from ``start`` on, the piece is that the error is about."""
    part = getattr(error.__cause__, "part", error.part)
    return max(text.find(part, start), start)


def operands(text: str) -> Iterator[tuple[str, str, int]]:
    """Each operand with the operator before it and its place; the first has a comma.

    Operators in brackets are not looked at; blanks around operands are taken off.
    """
    if not text.strip():
        return
    marks = text.translate(_AS_COMMAS)
    operator, start, place, bracket = ",", 0, 0, text.find("[")
    while True:
        comma = marks.find(",", place)
        if 0 <= bracket < (comma if comma >= 0 else len(text)):
            closing = text.find("]", bracket)
            place = closing + 1 if closing >= 0 else len(text)
            bracket = text.find("[", place)
            continue
        end = comma if comma >= 0 else len(text)
        operand = text[start:end].strip()
        if not operand:
            raise _missing(text, operator, start, end)
        yield operator, operand, text.index(operand, start)
        if comma < 0:
            return
        operator, start, place = text[comma], comma + 1, comma + 1


def _missing(text: str, operator: str, start: int, end: int) -> NodeSetParseError:
    after = text[end + 1 :].strip()
    before = text[: max(start - 1, 0)].translate(_AS_COMMAS).rpartition(",")[2].strip()
    wrong = text[end] if end < len(text) else operator
    return NodeSetParseError(
        after or before,
        f"missing nodeset operand with '{wrong}' operator",
        text=text,
        position=min(end, len(text) - 1),
    )


class _Union:
    """Operands on the way to one mapping."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.names: list[str] = []
        self.vectors: dict[str, list[list[RangeSet]]] = {}
        self.mapping: Mapping = {}

    def add(self, operand: str) -> None:
        scope = self.scope
        if scope.special.isdisjoint(operand):
            self.names.append(operand)
            return
        if "(" in operand or ")" in operand:
            raise NodeSetParseError(
                operand, "parentheses are not supported, use operators from left to right"
            )
        if scope.groups and operand[0] == "@":
            from clush.sets.grouptokens import group  # plain names never need groups

            algebra.update(self.mapping, group(operand, scope))
        elif scope.wildcards and ("*" in operand or "?" in operand):
            from clush.sets.grouptokens import wildcard

            algebra.update(self.mapping, wildcard(operand, scope))
        elif "[" in operand or "]" in operand:
            for template, axes in bracketed(operand):
                self._add_product(template, axes)
        else:
            self.names.append(operand)

    def _add_product(self, template: str, axes: list[RangeSet]) -> None:
        if len(axes) > 1:
            self.vectors.setdefault(template, []).append(axes)
        else:
            algebra.update(self.mapping, {template: axes[0]})

    def finish(self) -> Mapping:
        mapping = self.mapping
        if self.names:
            named, rejected = gather(self.names, frozenset())
            algebra.update(mapping, named)
            for name in rejected:
                _, indexes = split_name(name)
                error = RangeSetParseError(max(indexes, key=len), "invalid rangeset index")
                raise NodeSetParseRangeError(error) from error
        for template, vectors in self.vectors.items():
            from clush.sets.grid import RangeSetND  # most texts have one index only

            algebra.update(mapping, {template: RangeSetND(vectors)})
        return mapping


# Brackets


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


def _unsigned(parts: list[str], axes: list[RangeSet]) -> list[tuple[list[str], list[RangeSet]]]:
    """The same products without negative indexes: the sign goes to the text before."""
    for place, axis in enumerate(axes):
        below = [each for each in axis.slices() if each.start < 0] if axis[0][0] == "-" else []
        if below:
            negative = RangeSet(f"{each.start}-{min(each.stop - 1, -1)}" for each in below)
            positive = RangeSet(f"{max(1 - each.stop, 1)}-{-each.start}" for each in below)
            signed = [*parts[:place], parts[place] + "-", *parts[place + 1 :]]
            found = _unsigned(signed, [*axes[:place], positive, *axes[place + 1 :]])
            rest = axis - negative
            if rest:
                found += _unsigned(parts, [*axes[:place], rest, *axes[place + 1 :]])
            return found
    return [(parts, axes)]
