"""How gathered output looks: headers, labelled lines, differences, and their order.

Pure functions from labels and chunks of output to the bytes to write.  An output comes as
chunks of any size that end with a newline; its lines are never made one by one, except to
compare them.
"""

from __future__ import annotations

import os
from codecs import getincrementaldecoder

from clush.cli.colours import DIFF_ADDED, DIFF_HEADER, DIFF_HUNK, DIFF_REMOVED, paint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

RULE = b"-" * 15

_DIFF_COLOURS = {b"@": DIFF_HUNK, b"-": DIFF_REMOVED, b"+": DIFF_ADDED, b" ": b""}


def counted(label: str, count: int) -> str:
    """``label`` of ``count`` nodes, followed by their number if there are several."""
    return f"{label} ({count})" if count > 1 else label


def header(label: str, colour: bytes = b"", indent: bytes = b"") -> bytes:
    """The three lines above a block, each after ``indent``."""
    rows = (RULE, os.fsencode(label), RULE)
    return paint(colour, b"\n".join([indent + row for row in rows])) + b"\n"


def tag(label: str, colour: bytes = b"") -> bytes:
    """What stands in front of each line of ``label``."""
    return paint(colour, os.fsencode(label) + b": ")


def tagged(tag: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """``chunks`` with ``tag`` in front of each of their lines."""
    front = tag
    for chunk in chunks:
        if not chunk:  # as the end of what was not ASCII: no line begins here
            continue
        ended = chunk.endswith(b"\n")
        body = chunk[:-1] if ended else chunk
        yield front + body.replace(b"\n", b"\n" + tag) + (b"\n" if ended else b"")
        front = tag if ended else b""


def readable(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """``chunks`` with U+FFFD in place of what is not UTF-8, so that any terminal takes them."""
    decoder = None
    for chunk in chunks:
        if decoder is None:
            if chunk.isascii():
                yield chunk
                continue
            decoder = getincrementaldecoder("utf-8")("replace")
        yield decoder.decode(chunk).encode()
    if decoder is not None:
        yield decoder.decode(b"", final=True).encode()


def block_order(count: int, first: str, rc: int = 0) -> tuple[int, int, str]:
    """Sort key of the block of ``count`` nodes, the ``first`` of which in node order is given.

    The lowest return code comes first, then the block of most nodes, then the name of the
    first node as a text: ``n10`` before ``n9``, as scripts that compare outputs know it.
    """
    return rc, -count, first


def unified_diff(
    reference: Sequence[bytes],
    other: Sequence[bytes],
    labels: tuple[str, str],
    coloured: bool = False,
) -> Iterator[bytes]:
    """The lines that turn the lines of ``reference`` into those of ``other``."""
    from difflib import diff_bytes, unified_diff  # only --diff pays for it

    old, new = map(os.fsencode, labels)
    lines = diff_bytes(unified_diff, reference, other, old, new, lineterm=b"")
    for number, line in enumerate(lines):
        colour = DIFF_HEADER if number < 2 else _DIFF_COLOURS[line[:1]]
        yield paint(colour if coloured else b"", line) + b"\n"
