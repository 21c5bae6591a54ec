"""Colours: the sequences, and when they are used.

A colour is the sequence that switches it on; an empty one leaves the text as it is, so
that whoever writes a label need not know whether colours are wanted.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

RESET = b"\x1b[0m"
STDOUT = b"\x1b[94m"
STDERR = b"\x1b[91m"
DIFF_HEADER = b"\x1b[1m"
DIFF_HUNK = b"\x1b[96m"
DIFF_REMOVED = b"\x1b[91m"
DIFF_ADDED = b"\x1b[92m"

# What --color takes; the empty word means the same as auto.
CHOICES = ("", "never", "always", "auto")


def paint(colour: bytes, text: bytes) -> bytes:
    """``text`` in ``colour``; as it is if that is empty."""
    return colour + text + RESET if colour else text


def wanted(when: str | None, tty: bool, environ: Mapping[str, str]) -> bool:
    """Whether to colour what goes to a terminal (``tty``) or elsewhere.

    ``when`` is what the user chose, which is stronger than the environment; without a
    choice (None) ``NO_COLOR``, ``CLICOLOR_FORCE`` and ``CLICOLOR`` decide, in this order.
    """
    if when is None:
        if "NO_COLOR" in environ:
            return False
        if environ.get("CLICOLOR_FORCE", "0") != "0":
            return True
        return tty and environ.get("CLICOLOR") != "0"
    return when == "always" or (when != "never" and tty)
