"""Node sets as command lines and files speak of them."""

from __future__ import annotations

from typing import Optional

import pytest

from clush.cli.nodes import fold_axes, pick, words
from clush.errors import CommandError, RangeSetParseError
from clush.sets.nodeset import NodeSet
from clush.sets.ranges import RangeSet


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("n1 n[2-3]\tn4\n\n  n5,n6!n5\n", ["n1", "n[2-3]", "n4", "n5,n6!n5"]),
        ("# nothing\nn1 # a comment\nn2#n3\r\nn4", ["n1", "n2", "n4"]),
        ("\ufeffn1\na\u00a0b c\u2028d\n\udcff x", ["n1", "a\u00a0b", "c\u2028d", "\udcff", "x"]),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert list(words(text)) == found


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        (None, None),
        ("", None),
        ("1", (0,)),
        ("1-2,4", (0, 1, 3)),
        ("-1", (-1,)),
        ("-2,1", (-2, 0)),
        ("0", ()),
    ],
)
def test_fold_axes(text: Optional[str], axes: Optional[tuple[int, ...]]) -> None:
    assert fold_axes(text) == axes


def test_fold_axes_that_are_no_numbers() -> None:
    with pytest.raises(RangeSetParseError):
        fold_axes("first")


@pytest.mark.parametrize("elements", [NodeSet("n[1-9],m1"), RangeSet("1-9,01")])
def test_pick(elements) -> None:
    assert pick(elements, 0) == pick(elements, 10) == pick(elements, 99) == elements
    some = pick(elements, 4)
    assert type(some) is type(elements)
    assert len(some) == 4
    assert some < elements
    with pytest.raises(CommandError):
        pick(elements, -1)
