"""`clush.sets.vectors`: what may stand for an axis."""

from __future__ import annotations

import pytest

from clush.errors import RangeSetParseError
from clush.sets.ranges import RangeSet
from clush.sets.vectors import VectorReader


@pytest.mark.parametrize(
    ("pads", "vector", "read", "has_ranges"),
    [
        ((), ["1", "02"], ("1", "02"), False),
        ((), ("1-3", "2"), ("1-3", "2"), True),
        ((), [1, 2], ("1", "2"), False),
        ((3, 0), [1, 2], ("001", "2"), False),
        ((3,), [1, 2], ("001", "2"), False),
        ((3,), [-1, 2], ("-1", "2"), False),
        ((), [RangeSet("4"), RangeSet("4-5")], ("4", "4-5"), True),
        ((), [" 7 ", "-0", "3-3"], ("7", "0", "3"), False),
        ((2,), [7, "8", RangeSet("9")], ("07", "8", "9"), False),
        ((), [RangeSet(), "1"], ("", "1"), True),
    ],
)
def test_read(pads: tuple[int, ...], vector: list, read: tuple[str, ...], has_ranges: bool) -> None:
    reader = VectorReader(pads, True)
    for _ in range(2):  # the second time all texts are known
        assert tuple(map(str, reader.read(vector))) == read
    assert reader.has_ranges == has_ranges


@pytest.mark.parametrize(
    ("vector", "error", "message"),
    [
        (["1", "x"], RangeSetParseError, "cannot convert"),
        (["1", ""], RangeSetParseError, "empty range"),
        ("12", TypeError, "a list or a tuple, not a text: '12'"),
        (["1", None], TypeError, "an axis is a text, an int or a RangeSet, not None"),
        ([["1"], "2"], TypeError, "an axis is"),
        (None, TypeError, "not iterable"),
    ],
)
def test_refused(vector: list, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        VectorReader((), True).read(vector)


def test_range_sets_are_copied_unless_they_are_handed_over() -> None:
    values = RangeSet("1-2", autostep=3)
    copied, given = (VectorReader((), copy).read([values])[0] for copy in (True, False))
    assert copied == values
    assert copied is not values
    assert given is values


def test_autostep_of_the_first_that_has_one() -> None:
    reader = VectorReader((), True)
    reader.read([RangeSet("1"), RangeSet("1-2", autostep=3), RangeSet("1", autostep=4)])
    assert reader.autostep == 3
