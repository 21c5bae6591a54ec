"""The width of text, and what is known of a terminal."""

from __future__ import annotations

import fcntl
import os
import struct
import termios

import pytest

from clush.cli.terminal import USUAL, can_redraw, cut, in_foreground, printable, size, width


@pytest.mark.parametrize(
    ("text", "columns"), [("", 0), ("node1", 5), ("café", 4), ("cafe\u0301", 4), ("ノード", 6)]
)
def test_text_is_as_wide_as_it_looks(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "columns", "kept"),
    [
        ("node[1-9]", 9, "node[1-9]"),
        ("node[1-9]", 8, "node[..."),
        ("node[1-9]", 3, "..."),
        ("node[1-9]", 2, ".."),
        ("node[1-9]", -1, ""),
        ("ノードノード", 8, "ノー..."),
    ],
)
def test_text_is_cut_to_a_width(text: str, columns: int, kept: str) -> None:
    assert cut(text, columns) == kept


def test_nothing_moves_the_cursor() -> None:
    assert printable("n1,é") == "n1,é"
    assert printable("n\x1b[2J\r\n\udcff1") == "n?[2J???1"


@pytest.fixture
def pair():
    descriptors = os.openpty()
    yield descriptors
    for fd in descriptors:
        os.close(fd)


def test_terminals_tell_how_wide_they_are(pair: tuple[int, int]) -> None:
    _, terminal = pair
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 132, 0, 0))
    assert size(terminal) == (132, 50)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 0, 0, 0, 0))
    assert size(terminal) == USUAL


def test_what_is_no_terminal_cannot_be_drawn_on(pair: tuple[int, int]) -> None:
    reader, writer = os.pipe()
    try:
        assert size(writer) == USUAL
        assert not can_redraw(writer, {})
        assert in_foreground(writer)
    finally:
        os.close(reader)
        os.close(writer)
    assert can_redraw(pair[1], {"TERM": "xterm"})
    assert can_redraw(pair[1], {})
    assert not can_redraw(pair[1], {"TERM": "dumb"})
