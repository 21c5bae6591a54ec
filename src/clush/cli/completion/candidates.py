"""What may be put in place of a word, and how many of those are shown.

Values only.  Nobody reads a thousand names: where there are too many, what they have in
common is proposed one character further at a time.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# From here on bash asks whether the user wants to see them.
MOST = 100


class Candidate:
    """A ``text`` for the whole word, what it is ``about``, and whether the word is ``complete``."""

    __slots__ = ("about", "complete", "text")

    def __init__(self, text: str, about: str = "", complete: bool = True) -> None:
        self.text = text
        self.about = about
        self.complete = complete


def matching(texts: Iterable[str], typed: str) -> Iterator[Candidate]:
    """Those of ``texts`` that begin with what was typed, or the steps to them."""
    found = [text for text in texts if text.startswith(typed)]
    if len(found) <= MOST:
        return map(Candidate, found)
    end = _common(min(found), max(found)) + 1
    return (Candidate(step, complete=False) for step in dict.fromkeys(t[:end] for t in found))


def _common(first: str, last: str) -> int:
    """How many characters at their beginning are the same; so it is for all in between."""
    pairs = enumerate(zip(first, last))
    return next((at for at, (one, other) in pairs if one != other), len(first))
