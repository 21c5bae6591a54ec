"""What there is to know about a terminal, and about the width of text on it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple
from unicodedata import combining, east_asian_width


class Size(NamedTuple):
    """How wide and how high a terminal is."""

    columns: int
    rows: int


# The size of a terminal that does not say.
USUAL = Size(80, 24)

CUT = "..."

_ENVIRON: Mapping[str, str] = os.environ


def can_redraw(fd: int, environ: Mapping[str, str] = _ENVIRON) -> bool:
    """True if ``fd`` is a terminal on which what was written can be written over."""
    return os.isatty(fd) and environ.get("TERM") != "dumb"


def size(fd: int) -> Size:
    """How large the terminal ``fd`` is now; users change that."""
    try:
        columns, rows = os.get_terminal_size(fd)
    except OSError:
        return USUAL
    return Size(columns or USUAL.columns, rows or USUAL.rows)


def in_foreground(fd: int) -> bool:
    """False while the terminal ``fd`` belongs to another job of the user's shell."""
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:  # not the terminal that controls us: nobody shares it with us
        return True


def width(text: str) -> int:
    """How many columns ``text`` takes."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def cut(text: str, columns: int) -> str:
    """``text``, or as much of it as fits in so many columns."""
    if width(text) <= columns:
        return text
    kept = ""
    room = columns - len(CUT)
    for character in text:
        room -= _width(character)
        if room < 0:
            break
        kept += character
    return (kept + CUT)[: max(columns, 0)]


def printable(text: str) -> str:
    """``text`` without what could move the cursor or cannot be encoded."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "?" for character in text)


def _width(character: str) -> int:
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
