"""Numbers of targets as runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from said import IDS

from clush.errors import ProtocolError
from clush.wire import message as wire
from clush.wire.fields import pack_ids, unpack_ids
from clush.wire.message import MAX_NUMBER, MAX_TARGETS
from clush.wire.table import from_frame, to_frame


@pytest.mark.parametrize(
    ("ids", "runs"),
    [
        ([], []),
        ([0], [0, 1]),
        ([0, 1, 2], [0, 3]),
        ([5, 6, 7, 2], [5, 3, 2, 1]),
        ([2, 1, 0], [2, 1, 1, 1, 0, 1]),
        ([MAX_NUMBER - 1, MAX_NUMBER], [MAX_NUMBER - 1, 2]),
    ],
)
def test_runs(ids: list[int], runs: list[int]) -> None:
    assert pack_ids(ids) == runs
    assert unpack_ids(runs) == ids


@given(IDS)
def test_any_numbers_come_back_in_their_order(ids: list[int]) -> None:
    assert unpack_ids(pack_ids(ids)) == ids


@given(st.sets(st.integers(0, 200)))
def test_ascending_numbers_make_the_fewest_runs(ids: set[int]) -> None:
    gaps = sum(1 for number in ids if number - 1 not in ids)
    assert len(pack_ids(sorted(ids))) == 2 * gaps


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        (None, "no list of runs"),
        ("12", "no list of runs"),
        ({}, "no list of runs"),
        ([1], "no list of runs"),
        ([1, 0], "no list of runs"),
        ([1, -1], "no list of runs"),
        ([-1, 1], "no list of runs"),
        ([1.0, 1], "no list of runs"),
        ([1, True], "no list of runs"),
        ([[1, 1]], "no list of runs"),
        ([MAX_NUMBER, 2], "beyond"),
        ([0, 10**4000], "beyond"),
        ([0, MAX_TARGETS + 1], "more than 65536"),
        ([0, 40000, 50000, 40000], "more than 65536"),
        ([0, 2, 1, 1], "twice"),
    ],
)
def test_what_are_no_runs(runs: Any, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        unpack_ids(runs)
    header, data = to_frame(wire.Exposed(1, []))
    with pytest.raises(ProtocolError, match=f"^EXPOSED: ids .*{message}"):
        from_frame({**header, "ids": runs}, data)
