"""The ways below a gateway, as a payload holds them: text to nested names and back.

A line names gateways that have the same ways below, each with the lines that follow it and
stand one level deeper::

    0 <tab> gw1 <tab> gw2
    1 <tab> gw11 <tab> gw12

Where a hundred gateways reach the same thousand, these thousand are named once, and are one
object wherever they came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from clush.errors import ProtocolError

# A gateway's name -> the ways below it; no mypy knows this circle.
Ways = Mapping[str, Any]

MAX_LEVELS = 16  # of gateways below one another
MAX_NAME = 255


def is_name(value: object) -> bool:
    """Whether this may be the name of a gateway, or of a thing as short."""
    return type(value) is str and 0 < len(value) <= MAX_NAME and value.isprintable()


def depth(ways: Ways) -> int:
    """How many levels of gateways there are; each is looked at once."""
    levels, level = 0, [ways]
    while any(level):
        levels += 1
        level = list({id(below): below for one in level for below in one.values()}.values())
    return levels


def write(ways: Ways) -> bytes:
    """The payload; none, if there are no ways."""
    lines: list[str] = []
    _write(ways, 0, lines)
    return "\n".join(lines).encode()


def _write(ways: Ways, level: int, lines: list[str]) -> None:
    for _, same in groupby(ways, lambda name: id(ways[name] or None)):
        names = list(same)
        lines.append("\t".join([str(level), *names]))
        _write(ways[names[0]], level + 1, lines)


def read(data: bytes) -> Ways:
    """The ways in a payload; ``ProtocolError`` if it is none."""
    places: list[dict[str, Ways]] = [{}]  # of each level, where what follows belongs
    try:
        lines = data.decode().split("\n") if data else []
    except ValueError as exc:
        raise ProtocolError(f"ways are no text: {exc}") from exc
    for line in lines:
        level, *names = line.split("\t")
        deep = int(level) if level.isascii() and level.isdigit() and len(level) < 3 else MAX_LEVELS
        if deep >= min(len(places), MAX_LEVELS):
            raise ProtocolError("a line of ways at a level that is none")
        if not names or not all(map(is_name, names)):
            raise ProtocolError("a line of ways without a name, or with one that is none")
        here = places[deep]
        if len(set(names)) < len(names) or not here.keys().isdisjoint(names):
            raise ProtocolError("a gateway is named twice in ways")
        below: dict[str, Ways] = {}
        here.update(dict.fromkeys(names, below))
        places[deep + 1 :] = [below]
    return places[0]
