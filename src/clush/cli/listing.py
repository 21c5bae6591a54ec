"""What ``nodeset`` lists about groups: those of a source, of all sources, and the sources.

Generators of what is listed, each of which is a line as a text.  ``nodes`` is the set whose
groups are wanted; None, when there was no operand, stands for all groups, which is not the
same as an empty set.
"""

from __future__ import annotations

from clush.cli.groups import site
from clush.cli.program import complain, report
from clush.errors import GroupError, GroupSourceNoUpcall
from clush.sets.nodeset import NodeSet, grouplist
from clush.sets.regroup import token
from clush.sets.resolver import prefetch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Optional

    from clush.cli.options import Values

    Nodes = Optional[NodeSet]

# How much is said about a group, by how often the option was given.
NAMES, MEMBERS, COUNTS = 1, 2, 3


class Group:
    """A group: how it is written and, as far as that is asked for, what is in it.

    ``nodes`` are its nodes, or those of them that are ``wanted``; ``total`` counts all of them.
    """

    __slots__ = ("nodes", "token", "total", "wanted")

    def __init__(self, token: str, wanted: bool = False) -> None:
        self.token = token
        self.wanted = wanted
        self.nodes: NodeSet | None = None
        self.total: int | None = None

    def __str__(self) -> str:
        line = self.token
        if self.nodes is not None:
            line += f" {self.nodes}"
        if self.nodes is not None and self.total is not None:
            line += f" {len(self.nodes)}/{self.total}" if self.wanted else f" {self.total}"
        return line


class Source:
    """A source of groups, and whether its groups are written without it."""

    __slots__ = ("default", "marked", "name")

    def __init__(self, name: str, default: bool, marked: bool) -> None:
        self.name = name
        self.default = default
        self.marked = marked

    def __str__(self) -> str:
        return f"{self.name} (default)" if self.default and self.marked else self.name


def of_source(nodes: Nodes, options: Values) -> Iterator[Group]:
    """The groups of the selected source (``-l``)."""
    return _groups(nodes, options.groupsource, options.list, bool(options.groupbase))


def of_all_sources(nodes: Nodes, options: Values) -> Iterator[Group]:
    """The groups of all sources (``-L``); only those of the default one have no prefix.

    A source that fails is an error, but not before the others were asked.
    """
    failure: GroupError | None = None
    default = site().default
    for name in site().sources():
        source = None if name == default else name
        try:
            yield from _groups(nodes, source, options.list_all, bool(options.groupbase))
        except GroupSourceNoUpcall:
            complain(f"Warning: No list upcall defined for group source {name}")
        except GroupError as error:
            if failure is not None:
                report(failure)
            failure = error
    if failure is not None:
        raise failure


def sources(nodes: Nodes, options: Values) -> Iterator[Source]:
    """The sources (``--list-sources``), the default one first."""
    default = site().default
    for name in site().sources():
        yield Source(name, name == default, marked=not options.quiet)


def completion(nodes: Nodes, options: Values) -> Iterator[str]:
    """What a shell may put in place of a word (``--completion``), and the nodes given."""
    names = site().sources()
    if not options.groupsource:
        yield from [f"@{name}:" for name in names]
    if names:
        try:
            yield from map(str, _groups(None, options.groupsource, NAMES, bool(options.groupbase)))
        except GroupSourceNoUpcall:
            pass  # a source that cannot tell its groups can still be asked for one
    if nodes:
        yield options.separator.join(nodes)


def _groups(nodes: Nodes, source: str | None, level: int, bare: bool) -> Iterator[Group]:
    if nodes is None:
        return _every_group(source, level, bare)
    return _groups_of(nodes, source, level, bare)


def _every_group(source: str | None, level: int, bare: bool) -> Iterator[Group]:
    names = [*NodeSet.fromnames(grouplist(source))]
    if level > NAMES:
        prefetch(site(), source, groups=names)
    for name in names:
        group = Group(token(name, None if bare else source))
        if level > NAMES:
            group.nodes = NodeSet(token(name, source))
            if level >= COUNTS:
                group.total = len(group.nodes)
        yield group


def _groups_of(nodes: NodeSet, source: str | None, level: int, bare: bool) -> Iterator[Group]:
    for name, (members, common) in sorted(nodes.groups(source, noprefix=bare).items()):
        group = Group(name, wanted=True)
        if level > NAMES:
            group.nodes = common
            if level >= COUNTS:
                group.total = len(members)
        yield group
