"""Classic group sources and resolvers: those of `clush.groups`, by their classic methods.

A source here is any object with ``name``, ``has_reverse`` and the four methods ``resolv_*``;
for `clush` it is wrapped. The exceptions are those of `clush.errors`.
"""

from __future__ import annotations

import os
import warnings

from clush.errors import (
    GroupResolverConfigError,
    GroupResolverError,
    GroupResolverIllegalCharError,
    GroupResolverSourceError,
    GroupSourceError,
    GroupSourceNoUpcall,
    GroupSourceQueryFailed,
)
from clush.groups.answers import CACHE_TIME
from clush.groups.configuration import load
from clush.groups.resolver import ConfiguredResolver, Resolver
from clush.groups.source import Source
from clush.groups.upcall import UpcallSource
from clush.groups.yamlfile import YamlFile, YamlSource

__all__ = [
    "FileGroupSource",
    "GroupResolver",
    "GroupResolverConfig",
    "GroupResolverConfigError",
    "GroupResolverError",
    "GroupResolverIllegalCharError",
    "GroupResolverSourceError",
    "GroupSource",
    "GroupSourceError",
    "GroupSourceNoUpcall",
    "GroupSourceQueryFailed",
    "UpcallGroupSource",
    "YAMLGroupLoader",
]


class GroupSource:
    """Groups in the dictionary ``groups``: text, or a list of texts, by name.

    ``allgroups`` is all nodes, None if they are the nodes of all groups.
    """

    has_reverse = False

    def __init__(self, name, groups=None, allgroups=None):
        self.name = name
        self.groups = {} if groups is None else groups
        self.allgroups = allgroups

    def resolv_map(self, group):
        """The nodes of a group, empty if it is unknown."""
        return self.groups.get(group, "")

    def resolv_list(self):
        """The names of the groups."""
        return list(self.groups)

    def resolv_all(self):
        """All nodes."""
        if self.allgroups is None:
            raise GroupSourceNoUpcall("All groups info not available", self)
        return self.allgroups

    def resolv_reverse(self, node):
        """The groups of a node, which this kind of source cannot tell."""
        raise GroupSourceNoUpcall("Not implemented", self)


class FileGroupSource(GroupSource):
    """A source of a `YAMLGroupLoader`; its groups are as they are in the file."""

    def __init__(self, name, loader):
        self.name = name
        self._loader = loader

    @property
    def groups(self):
        return self._loader.groups(self.name)

    @property
    def allgroups(self):
        return self.groups.get("all")

    def resolv_map(self, group):
        return YamlSource(self.name, self._loader).map_group(group)

    def resolv_all(self):
        return YamlSource(self.name, self._loader).all_nodes()


class UpcallGroupSource(UpcallSource, GroupSource):
    """A source that answers by commands; the methods give what these print, stripped."""

    groups = {}

    def __init__(
        self,
        name,
        map_upcall=None,
        all_upcall=None,
        list_upcall=None,
        reverse_upcall=None,
        cfgdir=None,
        cache_time=None,
        mapall_upcall=None,
    ):
        upcalls = {
            "map": map_upcall,
            "all": all_upcall,
            "list": list_upcall,
            "reverse": reverse_upcall,
            "mapall": mapall_upcall,
        }
        lifetime = CACHE_TIME if cache_time is None else cache_time
        UpcallSource.__init__(self, name, upcalls, cfgdir=cfgdir, cache_time=lifetime)
        self.allgroups = None

    @property
    def cache_time(self):
        """For how many seconds answers are remembered."""
        return self.answers.cache_time

    @cache_time.setter
    def cache_time(self, value):
        self.answers.cache_time = value

    def resolv_map(self, group):
        return self.map_group(group)

    def resolv_list(self):
        return "\n".join(self.list_groups())

    def resolv_all(self):
        return self.all_nodes()

    def resolv_reverse(self, node):
        return "\n".join(self.reverse_node(str(node)))


class YAMLGroupLoader(YamlFile):
    """The sources of a YAML file, which is read at once; iteration gives them in its order."""

    def __init__(self, filename, cache_time=None):
        super().__init__(filename, CACHE_TIME if cache_time is None else cache_time)
        if self.empty:
            raise GroupResolverConfigError(f"{filename}: invalid content (base is not a dict)")
        for problem in self.problems:
            raise problem
        self.filename = filename
        self._made = {name: FileGroupSource(name, self) for name in self.names()}

    @property
    def sources(self):
        """The sources by name."""
        return self._made

    def __iter__(self):
        return iter(self._made.values())


class _Wrapped(Source):
    """A classic source, for `clush`."""

    def __init__(self, asked):
        super().__init__(asked.name)
        self.asked = asked

    @property
    def has_reverse(self):
        return self.asked.has_reverse

    def map_group(self, group):
        return _text(self.asked.resolv_map(group))

    def list_groups(self):
        return _names(self.asked.resolv_list())

    def all_nodes(self):
        return _text(self.asked.resolv_all())

    def reverse_node(self, node):
        return _names(self.asked.resolv_reverse(node))

    def prefetch(self, groups=(), nodes=()):
        if isinstance(self.asked, UpcallGroupSource):
            self.asked.prefetch(groups, nodes)

    def clear_cache(self):
        if isinstance(self.asked, UpcallGroupSource):
            self.asked.clear_cache()


class GroupResolver(Resolver):
    """Sources that are added, the first of them the default one."""

    def __init__(self, default_source=None, illegal_chars=None):
        super().__init__(illegal_chars=illegal_chars or ())
        if default_source is not None:
            self.add_source(default_source)

    def set_verbosity(self, value):
        warnings.warn("set_verbosity has no effect", DeprecationWarning, stacklevel=2)

    def add_source(self, group_source):
        """Add a source; ``ValueError`` if there is one by its name."""
        self.add(_Wrapped(group_source))

    @property
    def default_source_name(self):
        """The name of the default source."""
        return self.default

    @default_source_name.setter
    def default_source_name(self, name):
        self.default = name

    def group_nodes(self, group, namespace=None):
        """The words that the nodes of a group are written in."""
        return self.source(namespace).map_group(group).split()

    def all_nodes(self, namespace=None):
        """The words that all nodes of a source are written in."""
        return self.source(namespace).all_nodes().split()


class GroupResolverConfig(GroupResolver, ConfiguredResolver):
    """The sources that the files ``filenames`` define, later ones over earlier ones.

    They are read when a source is first asked; ``config`` is None before.
    """

    def __init__(self, filenames, illegal_chars=None):
        single = isinstance(filenames, (str, os.PathLike))
        self.filenames = [os.fspath(filenames)] if single else list(filenames)
        self.config = None
        ConfiguredResolver.__init__(self, self._configured, illegal_chars or ())

    def _configured(self):
        self.config = load(self.filenames)
        return self.config


def _text(nodes):
    return nodes if isinstance(nodes, str) else ",".join(nodes)


def _names(names):
    return names.split() if isinstance(names, str) else list(names)
