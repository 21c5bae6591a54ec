"""What ``@`` tokens and wildcards denote, asked of a resolver.

``@name`` ``@src:name`` are groups, ``@*`` ``@src:*`` all nodes of a source, ``@@`` ``@@src``
the names of its groups, taken as nodes. Names may hold brackets. The content of a group is
an expression; in it, a group without source is one of the same source. ``*`` (any text)
and ``?`` (any character) in another operand match the names of all nodes.
"""

from __future__ import annotations

from clush.errors import (
    GroupSourceError,
    GroupSourceNoUpcall,
    NodeSetExternalError,
    NodeSetParseError,
)
from clush.sets import algebra, encode
from clush.sets.decode import Scope, expression
from clush.sets.names import gather
from clush.sets.resolver import NO_GROUPS, prefetch, required

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from clush.sets.algebra import Mapping


def group(token: str, scope: Scope) -> Mapping:
    """The nodes of an operand that begins with ``@``."""
    try:
        if token.startswith("@@"):
            return _group_names(token, scope)
        mapping: Mapping = {}
        for one in expanded(token):
            name = one[1:]
            source, colon, inner = name.partition(":")
            namespace = (source or None) if colon else scope.namespace
            algebra.update(mapping, members(inner if colon else name, namespace, scope))
        return mapping
    except GroupSourceError as error:
        raise NodeSetParseError(token, error.message, reason=error.reason) from error


def expanded(text: str) -> Iterable[str]:
    """The names that brackets in a group name stand for; `NodeSetParseError` if they are wrong."""
    if "[" in text or "]" in text:
        return encode.names(expression(text, Scope(NO_GROUPS)))
    return [text]


def _group_names(token: str, scope: Scope) -> Mapping:
    resolver = required(scope.resolver)
    listed = [name for one in expanded(token) for name in resolver.grouplist(one[2:] or None)]
    mapping: Mapping = {}
    for name in listed:
        algebra.update(mapping, expression(name, Scope(NO_GROUPS)))
    return mapping


def members(name: str, namespace: str | None, scope: Scope) -> Mapping:
    """The nodes of a group of a source; ``GroupSourceError`` when the source fails."""
    if name == "*":
        return all_nodes(namespace, scope)
    shown = f"@{namespace}:{name}" if namespace else f"@{name}"
    inner = scope.inside(namespace, name, scope.wildcards)
    _check_recursion(inner, shown)
    return expression(",".join(required(scope.resolver).group_nodes(name, namespace)), inner)


def _check_recursion(scope: Scope, shown: str) -> None:
    if scope.path[-1] in scope.path[:-1]:
        raise NodeSetParseError(shown, "group recursion: this group contains itself")


def all_nodes(namespace: str | None, scope: Scope) -> Mapping:
    """All nodes of a source: what it says they are, else the union of its groups.

    ``NodeSetExternalError`` when there is no way to know; the error of the source when it
    can tell its groups and fails to.
    """
    resolver = required(scope.resolver)
    inner = scope.inside(namespace, "*", wildcards=False)
    _check_recursion(inner, f"@{namespace}:*" if namespace else "@*")
    try:
        return expression(",".join(resolver.all_nodes(namespace)), inner)
    except GroupSourceNoUpcall:
        pass
    except GroupSourceError as error:
        raise NodeSetExternalError(f"Failed to get all nodes: {error}") from error
    try:
        names = [name for each in resolver.grouplist(namespace) for name in expanded(each)]
        prefetch(resolver, namespace, groups=names)
        texts = [",".join(resolver.group_nodes(name, namespace)) for name in names]
    except GroupSourceNoUpcall as error:
        raise NodeSetExternalError(
            "Not enough working methods (all or map + list) to get all nodes"
        ) from error
    mapping: Mapping = {}
    for text in texts:
        algebra.update(mapping, expression(text, inner))
    return mapping


def wildcard(operand: str, scope: Scope) -> Mapping:
    """The nodes of the source whose whole name matches an operand with ``*`` or ``?``."""
    import re  # only wildcards need it

    everything = scope.everything.get(scope.namespace)
    if everything is None:
        everything = list(encode.names(all_nodes(scope.namespace, scope)))
        scope.everything[scope.namespace] = everything
    masks = "|".join(
        "".join({"*": ".*", "?": "."}.get(char) or re.escape(char) for char in mask)
        for mask in expanded(operand)
    )
    matches = re.compile(masks, re.DOTALL).fullmatch
    mapping, _ = gather(filter(matches, everything), frozenset())
    return mapping
