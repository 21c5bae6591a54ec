"""RangeSetND: text, access in order and the laws of sets, against sets of tuples."""

from __future__ import annotations

import copy
import doctest
import operator
import pickle
import random
from itertools import islice, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clush.errors import RangeSetError, RangeSetParseError
from clush.sets import grid
from clush.sets.grid import RangeSetND
from clush.sets.ranges import AUTOSTEP_DISABLED, RangeSet

Member = tuple[str, ...]

INDEXES = ["1", "2", "3", "01", "02", "9", "10", "010"]


@st.composite
def many_member_sets(draw: st.DrawFn, count: int) -> list[set[Member]]:
    dim = draw(st.integers(1, 4))
    members = st.tuples(*[st.sampled_from(INDEXES)] * dim)
    return [draw(st.sets(members, max_size=25)) for _ in range(count)]


def of(members: set[Member]) -> RangeSetND:
    return RangeSetND(sorted(members))


def lines(*vectors: str) -> str:
    return "".join(f"{vector}\n" for vector in vectors)


def test_example() -> None:
    assert doctest.testmod(grid).attempted


# Text


@pytest.mark.parametrize(
    ("vectors", "text"),
    [
        ([["7-8", "2,4"]], lines("7-8; 2,4")),
        ([["1-3", "1-2"], ["4", "1"]], lines("1-3; 1-2", "4; 1")),
        ([["1-2", "1-2"], ["2-3", "2-3"]], lines("2; 1-3", "1; 1-2", "3; 2-3")),
        ([["9", "1"], ["10", "2"]], lines("10; 2", "9; 1")),
        ([["9-11", "1"], ["12", "2"]], lines("9-11; 1", "12; 2")),
        ([["5-6", "1"], ["5", "2-3"]], lines("5; 1-3", "6; 1")),
        ([["0,1,9", "5"], ["0,5,9", "3"]], lines("1,9; 5", "5,9; 3", "0; 3,5")),
        ([["1", "1"], ["1", "01"], ["2", "1"], ["2", "01"]], lines("1-2; 1,01")),
        ([["1-2"], ["4"]], lines("1-2,4")),
        ([[RangeSet("1-2"), RangeSet("3")], ["7", 8]], lines("1-2; 3", "7; 8")),
        ([[RangeSet(), "3"]], ""),
        ([], ""),
    ],
)
def test_folded_text(vectors: list, text: str) -> None:
    assert str(RangeSetND(vectors)) == text


def test_ints_are_padded_axis_by_axis() -> None:
    assert str(RangeSetND([(1, 2), (3, 4)], pads=[2, 0])) == lines("01; 2", "03; 4")


def test_text_of_operations() -> None:
    square = RangeSetND([["1-4", "1-4"]])
    assert str(square - RangeSetND([["2", "2"]])) == lines("1,3-4; 1-4", "2; 1,3-4")
    assert str(square ^ RangeSetND([["3-6", "3-6"]])) == lines(
        "1-2; 1-4", "3-4; 1-2,5-6", "5-6; 3-6"
    )


@settings(max_examples=100)
@given(many_member_sets(1), st.randoms(use_true_random=False))
def test_text_is_a_function_of_the_set_alone(sets: list[set[Member]], rnd: random.Random) -> None:
    members = sorted(sets[0])
    text = str(of(sets[0]))
    rnd.shuffle(members)
    one_by_one = RangeSetND()
    for member in members:
        one_by_one.update([member])
    assert str(one_by_one) == text
    cut = rnd.randint(0, len(members))
    assert str(RangeSetND(members[:cut]) | RangeSetND(members[cut:])) == text
    assert str(RangeSetND(one_by_one.vectors())) == text
    if members:
        everything = RangeSetND([[",".join(INDEXES)] * len(members[0])])
        assert str(everything - (everything - one_by_one)) == text


@settings(max_examples=60)
@given(many_member_sets(1))
def test_vectors_are_disjoint_and_cannot_join(sets: list[set[Member]]) -> None:
    vectors = of(sets[0]).vectors()
    members = [member for vector in vectors for member in product(*vector)]
    assert len(members) == len(set(members))
    assert set(members) == sets[0]
    for place, one in enumerate(vectors):
        for other in vectors[place + 1 :]:
            assert sum(axis != beside for axis, beside in zip(one, other)) != 1


@pytest.mark.parametrize("side", [20, 300], ids=["from members", "from groups"])
def test_large_sets_have_one_text_however_they_are_made(side: int) -> None:
    low, high, middle = f"1-{side // 2}", f"{side // 2 + 1}-{side}", f"{side // 3}-{side - 5}"
    holes = [[str(i % side + 1), str(i * 7 % side + 1), str(i % 3 + 1)] for i in range(150)]
    whole = RangeSetND([[f"1-{side}", f"1-{side}", "1-3"]])
    one = whole - RangeSetND(holes)
    parts = [[x, y, z] for x in (low, high) for y in (low, high) for z in ("1,3", "2")]
    parts += [[middle, middle, "1-2"], [middle, low, "3"]]
    texts = set()
    for seed in range(4):
        random.Random(seed).shuffle(parts)
        other = RangeSetND()
        for part in parts:
            other.update([part])
            if seed % 2:
                len(other)  # nothing waits any more
        if seed < 2:
            other -= RangeSetND(holes)
        else:
            for hole in holes:
                other.difference_update([hole])
        assert other == one
        texts.add(str(other))
    assert texts == {str(one), str(whole ^ RangeSetND(holes))}


def test_a_product_of_a_million_stays_one() -> None:
    cube = RangeSetND([["1-100"] * 3])
    assert len(cube) == 1000000
    assert str(cube) == lines("1-100; 1-100; 1-100")
    assert ("100", "1", "50") in cube
    assert ("100", "1", "050") not in cube
    assert str(cube | cube) == str(cube | RangeSetND([["1-100"] * 3])) == str(cube)
    assert str(cube & RangeSetND([["50-150"] * 3])) == lines("50-100; 50-100; 50-100")
    assert RangeSetND([["5-9", "1-100", "7"]]) <= cube
    cube -= RangeSetND([[5, 7, 9]])
    assert str(cube) == lines("1-4,6-100; 1-100; 1-100", "5; 1-6,8-100; 1-100", "5; 7; 1-8,10-100")
    assert cube.index((5, 8, 1)) == 990600
    assert cube[990600] == ("5", "8", "1")
    assert str(cube[999990:]) == lines("5; 7; 92-100")


# autostep


def test_autostep() -> None:
    vectors = [["1,3,5", "1-2"]]
    stepped = RangeSetND(vectors, autostep=3)
    assert str(stepped) == lines("1-5/2; 1-2")
    assert list(stepped.texts()) == [["1-5/2", "1-2"]]
    assert [values.autostep for values in stepped.vectors()[0]] == [3, 3]
    assert str(stepped | RangeSetND(vectors)) == lines("1-5/2; 1-2")
    assert str(RangeSetND(vectors) | stepped) == lines("1,3,5; 1-2")
    stepped.autostep = 4
    assert str(stepped) == lines("1,3,5; 1-2")
    assert stepped == RangeSetND(vectors)


@pytest.mark.parametrize(
    ("given", "autostep"),
    [(None, 3), (4, 4), (AUTOSTEP_DISABLED, AUTOSTEP_DISABLED)],
)
def test_autostep_of_range_sets_is_taken_over(given: float | None, autostep: float) -> None:
    vector = [RangeSet("1"), RangeSet("1,3,5", autostep=3)]
    assert RangeSetND([vector], autostep=given).autostep == autostep


@pytest.mark.parametrize(
    "again",
    [
        lambda s: s.copy(),
        copy.copy,
        copy.deepcopy,
        lambda s: pickle.loads(pickle.dumps(s)),
        lambda s: s | RangeSetND(),
        lambda s: s[:],
    ],
)
@pytest.mark.parametrize("vectors", [[["1,3,5", "01-04"], ["7", "8"]], [["1", "2"]], []])
def test_copies(again, vectors: list) -> None:
    first = RangeSetND(vectors, autostep=3)
    second = again(first)
    assert second == first
    assert str(second) == str(first)
    assert second.autostep == 3
    second.update([["100", "200"]])
    assert len(second) == len(first) + 1


def test_results_share_nothing() -> None:
    values = RangeSet("1-3")
    first = RangeSetND([[values, RangeSet("1-2")]])
    values.add("9")
    shown = first.vectors()
    shown[0][0].add("8")
    single = RangeSetND([["1-2"]])
    single.vectors()[0][0].add("8")
    assert str(first) == lines("1-3; 1-2")
    assert str(single) == lines("1-2")


# Members in order


@settings(max_examples=60)
@given(many_member_sets(1), st.data())
def test_sequence(sets: list[set[Member]], data: st.DataObject) -> None:
    members = of(sets[0])
    listed = list(members)
    assert set(listed) == sets[0]
    assert len(listed) == len(members) == len(sets[0])
    assert bool(members) == bool(listed)
    assert [members[place] for place in range(-len(listed), len(listed))] == listed * 2
    assert [members.index(member) for member in listed] == list(range(len(listed)))
    bound = st.none() | st.integers(-30, 30)
    some = slice(
        data.draw(bound), data.draw(bound), data.draw(st.sampled_from([None, 1, 2, -1, -3]))
    )
    assert set(members[some]) == set(listed[some])
    assert members[some] == RangeSetND(listed[some])


def test_position_errors() -> None:
    members = RangeSetND([["1-5", "2"]])
    with pytest.raises(IndexError, match="7 out of range"):
        members[7]
    with pytest.raises(TypeError, match="indices must be integers"):
        members["1"]  # type: ignore[call-overload]
    assert members.index((4, "2"), -2) == 3
    for wanted, bounds in [((4, 2), (1, 3)), ((1, 9), ()), ((1, 2, 3), ()), (("x", "y"), ())]:
        with pytest.raises(ValueError, match="is not in RangeSetND"):
            members.index(wanted, *bounds)
    for odd in ("12", 1):
        with pytest.raises(TypeError, match="must be a vector"):
            members.index(odd)  # type: ignore[arg-type]


def test_membership() -> None:
    members = RangeSetND([["1-2", "03-04"], ["10", "7"]])
    assert ("1", "03") in members
    assert ["2", "04"] in members
    assert (10, 7) in members
    assert RangeSetND([["1", "03-04"]]) in members
    assert RangeSetND() in members
    for absent in [("1", "3"), (1, 3), ("1",), ("1", "03", "1"), "1", 1, None, ("1-2", "03"), ()]:
        assert absent not in members


def test_contiguous() -> None:
    members = RangeSetND([["1-5,7", "2,4"], ["10", "1"]])
    assert [str(part) for part in members.contiguous()] == [
        lines("1-5; 2"), lines("1-5; 4"), lines("7; 2"), lines("7; 4"), lines("10; 1")
    ]  # fmt: skip


def test_padding() -> None:
    members = RangeSetND([["1-2", "03-04"], ["7", "1"], ["001", "1"]])
    assert members.pads() == (3, 2)
    assert members.dim() == 2
    assert RangeSetND().pads() == ()
    assert RangeSetND().dim() == 0
    assert list(RangeSetND([["1", "03-04"], ["7", "1"]]).iter_padding()) == [
        (("1", "03"), [None, 2]),
        (("1", "04"), [None, 2]),
        (("7", "1"), [None, None]),
    ]


def test_iteration_over_a_huge_set_makes_no_list() -> None:
    huge = RangeSetND([["1-2", "1-20000000"]])
    assert list(islice(huge, 2)) == [("1", "1"), ("1", "2")]
    assert huge[39999999] == ("2", "20000000")


# Algebra


@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("union", operator.or_),
        ("intersection", operator.and_),
        ("difference", operator.sub),
        ("symmetric_difference", operator.xor),
    ],
)
@settings(max_examples=40)
@given(many_member_sets(2))
def test_laws(name: str, law, sets: list[set[Member]]) -> None:
    mine, theirs = of(sets[0]), of(sets[1])
    expected = law(*sets)
    text = str(of(expected))
    assert str(law(mine, theirs)) == text
    assert str(getattr(mine, name)(theirs)) == text
    assert set(getattr(mine, name)(sorted(sets[1]))) == expected
    in_place = mine.copy()
    assert getattr(in_place, "update" if name == "union" else f"{name}_update")(theirs) is None
    assert set(in_place) == expected
    again = {
        "union": operator.ior,
        "intersection": operator.iand,
        "difference": operator.isub,
        "symmetric_difference": operator.ixor,
    }[name](in_place, theirs)
    assert again is in_place
    assert set(again) == law(expected, sets[1])
    assert set(mine) == sets[0]
    assert set(theirs) == sets[1]


@settings(max_examples=80)
@given(many_member_sets(2))
def test_comparisons(sets: list[set[Member]]) -> None:
    mine, theirs = of(sets[0]), of(sets[1])
    for law in (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge):
        assert law(mine, theirs) == law(*sets)
    assert mine.issubset(mine | theirs)
    assert (mine | theirs).issuperset(sorted(sets[1]))
    assert (mine & theirs).issubset(theirs)


def test_strict_difference_takes_nothing_when_something_is_missing() -> None:
    members = RangeSetND([["1-2", "03-05"]])
    with pytest.raises(KeyError) as caught:
        members.difference_update(RangeSetND([["1-2", "03-09"]]), strict=True)
    assert caught.value.args == (("1", "06"),)
    assert len(members) == 6
    members.difference_update(RangeSetND([["1", "03-05"]]), strict=True)
    assert str(members) == lines("2; 03-05")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: RangeSetND([["1"], ["1", "2"]]), "vectors of 1 and of 2 axes in one set"),
        (lambda: RangeSetND([["1"]]) | RangeSetND([["1", "2"]]), "vectors of 1 and of 2 axes"),
        (lambda: RangeSetND([["1", "2"]]).update([["1"]]), "vectors of 2 and of 1 axes"),
        (lambda: RangeSetND([["1", "2"]]) & RangeSetND([["1"]]), "vectors of 2 and of 1 axes"),
        (lambda: RangeSetND([[]]), "a vector without axes"),
    ],
)
def test_lengths_must_agree(wrong, message: str) -> None:
    with pytest.raises(RangeSetError, match=message):
        wrong()


def test_sets_of_other_lengths_compare() -> None:
    line, plane, nothing = RangeSetND([["1"]]), RangeSetND([["1", "2"]]), RangeSetND()
    assert line != plane
    assert not line <= plane
    assert nothing <= line
    assert nothing == RangeSetND([]) == plane - plane
    assert nothing | plane == plane
    emptied = plane - plane
    emptied.update(line)
    assert emptied == line


def test_a_refused_vector_changes_nothing() -> None:
    members = RangeSetND([["1", "2"]])
    with pytest.raises(RangeSetParseError):
        members.update([["3", "4"], ["5", "x"]])
    assert str(members) == lines("1; 2")


@pytest.mark.parametrize("law", [operator.or_, operator.isub, operator.lt, operator.ge])
def test_operators_want_two_sets(law) -> None:
    with pytest.raises(TypeError):
        law(RangeSetND([["1", "2"]]), [["1", "2"]])


def test_is_no_key_and_equals_nothing_else() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(RangeSetND())
    assert RangeSetND([["1"]]) != [("1",)]
