"""A tool called as a function: its streams are what stands in ``sys``, and nothing is left behind.

What a tool sets for the whole process is put back: the group resolver with its default
source, and who is told what group sources do.
"""

from __future__ import annotations

import functools
import sys
from contextlib import ExitStack, contextmanager

from clush import groups
from clush.cli.program import FAILED
from clush.sets import resolver
from ClusterShell.CLI._streams import Reader, Writer, is_a_file


def as_a_function(tool):
    """``tool``, which is a program, as a function that programs call; it raises ``SystemExit``."""

    @functools.wraps(tool)
    def main():
        try:
            with _groups_kept(), _streams_replaced():
                tool()
        except BrokenPipeError:  # a reader that has seen enough
            raise SystemExit(FAILED) from None

    return main


@contextmanager
def _groups_kept():
    kept = chosen, _, _ = resolver.slot()
    default = getattr(chosen, "default", None)
    try:
        yield
    finally:
        groups.observe(None)
        resolver.refill(kept)
        if default is not None and chosen.default != default:
            chosen.default = default


@contextmanager
def _streams_replaced():
    """Let everything but files of Python's own be represented, while the tool runs."""
    given = sys.stdin, sys.stdout, sys.stderr
    for stream in given[1:]:
        if hasattr(stream, "flush"):
            stream.flush()  # what the program has written comes before what the tool writes
    with ExitStack() as stack:
        stack.callback(_put, *given)
        made = {}
        for stream, kind in zip(given, (Reader, Writer, Writer)):
            if stream is not None and not is_a_file(stream) and id(stream) not in made:
                made[id(stream)] = stack.enter_context(kind(stream))
        _put(*(made.get(id(stream), stream) for stream in given))
        yield


def _put(stdin, stdout, stderr):
    sys.stdin, sys.stdout, sys.stderr = stdin, stdout, stderr
