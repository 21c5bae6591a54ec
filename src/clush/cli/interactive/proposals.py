"""What is proposed at the prompt: nodes and groups, commands and files.

The commands and files are those of this machine: they are often the same on the nodes, and
to ask those would take a connection each.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Callable, NamedTuple, Optional

from clush.cli.completion.candidates import Candidate, matching
from clush.cli.completion.sets import SiteNames, last_operand
from clush.cli.completion.words import split
from clush.cli.interactive.commands import FIRST, WHOLE, State
from clush.groups import ConfiguredResolver

# What ends a command, so that another one begins.
ENDS = ("|", ";", "&", "(", "sudo")

# Words with these would have to be quoted.
QUOTING = frozenset(" \t\n\"'\\$`*?[&;|<>()")


class Proposed(NamedTuple):
    """Texts, each for all that stands from ``start`` up to the cursor."""

    start: int
    texts: list[str]


class Proposals:
    """Called with what stands before the cursor, returns what it may become."""

    def __init__(
        self, state: State, make: Callable[[], ConfiguredResolver], source: Optional[str]
    ) -> None:
        """``make`` returns a resolver of groups, and ``source`` is the one the user has chosen."""
        site = SiteNames(make, source)
        ours = SiteNames(make, source, lambda: state.nodes)
        self._sets = {"@": site.nodeset, "+": site.nodeset, "-": ours.nodeset}

    def __call__(self, before: str) -> Proposed:
        first = before[:1]
        if first in self._sets:
            start = 1 + len(last_operand(before[1:])[0])
            found = self._sets[first](before[1:])
            return Proposed(start, [one.text[start - 1 :] for one in found])
        if first != "!" and first in FIRST:
            return Proposed(0, [])
        skipped = len(first) if first == "!" else 0
        words, starts, _ = split(before[skipped:])
        start = starts[-1] + skipped
        if QUOTING.intersection(before[start:]):
            return Proposed(start, [])
        return Proposed(start, _words(words, alone=not start))


def _words(words: list[str], alone: bool) -> list[str]:
    """What the last of ``words`` of a command may become."""
    typed = words[-1]
    if "/" in typed or not (len(words) == 1 or words[-2].endswith(ENDS)):
        return [_text(one) for one in _files(typed)]
    names = sorted({*_commands(typed), *(WHOLE if alone else ())})
    return [_text(one) for one in matching(names, typed)]


def _text(one: Candidate) -> str:
    return one.text + " " * one.complete


def _commands(typed: str) -> Iterator[str]:
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for entry in _entries(folder):
            if entry.name.startswith(typed) and os.access(entry.path, os.X_OK):
                yield entry.name


def _files(typed: str) -> Iterator[Candidate]:
    folder, name = os.path.split(typed)
    lead = typed[: len(typed) - len(name)]
    entries = {
        lead + entry.name: entry.is_dir()
        for entry in _entries(folder or os.curdir)
        if not QUOTING.intersection(entry.name) and (name or not entry.name.startswith("."))
    }
    for one in matching(sorted(entries), typed):
        if entries.get(one.text):
            yield Candidate(one.text + "/", complete=False)
        else:
            yield one


def _entries(folder: str) -> Iterable[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
