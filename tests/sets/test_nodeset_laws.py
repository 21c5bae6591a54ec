"""Node sets against Python sets of names, with one, two and more indexes in them."""

from __future__ import annotations

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from clush.sets.nodeset import NodeSet
from clush.sets.resolver import NO_GROUPS

index = st.builds(lambda n, width: str(n).zfill(width), st.integers(0, 12), st.integers(1, 2))
name = st.one_of(
    st.sampled_from(["x", "a", "y%", "a-b"]),
    st.builds("a{}".format, index),
    st.builds("{}b{}".format, index, index),
    st.builds("r{}n{}".format, index, index),
    st.builds("r{}n{}-ib{}".format, index, index, st.integers(0, 1)),
    st.builds("{}.{}.{}.{}".format, *[st.integers(8, 11)] * 4),
)
names = st.sets(name, max_size=40)


def node_set(members: set[str]) -> NodeSet:
    return NodeSet.fromlist(members)


@given(names, names)
def test_algebra_is_that_of_sets_of_names(a: set[str], b: set[str]) -> None:
    x, y = node_set(a), node_set(b)
    for made, expected in ((x | y, a | b), (x & y, a & b), (x - y, a - b), (x ^ y, a ^ b)):
        assert set(made) == expected
        assert len(made) == len(expected)
        assert bool(made) == bool(expected)
        assert made == node_set(expected)
        assert str(made) == str(node_set(expected)), "the text depends on the history"
    assert (x == y, x <= y, x < y, x >= y, x > y) == (a == b, a <= b, a < b, a >= b, a > b)
    assert all((each in x) == (each in a) for each in a | b)
    assert set(x) == a, "an operand was changed"
    assert set(y) == b, "an operand was changed"


@given(names, names)
def test_in_place_is_the_same_as_apart(a: set[str], b: set[str]) -> None:
    for change, expected in (
        (NodeSet.update, a | b),
        (NodeSet.intersection_update, a & b),
        (NodeSet.difference_update, a - b),
        (NodeSet.symmetric_difference_update, a ^ b),
    ):
        x, y = node_set(a), node_set(b)
        change(x, y)
        assert x == node_set(expected)
        x.update("a1,r1n1,x")
        assert y == node_set(b), "the operand is shared"


@given(names)
def test_text_reads_back(members: set[str]) -> None:
    nodes = node_set(members)
    assert NodeSet(str(nodes)) == nodes
    assert NodeSet(",".join(members)) == nodes
    for autostep in (2, 3):
        assert NodeSet(str(NodeSet(nodes, autostep=autostep))) == nodes
    for axes in ([0], [-1], []):
        assert NodeSet(str(NodeSet(",".join(members), fold_axis=axes))) == nodes
    one_by_one = NodeSet()
    for each in members:
        one_by_one.add(each)
    assert one_by_one == nodes


@given(names, st.integers(-45, 45), st.integers(-45, 45), st.sampled_from([None, 1, 2, 3, -1, -2]))
def test_access_is_that_of_a_list(
    members: set[str], start: int, stop: int, step: int | None
) -> None:
    nodes = node_set(members)
    ordered = list(nodes)
    assert set(nodes[start:stop:step]) == set(ordered[start:stop:step])
    assert [nodes[rank] for rank in range(len(ordered))] == ordered
    assert [nodes.index(each) for each in ordered] == list(range(len(ordered)))


@given(names, st.integers(1, 50))
def test_parts_are_the_whole(members: set[str], nbr: int) -> None:
    nodes = node_set(members)
    parts = list(nodes.split(nbr))
    assert len(parts) == min(nbr, len(members))
    sizes = [len(part) for part in parts]
    ordered = iter(list(nodes))
    assert [set(part) for part in parts] == [set(islice(ordered, size)) for size in sizes]
    assert sizes == sorted(sizes, reverse=True)
    assert not sizes or sizes[0] - sizes[-1] <= 1
    runs = list(nodes.contiguous())
    assert NodeSet.fromlist(runs) == nodes
    assert sum(map(len, runs)) == len(nodes)


operand = st.lists(name, min_size=1, max_size=4).map(lambda group: str(node_set(set(group))))


@given(st.lists(st.tuples(st.sampled_from(",!&^"), operand), max_size=6))
def test_expressions_go_from_left_to_right(steps: list[tuple[str, str]]) -> None:
    operations = {",": set.union, "!": set.difference, "&": set.intersection}
    expected: set[str] = {"a1"}
    text = "a1"
    for sign, right in steps:
        # An operand of several parts is several operands: only the first has the sign.
        for part_sign, part in zip([sign, *[","] * len(right)], NodeSet(right).contiguous()):
            operation = operations.get(part_sign, set.symmetric_difference)
            expected = operation(expected, set(part))
            text += f" {part_sign} {part}"
    assert set(NodeSet(text, resolver=NO_GROUPS)) == expected


any_name = st.text(st.sampled_from("ab0129é@*?,!&^[]()%-/ \n"), min_size=1, max_size=8)


@given(st.sets(any_name.filter(lambda text: text.strip() == text), max_size=12))
def test_names_taken_as_they_are_stay_as_they_are(members: set[str]) -> None:
    made = NodeSet.fromnames(members)
    assert len(made) == len(members)
    assert set(made) == members
