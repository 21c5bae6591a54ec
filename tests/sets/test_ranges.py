"""RangeSet: text and back, algebra against Python sets of texts, access in order."""

from __future__ import annotations

import copy
import operator
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.errors import RangeSetError, RangeSetParseError
from clush.sets.ranges import AUTOSTEP_DISABLED, RangeSet
from clush.sets.rangetext import MAX_SPREAD

small = st.integers(-30, 130).map(str)
padded = st.builds(lambda n, width: str(n).zfill(width), st.integers(0, 130), st.integers(1, 4))
large = st.integers(0, 10**30).map(str)
elements = st.sets(st.one_of(small, padded, padded, large), max_size=60)


def in_order(texts: set[str]) -> list[str]:
    def key(text: str) -> tuple[int, int]:
        return (0 if text[0] == "-" else len(text), int(text))

    return sorted(texts, key=key)


# Text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("08-11", "08-11"),
        ("8-11", "8-11"),
        ("099-101", "099-101"),
        ("7,07,007", "7,07,007"),
        ("8-12,08-12", "8-9,08-12"),
        ("099-999,1000", "099-999,1000"),
        ("00-10/5", "00,05,10"),
        ("0,00,000", "0,00,000"),
        ("-1,1,0,01", "-1-1,01"),
        ("1-16/5,4", "1,4,6,11,16"),
        ("1-4/4", "1"),
        ("5,3-4,9-7".replace("9-7", "7-9"), "3-5,7-9"),
        (" 1 - 5 / 2 , 9", "1,3,5,9"),
        ("- 5", "-5"),
        ("-5--1", "-5--1"),
        ("-2-2", "-2-2"),
        ("-0", "0"),
        ("7/1", "7"),
        ("0-3/001", "0-3"),
        ("08,99-100", "08,99-100"),
        ("1,99-100", "1,99-100"),
        ("9-10,1", "1,9-10"),
        ("0" * 200 + "7", "0" * 200 + "7"),
        (str(10**100), str(10**100)),
        (f"{10**99}-{10**99 + 5000}", f"{10**99}-{10**99 + 5000}"),
        ("0-268435455", "0-268435455"),
    ],
)
def test_folded_text(text: str, folded: str) -> None:
    assert str(RangeSet(text)) == folded
    assert repr(RangeSet(text)) == folded
    assert RangeSet(folded) == RangeSet(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1-010", 'padding length mismatch : "1-010"'),
        ("08-9", 'padding length mismatch : "08-9"'),
        ("0-010", 'padding length mismatch : "0-010"'),
        ("00-3", 'padding length mismatch : "00-3"'),
        ("-1-01", 'padding length mismatch : "-1-01"'),
        ("-01", 'padding not supported in negative ranges : "-01"'),
        ("9-3", 'invalid values in range : "9-3"'),
        ("1,9-3", 'invalid values in range : "9-3"'),
        ("5--3", 'invalid values in range : "5--3"'),
        ("1-9/0", 'invalid values in range : "1-9/0"'),
        ("1-9/-1", 'invalid values in range : "1-9/-1"'),
        ("7/2", 'invalid step usage : "7/2"'),
        ("-3/2", 'invalid step usage : "-3/2"'),
        ("1-", 'cannot convert string to integer : "1-"'),
        ("4x", 'cannot convert string to integer : "4x"'),
        (" 1 0 ", 'cannot convert string to integer : "1 0"'),
        ("-", 'cannot convert string to integer : "-"'),
        ("1-2-3", 'cannot convert string to integer : "1-2-3"'),
        ("+5", 'cannot convert string to integer : "+5"'),
        ("1_000", 'cannot convert string to integer : "1_000"'),
        ("१", 'cannot convert string to integer : "१"'),
        ("1-३", 'cannot convert string to integer : "1-३"'),
        ("1-3/", 'cannot convert string to integer : "1-3/"'),
        ("1-3/1/1", 'cannot convert string to integer : "1-3/1/1"'),
        ("1,,2", "empty range"),
        ("1,", "empty range"),
        ("", "empty range"),
        (" ", "empty range"),
        ("1" * 101, f'invalid values in range : "{"1" * 101}"'),
        ("1" * 5000, f'invalid values in range : "{"1" * 5000}"'),
        ("0" * 5000, f'invalid values in range : "{"0" * 5000}"'),
        ("1-1" + "0" * 101, f'invalid values in range : "1-1{"0" * 101}"'),
        ("1-99999999999", f'range too large (limit is {MAX_SPREAD}) : "1-99999999999"'),
        ("0-1000000000/10", f'range too large (limit is {MAX_SPREAD}) : "0-1000000000/10"'),
        (f"0-{10**99}/4", f'range too large (limit is {MAX_SPREAD}) : "0-{10**99}/4"'),
        (
            "1-200000000,300000000-500000000",
            f'range too large (limit is {MAX_SPREAD}) : "300000000-500000000"',
        ),
    ],
)
def test_refused_text(text: str, message: str) -> None:
    with pytest.raises(RangeSetParseError) as caught:
        RangeSet(text)
    assert str(caught.value) == message
    assert isinstance(caught.value, RangeSetError)


def test_a_wide_step_is_not_a_large_range() -> None:
    assert list(RangeSet(f"0-{10**100}/{10**99}"))[-1] == str(10**100)


@given(elements)
def test_text_reads_back(texts: set[str]) -> None:
    made = RangeSet(texts)
    assert list(made) == in_order(texts)
    assert len(made) == len(texts)
    for autostep in (None, 2, 3, 5, AUTOSTEP_DISABLED):
        made.autostep = autostep
        folded = str(made)
        assert (RangeSet(folded) if folded else RangeSet()) == made


@pytest.mark.parametrize(
    ("text", "autostep", "folded"),
    [
        ("1,3,5,9", 3, "1-5/2,9"),
        ("1,3,5,9", 4, "1,3,5,9"),
        ("1,3,5,9", AUTOSTEP_DISABLED, "1,3,5,9"),
        ("1-2,4,6", 2, "1-2,4-6/2"),
        ("2,6,8,10,14", 3, "2,6-10/2,14"),
        ("0-60/10,5", 3, "0-10/5,20-60/10"),
        ("0,3-4,7", 2, "0-3/3,4,7"),
        ("01,03,05,2,4,6", 3, "2-6/2,01-05/2"),
        ("06,08-12", 2, "06-08/2,09-12"),
        ("08,10,12", 3, "08-12/2"),
        ("98,100,102", 3, "98-102/2"),
        ("098,100,102", 3, "098-102/2"),
        ("-4,-2,0,2", 3, "-4-2/2"),
        ("1-3,5-7,9", 2, "1-3,5-7,9"),
    ],
)
def test_autostep(text: str, autostep: float, folded: str) -> None:
    made = RangeSet(text, autostep=autostep)
    assert str(made) == folded
    assert RangeSet(folded) == made
    assert made.autostep == autostep


def test_autostep_is_kept_by_operations_and_not_by_conversion() -> None:
    stepped = RangeSet("1,3,5", autostep="2")
    assert stepped.autostep == 2
    for kept in (stepped.copy(), stepped | RangeSet("7"), stepped[:2], next(stepped.split(2))):
        assert kept.autostep == 2
    assert RangeSet(stepped).autostep is None
    assert stepped == RangeSet("1,3,5")
    with pytest.raises(ValueError, match="auto"):
        stepped.autostep = "auto"


# Construction


def test_construction_from_many_kinds() -> None:
    assert str(RangeSet([3, 1, "02", "7-9"])) == "1,3,7-9,02"
    assert str(RangeSet.fromlist(["4", RangeSet("1-2"), [9], None])) == "1-2,4,9"
    assert str(RangeSet()) == ""
    assert str(RangeSet([])) == ""
    with pytest.raises(TypeError):
        RangeSet(5)  # type: ignore[arg-type]
    with pytest.raises(RangeSetParseError, match="empty range"):
        RangeSet(["1", ""])


@pytest.mark.parametrize(
    ("index", "pad", "folded"),
    [
        (5, 3, "005"),
        (slice(3), 0, "0-2"),
        (slice(2, 9, 3), 2, "02,05,08"),
        (slice(8, 12), 2, "08-11"),
        (slice(-2, 2), 2, "-2--1,00-01"),
        (slice(3, 3), 0, ""),
        ("007", 0, "007"),
        (-5, 3, "-5"),
    ],
)
def test_fromone(index: int | str | slice, pad: int, folded: str) -> None:
    assert str(RangeSet.fromone(index, pad)) == folded


@pytest.mark.parametrize("index", ["1-3", "x", "", "1,2", slice(1, None)])
def test_fromone_refuses_what_is_not_one(index: str | slice) -> None:
    with pytest.raises(ValueError):
        RangeSet.fromone(index)


# Algebra


@given(elements, elements)
def test_algebra_is_that_of_sets_of_texts(a: set[str], b: set[str]) -> None:
    x, y = RangeSet(a), RangeSet(b)
    for made, expected in (
        (x | y, a | b),
        (x & y, a & b),
        (x - y, a - b),
        (x ^ y, a ^ b),
    ):
        assert made == RangeSet(expected)
        assert list(made) == in_order(expected)
    assert (x == y, x <= y, x < y, x >= y, x > y) == (a == b, a <= b, a < b, a >= b, a > b)
    assert x.isdisjoint(y) == a.isdisjoint(b)
    assert (x.key() == y.key()) == (a == b)
    assert x.issuperset(b) == a.issuperset(b)
    assert list(x) == in_order(a), "an operand was changed"


@given(elements, elements)
def test_changes_in_place_do_not_reach_the_operand(a: set[str], b: set[str]) -> None:
    changes = (
        (RangeSet.update, a | b),
        (RangeSet.intersection_update, a & b),
        (RangeSet.difference_update, a - b),
        (RangeSet.symmetric_difference_update, a ^ b),
    )
    for change, expected in changes:
        x, y = RangeSet(a), RangeSet(b)
        change(x, y)
        assert x == RangeSet(expected)
        x.add("5")
        x.add("05")
        assert y == RangeSet(b)


@given(elements, st.one_of(small, padded))
def test_one_element(texts: set[str], elem: str) -> None:
    made = RangeSet(texts)
    assert (elem in made) == (elem in texts)
    made.add(elem)
    assert made == RangeSet(texts | {elem})
    made.remove(elem)
    assert made == RangeSet(texts - {elem})
    made.discard(elem)
    with pytest.raises(KeyError, match=elem):
        made.remove(elem)


def test_operators() -> None:
    x = RangeSet("1-5")
    same = x
    x |= RangeSet("6")
    x &= RangeSet("2-9")
    x -= RangeSet("4")
    x ^= RangeSet("2,8")
    assert x is same
    assert str(x) == "3,5-6,8"
    for name in ("or_", "and_", "sub", "xor", "ior", "iand", "isub", "ixor", "lt", "le", "ge"):
        with pytest.raises(TypeError):
            getattr(operator, name)(x, "1")
    assert x != "3,5-6,8"
    with pytest.raises(TypeError):
        hash(x)


def test_padding_takes_part() -> None:
    assert str(RangeSet("1-3") & RangeSet("01-03")) == ""
    assert str(RangeSet("8-12") & RangeSet("08-12")) == "10-12"


def test_strict_difference_is_all_or_nothing() -> None:
    made = RangeSet("1-5")
    with pytest.raises(KeyError, match="'7'"):
        made.difference_update(RangeSet("3,7,8"), strict=True)
    assert str(made) == "1-5"
    made.difference_update(RangeSet("3"), strict=True)
    assert str(made) == "1-2,4-5"


def test_updaten() -> None:
    made = RangeSet("1")
    made.updaten(["3-4", RangeSet("07"), 9, ["5"]])
    assert str(made) == "1,3-5,9,07"


@pytest.mark.parametrize("elem", ["x", "6-8", "", "1,2", "-03", "+5", "1/2"])
def test_add_takes_one_index(elem: str) -> None:
    with pytest.raises(ValueError):
        RangeSet().add(elem)


def test_add_pads_ints_only() -> None:
    made = RangeSet()
    made.add(7, pad=3)
    made.add("8", pad=3)
    made.add(1234, pad=3)
    made.add_range(8, 11, pad=2)
    assert str(made) == "8,08-10,007,1234"


def test_what_is_no_index_is_not_in() -> None:
    made = RangeSet("1-3")
    made.discard("x")
    with pytest.raises(KeyError, match="'1-2'"):
        made.remove("1-2")
    assert str(made) == "1-3"


def test_pop_and_clear() -> None:
    made = RangeSet("1,01")
    assert {made.pop(), made.pop()} == {"1", "01"}
    with pytest.raises(KeyError):
        made.pop()
    made = RangeSet("1-3")
    made.clear()
    assert not made


# Access


@pytest.mark.parametrize(
    ("item", "answer"),
    [
        ("10", True),
        (10, True),
        (9, False),
        ("09", True),
        ("9", False),
        ("009", False),
        ("08-10", False),
        (" 10", False),
        ("x", False),
        (None, False),
        (1.5, False),
        (RangeSet("09-10"), True),
        (RangeSet("9-10"), False),
        (RangeSet(), True),
    ],
)
def test_contains(item: object, answer: bool) -> None:
    assert (item in RangeSet("08-12")) is answer


@given(elements, st.integers(-70, 70), st.integers(-70, 70), st.integers(-5, 5))
def test_access_is_that_of_a_list(texts: set[str], start: int, stop: int, step: int) -> None:
    made, ordered = RangeSet(texts), in_order(texts)
    assert made[start : stop : step or None] == RangeSet(ordered[start : stop : step or None])
    assert made[start:] == RangeSet(ordered[start:])
    assert [int(text) for text in ordered] == list(made.intiter())
    assert list(reversed(made)) == ordered[::-1]
    for rank, elem in enumerate(ordered):
        assert made.index(elem) == rank
        assert made[rank] == made[rank - len(ordered)] == elem
    with pytest.raises(IndexError):
        made[len(ordered)]


@pytest.mark.parametrize("nbr", [1, 2, 3, 7, 50, 100])
@given(texts=elements)
def test_split(nbr: int, texts: set[str]) -> None:
    parts = list(RangeSet(texts).split(nbr))
    sizes = [len(part) for part in parts]
    assert len(parts) == min(nbr, len(texts))
    assert [elem for part in parts for elem in part] == in_order(texts)
    assert sizes == sorted(sizes, reverse=True)
    assert not sizes or sizes[0] - sizes[-1] <= 1


def test_split_checks_when_it_starts() -> None:
    parts = RangeSet("1-3").split(0)
    with pytest.raises(AssertionError):
        next(parts)


def test_contiguous_and_slices() -> None:
    runs = RangeSet("8-10,08,12", autostep=2).contiguous()
    assert [str(run) for run in runs] == ["8-9", "08", "10", "12"]
    assert list(RangeSet("4-6,9").slices()) == [slice(4, 7, 1), slice(9, 10, 1)]
    assert list(RangeSet("1,3,5", autostep=3).slices()) == [slice(1, 6, 2)]


@pytest.mark.parametrize(
    ("elem", "bounds", "answer"),
    [
        ("09", (), 1),
        (10, (), 2),
        ("09", (1,), 1),
        ("09", (-4, -1), 1),
        (9, (), None),
        ("x", (), None),
        ("09", (2,), None),
        ("09", (0, 1), None),
    ],
)
def test_index(elem: int | str, bounds: tuple[int, ...], answer: int | None) -> None:
    made = RangeSet("08-12")
    if answer is not None:
        assert made.index(elem, *bounds) == answer
        return
    with pytest.raises(ValueError, match=f"^{elem} is not in RangeSet$"):
        made.index(elem, *bounds)


def test_getitem_takes_integers() -> None:
    with pytest.raises(TypeError, match="RangeSet indices must be integers"):
        RangeSet("1")["0"]  # type: ignore[call-overload]


@pytest.mark.parametrize(("text", "answer"), [("-5,3", True), ("0-9", False), ("01", False)])
def test_has_negative(text: str, answer: bool) -> None:
    assert RangeSet(text).has_negative() is answer
    assert RangeSet().has_negative() is False


def test_dim() -> None:
    assert (RangeSet().dim(), RangeSet("4").dim()) == (0, 1)


# Padding, copies


@pytest.mark.parametrize(
    ("text", "width", "folded"),
    [
        ("1-3,01", 3, "001-003"),
        ("1-3,01", None, "1-3"),
        ("1-3,001", 1, "1-3"),
        ("8-12", 2, "08-12"),
        ("98-101", 3, "098-101"),
        ("0998-1002", 0, "998-1002"),
        ("-3-2", 3, "-3--1,000-002"),
        ("500", 2, "500"),
        ("-5--2", 2, "-5--2"),
    ],
)
def test_setting_the_padding(text: str, width: int | None, folded: str) -> None:
    made = RangeSet(text)
    made.padding = width
    assert str(made) == folded


@pytest.mark.parametrize(
    ("text", "padding"), [("1-3", None), ("08-12", 2), ("1,01,001", 3), ("10-12", None)]
)
def test_padding_is_the_largest_width(text: str, padding: int | None) -> None:
    assert RangeSet(text).padding == padding


@given(elements, st.sampled_from([None, 3, AUTOSTEP_DISABLED]))
def test_copies_are_equal_and_apart(texts: set[str], autostep: float | None) -> None:
    made = RangeSet(texts, autostep=autostep)
    twins = [made.copy(), copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))]
    made.add("777")
    for twin in twins:
        assert twin == RangeSet(texts)
        assert twin.autostep == autostep
