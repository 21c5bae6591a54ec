"""How gathered output looks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.cli import blocks
from clush.cli.colours import STDOUT


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """``data`` in pieces, some of them perhaps empty."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in zip(edges, edges[1:])]


@pytest.mark.parametrize(("count", "label"), [(0, "n"), (1, "n"), (2, "n (2)")])
def test_only_several_nodes_are_counted(count: int, label: str) -> None:
    assert blocks.counted("n", count) == label


def test_header() -> None:
    assert blocks.header("n[1-2] (2)") == b"---------------\nn[1-2] (2)\n---------------\n"
    assert blocks.header("n1", STDOUT, b"  ") == (  # one sequence over three lines
        b"\x1b[94m  ---------------\n  n1\n  ---------------\x1b[0m\n"
    )


def test_tag() -> None:
    assert blocks.tag("n1") == b"n1: "
    assert blocks.tag("n1", STDOUT) == b"\x1b[94mn1: \x1b[0m"


LINES = st.lists(st.binary(max_size=4).map(lambda line: line.replace(b"\n", b"") + b"\n"))


@given(LINES, st.lists(st.integers(0, 100)))
def test_each_line_is_tagged_wherever_chunks_are_cut(lines: list[bytes], places: list[int]) -> None:
    chunks = cut(b"".join(lines), places)
    assert b"".join(blocks.tagged(b"t: ", chunks)) == b"".join(b"t: " + line for line in lines)


def test_what_is_not_ascii_ends_with_its_last_line() -> None:
    chunks = blocks.tagged(b"t: ", blocks.readable(["é\nb\n".encode()]))
    assert b"".join(chunks).decode() == "t: é\nt: b\n"


@given(st.text().map(str.encode) | st.binary(), st.lists(st.integers(0, 100)))
def test_what_is_not_utf8_is_replaced(data: bytes, places: list[int]) -> None:
    expected = data.decode("utf-8", "replace").encode()
    assert b"".join(blocks.readable(cut(data, places))) == expected


def test_order_of_blocks() -> None:
    expected = [(2, "n10"), (2, "n9"), (1, "n1"), (3, "a", 1), (1, "b", 1), (1, "a", 10)]
    shuffled = expected[2:] + expected[:2]
    assert sorted(shuffled, key=lambda block: blocks.block_order(*block)) == expected


DIFFS = [
    (
        [b"b"],
        [b"a"],
        b"--- n[3-4] (2)\n+++ n2\n@@ -1 +1 @@\n-b\n+a\n",
    ),
    (
        [b"b"],
        [],
        b"--- n[3-4] (2)\n+++ n2\n@@ -1 +0,0 @@\n-b\n",
    ),
    (
        [b"1", b"2", b"3", b"4", b"5"],
        [b"1", b"2", b"3", b"4", b"x"],
        b"--- n[3-4] (2)\n+++ n2\n@@ -2,4 +2,4 @@\n 2\n 3\n 4\n-5\n+x\n",
    ),
    ([b"a"], [b"a"], b""),
]


@pytest.mark.parametrize(("reference", "other", "expected"), DIFFS)
def test_unified_diff(reference: list[bytes], other: list[bytes], expected: bytes) -> None:
    lines = blocks.unified_diff(reference, other, ("n[3-4] (2)", "n2"))
    assert b"".join(lines) == expected


def test_coloured_diff() -> None:
    lines = blocks.unified_diff([b"-- x", b"k"], [b"k", b"++ y"], ("a", "b"), coloured=True)
    assert list(lines) == [
        b"\x1b[1m--- a\x1b[0m\n",
        b"\x1b[1m+++ b\x1b[0m\n",
        b"\x1b[96m@@ -1,2 +1,2 @@\x1b[0m\n",
        b"\x1b[91m--- x\x1b[0m\n",  # removed text that looks like a header
        b" k\n",
        b"\x1b[92m+++ y\x1b[0m\n",
    ]
