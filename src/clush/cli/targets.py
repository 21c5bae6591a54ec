"""Which nodes a run is for: what is selected, minus what is excluded.

The order of options does not matter, exclusion always wins.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from clush.cli.nodes import pick, words
from clush.cli.options import Option, Values, integer, safe
from clush.errors import CommandError, NodeSetParseError, UsageError
from clush.sets.nodeset import NodeSet

OPTIONS = (
    Option("-w", "nodes where to run the command", "NODES", safe, dest="nodes", keep=True),
    Option("-x", "nodes to leave out", "NODES", safe, dest="exclude", keep=True),
    Option(
        "--hostfile --machinefile",
        "file of node sets: between blanks, # for comments",
        "FILE",
        keep=True,
    ),
    Option("--pick", "only N of the nodes, at random", "N", integer, default=0),
)


def select(options: Values, note: Callable[[str], None]) -> NodeSet:
    """The targets that ``options`` ask for, never empty; ``note`` is told what may surprise.

    Raises :class:`UsageError` if there is none.
    """
    for flag, texts in (("-w", options.nodes), ("-x", options.exclude)):
        for text in texts:
            if not text.startswith("@") and os.path.exists(text):
                note(
                    f"Warning: using '{flag} {text}' and local path '{text}' exists,"
                    " was it expanded by the shell?"
                )
    targets = NodeSet()
    for text in options.nodes:
        targets |= NodeSet(text)
    for path in options.hostfile:
        targets |= _read(path)
    for text in options.exclude:
        targets -= NodeSet(text)
    if not targets:
        raise UsageError("No node to run on.")
    return pick(targets, options.pick)


def _read(path: str) -> NodeSet:
    """The nodes of a host file."""
    with open(path, "rb") as file:
        text = os.fsdecode(file.read())
    targets = NodeSet()
    try:
        for word in words(text):
            targets |= NodeSet(word)
    except NodeSetParseError as exc:
        raise CommandError(f"{path}: {exc}") from exc
    return targets
