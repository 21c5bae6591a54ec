"""What a source of groups is: four questions, named as in ``groups.conf``.

``map`` a group to its nodes, ``list`` the groups, ``all`` nodes, and ``reverse``: the groups
of a node. Nodes come as text, an expression that may name other groups; where a text has
several words, they are joined by commas. A source that knows no answer to a question
raises `GroupSourceNoUpcall`; to a group it does not know, it may answer with no nodes.

What the expressions mean is the business of node sets.
"""

from __future__ import annotations

from clush.errors import GroupSourceNoUpcall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Union

    Nodes = Union[str, Iterable[str], None]


class Source:
    """The base of all sources, which answers nothing."""

    has_reverse = False

    def __init__(self, name: str) -> None:
        self.name = name

    def map_group(self, group: str) -> str:
        """The nodes of a group."""
        raise GroupSourceNoUpcall("map", self)

    def list_groups(self) -> list[str]:
        """The names of all groups; ranges in a name stand for several groups."""
        raise GroupSourceNoUpcall("list", self)

    def all_nodes(self) -> str:
        """All nodes of the source."""
        raise GroupSourceNoUpcall("all", self)

    def reverse_node(self, node: str) -> list[str]:
        """The names of the groups that hold a node."""
        raise GroupSourceNoUpcall("reverse", self)

    def prefetch(self, groups: Iterable[str] = (), nodes: Iterable[str] = ()) -> None:
        """Prepare for questions about these groups and nodes, which are about to be asked."""

    def clear_cache(self) -> None:
        """Forget all answers that are remembered."""


class TableSource(Source):
    """The base of sources that have all their groups at hand."""

    def table(self) -> tuple[Mapping[str, Nodes], Nodes]:
        """The groups by name, and all nodes: None if these are the nodes of all groups."""
        raise NotImplementedError

    def map_group(self, group: str) -> str:
        return joined(find(self.table()[0], group))

    def list_groups(self) -> list[str]:
        return list(self.table()[0])

    def all_nodes(self) -> str:
        every = self.table()[1]
        if every is None:
            raise GroupSourceNoUpcall("all", self)
        return joined(every)


class DictSource(TableSource):
    """Groups in a dictionary, which may change at any time.

    ``groups`` maps names to expressions or lists of them; ``every`` is one too, all nodes.
    """

    def __init__(self, name: str, groups: Mapping[str, Nodes], every: Nodes = None) -> None:
        super().__init__(name)
        self.groups = groups
        self.every = every

    def table(self) -> tuple[Mapping[str, Nodes], Nodes]:
        return self.groups, self.every


def joined(nodes: Nodes) -> str:
    """One expression of a text of several words, or of a list of such texts."""
    if nodes is None:
        return ""
    return ",".join((nodes if isinstance(nodes, str) else ",".join(nodes)).split())


def find(groups: Mapping[str, Nodes], group: str) -> Nodes:
    """The nodes of ``group``, whose name may stand folded among the keys: ``rack[1-4]``."""
    if group in groups:
        return groups[group]
    return next((groups[key] for key in groups if "[" in key and group in _unfolded(key)), None)


def _unfolded(name: str) -> Iterable[str]:
    from clush.errors import NodeSetParseError  # few sources have such names
    from clush.sets.nodeset import NodeSet
    from clush.sets.resolver import NO_GROUPS

    try:
        return frozenset(NodeSet(name, resolver=NO_GROUPS))
    except NodeSetParseError:
        return ()
