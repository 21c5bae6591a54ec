"""What ``nodeset`` lists about groups: those of a source, of all sources, and the sources.

Generators of lines.  ``nodes`` is the set whose groups are wanted; None, when there was
no operand, stands for all groups, which is not the same as an empty set.
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


def of_source(nodes: Nodes, options: Values) -> Iterator[str]:
    """The groups of the selected source (``-l``)."""
    return _groups(nodes, options.groupsource, options.list, bool(options.groupbase))


def of_all_sources(nodes: Nodes, options: Values) -> Iterator[str]:
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


def sources(nodes: Nodes, options: Values) -> Iterator[str]:
    """The names of the sources (``--list-sources``), the default one first."""
    default = site().default
    for name in site().sources():
        yield f"{name} (default)" if name == default and not options.quiet else name


def completion(nodes: Nodes, options: Values) -> Iterator[str]:
    """What a shell may put in place of a word (``--completion``), and the nodes given."""
    names = site().sources()
    if not options.groupsource:
        yield from [f"@{name}:" for name in names]
    if names:
        try:
            yield from _groups(None, options.groupsource, NAMES, bool(options.groupbase))
        except GroupSourceNoUpcall:
            pass  # a source that cannot tell its groups can still be asked for one
    if nodes:
        yield options.separator.join(nodes)


def _groups(nodes: Nodes, source: str | None, level: int, bare: bool) -> Iterator[str]:
    if nodes is None:
        return _every_group(source, level, bare)
    return _groups_of(nodes, source, level, bare)


def _every_group(source: str | None, level: int, bare: bool) -> Iterator[str]:
    names = [*NodeSet.fromnames(grouplist(source))]
    if level > NAMES:
        prefetch(site(), source, groups=names)
    for name in names:
        line = token(name, None if bare else source)
        if level > NAMES:
            members = NodeSet(token(name, source))
            line += f" {members}"
            if level >= COUNTS:
                line += f" {len(members)}"
        yield line


def _groups_of(nodes: NodeSet, source: str | None, level: int, bare: bool) -> Iterator[str]:
    for name, (members, common) in sorted(nodes.groups(source, noprefix=bare).items()):
        line = name
        if level > NAMES:
            line += f" {common}"
            if level >= COUNTS:
                line += f" {len(common)}/{len(members)}"
        yield line
