"""Flat files of groups: lines ``group: nodes``, ``#`` for comments, lines of a group add up.

The group ``all`` is at the same time all nodes of the source.
"""

from __future__ import annotations

import os

from clush.groups.source import joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from clush.groups.files import Table

ALL = "all"


def read(paths: list[str]) -> Table:
    """The groups of files; ``ValueError`` for a line that is none, with its place."""
    groups: dict[str, str] = {}
    for path in paths:
        with open(path, "rb") as file:
            for number, line in enumerate(os.fsdecode(file.read()).splitlines(), 1):
                name, colon, nodes = line.partition(":")
                if not line.strip() or line.lstrip().startswith("#"):
                    continue
                if not colon or len(name.split()) != 1:
                    raise ValueError(f"{path}: not a line 'group: nodes' (line {number})")
                parts = groups.get(name.strip()), joined(nodes)
                groups[name.strip()] = ",".join(part for part in parts if part)
    return groups, groups.get(ALL)
