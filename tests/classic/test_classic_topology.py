"""ClusterShell.Topology."""

from __future__ import annotations

import pytest

import clush.errors
from ClusterShell.NodeSet import NodeSet
from ClusterShell.Topology import (
    TopologyError,
    TopologyGraph,
    TopologyNodeGroup,
    TopologyParser,
    TopologyRoute,
    TopologyRoutingTable,
    TopologyTree,
)


@pytest.fixture
def graph():
    made = TopologyGraph()
    made.add_route(NodeSet("adm[1-2]"), NodeSet("gw[1-2],io1"))
    made.add_route(NodeSet("gw1"), NodeSet("cn[1-2]"))
    made.add_route(NodeSet("gw2"), NodeSet("cn[3-9]"))
    return made


DRAWING = """\
adm[1-2]
|- io1
|- gw1
|  `- cn[1-2]
`- gw2
   `- cn[3-9]
"""


def test_the_error_is_that_of_clush():
    assert TopologyError is clush.errors.TopologyError


def test_a_graph(graph):
    assert str(graph.dest(NodeSet("adm1"))) == "gw[1-2],io1"
    assert str(graph.dest("gw1")) == "cn[1-2]"
    assert isinstance(graph.dest("gw1"), NodeSet)
    assert graph.dest(NodeSet("cn1")) is None
    with pytest.raises(TopologyError, match="Loop detected! Cannot add route cn1 -> adm1"):
        graph.add_route(NodeSet("cn1"), NodeSet("adm1"))
    with pytest.raises(AssertionError):
        graph.add_route("a", "b")
    assert str(graph) == (
        "<TopologyGraph>\nadm[1-2] -> gw[1-2],io1\ngw1 -> cn[1-2]\ngw2 -> cn[3-9]\n"
    )


def test_a_tree(graph):
    tree = graph.to_tree("adm1")
    assert str(tree) == DRAWING
    assert isinstance(tree.root.nodeset, NodeSet)
    assert (tree.inner_node_count(), tree.leaf_node_count()) == (4, 10)
    assert list(tree) == tree.groups
    assert sorted(str(group.nodeset) for group in tree) == [
        "adm[1-2]",
        "cn[1-2]",
        "cn[3-9]",
        "gw1",
        "gw2",
        "io1",
    ]
    group = tree.find_nodegroup("cn4")
    assert str(group) == "<TopologyNodeGroup (cn[3-9])>"
    assert group.parent is tree.find_nodegroup(NodeSet("gw2"))
    with pytest.raises(TopologyError, match="TopologyNodeGroup not found for node zz"):
        tree.find_nodegroup("zz")
    with pytest.raises(TopologyError, match='"zz" is not a valid root node!'):
        graph.to_tree("zz")


def test_an_empty_tree():
    tree = TopologyTree()
    assert str(tree) == "<TopologyTree instance (empty)>"
    assert (tree.root, tree.groups, list(tree)) == (None, [], [])
    assert (tree.inner_node_count(), tree.leaf_node_count()) == (0, 0)


def test_groups_put_together_by_hand():
    top, middle, leaf = (TopologyNodeGroup(NodeSet(text)) for text in ("a", "b[1-2]", "c"))
    assert (top.children(), top.children_ns(), top.children_len()) == ([], None, 0)
    top.add_child(middle)
    top.add_child(middle)
    top.add_child(leaf)
    assert top.children() == [middle, leaf]
    assert (str(top.children_ns()), top.children_len()) == ("b[1-2],c", 3)
    assert middle.parent is top
    assert top.printable_subtree() == "a\n|- b[1-2]\n`- c\n"
    assert top.printable_subtree("> ") == "> a\n> |- b[1-2]\n> `- c\n"
    assert middle.printable_subtree() == "b[1-2]\n"
    tree = TopologyTree()
    tree.load(top)
    assert (tree.inner_node_count(), tree.leaf_node_count()) == (1, 3)
    top.clear_child(middle)
    top.clear_child(middle)
    with pytest.raises(ValueError):
        top.clear_child(middle, strict=True)
    assert top.children_len() == 1
    top.clear_children()
    assert top.children() == []


@pytest.mark.parametrize("child", [3, TopologyNodeGroup(NodeSet())])
def test_groups_that_are_no_children(child):
    with pytest.raises(AssertionError):
        TopologyNodeGroup(NodeSet("a")).add_child(child)


def test_a_group_without_nodes():
    group = TopologyNodeGroup()
    assert (group.nodeset, group.parent) == (None, None)


def test_a_route():
    route = TopologyRoute(NodeSet("a[1-2]"), NodeSet("b"))
    assert (str(route), str(route.src), str(route.dst)) == ("a[1-2] -> b", "a[1-2]", "b")
    assert str(route.dest()) == str(route.dest(NodeSet("a1"))) == "b"
    assert route.dest(NodeSet("a[2-3]")) is None
    with pytest.raises(TopologyError, match="Source and destination nodesets overlap"):
        TopologyRoute(NodeSet("a"), NodeSet("a[1-2],a"))


def test_a_routing_table():
    table = TopologyRoutingTable()
    table.add_route(TopologyRoute(NodeSet("a[1-2]"), NodeSet("b[1-3]")))
    table.add_route(TopologyRoute(NodeSet("b1"), NodeSet("c")))
    assert [str(route) for route in table] == ["a[1-2] -> b[1-3]", "b1 -> c"]
    assert str(table) == "a[1-2] -> b[1-3]\nb1 -> c"
    assert (str(table.aggregated_src), str(table.aggregated_dst)) == ("a[1-2],b1", "b[1-3],c")
    assert str(table.connected(NodeSet("a2"))) == "b[1-3]"
    assert table.connected(NodeSet("a1,b1")) is None
    with pytest.raises(TopologyError, match="Convergent path detected!"):
        table.add_route(TopologyRoute(NodeSet("x"), NodeSet("c")))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "topology.conf"
    path.write_text("[routes]\na: b[1-2]\nb[1-2]: c[1-4]\n")
    return str(path)


def test_a_parser(file):
    parser = TopologyParser(file)
    tree = parser.tree("a")
    assert str(tree) == "a\n`- b[1-2]\n   `- c[1-4]\n"
    assert parser.tree("b1") is tree
    assert str(parser.tree("b1", force_rebuild=True)) == "b[1-2]\n`- c[1-4]\n"
    assert str(parser.graph.dest("a")) == "b[1-2]"


def test_a_parser_that_has_read_nothing(file):
    parser = TopologyParser()
    with pytest.raises(TopologyError):
        parser.tree("a")
    with pytest.raises(TopologyError, match="Invalid configuration file: /nonexistent"):
        parser.load("/nonexistent")
    parser.load(file)
    assert parser.tree("a").leaf_node_count() == 4
