"""Whole lines out of chunks cut anywhere."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush import lines
from clush.lines import LineBuffer


def chunked(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in zip(places, places[1:])]


@given(
    st.lists(st.sampled_from([b"a", b"bc\n", b"\n", b"\r\n", b"long text"]), max_size=20),
    st.lists(st.integers(min_value=0), max_size=8),
)
def test_any_cut_gives_the_same_bytes_in_whole_lines(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    buffer = LineBuffer()
    given_out = [buffer.feed(chunk) for chunk in chunked(data, cuts)]
    rest = buffer.flush()
    assert b"".join(given_out) + rest == data
    assert all(not piece or piece.endswith(b"\n") for piece in given_out)
    assert b"\n" not in rest


def test_flush_empties() -> None:
    buffer = LineBuffer()
    assert buffer.feed(b"no end") == b""
    assert buffer.flush() == b"no end"
    assert buffer.flush() == b""


def test_an_endless_line_is_passed_on_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE", 10)
    buffer = LineBuffer()
    assert buffer.feed(b"123456") == b""
    assert buffer.feed(b"789012") == b"1234567890"
    assert buffer.feed(b"34\nx") == b"1234\n"
    assert buffer.flush() == b"x"
    assert buffer.feed(b"a" * 10) == b""
    assert buffer.feed(b"a" * 20) == b"a" * 20
    assert buffer.flush() == b"a" * 10


def test_small_pieces_take_no_more_room_than_their_bytes() -> None:
    buffer = LineBuffer()
    tracemalloc.start()
    try:
        for _ in range(500_000):
            buffer.feed(b"ab")
            buffer.feed(b"")
        assert tracemalloc.get_traced_memory()[0] < 2_000_000
    finally:
        tracemalloc.stop()
