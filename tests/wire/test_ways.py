"""Ways as text: what is written is read, what is shared stays shared, all else is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from said import WAYS

from clush.errors import ProtocolError
from clush.wire.ways import MAX_LEVELS, MAX_NAME, Ways, depth, read, write


@given(WAYS)
def test_what_is_written_is_read(ways: Ways) -> None:
    assert read(write(ways)) == ways


LEAVES: Ways = {"c1": {}, "c2": {}}
WRITTEN = [
    ({}, b""),
    ({"a1": {}}, b"0\ta1"),
    ({"a1": {}, "a2": {}}, b"0\ta1\ta2"),
    ({"a1": LEAVES, "a2": LEAVES, "a3": {}}, b"0\ta1\ta2\n1\tc1\tc2\n0\ta3"),
    ({"a1": {"b1": LEAVES}, "b": {}}, b"0\ta1\n1\tb1\n2\tc1\tc2\n0\tb"),
    ({"n\xf6rd": {}}, b"0\tn\xc3\xb6rd"),
]


@pytest.mark.parametrize(("ways", "text"), WRITTEN)
def test_how_it_is_written(ways: Ways, text: bytes) -> None:
    assert write(ways) == text
    assert read(text) == ways


def test_what_many_share_is_written_and_made_once() -> None:
    """A thousand gateways that each hundred, and each ten, reach."""
    ways: dict[str, Any] = {}
    for count in (1000, 100, 10):
        ways = dict.fromkeys((f"gw{count}-{number}" for number in range(count)), ways)
    text = write(ways)
    assert len(text) < 14_000
    found = read(text)
    assert found == ways
    [below] = {id(below) for below in found.values()}
    assert below == id(found["gw10-0"])


def deep(levels: int) -> dict[str, Any]:
    return {"gw": deep(levels - 1)} if levels else {}


def test_levels_are_bounded() -> None:
    assert read(write(deep(MAX_LEVELS))) == deep(MAX_LEVELS)
    for levels in (MAX_LEVELS + 1, 900):
        with pytest.raises(ProtocolError):
            read(write(deep(levels)))


def test_depth() -> None:
    assert depth({}) == 0
    assert depth({"a": {}, "b": {"c": {}}}) == 2
    assert depth(deep(9)) == 9
    ways: Ways = {}
    for _ in range(20):
        ways = {"a": ways, "b": ways}
    assert depth(ways) == 20


LEVEL, NAME = "a line of ways at a level that is none", "a line of ways without a name"
REFUSED = [
    (b"1\tgw", LEVEL),
    (b"0\tgw\n2\tgw", LEVEL),
    (b"gw", LEVEL),
    (b"\tgw", LEVEL),
    (b"-1\tgw", LEVEL),
    (b"0" * 5000 + b"\tgw", LEVEL),
    ("\u0660\tgw".encode(), LEVEL),  # another zero
    (b"0\tgw\n", LEVEL),
    (b"0", NAME),
    (b"0\t", NAME),
    (b"0\tgw\t\tgw2", NAME),
    (b"0\tgw\x1b[2J", NAME),
    (b"0\t" + b"x" * (MAX_NAME + 1), NAME),
    (b"0\tgw\tgw", "a gateway is named twice"),
    (b"0\tgw\n1\tgw\n0\tgw", "a gateway is named twice"),
    (b"0\tgw\xff", "ways are no text"),
]


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_what_is_none_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(ProtocolError, match=why) as caught:
        read(text)
    assert str(caught.value).isprintable()
