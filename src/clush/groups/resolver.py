"""Who is asked about groups: sources by name, one of them the default.

It answers the questions of node sets (see ``clush.sets.resolver``); what the expressions
that it gives mean is not known here. `ConfiguredResolver` reads its configuration when the
first question comes.
"""

from __future__ import annotations

from clush.errors import GroupResolverIllegalCharError, GroupResolverSourceError
from clush.groups.source import joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from clush.errors import GroupResolverConfigError
    from clush.groups.configuration import Configuration
    from clush.groups.source import Source

# What the error says where the name of a source would be.
NO_DEFAULT = "<default>"


class Resolver:
    """Sources that are given; the first one is the default unless ``default`` names another.

    A source that lists a group with one of ``illegal_chars`` in its name is refused. Where
    an argument is called ``namespace``, it is the name of a source, None for the default.
    """

    def __init__(
        self, *sources: Source, default: str | None = None, illegal_chars: Collection[str] = ()
    ) -> None:
        self.illegal_chars = frozenset(illegal_chars)
        self._sources: dict[str, Source] = {}
        self._default: str | None = None
        for source in sources:
            self.add(source)
        if default is not None:
            self.default = default

    def add(self, source: Source) -> None:
        """Add a source; ``ValueError`` if there is one by its name."""
        if source.name in self._sources:
            raise ValueError(f"GroupSource '{source.name}': name collision")
        self._sources[source.name] = source
        if self._default is None:
            self._default = source.name

    @property
    def default(self) -> str | None:
        """The name of the default source; `GroupResolverSourceError` to set an unknown one."""
        return self._default

    @default.setter
    def default(self, name: str) -> None:
        self._default = self.source(name).name

    def sources(self) -> list[str]:
        """The names of all sources, the default one first."""
        default = self.default
        rest = [name for name in self._sources if name != default]
        return rest if default is None else [default, *rest]

    def source(self, namespace: str | None = None) -> Source:
        """A source; `GroupResolverSourceError` if there is none by that name."""
        name = namespace or self.default
        if name in self._sources:
            return self._sources[name]
        raise GroupResolverSourceError(name or NO_DEFAULT)

    # The questions of node sets

    def group_nodes(self, group: str, namespace: str | None = None) -> list[str]:
        """The nodes of a group, as one expression; nothing if it is empty."""
        return _words(self.source(namespace).map_group(group))

    def all_nodes(self, namespace: str | None = None) -> list[str]:
        """All nodes of a source, as one expression; `GroupSourceNoUpcall` if it cannot tell."""
        return _words(self.source(namespace).all_nodes())

    def grouplist(self, namespace: str | None = None) -> list[str]:
        """The names of the groups as the source lists them: ranges stand for several."""
        return self._checked(self.source(namespace).list_groups())

    def has_node_groups(self, namespace: str | None = None) -> bool:
        """Whether a source can tell the groups of a node; not if there is no such source."""
        try:
            return self.source(namespace).has_reverse
        except GroupResolverSourceError:
            return False

    def node_groups(self, node: str, namespace: str | None = None) -> list[str]:
        """The names of the groups that hold a node."""
        return self._checked(self.source(namespace).reverse_node(node))

    def prefetch(
        self, namespace: str | None, groups: Iterable[str] = (), nodes: Iterable[str] = ()
    ) -> None:
        """Prepare for questions about these groups and nodes."""
        self.source(namespace).prefetch(groups, nodes)

    def clear_cache(self) -> None:
        """Forget all answers that sources remember, on disk too."""
        for source in self._sources.values():
            source.clear_cache()

    def _checked(self, names: list[str]) -> list[str]:
        for name in names:
            found = self.illegal_chars.intersection(name)
            if found:
                raise GroupResolverIllegalCharError(" ".join(sorted(found)))
        return names


class ConfiguredResolver(Resolver):
    """The sources that ``load`` gives, and those of other distributions.

    Errors of the configuration are raised whenever a source is asked, not only once.
    """

    def __init__(
        self, load: Callable[[], Configuration], illegal_chars: Collection[str] = ()
    ) -> None:
        super().__init__(illegal_chars=illegal_chars)
        self._load: Callable[[], Configuration] | None = load
        self._default_problem: GroupResolverConfigError | None = None
        self.problems: list[GroupResolverConfigError] = []

    @property
    def default(self) -> str | None:
        """The name of the default source; None if there is none, or if that is not clear."""
        self._read()
        return self._default

    @default.setter
    def default(self, name: str) -> None:
        self._default = self.source(name).name

    def add(self, source: Source) -> None:
        """Add a source to those of the configuration."""
        self._read()
        super().add(source)

    def sources(self) -> list[str]:
        """The names of all sources: the default one, those configured, those of others."""
        from clush.groups import plugins  # looks through all that is installed

        return list(dict.fromkeys([*super().sources(), *plugins.names()]))

    def source(self, namespace: str | None = None) -> Source:
        """A source.

        If it is not there, the error is that of a file that could not be used, where
        there is one: the source may be in it.
        """
        self._read()
        try:
            return super().source(namespace)
        except GroupResolverSourceError:
            if not namespace and self._default_problem is not None:
                raise self._default_problem from None
            if namespace and self._add_plugin(namespace):
                return self._sources[namespace]
            if namespace and self.problems:
                raise self.problems[0] from None
            raise

    def _add_plugin(self, name: str) -> bool:
        from clush.groups import plugins  # looks through all that is installed

        found = plugins.load(name)
        if found is not None:
            self._sources[name] = found
        return found is not None

    def _read(self) -> None:
        if self._load is not None:
            made = self._load()
            self._load = None
            self._sources.update(made.sources)
            self._default = made.default
            self._default_problem = made.default_problem
            self.problems = made.problems


def _words(nodes: str) -> list[str]:
    expression = joined(nodes)
    return [expression] if expression else []
