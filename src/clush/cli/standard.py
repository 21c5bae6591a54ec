"""The standard streams as they are now, whatever stands in their place.

A tool is a program, and also a function that programs call: these may have put something else
in place of ``sys.stdin``, ``sys.stdout`` or ``sys.stderr``.  Who works with descriptors asks
here for them, each time.  Streams have the numbers 0, 1 and 2.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

STDIN, STDOUT, STDERR = range(3)


def descriptor(number: int) -> int:
    """The descriptor of a stream; ``number`` where the caller closed it, or it has none.

    What was written to the stream before is on its way: what is written to the descriptor
    comes behind it.
    """
    stream = _stream(number)
    if stream is None:
        return number
    try:
        fd = stream.fileno()
    except (AttributeError, OSError, ValueError):
        return number
    if number != STDIN:
        stream.flush()
    return fd


def is_terminal(number: int) -> bool:
    """Whether a stream is a terminal."""
    stream = _stream(number)
    return os.isatty(number) if stream is None else stream.isatty()


def is_closed(number: int) -> bool:
    """Whether the caller closed a stream."""
    return _stream(number) is None


def _stream(number: int) -> TextIO | None:
    return (sys.stdin, sys.stdout, sys.stderr)[number]
