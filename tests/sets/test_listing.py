"""`clush.sets.listing`: members by position, against a plain list of them."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clush.sets import listing
from clush.sets.listing import Listing
from clush.sets.ranges import RangeSet

# Vectors that are disjoint: each has indexes of its own on one of the axes.
VECTORS = [
    ("1-3", "4,6", "01-03"),
    ("4", "1-5", "7"),
    ("5-9", "7", "08-12"),
    ("10", "11", "12"),
    ("20-30/5", "1-2", "5"),
]
PLAIN = [m for vector in VECTORS for m in product(*[list(RangeSet(text)) for text in vector])]

slices = st.builds(
    slice,
    st.integers(0, len(PLAIN)),
    st.integers(0, len(PLAIN) + 5),
    st.integers(1, 12),
)


def folded() -> Listing:
    return Listing(
        [tuple(text if text.isdigit() else RangeSet(text) for text in v) for v in VECTORS]
    )


@pytest.fixture(params=["listed", "too large to be listed"], autouse=True)
def _limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param != "listed":
        monkeypatch.setattr(listing, "LISTED", 1)
        monkeypatch.setattr(listing, "TABLED", 1)


def test_iteration() -> None:
    assert list(folded()) == PLAIN


def test_position_and_member() -> None:
    members = folded()
    assert [members.at(position) for position in range(len(PLAIN))] == PLAIN
    assert [members.position(member) for member in PLAIN] == list(range(len(PLAIN)))


def test_every_interval_is_cut_into_disjoint_products() -> None:
    members = folded()
    for start in range(len(PLAIN)):
        for stop in range(start, len(PLAIN) + 1):
            cut = [m for sets in members.between(start, stop) for m in product(*sets)]
            assert cut == PLAIN[start:stop]


@settings(max_examples=60)
@given(slices)
def test_picked(some: slice) -> None:
    assert list(folded().picked(range(len(PLAIN))[some])) == PLAIN[some]


def test_a_huge_vector_is_not_listed() -> None:
    huge = Listing([(RangeSet("1-3"), RangeSet("1-10000000"))])
    assert huge.at(25000000) == ("3", "5000001")
    assert huge.position(("2", "7")) == 10000006
    assert next(iter(huge)) == ("1", "1")
    assert list(huge.picked(range(0, 30000000, 10000000))) == [(n, "1") for n in "123"]
    cut = [list(map(str, sets)) for sets in huge.between(9999999, 20000001)]
    assert cut == [["1", "10000000"], ["2", "1-10000000"], ["3", "1"]]
