"""Routes between gateways and the trees they form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.errors import TopologyError
from clush.sets.nodeset import NodeSet
from clush.topology import Graph, Group, Route, Tree


def graph(*routes):
    made = Graph()
    for route in routes:
        sources, destinations = route.split(": ")
        made.add(NodeSet(sources), NodeSet(destinations))
    return made


TREES = [
    (["a: b"], "a", "a\n`- b\n"),
    (
        ["adm: gw[1-2]", "gw1: cn[1-2]", "gw2: cn[3-4]"],
        "adm",
        """\
adm
|- gw1
|  `- cn[1-2]
`- gw2
   `- cn[3-4]
""",
    ),
    (
        ["adm[1-2]: gw[1-2],io1", "gw[1-2]: cn[1-9]"],
        "adm2",
        """\
adm[1-2]
|- io1
`- gw[1-2]
   `- cn[1-9]
""",
    ),
    (
        ["a: b", "b: c", "a: d", "b: e", "d: f"],
        "a",
        """\
a
|- b
|  |- c
|  `- e
`- d
   `- f
""",
    ),
    # the routes may come bottom up, and gateways be named in several routes
    (["b[1-3]: c", "a: b[1-4]"], "a", "a\n|- b[1-3]\n|  `- c\n`- b4\n"),
    (
        ["a: gw[1-2]", "a: gw[3-4]", "gw[2-3]: n"],
        "a",
        "a\n|- gw1\n|- gw4\n`- gw[2-3]\n   `- n\n",
    ),
    # part of the destinations lead on, or part of the sources are reached
    (["a: b[1-4]", "b[1-2]: c"], "a", "a\n|- b[3-4]\n`- b[1-2]\n   `- c\n"),
    (["a: b[2-4]", "b[1-3]: c"], "a", "a\n|- b4\n`- b[2-3]\n   `- c\n"),
    # gateways may overlap if what they reach does not
    (
        ["a: b[1-4]", "b[1-3]: c[1-4]", "b[2-4]: d[1-4]"],
        "a",
        "a\n|- b[1-3]\n|  `- c[1-4]\n`- b[2-4]\n   `- d[1-4]\n",
    ),
    (["a[1-2]: b", "a1: c"], "a1", "a[1-2]\n|- b\n`- c\n"),
    (["a[1-2]: b", "a1: c"], "a2", "a[1-2]\n`- b\n"),
    (["b: a", "a: a1", "b,d: c"], "b", "b\n|- a\n|  `- a1\n`- c\n"),
    # a destination given twice is one
    (["a: b[1-2]", "a: b[2-3]"], "a", "a\n|- b[1-2]\n`- b3\n"),
    # what the root does not reach is left out
    (["a: b", "b: c", "d: e"], "a", "a\n`- b\n   `- c\n"),
    (["a: b[1-2]", "b[1-2]: c"], "b1", "b[1-2]\n`- c\n"),
    (["a: b[1-3]", "b1: c"], "b2", "b[2-3]\n"),
]


@pytest.mark.parametrize("routes, root, drawing", TREES)
def test_tree(routes, root, drawing):
    assert str(graph(*routes).tree(root)) == drawing


@pytest.mark.parametrize(
    "routes, root, inner, leaves",
    [
        (["a: b[1-4]", "b[1-2]: c[1-9]"], "a", "a,b[1-2]", "b[3-4],c[1-9]"),
        (["a: b[1-4]", "b[1-3]: c", "b[2-4]: d"], "a", "a,b[1-4]", "c,d"),
        (["a: b[1-2]", "a: b[2-3]"], "a", "a", "b[1-3]"),
        (["a: b"], "b", "", "b"),
    ],
)
def test_inner_nodes_and_leaves(routes, root, inner, leaves):
    tree = graph(*routes).tree(root)
    assert (str(tree.inner), str(tree.leaves)) == (inner, leaves)


@pytest.mark.parametrize(
    "routes, message",
    [
        (["a: a,b"], "Source and destination nodesets overlap"),
        (["a: b", "b: c", "c: a"], "Loop detected! Cannot add route c -> a"),
        (["a: b", "b: c", "c: b"], "Loop detected! Cannot add route c -> b"),
        (["a: b[1-2]", "b1: c", "c: a"], "Loop detected! Cannot add route c -> a"),
        (["b: c", "c: a", "a: b"], "Loop detected! Cannot add route a -> b"),
        (["a[1-2]: b", "b: a2"], "Loop detected! Cannot add route b -> a2"),
        (["a[1-2]: b", "b: a[2-3]"], "Loop detected! Cannot add route b -> a[2-3]"),
        (
            ["a: b[1-2]", "c: b[2-3]"],
            "Convergent path detected! Cannot add route c -> b[2-3]",
        ),
        (["a: c", "b: c"], "Convergent path detected! Cannot add route b -> c"),
        (
            ["a: b[1-2]", "b[1-3]: c"],
            "Convergent path detected! Cannot add route b[1-3] -> c",
        ),
        (
            ["b[1-3]: c", "a: b[1-2]"],
            "Convergent path detected! Cannot add route a -> b[1-2]",
        ),
        (
            ["r: a,z", "a: b1,x", "z: b2,y", "b[1-2]: c"],
            "Convergent path detected! Cannot add route b[1-2] -> c",
        ),
        (
            ["r: a,z", "a: b1,x", "b[1-2]: c", "z: b2,y"],
            "Convergent path detected! Cannot add route z -> b2,y",
        ),
    ],
)
def test_routes_that_do_not_fit(routes, message):
    *fitting, last = routes
    made = graph(*fitting)
    before = str(made.sources), str(made.destinations), len(made.routes)
    with pytest.raises(TopologyError) as caught:
        made.add(*map(NodeSet, last.split(": ")))
    assert str(caught.value) == message
    assert (str(made.sources), str(made.destinations), len(made.routes)) == before


@pytest.mark.parametrize(
    "routes, root, message",
    [
        ([], "a", "No route found in topology definition!"),
        (["a: b"], "z", '"z" is not a valid root node!'),
        (["a: b"], "", '"" is not a valid root node!'),
    ],
)
def test_roots_without_a_tree(routes, root, message):
    with pytest.raises(TopologyError) as caught:
        graph(*routes).tree(root)
    assert str(caught.value) == message


def test_a_route_with_an_empty_side_is_none():
    made = Graph()
    assert not made.add(NodeSet(), NodeSet("b"))
    assert not made.add(NodeSet("a"), NodeSet())
    assert made.add(NodeSet("a"), NodeSet("b"))
    assert list(map(str, made.routes)) == ["a -> b"]


@pytest.mark.parametrize(
    "nodes, reached",
    [
        ("a1", "b[1-4]"),
        ("a[1-2]", "b[1-4]"),
        ("b1", "c"),
        ("a[1-3]", "None"),
        ("a1,b1", "None"),
        ("b[1-4]", "None"),
        ("c", "None"),
        ("", "None"),
    ],
)
def test_reached_from(nodes, reached):
    made = graph("a[1-2]: b[1-4]", "b[1-2]: c")
    assert str(made.reached_from(NodeSet(nodes))) == reached


def test_groups_of_a_tree():
    tree = graph("adm: gw[1-2]", "gw1: cn[1-2]", "gw2: cn[3-4]").tree("adm")
    assert [str(group.nodes) for group in tree] == ["adm", "gw1", "cn[1-2]", "gw2", "cn[3-4]"]
    found = tree.find("cn3")
    assert str(found.nodes) == "cn[3-4]"
    assert str(found.parent.nodes) == "gw2"
    assert found.parent.parent is tree.root
    assert tree.root.parent is None
    with pytest.raises(TopologyError, match="cn5 is not in the topology"):
        tree.find("cn5")


def test_groups_put_together_by_hand():
    root = Group(NodeSet("a"))
    Group(NodeSet("c"), Group(NodeSet("b"), root))
    assert str(Tree(root)) == "a\n`- b\n   `- c\n"


def test_what_is_given_is_copied():
    made = Graph()
    sources, destinations = NodeSet("a"), NodeSet("b")
    made.add(sources, destinations)
    destinations.update("c")
    sources.update("d")
    assert str(made.tree("a")) == "a\n`- b\n"


def test_a_route_is_checked_by_itself():
    assert str(Route(NodeSet("a[1-2]"), NodeSet("b"))) == "a[1-2] -> b"
    with pytest.raises(TopologyError):
        Route(NodeSet("a[1-2]"), NodeSet("a[2-3]"))


NAMES = [f"{letter}{number}" for letter in "abc" for number in (1, 2, 3)]
SIDES = st.sets(st.sampled_from(NAMES), min_size=1, max_size=3)


def reachable(edges, start):
    seen, waiting = set(), [start]
    while waiting:
        for node in edges.get(waiting.pop(), ()):
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    return seen


@given(st.lists(st.tuples(SIDES, SIDES), min_size=1, max_size=6), st.sampled_from(NAMES))
def test_what_is_taken_in_is_a_tree(routes, root):
    made, edges, taken = Graph(), {}, []
    for sources, destinations in routes:
        try:
            made.add(NodeSet.fromlist(sources), NodeSet.fromlist(destinations))
        except TopologyError:
            continue
        taken.append((sources, destinations))
        for node in sources:
            edges.setdefault(node, set()).update(destinations)
    assert not any(node in reachable(edges, node) for node in NAMES)
    for node in NAMES:
        ways = {frozenset(sources) for sources, destinations in taken if node in destinations}
        assert len(ways) <= 1
    if any(root in side for route in taken for side in route):
        tree = made.tree(root)
        below = NodeSet.fromlist(group.nodes for group in tree if group is not tree.root)
        assert set(below) == reachable(edges, root)
        assert root in tree.root.nodes
