"""Classic range sets: sets of texts, old accessors, old pickles."""

from __future__ import annotations

import operator
import pickle
from collections.abc import MutableSet

import pytest

from ClusterShell.RangeSet import (
    AUTOSTEP_DISABLED,
    RangeSet,
    RangeSetException,
    RangeSetND,
    RangeSetPaddingError,
    RangeSetParseError,
)


def test_sets_of_texts_take_part():
    ranges = RangeSet("1-2")
    assert isinstance(ranges, MutableSet)
    assert ranges == {"1", "2"}
    assert {"1", "2"} == ranges
    assert ranges != {"1"}
    assert ranges != {5.5}
    assert set(ranges) == {"1", "2"}
    for made, expected in (
        (ranges | {"7"}, "1-2,7"),
        ({"7"} | ranges, "1-2,7"),
        (ranges & {"2", "3"}, "2"),
        (ranges - {"2"}, "1"),
        ({"1", "9"} - ranges, "9"),
        (ranges ^ frozenset({"2", "3"}), "1,3"),
    ):
        assert str(made) == expected
        assert type(made) is RangeSet
    assert ranges < {"1", "2", "3"}
    assert ranges >= {"1"}
    assert {"1"} in ranges
    assert ranges.issubset({"1", "2"})
    assert ranges.issuperset({"2"})
    assert ranges.isdisjoint({"3"})


@pytest.mark.parametrize(
    "operate", [operator.lt, operator.le, operator.gt, operator.ge, operator.ior, operator.isub]
)
def test_what_is_no_set_takes_no_part(operate):
    with pytest.raises(TypeError, match="Binary operation only permitted between sets"):
        operate(RangeSet("1"), "1")
    with pytest.raises(TypeError):
        RangeSet("1") | "1"
    with pytest.raises(TypeError, match="only permitted between sets"):
        RangeSet("1").issubset("1")


def test_in_place_keeps_the_object():
    ranges = same = RangeSet("1-5")
    ranges |= {"6"}
    ranges &= {"2", "3", "6"}
    ranges -= {"2"}
    ranges ^= RangeSet("9")
    assert ranges is same
    assert str(ranges) == "3,6,9"


def test_old_names():
    ranges = RangeSet("1,3,5")
    ranges.set_autostep(3)
    assert (ranges.get_autostep(), str(ranges)) == (3, "1-5/2")
    assert list(ranges.striter()) == ["1", "3", "5"]
    ranges.union_update({"7"})
    assert str(ranges) == "1-7/2"
    vectors = RangeSetND([["1-2", "3"]])
    vectors.union_update(RangeSetND([["3", "3"]]))
    assert [list(map(str, vector)) for vector in vectors.veclist] == [["1-3", "3"]]
    vectors.set_autostep(2)
    assert vectors.get_autostep() == 2


def test_errors():
    with pytest.raises(RangeSetException):
        RangeSet("x")
    error = RangeSetPaddingError("01-2", "why")
    assert isinstance(error, RangeSetParseError)
    assert (str(error), error.part) == ('padding mismatch (why) : "01-2"', "01-2")


@pytest.mark.parametrize("text", ["1-3,05", None])
@pytest.mark.parametrize("autostep", [3, None, AUTOSTEP_DISABLED])
def test_pickles(text, autostep):
    made = pickle.loads(pickle.dumps(RangeSet(text, autostep=autostep)))
    assert made == RangeSet(text)
    assert type(made) is RangeSet
    assert made.autostep == autostep
