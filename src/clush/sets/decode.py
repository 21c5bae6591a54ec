"""Text to mapping: operands and the operators between them.

``decode`` reads an expression from left to right; operators have no precedence. Operands
that are united are collected and made into sets together, names above all. What stands in
brackets is read in ``brackets``; what ``@``, ``*`` and ``?`` mean is the business of
``grouptokens``, which is imported when the first one is met.
"""

from __future__ import annotations

from clush.errors import (
    NodeSetParseError,
    NodeSetParseRangeError,
    RangeSetError,
    RangeSetParseError,
)
from clush.sets import algebra
from clush.sets.brackets import bracketed
from clush.sets.names import gather, split_name
from clush.sets.resolver import NoGroups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from clush.sets.algebra import Mapping
    from clush.sets.ranges import RangeSet
    from clush.sets.resolver import Given

    Key = tuple["str | None", str]

STRUCTURE = frozenset(",!&^[]()")
_SPECIAL = {
    (groups, wildcards): STRUCTURE | frozenset("@" * groups + "*?" * wildcards)
    for groups in (False, True)
    for wildcards in (False, True)
}
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
        self.special = _SPECIAL[self.groups, self.wildcards]
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
    return _evaluate(text, scope)


def _evaluate(text: str, scope: Scope) -> Mapping:
    union = _Union(scope, {})
    place = 0
    try:
        for operator, operand, start in operands(text):
            place = start
            if operator == ",":
                union.add(operand)
            else:
                right = _Union(scope, {})
                right.add(operand)
                done = algebra.OPERATORS[operator](union.finish(), right.finish())
                union = _Union(scope, done)
        return union.finish()
    except NodeSetParseError as error:
        if error.text is None:
            error.text = text
            error.position = _position(error, text, place)
        raise
    except RangeSetError as error:  # vectors that it would cost too much to combine
        raise NodeSetParseError(text[place:], str(error), text=text, position=place) from error


def _position(error: NodeSetParseError, text: str, place: int) -> int:
    """Where in ``text`` the piece is that the error is about; ``place`` is its operand's."""
    part = getattr(error.__cause__, "part", error.part)
    found = text.find(part, place)
    if found < 0:
        found = text.find(part)  # a name of an operand before, names are read together
    return found if found >= 0 else place


def operands(text: str) -> Iterator[tuple[str, str, int]]:
    """Each operand with the operator before it and its place; the first has a comma.

    Operators in brackets are not looked at; blanks around operands are taken off.
    """
    if not text.strip():
        return
    marks = text.translate(_AS_COMMAS)
    if "," not in marks:
        operand = text.strip()
        yield ",", operand, text.index(operand)
        return
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
    """Operands on the way into a mapping."""

    def __init__(self, scope: Scope, mapping: Mapping) -> None:
        self.scope = scope
        self.mapping = mapping
        self.names: list[str] = []
        self.vectors: dict[str, list[list[RangeSet]]] = {}

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

            algebra.absorb(self.mapping, group(operand, scope))
        elif scope.wildcards and ("*" in operand or "?" in operand):
            from clush.sets.grouptokens import wildcard

            algebra.absorb(self.mapping, wildcard(operand, scope))
        elif "[" in operand or "]" in operand:
            for template, axes in bracketed(operand):
                self._add_product(template, axes)
        else:
            self.names.append(operand)

    def _add_product(self, template: str, axes: list[RangeSet]) -> None:
        if len(axes) > 1:
            self.vectors.setdefault(template, []).append(axes)
        else:
            algebra.absorb(self.mapping, {template: axes[0]})

    def finish(self) -> Mapping:
        mapping = self.mapping
        if self.names:
            named, rejected = gather(self.names, frozenset())
            algebra.absorb(mapping, named)
            for name in rejected:
                _, indexes = split_name(name)
                error = RangeSetParseError(max(indexes, key=len), "invalid rangeset index")
                raise NodeSetParseRangeError(error) from error
        for template, vectors in self.vectors.items():
            from clush.sets.grid import RangeSetND  # most texts have one index only

            algebra.absorb(mapping, {template: RangeSetND(vectors, copy_rangeset=False)})
        return mapping
