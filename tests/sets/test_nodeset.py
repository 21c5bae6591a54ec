"""NodeSet: what its members say, as tables."""

from __future__ import annotations

import copy
import operator
import pickle
import tracemalloc
from itertools import islice

import pytest

from clush.errors import NodeSetParseError
from clush.sets.nodeset import NodeSet, expand, fold
from clush.sets.ranges import AUTOSTEP_DISABLED
from clush.sets.resolver import NO_GROUPS


def texts(nodesets: object) -> list[str]:
    return list(map(str, nodesets))  # type: ignore[call-overload]


def test_the_published_listing() -> None:
    ns1, ns2 = NodeSet("node[10-42]"), NodeSet("node[1-16,18-39]")
    assert len(ns1) == 33
    assert ns1[0] == "node10"
    assert str(ns1 & ns2) == "node[10-16,18-39]"
    assert str(ns1 - ns2) == "node[17,40-42]"
    assert list(ns1)[:2] == ["node10", "node11"]


# Construction


def test_construction() -> None:
    given = NodeSet("n[1,3,5]", autostep=3, fold_axis=[0])
    same = NodeSet(given)
    assert same == given
    assert (same.autostep, same.fold_axis) == (None, None)
    assert str(same) == "n[1-5/2]", "each template keeps its own autostep"
    same.add("n7")
    assert str(given) == "n[1-5/2]"
    assert not NodeSet(None)
    for wrong in (["n1"], b"n1", 5):
        with pytest.raises(TypeError, match=f"Unsupported NodeSet input {type(wrong)}"):
            NodeSet(wrong)  # type: ignore[arg-type]


def test_fromlist_takes_each_item_for_itself() -> None:
    assert str(NodeSet.fromlist(["n[1-2]", "n3,n4!n1", None, NodeSet("k1"), ""])) == "k1,n[1-4]"
    assert str(NodeSet.fromlist("abc")) == "a,b,c"
    assert str(NodeSet.fromlist(f"n{i}" for i in (3, 1, 2))) == "n[1-3]"
    assert str(NodeSet.fromlist(["n1", "n3", "n5"], autostep=3)) == "n[1-5/2]"
    with pytest.raises(NodeSetParseError, match="missing bracket"):
        NodeSet.fromlist(["n1", "n[2", "n3"])
    with pytest.raises(TypeError):
        NodeSet.fromlist([5])  # type: ignore[list-item]


def test_in_a_name_no_character_means_anything() -> None:
    odd = ["n[1]", "n[2]", "@a", "a,b", "a!b", "x*", "é%s1", "n 1", "n1", "n1"]
    nodes = NodeSet.fromnames(odd, fold_axis=[0])
    assert set(nodes) == set(odd) and len(nodes) == len(odd) - 1
    assert str(nodes) == "@a,a!b,a,b,n 1,n1,n[[1-2]],x*,é%s1"
    assert nodes.fold_axis == (0,)
    assert str(NodeSet.fromnames(["n1", "n3", "n5"], autostep=3)) == "n[1-5/2]"
    assert not NodeSet.fromnames([])
    for wrong in ("", " n1", "n1\n", "n" + "1" * 5000):
        with pytest.raises(NodeSetParseError, match="not the name of a node"):
            NodeSet.fromnames(["n1", wrong])


def test_expand_and_fold() -> None:
    assert expand("n[2,1],a") == ["a", "n1", "n2"]
    assert fold("n1,a,n2") == "a,n[1-2]"
    assert fold(NodeSet("n[1,3,5]", autostep=3)) == "n[1-5/2]"


# Content


def test_add_takes_nodes_of_every_form() -> None:
    nodes = NodeSet()
    for name in ("n1", "n2", "n02", "n3-ib0", "x", "r1n1", "n[4-5]", "5%6", "5%7", "n1"):
        nodes.add(name)
    nodes.add(NodeSet("y"))
    nodes.add(None)
    assert str(nodes) == "5%[6-7],n[1-2,4-5,02],n3-ib0,r1n1,x,y"
    assert len(nodes) == 11


@pytest.mark.parametrize("text", ["n[2", "n1,", "n(2)", "n" + "1" * 101, "z,n[5-1]"])
def test_what_is_refused_changes_nothing(text: str) -> None:
    nodes = NodeSet("n[1-3]")
    changes = (
        nodes.add,
        nodes.update,
        nodes.intersection_update,
        nodes.difference_update,
        nodes.symmetric_difference_update,
        nodes.remove,
    )
    for change in changes:
        with pytest.raises(NodeSetParseError):
            change(text)
        assert str(nodes) == "n[1-3]"
    with pytest.raises(NodeSetParseError):
        nodes.updaten(["z1", text, "z2"])
    assert str(nodes) == "n[1-3]"


@pytest.mark.parametrize(
    ("gone", "missing"),
    [("n[4-5]", "n5"), ("a1,z9", "z9"), ("r[1-2]n[1-2]", "r2n[1-2]"), ("x", "x")],
)
def test_remove_is_all_or_nothing(gone: str, missing: str) -> None:
    nodes = NodeSet("n[1-4],a1,r1n[1-2]")
    with pytest.raises(KeyError) as caught:
        nodes.remove(gone)
    assert caught.value.args == (missing,)
    assert str(nodes) == "a1,n[1-4],r1n[1-2]"
    nodes.remove("a1,n[2-3]")
    nodes.difference_update("n1,zz")
    assert str(nodes) == "n4,r1n[1-2]"
    nodes.clear()
    assert (str(nodes), len(nodes), bool(nodes)) == ("", 0, False)


def test_text_follows_every_change() -> None:
    nodes = NodeSet("n1")
    seen = [str(nodes)]
    for change in (
        lambda: nodes.add("n2"),
        lambda: nodes.update("n[3-9]"),
        lambda: nodes.updaten(["n10"]),
        lambda: nodes.difference_update("n10"),
        lambda: nodes.symmetric_difference_update("n1"),
        lambda: nodes.intersection_update("n[4,6,8]"),
        lambda: setattr(nodes, "autostep", 3),
        lambda: nodes.clear(),
    ):
        change()
        seen.append(str(nodes))
    assert seen == [
        "n1",
        "n[1-2]",
        "n[1-9]",
        "n[1-10]",
        "n[1-9]",
        "n[2-9]",
        "n[4,6,8]",
        "n[4-8/2]",
        "",
    ]


# Algebra


def test_methods_take_text_and_operators_do_not() -> None:
    nodes = NodeSet("n[1-5]")
    assert str(nodes.difference("n2,n[4-9]")) == "n[1,3]"
    assert str(nodes.union("m1")) == "m1,n[1-5]"
    assert str(nodes.symmetric_difference("n[5-6]")) == "n[1-4,6]"
    assert str(nodes.intersection(None)) == ""
    assert nodes != "n[1-5]"
    assert nodes != ["n1"]
    for name in (
        "or_",
        "and_",
        "sub",
        "xor",
        "ior",
        "iand",
        "isub",
        "ixor",
        "lt",
        "le",
        "gt",
        "ge",
    ):
        with pytest.raises(TypeError):
            getattr(operator, name)(nodes, "n2")
    with pytest.raises(TypeError):
        hash(nodes)


def test_operators_in_place_keep_the_object() -> None:
    nodes = same = NodeSet("n[1-5]")
    nodes |= NodeSet("m1")
    nodes &= NodeSet("m[1-2],n[2-9]")
    nodes -= NodeSet("n3")
    nodes ^= NodeSet("n[5-6]")
    assert nodes is same
    assert str(nodes) == "m1,n[2,4,6]"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("n5", True),
        ("n05", False),
        ("n[1-3]", True),
        ("n[8-10]", False),
        ("", True),
        ("r2n3", True),
        ("r2n4", False),
        ("x", True),
        ("xx", False),
        ("x1", False),
        ("n1,x", True),
        ("9%1", True),
    ],
)
def test_contains(text: str, answer: bool) -> None:
    nodes = NodeSet("n[1-9],r[1-2]n[1-3],x,9%1")
    assert (text in nodes) is answer
    assert (NodeSet(text) in nodes) is answer
    assert nodes.issuperset(text) is answer
    assert NodeSet(text).issubset(nodes) is answer
    with pytest.raises(NodeSetParseError):
        assert "n[" in nodes
    with pytest.raises(TypeError):
        assert 5 in nodes  # type: ignore[operator]


# Access


@pytest.mark.parametrize(
    ("text", "index", "result"),
    [
        ("n[1-3],m[1-4]", slice(1, None, 3), "m2,n1"),
        ("r[1-2]n[1-3]", slice(2, 5), "r2n[1-2],r1n3"),
        ("n[1-5]", slice(None, None, -2), "n[1,3,5]"),
        ("n[1-5]", slice(4, 0, -1), "n[2-5]"),
        ("n[1-5]", slice(9, None), ""),
    ],
)
def test_slices(text: str, index: slice, result: str) -> None:
    assert str(NodeSet(text)[index]) == result


def test_items() -> None:
    nodes = NodeSet("n[1-3],m[1-4]")
    assert (nodes[0], nodes[-1], nodes[4]) == ("m1", "n3", "n1")
    for rank in (7, -8, 10**20):
        with pytest.raises(IndexError, match=f"{rank} out of range"):
            nodes[rank]
    with pytest.raises(TypeError, match="NodeSet indices must be integers"):
        nodes["0"]  # type: ignore[call-overload]
    assert list(reversed(nodes)) == list(nodes)[::-1]


def test_index() -> None:
    nodes = NodeSet("b2,b,a10,a9,c")
    assert [nodes.index(name) for name in nodes] == [0, 1, 2, 3, 4]
    assert nodes.index(NodeSet("b"), -3, -1) == 2
    for wrong in ("a[9-10]", "", None):
        with pytest.raises(ValueError, match="must be a single node"):
            nodes.index(wrong)
    for name, start in (("zz", 0), ("a9", 1)):
        with pytest.raises(ValueError, match=f"'{name}' is not in nodeset"):
            nodes.index(name, start)


def test_parts() -> None:
    nodes = NodeSet("r[1-2,4]n[1-3,7]")
    assert texts(nodes.contiguous()) == ["r[1-2]n[1-3]", "r[1-2]n7", "r4n[1-3]", "r4n7"]
    assert texts(NodeSet("n[1-3,5],x,m1").contiguous()) == ["m1", "n[1-3]", "n5", "x"]
    assert texts(NodeSet("a[1-3],b[1-2]").split(2)) == ["a[1-3]", "b[1-2]"]
    assert texts(NodeSet("a[1-3],b").split(9)) == ["a1", "a2", "a3", "b"]
    assert texts(NodeSet("r[1-2]n[1-2],x").nsiter()) == ["r1n1", "r1n2", "r2n1", "r2n2", "x"]
    assert texts(NodeSet().split(3)) == []
    refused = NodeSet("a").split(0)
    with pytest.raises(AssertionError):
        next(refused)


# What is written


@pytest.mark.parametrize(
    ("nodes", "folded"),
    [
        (NodeSet("n[1,3,5],p[2,6]", autostep=3), "n[1-5/2],p[2,6]"),
        (NodeSet("n[1,3]") | NodeSet("m[1,3,5]", autostep=3), "m[1-5/2],n[1,3]"),
        (NodeSet(NodeSet("m[1,3,5]", autostep=3), autostep=AUTOSTEP_DISABLED), "m[1,3,5]"),
        (NodeSet("m[1,3,5]", autostep=3) | NodeSet("n[1,3,5]"), "m[1-5/2],n[1-5/2]"),
        (NodeSet("m[1,3,5]") | NodeSet("m[7]", autostep=3), "m[1,3,5,7]"),
        (NodeSet("r1n[1,3,5]", autostep=3), "r1n[1-5/2]"),
        (NodeSet("r1n[1,3,5],m[1,3,5]", autostep=3)[1:], "m[3,5],r1n[1-5/2]"),
    ],
)
def test_autostep(nodes: NodeSet, folded: str) -> None:
    assert str(nodes) == folded


def test_autostep_applies_to_what_is_there_and_to_what_comes() -> None:
    nodes = NodeSet("n[1,3,5]")
    nodes.autostep = 3
    nodes.update("m[1,3,5]")
    nodes.add("k[1,3,5]")
    assert str(nodes) == "k[1-5/2],m[1-5/2],n[1-5/2]"
    assert nodes.autostep == 3
    nodes.autostep = None
    assert str(nodes) == "k[1,3,5],m[1,3,5],n[1,3,5]"


def test_repr() -> None:
    assert repr(NodeSet("n[1-3]")) == "NodeSet('n[1-3]')"


@pytest.mark.parametrize(
    "twin", [NodeSet.copy, copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_copies(twin: object) -> None:
    nodes = NodeSet("r[1-2]n[1,3,5],n[01,03,05],x", autostep=3, fold_axis=[1])
    made = twin(nodes)  # type: ignore[operator]
    nodes.update("n9,x2,r5n5")
    assert str(made) == "n01,n03,n05,r1n[1-5/2],r2n[1-5/2],x"
    assert (made.autostep, made.fold_axis) == (3, (1,))


def test_a_pickle_leaves_the_resolver_behind() -> None:
    made = pickle.loads(pickle.dumps(NodeSet("n1")))
    made.add("@x,n*")
    assert str(made) == "@x,n1,n*"
    assert pickle.loads(pickle.dumps(NO_GROUPS)) is NO_GROUPS


# Changes while it is walked


def test_walking_does_not_mind_changes() -> None:
    nodes = NodeSet("a[1-2],b[1-2],r[1-2]n[1-2]")
    seen = []
    for name in nodes:
        seen.append(name)
        nodes.remove(name)
    assert seen == ["a1", "a2", "b1", "b2", "r1n1", "r1n2", "r2n1", "r2n2"]
    nodes = NodeSet("a[1-2],b[1-2]")
    walk = iter(nodes)
    assert next(walk) == "a1"
    nodes.clear()
    assert list(walk) == ["a2", "b1", "b2"]
    nodes = NodeSet("a[1-2],b[1-2]")
    parts = nodes.split(2)
    next(parts)
    nodes.clear()
    assert texts(parts) == ["b[1-2]"]


# Size


def test_a_million_nodes_cost_little() -> None:
    tracemalloc.start()
    nodes = NodeSet("node[1-1000000]")
    middle = nodes & NodeSet("node[400000-2000000]")
    both = str(nodes - middle), str(middle), str(NodeSet("node[1-1000000]0") & nodes)[:9]
    first = list(islice(nodes, 2))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert both == ("node[1-399999]", "node[400000-1000000]", "node[10,2")
    assert first == ["node1", "node2"]
    assert (len(nodes), nodes[-1], nodes.index("node777777")) == (10**6, "node1000000", 777776)
    assert peak < 20_000_000
