"""Input by its place: what was written is read, from anywhere that is still held."""

from __future__ import annotations

from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from clush.tree.feed import Log


def test_what_is_not_there_yet_is_no_end() -> None:
    log = Log()
    assert log.read(0, 10) is None
    log.write(b"abc")
    assert log.read(0, 10) == b"abc"
    assert log.read(3, 10) is None
    log.ended = True
    assert log.read(3, 10) == b""


def test_pieces_are_not_copied() -> None:
    log = Log()
    piece = b"x" * 100
    log.write(piece)
    assert log.read(0, 100) is piece


@given(st.lists(st.binary(min_size=1, max_size=20)), st.integers(1, 30), st.integers(0, 300))
def test_reading_gives_what_was_written(pieces: list[bytes], size: int, gone: int) -> None:
    log = Log()
    whole = b"".join(pieces)
    for piece in pieces:
        log.write(piece)
    log.ended = True
    assert (log.size, log.crc) == (len(whole), crc32(whole))
    log.let_go(min(gone, log.size))
    assert log.base <= gone
    offset, read = log.base, b""
    while data := log.read(offset, size):
        assert len(data) <= size
        read += data
        offset += len(data)
    assert read == whole[log.base :]


def test_letting_go_frees_whole_pieces() -> None:
    log = Log()
    for _ in range(10):
        log.write(b"0123456789")
    log.let_go(55)
    assert log.base == 50
    log.let_go(100)
    assert log.base == 100
