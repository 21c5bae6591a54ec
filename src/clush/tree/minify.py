"""Source without what only people and type checkers read.

Comments, docstrings, blank lines, annotations of arguments and attributes, classes that are
nothing but types.  For our own modules, formatted as they are; a test compares what remains
with what they mean.  Much faster than to parse them and to write them anew.
"""

from __future__ import annotations

import re

_STRING = r'[bfr]{0,2}(?:"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')'
_BLOCK = r"(?:(?:[ ]+[^\n]*)?\n)+(?=[^ \nel]|\Z)"  # indented lines, and no `else` behind them


def _nested(opening: str, closing: str) -> str:
    """Balanced brackets, to a depth that is not reached."""
    inner = ""
    for _ in range(6):
        inner = rf"{opening}(?:[^()\[\]]{inner and '|' + inner})*{closing}"
    return inner


_BRACKETS = _nested(r"\[", r"\]")
_TYPE = rf"(?:[^\n,=()\[\]]|{_BRACKETS})+"

# The first that matches at a place is what stands there; strings hide what is in them.
_PARTS = re.compile(
    r"(?P<docstring>(?:\A|\n[ \n]*)\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*\"\"\"$)"
    rf"|(?P<types>^if TYPE_CHECKING:\n{_BLOCK})"
    rf"|(?P<protocol>^class \w+\(Protocol\):\n{_BLOCK})"
    rf"|(?P<header>\bdef \w+\((?:[^()\"'#]|\"[^\"\n]*\"|\([^()]*\))*\)(?: -> [^\n]*)?:$)"
    rf"|(?P<attribute>\bself\.\w+: {_TYPE}(?= = ))"
    rf"|(?P<string>{_STRING})"
    r"|(?P<comment>(?:\n[ \n]*|[ ]*)\#[^\n]*)"
    r"|(?P<indent>\n[ \n]*)",
    re.MULTILINE | re.DOTALL,
)
_ARGUMENT = re.compile(rf"([(,]\s*\*{{0,2}}\w+): {_TYPE}(?= =|,|\)|\n)")
_INDENT = re.compile(r"\n[ \n]*")


def minify(source: str) -> str:
    """``source``, shorter; what it does is the same."""
    return _PARTS.sub(lambda match: _SHORTER[match.lastgroup or ""](match[0]), source)


def _no_docstring(text: str) -> str:
    """There has to be something: it may be all that a function consists of."""
    return _indent(text[: text.index('"')]) + '""'


def _indent(blanks: str) -> str:
    """One blank for four, at the beginning of one line for several."""
    return "\n" + " " * ((len(blanks) - blanks.rfind("\n") - 1) // 4)


def _header(text: str) -> str:
    arguments = text.rpartition(" -> ")[0] or text[:-1]
    return _INDENT.sub("", _ARGUMENT.sub(r"\1", arguments)) + ":"


def _protocol(text: str) -> str:
    """Its name may still be used, in the name of another type."""
    return f"{text.split('(')[0][len('class ') :]} = object\n"


_SHORTER = {
    "docstring": _no_docstring,
    "types": lambda _text: "",
    "protocol": _protocol,
    "header": _header,
    "attribute": lambda text: text[: text.index(":")],
    "string": lambda text: text,
    "comment": lambda _text: "",
    "indent": _indent,
}
