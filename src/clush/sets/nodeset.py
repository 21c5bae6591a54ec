"""NodeSet: a set of node names, the class people hold.

It owns a mapping (see ``algebra``), and says how text, other node sets and names come
into it; reading is in ``decode``, writing in ``encode``. Order is that of the folded text:
by template, then by index.
"""

from __future__ import annotations

from clush.errors import GroupResolverSourceError, NodeSetExternalError, NodeSetParseError
from clush.sets import algebra, axes, encode, order
from clush.sets.buckets import even_sizes
from clush.sets.decode import Scope, decode, expression
from clush.sets.names import DIGITS, gather
from clush.sets.operators import SetOperators
from clush.sets.ranges import RangeSet
from clush.sets.rangetext import MAX_DIGITS
from clush.sets.resolver import NO_GROUPS, NoGroups, required

TYPE_CHECKING = False
if not TYPE_CHECKING:

    def overload(function):  # typing costs more to import than this package
        return function

else:
    from collections.abc import Iterable, Iterator
    from typing import Union, overload

    from typing_extensions import Self

    from clush.sets.algebra import Mapping
    from clush.sets.resolver import Given

    Nodes = Union["NodeSet", str, None]

# In a prefix, these are no part of a plain name, or are written otherwise in a template.
PATTERN = frozenset("@*?%")


class NodeSet(SetOperators):
    """A mutable, ordered set of node names.

    >>> nodes = NodeSet("node[10-42]") & NodeSet("node[1-16,18-39]")
    >>> str(nodes), len(nodes)
    ('node[10-16,18-39]', 29)

    Text is an expression: names and ranges in brackets, combined from left to right by
    ``,`` (union), ``!`` (difference), ``&`` (intersection) and ``^`` (symmetric difference).
    ``@group``, ``*`` and ``?`` are resolved by ``resolver`` (see ``clush.sets.resolver``).
    Where an argument is called ``nodes``, text, a node set or None (empty) will do; a text
    that is no node set raises ``NodeSetParseError`` and changes nothing.

    ``autostep`` is the least number of indexes written as ``a-b/step``; ``fold_axis`` the
    axes that may be folded, counted from 0 or, negative, from the last. Both change the
    text only. Results share nothing with their operands; they keep ``autostep`` (None:
    each template its own), ``fold_axis`` and resolver of the left one.
    """

    __slots__ = ("_autostep", "_fold_axis", "_mapping", "_resolver", "_text")

    def __init__(
        self,
        nodes: Nodes = None,
        autostep: float | None = None,
        resolver: Given = None,
        fold_axis: Iterable[int] | None = None,
    ) -> None:
        self._resolver = resolver
        self._text: str | None = None
        self.fold_axis = fold_axis
        mapping = self._decoded(nodes)
        self._mapping = algebra.copy(mapping) if isinstance(nodes, NodeSet) else mapping
        self._autostep: float | None = None
        if autostep is not None:
            self.autostep = autostep

    @classmethod
    def fromlist(
        cls,
        nodelist: Iterable[Nodes],
        autostep: float | None = None,
        resolver: Given = None,
    ) -> Self:
        """The union of many texts (each an expression of its own) and node sets."""
        made = cls(autostep=autostep, resolver=resolver)
        made.updaten(nodelist)
        return made

    @classmethod
    def fromnames(
        cls,
        names: Iterable[str],
        autostep: float | None = None,
        resolver: Given = None,
        fold_axis: Iterable[int] | None = None,
    ) -> Self:
        """The nodes of these names, in which no character means anything.

        ``NodeSetParseError`` for what can be no name: an empty text, blanks around it.
        """
        made = cls(autostep=autostep, resolver=resolver, fold_axis=fold_axis)
        mapping, rejected = gather(names, frozenset())
        if rejected:
            raise NodeSetParseError(rejected[0], "not the name of a node")
        made._add(mapping)
        return made

    @classmethod
    def fromall(
        cls,
        groupsource: str | None = None,
        autostep: float | None = None,
        resolver: Given = None,
    ) -> Self:
        """All nodes of a group source (None: the default one).

        ``NodeSetExternalError`` when there is no way to know them.
        """
        from clush.sets.grouptokens import all_nodes  # only groups need it

        if isinstance(resolver, NoGroups):
            raise NodeSetExternalError("Group resolver is not defined")
        made = cls(autostep=autostep, resolver=resolver)
        try:
            made._add(all_nodes(groupsource, Scope(resolver)))
        except GroupResolverSourceError as error:
            raise NodeSetExternalError(
                f"Group source error (GroupResolverSourceError: {error})"
            ) from error
        return made

    def _decoded(self, nodes: Nodes) -> Mapping:
        """The mapping of an argument; it may belong to the argument."""
        if isinstance(nodes, str):
            return decode(nodes, self._resolver)
        if isinstance(nodes, NodeSet):
            return nodes._mapping
        if nodes is None:
            return {}
        raise TypeError(f"Unsupported NodeSet input {type(nodes)}")

    @classmethod
    def _of(
        cls,
        mapping: Mapping,
        autostep: float | None = None,
        resolver: Given = None,
        fold_axis: tuple[int, ...] | None = None,
    ) -> Self:
        made = cls.__new__(cls)
        made._mapping = mapping
        made._autostep = autostep
        made._resolver = resolver
        made._fold_axis = fold_axis
        made._text = None
        if autostep is not None:
            made._apply_autostep(mapping)
        return made

    def _with(self, mapping: Mapping) -> Self:
        """Another set that is written and resolved as this one."""
        return self._of(mapping, self._autostep, self._resolver, self._fold_axis)

    def _apply_autostep(self, templates: Iterable[str]) -> None:
        for template in templates:
            part = self._mapping.get(template)
            if part is not None:
                part.autostep = self._autostep

    def copy(self) -> Self:
        """An equal set with the same autostep, fold_axis and resolver."""
        return self._with(algebra.copy(self._mapping))

    __copy__ = copy

    def __deepcopy__(self, memo: object) -> Self:
        return self.copy()

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (type(self), self._mapping, self._autostep, self._fold_axis)

    # Text

    def __str__(self) -> str:
        if self._text is None:
            folded = axes.standard() if self._fold_axis is None else self._fold_axis
            self._text = encode.text(self._mapping, folded)
        return self._text

    def __repr__(self) -> str:
        return f"NodeSet({str(self)!r})"

    @property
    def autostep(self) -> float | None:
        """The least number of indexes that are written as ``a-b/step``; None: as they came."""
        return self._autostep

    @autostep.setter
    def autostep(self, value: float | None) -> None:
        self._autostep = RangeSet(autostep=value).autostep
        self._apply_autostep(self._mapping)
        self._text = None

    @property
    def fold_axis(self) -> tuple[int, ...] | None:
        """The axes that may be folded in the text; None: the standard ones (see ``axes``)."""
        return self._fold_axis

    @fold_axis.setter
    def fold_axis(self, axes: Iterable[int] | None) -> None:
        self._fold_axis = None if axes is None else tuple(axes)
        self._text = None

    # Names in order

    def __len__(self) -> int:
        return sum(map(algebra.size, self._mapping.values()))

    def __bool__(self) -> bool:
        return bool(self._mapping)

    def __iter__(self) -> Iterator[str]:
        """The names, made as they are asked for."""
        return encode.names(self._mapping)

    def __reversed__(self) -> Iterator[str]:
        return reversed(list(self))

    def nsiter(self) -> Iterator[Self]:
        """One node set per node."""
        for name in self:
            yield self._of(decode(name, NO_GROUPS))

    def contiguous(self) -> Iterator[Self]:
        """One node set per run of consecutive indexes of a template, without autostep."""
        for template, part in order.ordered(self._mapping):
            for run in [None] if part is None else part.contiguous():
                yield self._of({template: run})

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Self: ...

    def __getitem__(self, index: int | slice) -> str | Self:
        """The name of one node, or the set that a list slice would pick."""
        if isinstance(index, slice):
            return self._with(order.pick(self._mapping, range(len(self))[index]))
        if not isinstance(index, int):
            raise TypeError("NodeSet indices must be integers")
        rank = index + len(self) if index < 0 else index
        try:
            return order.name_at(self._mapping, rank)
        except IndexError:
            raise IndexError(f"{index} out of range") from None

    def split(self, nbr: int) -> Iterator[Self]:
        """At most ``nbr`` non-empty subsets in order, whose sizes differ by one at most.

        They keep autostep and resolver, not ``fold_axis``.
        """
        for mapping in order.cut(self._mapping, even_sizes(len(self), nbr)):
            made = self._with(mapping)
            made.fold_axis = None
            yield made

    def index(self, nodes: Nodes, start: int = 0, stop: int | None = None) -> int:
        """The position of one node; ``ValueError`` when it is not in ``[start:stop]``."""
        wanted = self._decoded(nodes)
        if sum(map(algebra.size, wanted.values())) != 1:
            raise ValueError("index() argument must be a single node")
        if algebra.issubset(wanted, self._mapping):
            rank = order.rank_of(self._mapping, wanted)
            if rank in range(len(self))[start:stop]:
                return rank
        raise ValueError(f"'{encode.text(wanted)}' is not in nodeset")

    # Groups

    def groups(
        self, groupsource: str | None = None, noprefix: bool = False
    ) -> dict[str, tuple[Self, Self]]:
        """The groups that hold nodes of this set: all their nodes, and those also here.

        The keys are ``@group``, or ``@source:group`` when ``groupsource`` is given, unless
        ``noprefix``. ``NodeSetExternalError`` when the source fails.
        """
        from clush.sets.regroup import meeting, token  # only groups need it

        source = None if noprefix else groupsource
        found = meeting(self._mapping, groupsource, self._resolver)
        return {
            token(name, source): (
                self._with(nodes),
                self._with(algebra.intersection(nodes, self._mapping)),
            )
            for name, nodes in found.items()
        }

    def regroup(
        self,
        groupsource: str | None = None,
        autostep: float | None = None,
        overlap: bool = False,
        noprefix: bool = False,
    ) -> str:
        """The text in which groups stand for nodes where a group is wholly in this set.

        The largest groups come first; with ``overlap`` they may share nodes. ``autostep``
        is for the nodes that are left. ``NodeSetExternalError`` when the source fails.
        """
        from clush.sets.regroup import cover, folded, meeting, token  # only groups need it

        found = meeting(self._mapping, groupsource, self._resolver)
        taken, rest = cover(self._mapping, found, overlap)
        source = None if noprefix else groupsource
        left = self._with(algebra.copy(rest))
        if autostep is not None:
            left.autostep = autostep
        return ",".join(filter(None, [folded(token(name, source) for name in taken), str(left)]))

    # Content

    def add(self, nodes: Nodes) -> None:
        """Put one node in, or many: the same as ``update``."""
        if isinstance(nodes, str):
            part, number = self._near(nodes)
            if part is not None:
                part.add(number)
                self._text = None
                return
        self.update(nodes)

    def _near(self, name: str) -> tuple[RangeSet | None, str]:
        """The indexes under the template of a plain name, if there are any, and its own.

        Only for names that end with their only index; this is the short way for them.
        """
        prefix = name.rstrip(DIGITS)
        number = name[len(prefix) :]
        part = self._mapping.get(prefix + "%s") if number else None
        if part is None or len(number) > MAX_DIGITS or not PATTERN.isdisjoint(prefix):
            return None, number
        assert isinstance(part, RangeSet), "a template with one index"
        return part, number

    def update(self, nodes: Nodes) -> None:
        """Add what is in ``nodes``."""
        self._add(self._decoded(nodes))

    def updaten(self, nodelist: Iterable[Nodes]) -> None:
        """Add what is in each of many texts (each an expression of its own) and node sets.

        When one of them is refused, nothing is added.
        """
        scope = Scope(self._resolver)
        mapping: Mapping = {}
        texts: list[str] = []
        for nodes in nodelist:
            if isinstance(nodes, str):
                texts.append(nodes)
            else:
                algebra.update(mapping, self._decoded(nodes))
        plain, rest = gather(texts, scope.special)
        algebra.update(mapping, plain)
        for text in rest:
            algebra.update(mapping, expression(text, scope))
        self._add(mapping)

    def _add(self, mapping: Mapping) -> None:
        algebra.update(self._mapping, mapping)
        if self._autostep is not None:
            self._apply_autostep(mapping)
        self._text = None

    def _become(self, mapping: Mapping) -> None:
        self._mapping = mapping
        if self._autostep is not None:
            self._apply_autostep(mapping)
        self._text = None

    def intersection_update(self, nodes: Nodes) -> None:
        """Keep only what is also in ``nodes``."""
        self._become(algebra.intersection(self._mapping, self._decoded(nodes)))

    def difference_update(self, nodes: Nodes, strict: bool = False) -> None:
        """Take out what is in ``nodes``.

        With ``strict``, ``KeyError`` with the nodes that are not here to be taken out, and
        nothing changes.
        """
        gone = self._decoded(nodes)
        if strict and not algebra.issubset(gone, self._mapping):
            raise KeyError(encode.text(algebra.difference(gone, self._mapping)))
        self._become(algebra.difference(self._mapping, gone))

    def remove(self, nodes: Nodes) -> None:
        """Take out ``nodes``; ``KeyError`` if one is not in, and then nothing changes."""
        self.difference_update(nodes, strict=True)

    def symmetric_difference_update(self, nodes: Nodes) -> None:
        """Keep what is in exactly one of the two."""
        self._become(algebra.symmetric_difference(self._mapping, self._decoded(nodes)))

    def clear(self) -> None:
        """Take everything out."""
        self._become({})

    # Algebra

    @staticmethod
    def _fits(other: object) -> bool:
        return isinstance(other, NodeSet)

    def union(self, nodes: Nodes) -> Self:
        """What is in this set or in ``nodes``."""
        return self._with(algebra.union(self._mapping, self._decoded(nodes)))

    def intersection(self, nodes: Nodes) -> Self:
        """What is in this set and in ``nodes``."""
        return self._with(algebra.intersection(self._mapping, self._decoded(nodes)))

    def difference(self, nodes: Nodes) -> Self:
        """What is in this set and not in ``nodes``."""
        return self._with(algebra.difference(self._mapping, self._decoded(nodes)))

    def symmetric_difference(self, nodes: Nodes) -> Self:
        """What is in exactly one of the two."""
        return self._with(algebra.symmetric_difference(self._mapping, self._decoded(nodes)))

    # Comparison

    def __eq__(self, other: object) -> bool:
        return self._mapping == other._mapping if isinstance(other, NodeSet) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __contains__(self, nodes: Nodes) -> bool:
        """Whether all of ``nodes`` are in."""
        if isinstance(nodes, str):
            part, number = self._near(nodes)
            if part is not None:
                return number in part
        return self.issuperset(nodes)

    def issubset(self, nodes: Nodes) -> bool:
        """Whether every node is also in ``nodes``."""
        return algebra.issubset(self._mapping, self._decoded(nodes))

    def issuperset(self, nodes: Nodes) -> bool:
        """Whether all of ``nodes`` are here."""
        return algebra.issubset(self._decoded(nodes), self._mapping)


def expand(nodes: Nodes) -> list[str]:
    """The names of all nodes, in order."""
    return list(NodeSet(nodes))


def fold(nodes: Nodes) -> str:
    """The folded text."""
    return str(NodeSet(nodes))


def grouplist(namespace: str | None = None, resolver: Given = None) -> list[str]:
    """The names of the groups of a source (None: the default one), sorted, without ``@``."""
    from clush.sets.regroup import group_names  # only groups need it

    return group_names(required(resolver), namespace)


def _restored(
    kind: type[NodeSet], mapping: Mapping, autostep: float | None, axes: tuple[int, ...] | None
) -> NodeSet:
    return kind._of(mapping, autostep, NO_GROUPS, axes)
