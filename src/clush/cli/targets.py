"""Which nodes a run is for: what is selected, minus what is excluded.

The order of options does not matter, exclusion always wins.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from clush.cli.nodes import pick, words
from clush.cli.options import Option, Values, integer, safe
from clush.errors import CommandError, GroupError, NodeSetError, NodeSetParseError, UsageError
from clush.sets.decode import operands
from clush.sets.grouptokens import expanded
from clush.sets.nodeset import NodeSet, grouplist
from clush.sets.resolver import NO_GROUPS

OPTIONS = (
    Option(
        "-w",
        "these nodes: 'rack[1-4]n[1-16],@io'",
        "NODES",
        safe,
        dest="nodes",
        keep=True,
    ),
    Option("-x", "leave these out", "NODES", safe, dest="exclude", keep=True),
    Option("-a --all", "all nodes of the group source"),
    Option("-g --group", "groups of nodes, written without @", "GROUP", safe, keep=True),
    Option("-X", "leave these groups out", "GROUP", safe, dest="exclude_groups", keep=True),
    Option("--hostfile --machinefile", "the node sets in FILE; # for comments", "FILE", keep=True),
    Option("--pick", "only N of them, at random", "N", integer, default=0),
)

ALL_NODES = "@*"

# How many empty groups are named: what is written by hand, not all of a file.
WHYS = 8

UNKNOWN = "unknown group"

Note = Callable[[str], None]


def select(options: Values, warn: Note, debug: Note) -> NodeSet:
    """The targets that ``options`` ask for, never empty.

    ``warn`` is told what may surprise, ``debug`` what was found in files.  Raises
    :class:`UsageError` if there is no target.
    """
    _warn_of_globs(options, warn)
    wanted = [*options.nodes, *groups(options.group)]
    if options.all:
        wanted.append(ALL_NODES)
    targets = NodeSet.fromlist(wanted)
    for path in options.hostfile:
        texts = _read(path)
        found = _united(texts, path)
        debug(f"Using nodeset {found} from hostfile {path}")
        targets |= found
        wanted += texts
    if not targets:
        raise UsageError(" ".join(["No node to run on.", *islice(whys(wanted), WHYS)]))
    targets -= NodeSet.fromlist([*options.exclude, *groups(options.exclude_groups)])
    if not targets:
        raise UsageError("No node to run on.")
    _warn_of_groups(options, warn)
    return pick(targets, options.pick)


def groups(texts: Iterable[str]) -> list[str]:
    """The groups, with ``@``, whose names are written as node sets: ``rack[1-3],io``."""
    return [f"@{name}" for text in texts for name in NodeSet(text, resolver=NO_GROUPS)]


def _warn_of_globs(options: Values, warn: Note) -> None:
    for flag, texts in (("-w", options.nodes), ("-x", options.exclude)):
        for text in texts:
            if not text.startswith("@") and os.path.exists(text):
                warn(
                    f"Warning: using '{flag} {text}' and local path '{text}' exists,"
                    " was it expanded by the shell?"
                )


def _warn_of_groups(options: Values, warn: Note) -> None:
    """A slip in the name of a group leaves nodes out, or in."""
    texts = [*options.nodes, *groups(options.group)]
    texts += [*options.exclude, *groups(options.exclude_groups)]
    for text in texts:
        for _, operand, _ in operands(text):
            if operand.startswith("@") and not NodeSet(operand) and _why(operand) == UNKNOWN:
                warn(f"Warning: {operand}: {UNKNOWN}")


def _read(path: str) -> list[str]:
    """The node sets in a host file."""
    with open(path, "rb") as file:
        return [*words(os.fsdecode(file.read()))]


def _united(texts: list[str], path: str) -> NodeSet:
    try:
        return NodeSet.fromlist(texts)
    except NodeSetParseError as exc:
        raise CommandError(f"{path}: {exc}") from exc


def whys(texts: Iterable[str]) -> Iterator[str]:
    """Why there is nothing in ``texts``, as far as groups and wildcards are the reason."""
    for text in texts:
        for _, operand, _ in operands(text):
            if operand.startswith("@") or "*" in operand or "?" in operand:
                yield f"({operand}: {_why(operand)})"


def _why(operand: str) -> str:
    if not operand.startswith("@"):
        return "no such node"
    if operand.startswith("@@"):
        return "no groups"
    source, _, name = operand[1:].rpartition(":")
    if name == "*":
        return "no nodes"
    try:
        known = set(grouplist(source or None))
    except (GroupError, NodeSetError):
        return "unknown or empty group"  # a source that cannot tell its groups
    return "empty group" if known.issuperset(expanded(name)) else UNKNOWN
