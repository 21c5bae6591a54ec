"""Source without what only people read: comments, docstrings, blank lines, names of types.

For our own modules, formatted as they are; a test compares what remains with what they mean.
Much faster than to parse them, and the result is smaller than their bytecode.
"""

from __future__ import annotations

import re

_STRING = r'[bfr]{0,2}(?:"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')'

# The first that matches at a place is what stands there; strings hide what is in them.
_PARTS = re.compile(
    r"(?P<docstring>(?:\A|\n[ \n]*)\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*\"\"\"$)"
    r"|(?P<types>^if TYPE_CHECKING:\n(?:(?:[ ]+[^\n]*)?\n)+)(?=[^ \nel]|\Z)"
    rf"|(?P<string>{_STRING})"
    r"|(?P<comment>[ ]*\#[^\n]*)"
    r"|(?P<result>(?<=\))[ ]->[^\n]*(?=:\n))"
    r"|(?P<indent>\n[ \n]*)",
    re.MULTILINE | re.DOTALL,
)


def minify(source: str) -> str:
    """``source``, shorter; what it does is the same."""
    return _PARTS.sub(_shorter, source)


def _shorter(match: re.Match[str]) -> str:
    text = match[0]
    kind = match.lastgroup
    if kind == "string":
        return text
    if kind == "docstring":  # may be all that its function consists of
        return _indent(text[: text.index('"')]) + '""'
    if kind == "indent":
        return _indent(text)
    return ""


def _indent(blanks: str) -> str:
    """One blank for four, at the beginning of one line for several."""
    return "\n" + " " * ((len(blanks) - blanks.rfind("\n") - 1) // 4)
