"""Classic node sets: those of `clush.sets`, with the names and values that scripts use."""

from __future__ import annotations

from clush.errors import (
    NodeSetError,
    NodeSetExternalError,
    NodeSetParseError,
    NodeSetParseRangeError,
)
from clush.sets import algebra, nodeset, resolver
from clush.sets.decode import Scope, expression
from clush.sets.grouptokens import all_nodes, members
from clush.site import connect
from ClusterShell.Defaults import DEFAULTS, config_paths
from ClusterShell.RangeSet import (
    AUTOSTEP_DISABLED,
    RangeSet,
    RangeSetException,
    RangeSetND,
    RangeSetPaddingError,
    RangeSetParseError,
    _autostep_of,
)

__all__ = [
    "AUTOSTEP_DISABLED",
    "DEF_GROUPS_CONFIGS",
    "ILLEGAL_GROUP_CHARS",
    "NOGROUP_RESOLVER",
    "RESOLVER_NOGROUP",
    "RESOLVER_NOINIT",
    "RESOLVER_STD_GROUP",
    "STD_GROUP_RESOLVER",
    "NodeSet",
    "NodeSetBase",
    "NodeSetError",
    "NodeSetException",
    "NodeSetExternalError",
    "NodeSetParseError",
    "NodeSetParseRangeError",
    "ParsingEngine",
    "RangeSet",
    "RangeSetException",
    "RangeSetND",
    "RangeSetPaddingError",
    "RangeSetParseError",
    "expand",
    "fold",
    "grouplist",
    "set_std_group_resolver",
    "set_std_group_resolver_config",
    "std_group_resolver",
]

connect()

# What a NodeSet may be given for a resolver besides one.
RESOLVER_STD_GROUP = STD_GROUP_RESOLVER = None
RESOLVER_NOGROUP = NOGROUP_RESOLVER = -1
RESOLVER_NOINIT = -2

# What no group may have in its name, because it means something in a node set.
ILLEGAL_GROUP_CHARS = set("@,!&^*")

# Where the configuration of groups is looked for, lowest priority first.
DEF_GROUPS_CONFIGS = config_paths("groups.conf")

NodeSetException = NodeSetError


def _given(value):
    """A resolver as `clush.sets` takes it."""
    return resolver.NO_GROUPS if value in (RESOLVER_NOGROUP, RESOLVER_NOINIT) else value


class NodeSetBase(nodeset.NodeSet):
    """A node set that is made of a pattern and indexes, and reads no text.

    ``pattern`` has ``%s`` for each axis of ``rangeset`` and ``%%`` for a percent sign.
    """

    __slots__ = ()

    def __init__(
        self, pattern=None, rangeset=None, copy_rangeset=True, autostep=None, fold_axis=None
    ):
        super().__init__(resolver=resolver.NO_GROUPS, fold_axis=fold_axis)
        if pattern:
            part = rangeset.copy() if rangeset is not None and copy_rangeset else rangeset
            self._add({pattern: part})
        elif rangeset:
            raise ValueError("missing pattern")
        if autostep is not None:
            self.autostep = autostep

    def _decoded(self, nodes):
        if isinstance(nodes, str):
            raise TypeError(f"Unsupported NodeSet input {type(nodes)}")
        return super()._decoded(nodes)

    def get_autostep(self):
        return self.autostep

    def set_autostep(self, val):
        self.autostep = val

    def striter(self):
        """The names in order, as iteration gives them."""
        return iter(self)


class NodeSet(NodeSetBase):
    __slots__ = ()
    __doc__ = nodeset.NodeSet.__doc__

    def __init__(self, nodes=None, autostep=None, resolver=None, fold_axis=None):
        if fold_axis is None:
            fold_axis = DEFAULTS.fold_axis or None
        nodeset.NodeSet.__init__(self, nodes, autostep, _given(resolver), fold_axis)

    @classmethod
    def fromall(cls, groupsource=None, autostep=None, resolver=None):
        return super().fromall(groupsource, autostep, _given(resolver))

    def _decoded(self, nodes):
        return nodeset.NodeSet._decoded(self, nodes)

    def __setstate__(self, state):
        """The content that a pickle of ClusterShell holds."""
        self.__init__(resolver=RESOLVER_NOGROUP, fold_axis=state.get("fold_axis"))
        self._add(state["_patterns"])
        autostep = state.get("_autostep")
        if autostep is not None:
            self.autostep = autostep


class ParsingEngine:
    """Reads node sets with a resolver; ``node_wildcard_enable``: also ``*`` and ``?``."""

    def __init__(self, group_resolver, node_wildcard_enable=True):
        self.group_resolver = group_resolver
        self.wildcards = node_wildcard_enable

    def _scope(self, namespace=None):
        given = resolver.NO_GROUPS if self.group_resolver is None else _given(self.group_resolver)
        return Scope(given, namespace, wildcards=self.wildcards)

    @staticmethod
    def _base(mapping, autostep=None):
        return NodeSetBase._of(mapping, autostep, resolver.NO_GROUPS)

    def parse(self, nsobj, autostep=None):
        """A `NodeSetBase` from text, from another one (as it is) or from None."""
        if nsobj is None or isinstance(nsobj, str):
            return self.parse_string(nsobj or "", autostep)
        if isinstance(nsobj, NodeSetBase):
            return nsobj
        raise TypeError(f"Unsupported NodeSet input {type(nsobj)}")

    def parse_string(self, nsstr, autostep=None, namespace=None):
        """A `NodeSetBase` from an expression; groups are of ``namespace``."""
        return self._base(expression(nsstr, self._scope(namespace)), autostep)

    def parse_string_single(self, nsstr, autostep=None):
        """A `NodeSetBase` from an expression without groups and wildcards."""
        return self._base(expression(nsstr, Scope(resolver.NO_GROUPS)), autostep)

    def parse_group(self, group, namespace=None, autostep=None):
        """The nodes of a group, which is named without ``@``."""
        return self._base(members(group, namespace, self._scope(namespace)), autostep)

    def all_nodes(self, namespace=None):
        """All nodes of a source."""
        return self._base(all_nodes(namespace, self._scope(namespace)))

    def grouplist(self, namespace=None):
        """The sorted names of the groups of a source."""
        return nodeset.grouplist(namespace, _given(self.group_resolver))


def expand(pat):
    """The names of all nodes of a text or node set, in order."""
    return list(NodeSet(pat))


def fold(pat):
    """The folded text of a text or node set."""
    if isinstance(pat, NodeSet):
        return str(pat)
    return str(NodeSet(pat))


def grouplist(namespace=None, resolver=None):
    """The sorted names of the groups of a source, without ``@``."""
    return nodeset.grouplist(namespace, _given(resolver))


def std_group_resolver():
    """The resolver of node sets that are given none."""
    return resolver.standard()


def set_std_group_resolver(new_resolver):
    """Replace that resolver; None brings back the one of the configuration."""
    resolver.set_standard(new_resolver)


def set_std_group_resolver_config(groupsconf, illegal_chars=None):
    """Replace that resolver by the one of a file; nothing happens if the name is empty."""
    if groupsconf:
        from ClusterShell.NodeUtils import GroupResolverConfig

        set_std_group_resolver(GroupResolverConfig(groupsconf, illegal_chars))


def _of_the_site():
    from ClusterShell.NodeUtils import GroupResolverConfig  # plain names need no groups

    return GroupResolverConfig(DEF_GROUPS_CONFIGS, ILLEGAL_GROUP_CHARS)


resolver.set_standard_factory(_of_the_site)
