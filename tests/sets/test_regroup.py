"""Nodes to groups."""

from __future__ import annotations

import pytest
from resolvers import FAILS, Sources

from clush.errors import GroupSourceQueryFailed, NodeSetExternalError
from clush.sets.nodeset import NodeSet
from clush.sets.resolver import NO_GROUPS

MAIN = {
    "A": "n[1-4]",
    "B": "n[1-3]",
    "C": "n[4-6]",
    "p": "n[10-12]",
    "q": "n[12-14]",
    "zbig": "z[1-10]",
    "asmall": "q1",
    "zhalf": "z[1-5]",
    "rk1s1": "c1",
    "rk1s2": "c2",
    "rk2s1": "c3",
    "rk2s2": "c4",
    "none": "",
    "io[1-2]": "",
    "j:9": "jj9",
    "nested": "@asmall,k1",
}
OTHER = {"o": "n[1-2]", "nested": "@o,n9"}


@pytest.mark.parametrize(
    ("text", "plain", "overlap"),
    [
        ("n[1-6]", "@A,n[5-6]", "@A,@B,@C"),
        ("n[10-14]", "@p,n[13-14]", "@p,@q"),
        ("q1,z[1-10]", "@asmall,@zbig", "@asmall,@zbig,@zhalf"),
        ("c[1-4]", "@rk[1-2]s[1-2]", "@rk[1-2]s[1-2]"),
        ("n[1-2],k9", "k9,n[1-2]", "k9,n[1-2]"),
        ("jj9", "@:j:9", "@:j:9"),
        ("k1,q1", "@nested", "@nested"),
        ("", "", ""),
    ],
)
def test_regroup(text: str, plain: str, overlap: str) -> None:
    nodes = NodeSet(text, resolver=Sources(main=MAIN))
    assert nodes.regroup() == plain
    assert nodes.regroup(overlap=True) == overlap
    assert str(nodes) == str(NodeSet(text)), "the set was changed"
    assert NodeSet(plain, resolver=Sources(main=MAIN)) == nodes


def test_regroup_by_a_source() -> None:
    nodes = NodeSet("n[1-3],n9,m[1,3,5]", resolver=Sources(main=MAIN, other=OTHER))
    assert nodes.regroup("other") == "@other:nested,m[1,3,5],n3"
    assert nodes.regroup("other", noprefix=True) == "@nested,m[1,3,5],n3"
    assert nodes.regroup("other", autostep=3) == "@other:nested,m[1-5/2],n3"
    with pytest.raises(NodeSetExternalError, match="No node group resolver"):
        NodeSet("n1", resolver=NO_GROUPS).regroup()


def test_groups() -> None:
    nodes = NodeSet("n[3-4],q1", resolver=Sources(main=MAIN, other=OTHER))
    found = {key: (str(every), str(here)) for key, (every, here) in nodes.groups().items()}
    assert found == {
        "@A": ("n[1-4]", "n[3-4]"),
        "@B": ("n[1-3]", "n3"),
        "@C": ("n[4-6]", "n4"),
        "@asmall": ("q1", "q1"),
        "@nested": ("k1,q1", "q1"),
    }
    assert list(NodeSet("n9", resolver=nodes._resolver).groups("other")) == ["@other:nested"]
    assert list(NodeSet("n9", resolver=nodes._resolver).groups("other", True)) == ["@nested"]


def test_few_nodes_are_asked_for_their_groups() -> None:
    site = Sources(main={f"g{i}": f"n{i} n{i + 1}" for i in range(50)}, reverse=True)
    nodes = NodeSet("n[7-8]", resolver=site)
    assert sorted(nodes.groups()) == ["@g6", "@g7", "@g8"]
    assert nodes.regroup() == "@g7"
    assert sorted(set(site.asked)) == [":g6", ":g7", ":g8", "who has n7", "who has n8"]
    site.asked.clear()
    assert len(NodeSet("n[1-60]", resolver=site).groups()) == 50
    assert not any(question.startswith("who") for question in site.asked)


def test_a_source_that_cannot_list_is_asked_by_node_or_not_at_all() -> None:
    content = {FAILS: "", "g": "n1 n2"}
    assert list(NodeSet("n1", resolver=Sources(main=content, reverse=True)).groups()) == ["@g"]
    silent = NodeSet("n1", resolver=Sources(main=content))
    assert (silent.groups(), silent.regroup()) == ({}, "n1")


def test_failures() -> None:
    listed = NodeSet("n1", resolver=Sources(main={"g": FAILS}))
    with pytest.raises(NodeSetExternalError, match="Unable to map a group previously listed"):
        listed.groups()
    reverse = Sources(main={"g": FAILS, "h": "n1"}, reverse=True)
    with pytest.raises(NodeSetExternalError, match="Group source query failed: reverse"):
        NodeSet(FAILS, resolver=reverse).groups()
    lying = Sources(main={"g": FAILS}, reverse=True)
    lying.node_groups = lambda node, namespace=None: ["g"]  # type: ignore[method-assign]
    with pytest.raises(GroupSourceQueryFailed):
        NodeSet("n1", resolver=lying).groups()
