"""Nodes to groups: which groups meet a node set, and which can stand for it in text.

Groups are asked of a resolver by list and content or, where the source can and there are
fewer nodes than groups, by node. In the content of a group, groups without source are of
the source that is asked.
"""

from __future__ import annotations

from clush.errors import (
    GroupSourceError,
    GroupSourceNoUpcall,
    NodeSetExternalError,
)
from clush.sets import algebra, encode
from clush.sets.decode import Scope
from clush.sets.grouptokens import expanded, members
from clush.sets.names import gather
from clush.sets.resolver import prefetch, required

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from clush.sets.algebra import Mapping
    from clush.sets.resolver import Given, Resolver


def meeting(mapping: Mapping, namespace: str | None, given: Given) -> dict[str, Mapping]:
    """The groups of a source that hold nodes of ``mapping``: all their nodes, by name.

    ``NodeSetExternalError`` when the source fails, or with ``NO_GROUPS``.
    """
    resolver = required(given)
    scope = Scope(given, namespace)
    names = _listed(resolver, namespace)
    if resolver.has_node_groups(namespace) and not 0 < len(names) < _size(mapping):
        found = _of_nodes(mapping, resolver, namespace)
        prefetch(resolver, namespace, groups=found)
        contents = {name: members(name, namespace, scope) for name in found}
    else:
        contents = _of_listed(names, namespace, scope)
    return {name: nodes for name, nodes in contents.items() if algebra.intersection(nodes, mapping)}


def _size(mapping: Mapping) -> int:
    return sum(map(algebra.size, mapping.values()))


def _listed(resolver: Resolver, namespace: str | None) -> list[str]:
    """The names of the groups; none when the source cannot tell."""
    try:
        return group_names(resolver, namespace)
    except GroupSourceError:
        return []


def group_names(resolver: Resolver, namespace: str | None) -> list[str]:
    """The names of the groups of a source, sorted; ``GroupSourceError`` when it fails."""
    return sorted({name for each in resolver.grouplist(namespace) for name in expanded(each)})


def _of_listed(names: list[str], namespace: str | None, scope: Scope) -> dict[str, Mapping]:
    try:
        prefetch(required(scope.resolver), namespace, groups=names)
        return {name: members(name, namespace, scope) for name in names}
    except GroupSourceError as error:
        raise NodeSetExternalError(
            f"Unable to map a group previously listed\n\tFailed command: {error}"
        ) from error


def _of_nodes(mapping: Mapping, resolver: Resolver, namespace: str | None) -> list[str]:
    nodes = list(encode.names(mapping))
    try:
        prefetch(resolver, namespace, nodes=nodes)
        found = {
            name
            for node in nodes
            for each in resolver.node_groups(node, namespace)
            for name in expanded(each)
        }
    except GroupSourceNoUpcall:
        return []
    except GroupSourceError as error:
        raise NodeSetExternalError(f"Group source query failed: {error}") from error
    return sorted(found)


def cover(mapping: Mapping, groups: dict[str, Mapping], overlap: bool) -> tuple[list[str], Mapping]:
    """Groups wholly in ``mapping`` that stand for its nodes, and the nodes that are left.

    The largest come first, of equal ones by name. A group is taken when all its nodes are
    left; with ``overlap``, until no node is left.
    """
    whole = {name: nodes for name, nodes in groups.items() if algebra.issubset(nodes, mapping)}
    taken: list[str] = []
    rest = mapping
    for name in sorted(whole, key=lambda name: (-_size(whole[name]), name)):
        if rest and (overlap or algebra.issubset(whole[name], rest)):
            taken.append(name)
            rest = algebra.difference(rest, whole[name])
    return taken, rest


def token(name: str, source: str | None) -> str:
    """How a group is written; a name with a colon needs one before it, to be read back."""
    if source:
        return f"@{source}:{name}"
    return f"@:{name}" if ":" in name else f"@{name}"


def folded(names: Iterable[str]) -> str:
    """The text of group tokens, indexed names together: ``@io[1-2],@web``."""
    mapping, _ = gather(names, frozenset())
    return encode.text(mapping)
