"""Gateways: routes between node sets, and the tree that they form below a root.

A ``Route`` says that each of its sources reaches each of its destinations.  A ``Graph``
takes routes in one after the other and refuses those that would give a node two ways to
be reached, or lead back.  ``Graph.tree`` is what one node sees of it: groups of nodes, each
reached through any node of the group above.

Values only: files are read by ``clush.config``, which hop a command takes is decided
elsewhere.
"""

from __future__ import annotations

from clush.errors import TopologyError
from clush.sets.nodeset import NodeSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Route:
    """Every node of ``sources`` reaches every node of ``destinations``."""

    __slots__ = ("destinations", "sources")

    def __init__(self, sources: NodeSet, destinations: NodeSet) -> None:
        if sources & destinations:
            raise TopologyError("Source and destination nodesets overlap")
        self.sources = sources
        self.destinations = destinations

    def __str__(self) -> str:
        return f"{self.sources} -> {self.destinations}"


class Group:
    """Nodes that reach, and are reached from, the same others."""

    __slots__ = ("children", "nodes", "parent")

    def __init__(self, nodes: NodeSet, parent: Group | None = None) -> None:
        """A group without children, put below ``parent`` as its last child."""
        self.nodes = nodes
        self.parent = parent
        self.children: list[Group] = []
        if parent is not None:
            parent.children.append(self)

    def __iter__(self) -> Iterator[Group]:
        """This group and all below it, each before its children."""
        waiting = [self]
        while waiting:
            group = waiting.pop()
            yield group
            waiting += reversed(group.children)

    def __str__(self) -> str:
        """A drawing of this group and all below it, a line for each."""
        lines = []
        waiting = [(self, "", "")]
        while waiting:
            group, branch, indent = waiting.pop()
            lines.append(f"{branch}{group.nodes}\n")
            last = len(group.children) - 1
            for number in range(last, -1, -1):
                mark, below = ("`- ", "   ") if number == last else ("|- ", "|  ")
                waiting.append((group.children[number], indent + mark, indent + below))
        return "".join(lines)


class Tree:
    """What ``root``, the group of the node that everything starts from, can reach."""

    __slots__ = ("root",)

    def __init__(self, root: Group) -> None:
        self.root = root

    def __iter__(self) -> Iterator[Group]:
        """All groups, each before its children."""
        return iter(self.root)

    def __str__(self) -> str:
        return str(self.root)

    @property
    def inner(self) -> NodeSet:
        """The nodes that others are reached through: the root and the gateways."""
        return _union(group.nodes for group in self if group.children)

    @property
    def leaves(self) -> NodeSet:
        """The nodes that nothing is reached through."""
        return _union(group.nodes for group in self if not group.children)

    def find(self, node: str | NodeSet) -> Group:
        """The first group that holds ``node``; a ``TopologyError`` if there is none."""
        wanted = NodeSet(node)
        for group in self:
            if wanted.issubset(group.nodes):
                return group
        raise TopologyError(f"{node} is not in the topology")


class _Hop:
    """A source set with all of its routes; ``order`` is when it was first seen."""

    __slots__ = ("order", "reached", "routes", "sources")

    def __init__(self, sources: NodeSet, order: int) -> None:
        self.sources = sources
        self.order = order
        self.reached = NodeSet()
        self.routes: list[tuple[int, Route]] = []


class Graph:
    """Routes that can be followed from any node without meeting another twice.

    A source set may hold some of the destinations of another, and source sets may overlap
    as long as what they reach does not.
    """

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.sources = NodeSet()
        self.destinations = NodeSet()
        self._hops: list[_Hop] = []

    def add(self, sources: NodeSet, destinations: NodeSet) -> bool:
        """Take a route in; False, and nothing done, where one of its sides is empty.

        Raises :class:`clush.errors.TopologyError` for a route that does not fit those
        before it, and leaves the graph as it was.
        """
        route = Route(sources.copy(), destinations.copy())
        if not sources or not destinations:
            return False
        if self._leads_back(route):
            raise TopologyError(f"Loop detected! Cannot add route {route}")
        if self._converges(route):
            raise TopologyError(f"Convergent path detected! Cannot add route {route}")
        hop = self._hop(route.sources)
        hop.routes.append((len(self.routes), route))
        hop.reached.update(destinations)
        self.routes.append(route)
        self.sources.update(sources)
        self.destinations.update(destinations)
        return True

    def reached_from(self, nodes: NodeSet) -> NodeSet | None:
        """What all of ``nodes`` reach by one source set in one hop; None if nothing."""
        if not nodes:
            return None
        reached = [hop.reached for hop in self._hops if nodes.issubset(hop.sources)]
        return _union(reached) if reached else None

    def tree(self, root: str) -> Tree:
        """What the node ``root`` reaches; a ``TopologyError`` if it is in no route."""
        if not self.routes:
            raise TopologyError("No route found in topology definition!")
        node = NodeSet(root)
        hops = [hop for hop in self._hops if node and node.issubset(hop.sources)]
        if not hops:
            return Tree(Group(self._leaf_of(node, root)))
        top = Group(hops[0].sources)
        waiting = [(top, hops)]
        for group, hops in waiting:  # it grows by a level as one is done
            waiting += self._spread(group, hops)
        return Tree(top)

    def _hop(self, sources: NodeSet) -> _Hop:
        for hop in self._hops:
            if hop.sources == sources:
                return hop
        self._hops.append(_Hop(sources, len(self.routes)))
        return self._hops[-1]

    def _hops_from(self, nodes: NodeSet) -> list[_Hop]:
        """The hops that start at some of ``nodes``."""
        some = nodes & self.sources
        return [hop for hop in self._hops if some & hop.sources] if some else []

    def _hops_to(self, nodes: NodeSet) -> list[_Hop]:
        """The hops that lead to some of ``nodes``; no two of them lead to the same ones."""
        rest = nodes & self.destinations
        found = []
        for hop in self._hops:
            if not rest:
                break
            met = rest & hop.reached
            if met:
                found.append(hop)
                rest = rest - met
        return found

    def _leads_back(self, route: Route) -> bool:
        """Whether a source can be reached from a destination, over whatever hops."""
        seen = NodeSet()
        ahead = route.destinations
        while ahead:
            seen = seen | ahead
            ahead = _union(hop.reached for hop in self._hops_from(ahead)) - seen
        return bool(seen & route.sources)

    def _converges(self, route: Route) -> bool:
        """Whether a node would be reached on two ways, or a source set in two parts."""
        sources, destinations = route.sources, route.destinations
        if any(hop.sources != sources for hop in self._hops_to(destinations)):
            return True
        above = self._hops_to(sources)
        if len(above) > 1 or any(
            earlier.destinations < sources for hop in above for _, earlier in hop.routes
        ):
            return True
        return any(
            destinations < hop.sources
            or any(other.sources != sources for other in self._hops_to(hop.sources))
            for hop in self._hops_from(destinations)
        )

    def _leaf_of(self, node: NodeSet, name: str) -> NodeSet:
        for route in self.routes:
            if node and node.issubset(route.destinations):
                return route.destinations - self.sources
        raise TopologyError(f'"{name}" is not a valid root node!')

    def _spread(self, group: Group, hops: list[_Hop]) -> list[tuple[Group, list[_Hop]]]:
        """Put what ``hops`` reach below ``group``; what is left to do at the next level.

        The groups stand in the order in which the routes were given that make them.
        """
        below: list[tuple[int, int, NodeSet, list[_Hop]]] = []
        for hop in hops:
            for onward in self._hops_from(hop.reached):
                below.append((onward.order, 0, onward.sources & hop.reached, [onward]))
            seen = NodeSet()
            for order, route in hop.routes:
                leaves = route.destinations - self.sources - seen
                if leaves:
                    below.append((order, 1, leaves, []))
                    seen.update(leaves)
        below.sort(key=lambda row: row[:2])
        return [(Group(nodes, group), onward) for *_, nodes, onward in below]


def _union(sets: Iterator[NodeSet] | list[NodeSet]) -> NodeSet:
    made = NodeSet()
    for nodes in sets:
        made.update(nodes)
    return made
