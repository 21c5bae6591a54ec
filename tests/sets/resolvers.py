"""A resolver to test with: sources are dicts, and every question is noted."""

from __future__ import annotations

from clush.errors import (
    GroupResolverSourceError,
    GroupSourceNoUpcall,
    GroupSourceQueryFailed,
)

FAILS = "fails"


class Sources:
    """``groups`` by source, the first is the default; ``all_of`` what a source says is all."""

    def __init__(
        self, all_of: dict[str, str] | None = None, reverse: bool = False, **groups: dict[str, str]
    ) -> None:
        self.groups = groups
        self.all_of = all_of or {}
        self.reverse = reverse
        self.asked: list[str] = []

    def _source(self, namespace: str | None) -> dict[str, str]:
        name = namespace or next(iter(self.groups))
        if name not in self.groups:
            raise GroupResolverSourceError(name)
        return self.groups[name]

    def group_nodes(self, group: str, namespace: str | None = None) -> list[str]:
        self.asked.append(f"{namespace or ''}:{group}")
        content = self._source(namespace).get(group, "")
        if content == FAILS:
            raise GroupSourceQueryFailed(f"map {group}")
        return content.split()

    def all_nodes(self, namespace: str | None = None) -> list[str]:
        self._source(namespace)
        content = self.all_of.get(namespace or next(iter(self.groups)))
        if content is None:
            raise GroupSourceNoUpcall("all")
        if content == FAILS:
            raise GroupSourceQueryFailed("list all")
        return content.split()

    def grouplist(self, namespace: str | None = None) -> list[str]:
        source = self._source(namespace)
        if FAILS in source:
            raise GroupSourceNoUpcall("list")
        return list(source)

    def has_node_groups(self, namespace: str | None = None) -> bool:
        return self.reverse

    def node_groups(self, node: str, namespace: str | None = None) -> list[str]:
        self.asked.append(f"who has {node}")
        if node == FAILS:
            raise GroupSourceQueryFailed(f"reverse {node}")
        return [name for name, text in self._source(namespace).items() if node in text.split()]
