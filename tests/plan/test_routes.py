"""Which ways targets may take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.plan.routes import FLAT, ONE_LEVEL, ROUND, Pool, Ways, auto_tree, draw, pools_of
from clush.sets.nodeset import NodeSet
from clush.topology import Graph, Tree


def tree(*routes: str, root: str = "adm") -> Tree:
    graph = Graph()
    for route in routes:
        sources, destinations = route.split(": ")
        graph.add(NodeSet(sources), NodeSet(destinations))
    return graph.tree(root)


def shown(pools: list[Pool]) -> list[tuple[str, Ways]]:
    return [(str(NodeSet.fromnames(pool.names)), pool.ways) for pool in pools]


GW = {"gw1": {}, "gw2": {}}
DEEP = ("adm: gw[1-2]", "gw[1-2]: sub[1-4]", "sub[1-2]: a[1-9]", "sub[3-4]: b[1-9]")
SUB_A = {"sub1": {}, "sub2": {}}
SUB_B = {"sub3": {}, "sub4": {}}

# routes, targets, pools
ROUTES = [
    (["adm: gw[1-2]", "gw[1-2]: n[1-9]"], "n[1-9]", [("n[1-9]", GW)]),
    # what the topology does not know, the first gateways and the root itself are direct
    (
        ["adm: gw[1-2]", "gw[1-2]: n[1-9]"],
        "n[2-3],gw1,adm,other",
        [("adm,gw1,other", {}), ("n[2-3]", GW)],
    ),
    (["adm: gw[1-2],io", "gw[1-2]: n[1-9]"], "io,n1", [("io", {}), ("n1", GW)]),
    (["adm: gw[1-2]", "gw[1-2]: n[1-9]"], "x,gw2", [("gw2,x", {})]),
    (
        ["adm: gw[1-2]", "gw1: n[1-4]", "gw2: n[5-9]"],
        "n[4-5]",
        [("n4", {"gw1": {}}), ("n5", {"gw2": {}})],
    ),
    # several routes from the same gateways are one pool
    (["adm: gw[1-2]", "gw[1-2]: a", "gw[1-2]: b"], "a,b", [("a,b", GW)]),
    # sets of gateways may overlap
    (
        ["adm: gw[1-3]", "gw[1-2]: a", "gw[2-3]: b"],
        "a,b",
        [("a", {"gw1": {}, "gw2": {}}), ("b", {"gw2": {}, "gw3": {}})],
    ),
    # deeper gateways as targets are reached through those above them
    (
        DEEP,
        "a[1-2],b7,gw1,sub3",
        [
            ("gw1", {}),
            ("sub3", GW),
            ("a[1-2]", {"gw1": SUB_A, "gw2": SUB_A}),
            ("b7", {"gw1": SUB_B, "gw2": SUB_B}),
        ],
    ),
    (DEEP, "x", [("x", {})]),
]


@pytest.mark.parametrize("routes, targets, expected", ROUTES)
def test_pools_of_a_topology(routes, targets, expected) -> None:
    assert shown(pools_of(tree(*routes), NodeSet(targets))) == expected


def test_no_targets_no_pools() -> None:
    assert pools_of(tree(*DEEP), NodeSet()) == []
    assert auto_tree(NodeSet()) == []


def test_ranks_are_places_in_the_node_set() -> None:
    nodes = NodeSet("b[08-12],a[9-10],gw1,b[1-2]x[1-2]")
    names = list(nodes)
    routes = ("adm: gw[1-2]", "gw1: a[9-10],b[09-10]", "gw2: b[1-2]x2")
    for pool in pools_of(tree(*routes), nodes) + auto_tree(nodes, 2):
        assert pool.ranks == sorted(pool.ranks)
        assert [names[rank] for rank in pool.ranks] == pool.names


def test_the_nodes_asked_for_are_left_as_they_were() -> None:
    nodes = NodeSet("a[1-9],gw1")
    pools_of(tree(*DEEP), nodes)
    assert str(nodes) == "a[1-9],gw1"


# How many targets, the arity asked for -> gateways at each level.
SHAPES = [
    (1, None, []),
    (FLAT, None, []),
    (FLAT + 1, None, [12]),
    (1_000, None, [32]),
    (ONE_LEVEL, None, [64]),
    (ONE_LEVEL + 1, None, [17, 17 * 17]),
    (10_000, None, [22, 22 * 22]),
    # the arity asks for a tree of few, and bounds the gateways below a hop
    (2, 2, []),
    (3, 2, [2]),
    (100, 1, [1]),
    (100, 64, [10]),
    (2 * ROUND, 2, [2]),
    (2 * ROUND + 1, 2, [2, 4]),
    (10_000, 3, [3, 9, 27, 81]),
    (10_000, 16, [16, 16 * 16]),
    (10_000, 1, [1]),
]


@pytest.mark.parametrize("count, arity, expected", SHAPES)
def test_shapes_of_trees_without_configuration(count, arity, expected) -> None:
    pools = auto_tree(NodeSet(f"n[1-{count}]"), arity)
    assert [len(pool.ranks) for pool in pools] == [*expected, count - sum(expected)]


def test_a_level_is_reached_through_those_above_it() -> None:
    first, second, rest = auto_tree(NodeSet("n[1-129]"), 2)
    assert first.ways == {}
    assert list(second.ways) == first.names
    assert all(below == {} for below in second.ways.values())
    assert list(rest.ways) == first.names
    deeper = [name for below in rest.ways.values() for name in below]
    assert sorted(deeper) == sorted(second.names)


def test_gateways_are_spread_and_near_to_those_below_them() -> None:
    first, second, _ = pools = auto_tree(NodeSet("n[1-10000]"))
    for pool in (first, second):
        gaps = [later - before for before, later in zip(pool.ranks, pool.ranks[1:])]
        assert max(gaps) < 3 * min(gaps)
    rank = dict(zip(second.names, second.ranks))
    for gateway, below in zip(first.ranks, pools[-1].ways.values()):
        assert all(0 < rank[name] - gateway < 10_000 / 22 for name in below)


@given(st.integers(0, 3_000), st.one_of(st.none(), st.integers(1, 70)))
def test_every_target_is_in_one_pool(count, arity) -> None:
    pools = auto_tree(NodeSet(f"n[1-{count}]") if count else NodeSet(), arity)
    assert sorted(rank for pool in pools for rank in pool.ranks) == list(range(count))
    for pool in pools:
        waiting = [pool.ways]
        for ways in waiting:
            assert arity is None or len(ways) <= arity
            waiting += ways.values()


def test_drawings() -> None:
    assert draw(auto_tree(NodeSet("n[1-9]")), "adm") == "adm\n`- n[1-9]\n"
    assert draw(auto_tree(NodeSet("n[1-8]"), 2), "adm") == (
        "adm\n"
        "`- n[3,7]\n"
        "   `- n[1-2,4-6,8]\n"
    )  # fmt: skip
