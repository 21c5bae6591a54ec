"""What a lab looks like, read from the text of its knobs."""

from __future__ import annotations

import pytest

from clush.errors import LabError
from clush.lab.cluster import CLOSED, KNOBS, OFF, SILENT, UNKNOWN, Node, build, parse_delay


def test_nodes_behave_unless_told_otherwise() -> None:
    assert build("n[1-3]", {}) == [Node("n1"), Node("n2"), Node("n3")]


@pytest.mark.parametrize(
    ("knob", "expected"),
    [
        ("refuse", Node("n2", door=CLOSED)),
        ("unknown", Node("n2", door=UNKNOWN)),
        ("silent", Node("n2", door=SILENT)),
        ("off", Node("n2", door=OFF)),
        ("badkey", Node("n2", badkey=True)),
        ("hostkey", Node("n2", hostkey=True)),
        ("noisy", Node("n2", noisy=True)),
    ],
)
def test_a_knob_changes_the_nodes_it_names(knob: str, expected: Node) -> None:
    assert build("n[1-3]", {knob: "n2"}) == [Node("n1"), expected, Node("n3")]


def test_every_knob_is_in_the_table_above() -> None:
    (mark,) = test_a_knob_changes_the_nodes_it_names.pytestmark  # type: ignore[attr-defined]
    assert [row[0] for row in mark.args[1]] == list(KNOBS)


def test_knobs_that_do_not_exclude_each_other_add_up() -> None:
    (node,) = build("n1", {"badkey": "n1", "noisy": "n1"}, ["n1:0.5"])
    assert node == Node("n1", delay=0.5, badkey=True, noisy=True)


def test_delays_may_be_several() -> None:
    nodes = build("n[1-3]", {}, ["n1:1", "n[2-3]:0.25"])
    assert [node.delay for node in nodes] == [1.0, 0.25, 0.25]


@pytest.mark.parametrize(
    ("nodes", "knobs", "delays", "message"),
    [
        ("", {}, [], "at least one node"),
        ("n[1-", {}, [], "not a node set"),
        ("../../elsewhere", {}, [], "not a name for a node"),
        ("a b", {}, [], "not a name for a node"),
        ("unnamed", {}, [], "not a name for a node"),
        ("n[1-3]", {"refuse": "n4"}, [], "refuse: n4 is not a node of the lab"),
        ("n[1-3]", {"refuse": "n1", "silent": "n[1-2]"}, [], "silent: n1 is already closed"),
        ("n[1-3]", {}, ["m1:1"], "delay: m1 is not a node of the lab"),
        ("n[1-3]", {}, ["n1"], "not NODES:SECONDS: 'n1'"),
        ("n[1-3]", {}, ["n1:-1"], "not NODES:SECONDS"),
        ("n[1-3]", {}, ["n1:inf"], "not NODES:SECONDS"),
        ("n[1-3]", {}, [":1"], "not NODES:SECONDS"),
    ],
)
def test_what_makes_no_sense_is_named(
    nodes: str, knobs: dict[str, str], delays: list[str], message: str
) -> None:
    with pytest.raises(LabError) as raised:
        build(nodes, knobs, delays)
    assert message in str(raised.value)


def test_delay_takes_its_seconds_from_the_last_colon() -> None:
    assert parse_delay("n[1-3]:0.5") == ("n[1-3]", 0.5)
