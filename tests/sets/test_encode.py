"""The order of names, and which axes are folded."""

from __future__ import annotations

import pytest

from clush.sets.nodeset import NodeSet
from clush.sets.resolver import NO_GROUPS


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("b2,b0,b,a0,a", "a,a0,b,b[0,2]"),
        ("z1,z1-ib,z,z-1,zA1,1z", "1z,z,z1,z1-ib,z-1,zA1"),
        ("x$1,x%1,x1,x-1,xA1,xa1,x", "x,x$1,x%1,x1,x-1,xA1,xa1"),
        ("n2,n01,n001,n10", "n[2,01,10,001]"),
        ("r1n1,r1n01,r2n1,r2n01", "r[1-2]n[1,01]"),
        ("r10n1,r9n2", "r10n1,r9n2"),
        ("r[1-2]n[1-2],r3n1,r[2-3]n2", "r[1-3]n[1-2]"),
        ("a%sb3,a%%s4", "a%%s4,a%sb3"),
    ],
)
def test_order(text: str, folded: str) -> None:
    nodes = NodeSet(text, resolver=NO_GROUPS)
    assert str(nodes) == folded
    assert NodeSet.fromlist(reversed(list(nodes)), resolver=NO_GROUPS) == nodes


@pytest.mark.parametrize(
    ("text", "axes", "folded"),
    [
        ("r[1-2]n[1-2],k[1-3]", None, "k[1-3],r[1-2]n[1-2]"),
        ("r[1-2]n[1-2],k[1-3]", [0], "k[1-3],r[1-2]n1,r[1-2]n2"),
        ("r[1-2]n[1-2],k[1-3]", [1], "k1,k2,k3,r1n[1-2],r2n[1-2]"),
        ("r[1-2]n[1-2],k[1-3]", [-1], "k[1-3],r1n[1-2],r2n[1-2]"),
        ("r[1-2]n[1-2],k[1-3]", [0, 1], "k[1-3],r[1-2]n[1-2]"),
        ("r[1-2]n[1-2]", [9], "r1n1,r2n1,r1n2,r2n2"),
        ("r[1-2]n[1-2]", [], "r1n1,r2n1,r1n2,r2n2"),
        ("r[1-2]n[1-2]m[1-2]", [1], "r1n[1-2]m1,r2n[1-2]m1,r1n[1-2]m2,r2n[1-2]m2"),
        ("r1n[1-2],r2n[3-4],r5n9", [0], "r1n1,r1n2,r2n3,r2n4,r5n9"),
        ("k[1-3],x", [-2], "k1,k2,k3,x"),
    ],
)
def test_fold_axis(text: str, axes: list[int] | None, folded: str) -> None:
    nodes = NodeSet(text, resolver=NO_GROUPS, fold_axis=axes)
    assert str(nodes) == folded
    assert NodeSet(folded) == nodes


def test_fold_axis_can_change_and_may_be_given_once() -> None:
    nodes = NodeSet("r[1-2]n[1-2]", fold_axis=iter([0]))
    assert str(nodes) == str(nodes) == "r[1-2]n1,r[1-2]n2"
    nodes.fold_axis = None
    assert str(nodes) == "r[1-2]n[1-2]"


def test_fold_axis_goes_with_autostep() -> None:
    assert str(NodeSet("r[1,3,5]n[1-2]", fold_axis=[0], autostep=3)) == "r[1-5/2]n1,r[1-5/2]n2"
