"""Which ways the targets of a job may take, all levels down, worked out on the head.

From a topology, or from the targets alone, to *pools*: targets that may take the same ways.
How the targets of a pool are shared among its ways while they run is for ``router``.
"""

from __future__ import annotations

from math import ceil, pow
from typing import NamedTuple

from clush.sets.nodeset import NodeSet
from clush.topology import Group, Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Optional

# A gateway's name -> the ways below it; no ways: directly from there.
Ways = dict[str, "Ways"]

# Up to this many targets no gateway is worth its start: two rounds of the usual fanout of 64.
FLAT = 128

# Up to this many targets, one level: the head has at most 64 gateways, one round of its own.
ONE_LEVEL = 4096

# Where the arity is bounded, levels are added until a last gateway has one round of targets,
# but not more of them than this: each costs the start of an interpreter, one after the other.
ROUND = 64
MAX_LEVELS = 4


class Pool(NamedTuple):
    """Targets that may take the same ways: their ranks in the job's node set, and names."""

    ranks: list[int]
    names: list[str]
    ways: Ways


def pools_of(tree: Tree, nodes: NodeSet) -> list[Pool]:
    """The pools of ``nodes``; those that go directly, if there are any, come first.

    A target that is found below gateways of the tree takes any of them, at each level; the
    first gateways themselves, and what the tree does not know, are direct.
    """
    names = list(nodes)
    ranks = dict(zip(names, range(len(names))))
    rest = nodes.copy()
    pools = []
    for group in tree:
        if group is tree.root or not group.children:
            continue
        found = rest & _union(child.nodes for child in group.children)
        if found:
            rest.difference_update(found)
            pools.append(_pool(names, map(ranks.__getitem__, found), _ways_to(group, tree.root)))
    direct = [_pool(names, map(ranks.__getitem__, rest), {})] if rest else []
    return direct + pools


def auto_tree(nodes: NodeSet, arity: Optional[int] = None) -> list[Pool]:
    """The pools of ``nodes`` where some of them become gateways for the others.

    What a hop does costs it about the same for each ssh client that it starts, be it to a
    gateway or to a target, and that is what a large job waits for. So with ``n`` targets and
    ``k`` levels, each hop has about the ``k + 1``-th root of ``n`` below it: 32 gateways
    for 1 000 targets. Few targets are quicker without gateways (``FLAT``); a second level,
    which costs one more start, is worth it when the square root outgrows one round
    (``ONE_LEVEL``): 22 gateways with 22 each for 10 000 targets, in place of 100.

    ``arity`` bounds the gateways that a hop has below itself, and asks for a tree of few
    targets, too.

    Gateways are taken evenly over the set, and each has those that follow it below, so that
    they are near to each other where neighbours have similar names. All gateways of a level
    may carry out all that is below: where one fails, the others do what it would have done.
    A gateway is a target as well: the level above its own carries out its command.
    """
    names = list(nodes)
    width, levels = _shape(len(names), arity)
    chosen = sum(width**level for level in range(1, levels + 1))
    picked = [(2 * place + 1) * len(names) // (2 * chosen) for place in range(chosen)]
    at_level: list[list[int]] = [[] for _ in range(levels)]
    ways = _regions(picked, width, at_level, names)
    gateways = set(picked)
    at_level.append([rank for rank in range(len(names)) if rank not in gateways])
    return [_pool(names, ranks, _cut(ways, level)) for level, ranks in enumerate(at_level) if ranks]


def draw(pools: Sequence[Pool], root: str) -> str:
    """The pools that :func:`auto_tree` made, as a topology is drawn: each level below the last."""
    group = top = Group(NodeSet.fromnames([root]))
    for pool in pools:
        group = Group(NodeSet.fromnames(pool.names), group)
    return str(Tree(top))


def _union(sets: Iterable[NodeSet]) -> NodeSet:
    made = NodeSet()
    for nodes in sets:
        made.update(nodes)
    return made


def _pool(names: Sequence[str], ranks: Iterable[int], ways: Ways) -> Pool:
    ordered = sorted(ranks)
    return Pool(ordered, [names[rank] for rank in ordered], ways)


def _ways_to(group: Group, root: Group) -> Ways:
    """The ways to what is directly below ``group``; gateways of a group share what is below."""
    ways: Ways = {}
    while group is not root:
        ways = dict.fromkeys(group.nodes, ways)
        assert group.parent is not None, "only the root has none"
        group = group.parent
    return ways


def _shape(count: int, arity: Optional[int]) -> tuple[int, int]:
    """How many gateways each hop has below itself, and how many levels of them there are."""
    if count <= (FLAT if arity is None else arity):
        return 0, 0
    if arity is None:
        levels = 1 if count <= ONE_LEVEL else 2
        return _root(count, levels + 1), levels
    levels = 1
    while levels < MAX_LEVELS and arity > 1 and arity**levels * ROUND < count:
        levels += 1
    return min(arity, _root(count, levels + 1)), levels


def _root(count: int, degree: int) -> int:
    return ceil(round(pow(count, 1 / degree), 6))  # 64, and not 65, for 4096


def _regions(picked: list[int], width: int, at_level: list[list[int]], names: list[str]) -> Ways:
    """The first of each of ``width`` equal parts is a gateway, and has the rest below."""
    if not picked:
        return {}
    ranks, *deeper = at_level
    size = len(picked) // width
    ways: Ways = {}
    for start in range(0, len(picked), size):
        gateway, *below = picked[start : start + size]
        ranks.append(gateway)
        ways[names[gateway]] = _regions(below, width, deeper, names)
    return ways


def _cut(ways: Ways, levels: int) -> Ways:
    """The same ways, no more than ``levels`` deep."""
    return {name: _cut(below, levels - 1) for name, below in ways.items()} if levels else {}
