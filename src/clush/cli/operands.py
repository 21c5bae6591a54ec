"""The operands of ``nodeset``: sets, and the operations between them, from left to right.

Operations given as options, before the first operand, apply to standard input.  After it
only the words of ``OPERATIONS`` are special, each followed by one operand, and ``-``, which
stands for standard input; whatever else looks like an option is a name.
"""

from __future__ import annotations

import os

from clush.cli.nodes import words
from clush.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from clush.cli.nodes import Set

    # Returns all of standard input, and nothing when it is called again.
    Reader = Callable[[], bytes]

# The method of a set that each of them stands for.
OPERATIONS = {
    "-x": "difference_update",
    "--exclude": "difference_update",
    "-i": "intersection_update",
    "--intersection": "intersection_update",
    "-X": "symmetric_difference_update",
    "--xor": "symmetric_difference_update",
}
STDIN = "-"


def evaluate(
    value: Set,
    operations: Sequence[tuple[str, str]],
    operands: Sequence[str],
    read: Reader,
) -> Set:
    """``value`` after the ``operations`` given as options, then the ``operands``."""
    kind = type(value)
    for operation, text in operations:
        _apply(value, operation, text, read)
    pending: list[str] = []  # united at once, which is much faster than one by one
    queue = iter(operands)
    for word in queue:
        if word not in OPERATIONS:
            pending += texts(word, read)
            continue
        value.update(kind.fromlist(pending))
        pending = []
        operand = next(queue, None)
        if operand is None:
            raise CommandError(f"{word} option requires 1 argument")
        _apply(value, word, operand, read)
    value.update(kind.fromlist(pending))
    return value


def texts(operand: str, read: Reader) -> Iterable[str]:
    """The sets that one operand stands for; within a word, only a newline separates them."""
    if operand == STDIN:
        return words(os.fsdecode(read()))
    return [text for text in operand.split("\n") if text.strip()]


def _apply(value: Set, operation: str, operand: str, read: Reader) -> None:
    getattr(value, OPERATIONS[operation])(type(value).fromlist(texts(operand, read)))
