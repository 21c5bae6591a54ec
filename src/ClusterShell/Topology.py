"""Classic topologies: routes between gateways and the tree below a root.

Checking and tree making are those of `clush.topology`; what is added here is the classic
node group, which a program may put together by hand.
"""

from __future__ import annotations

from clush.config.topology import load
from clush.errors import TopologyError
from clush.topology import Graph, Group, Route, Tree
from ClusterShell.NodeSet import NodeSet

__all__ = [
    "TopologyError",
    "TopologyGraph",
    "TopologyNodeGroup",
    "TopologyParser",
    "TopologyRoute",
    "TopologyRoutingTable",
    "TopologyTree",
]


class TopologyNodeGroup:
    """Nodes at one place of a tree; `parent` is the group above, or None."""

    def __init__(self, nodeset=None):
        self.nodeset = nodeset
        self.parent = None
        self._children = []

    def __str__(self):
        return f"<TopologyNodeGroup ({self.nodeset})>"

    def add_child(self, child):
        """Put a group below this one; nothing changes if it is there already."""
        assert isinstance(child, TopologyNodeGroup)
        assert len(child.nodeset) > 0
        if child not in self._children:
            child.parent = self
            self._children.append(child)

    def clear_child(self, child, strict=False):
        """Take a group away; ``ValueError`` if it is not there and `strict`."""
        if child in self._children:
            self._children.remove(child)
            child.parent = None
        elif strict:
            raise ValueError(f"{child} is no child of {self}")

    def clear_children(self):
        """Take all groups away."""
        for child in self.children():
            self.clear_child(child)

    def children(self):
        """The groups directly below."""
        return list(self._children)

    def children_ns(self):
        """The nodes directly below; None without any."""
        if not self._children:
            return None
        return NodeSet.fromlist(child.nodeset for child in self._children)

    def children_len(self):
        """How many nodes are directly below."""
        return len(self.children_ns() or ())

    def printable_subtree(self, prefix=""):
        """A drawing of the tree below and this group; `prefix` begins each line."""
        return "".join(prefix + line for line in str(_native(self)).splitlines(keepends=True))


class TopologyTree:
    """A tree of groups; empty until `load` is called."""

    def __init__(self):
        self.root = None
        self.groups = []

    def __iter__(self):
        return iter(self.groups)

    def __str__(self):
        if self.root is None:
            return "<TopologyTree instance (empty)>"
        return self.root.printable_subtree()

    def load(self, rootnode):
        """Take the group `rootnode`, and all groups below it."""
        self.root = rootnode
        self.groups = []
        waiting = [rootnode]
        while waiting:
            group = waiting.pop()
            self.groups.append(group)
            waiting += group.children()

    def find_nodegroup(self, node):
        """The group that holds a node, else a `TopologyError`."""
        wanted = NodeSet(node)
        for group in self.groups:
            if wanted.issubset(group.nodeset):
                return group
        raise TopologyError(f"TopologyNodeGroup not found for node {node}")

    def inner_node_count(self):
        """How many nodes reach others: the root and the gateways."""
        return len(native_tree(self).inner) if self.root else 0

    def leaf_node_count(self):
        """How many nodes are only reached."""
        return len(native_tree(self).leaves) if self.root else 0


class TopologyRoute:
    """All nodes of `src` reach all nodes of `dst`."""

    def __init__(self, src_ns, dst_ns):
        route = Route(src_ns, dst_ns)
        self.src = route.sources
        self.dst = route.destinations

    def __str__(self):
        return f"{self.src} -> {self.dst}"

    def dest(self, nodeset=None):
        """What `nodeset` reaches; None if it is not part of the source."""
        return self.dst if nodeset is None or nodeset.issubset(self.src) else None


class TopologyRoutingTable:
    """Routes that fit together."""

    def __init__(self):
        self._graph = Graph()

    def __iter__(self):
        return (TopologyRoute(each.sources, each.destinations) for each in self._graph.routes)

    def __str__(self):
        return "\n".join(map(str, self))

    @property
    def aggregated_src(self):
        return NodeSet(self._graph.sources)

    @property
    def aggregated_dst(self):
        return NodeSet(self._graph.destinations)

    def add_route(self, route):
        """Take a route in; a `TopologyError` if it does not fit."""
        self._graph.add(route.src, route.dst)

    def connected(self, src_ns):
        """What all of `src_ns` reach in one hop; None if nothing."""
        reached = self._graph.reached_from(NodeSet(src_ns))
        return None if reached is None else NodeSet(reached)


class TopologyGraph:
    """Routes, and the trees that they form below a root."""

    def __init__(self):
        self._graph = Graph()

    def __str__(self):
        return "<TopologyGraph>\n" + "".join(f"{route}\n" for route in self._graph.routes)

    def add_route(self, src_ns, dst_ns):
        """Take a route between two node sets in; a `TopologyError` if it does not fit."""
        assert isinstance(src_ns, NodeSet)
        assert isinstance(dst_ns, NodeSet)
        self._graph.add(src_ns, dst_ns)

    def dest(self, from_nodeset):
        """What all of a node set reach in one hop; None if nothing."""
        reached = self._graph.reached_from(NodeSet(from_nodeset))
        return None if reached is None else NodeSet(reached)

    def to_tree(self, root):
        """The `TopologyTree` below the node `root`."""
        tree = TopologyTree()
        tree.load(_classic(self._graph.tree(root).root))
        return tree


class TopologyParser:
    """A topology file."""

    def __init__(self, filename=None):
        self.graph = None
        self._tree = None
        if filename:
            self.load(filename)

    def load(self, filename):
        """Read a file; a `TopologyError` if its routes form no tree."""
        graph = TopologyGraph()
        graph._graph = load(filename)
        self.graph = graph
        self._tree = None

    def tree(self, root, force_rebuild=False):
        """The tree below `root`, made once: the next call returns it for any root.

        `force_rebuild` makes a new one.
        """
        if self.graph is None:
            raise TopologyError("no topology file was loaded")
        if self._tree is None or force_rebuild:
            self._tree = self.graph.to_tree(root)
        return self._tree


def native_tree(topology):
    """The native value of a `TopologyTree`."""
    return Tree(_native(topology.root))


def _native(group, parent=None):
    made = Group(group.nodeset, parent)
    for child in group.children():
        _native(child, made)
    return made


def _classic(group):
    made = TopologyNodeGroup(NodeSet(group.nodes))
    for child in group.children:
        made.add_child(_classic(child))
    return made
