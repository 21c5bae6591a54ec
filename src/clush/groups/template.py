"""Templates of shell commands: names are filled in as data, whatever stands around them.

A template is read once: ``$GROUP`` or ``${GROUP}`` is a hole, ``$$`` a dollar sign, anything
else is left to the shell. `reading` follows the text the way a shell does and tells what each
hole stands in; here a value is quoted for just that. Ordinary names are inserted as they are.

Where the reading cannot be certain (back quotes, here-documents, arithmetic) and where another
interpreter reads the text again (``ssh``, ``eval``, a ``sed`` script), only names that mean
nothing there are accepted: others are refused with `UnsafeValueError`.
"""

from __future__ import annotations

from clush.groups.reading import BARE, COMMENT, DOUBLE, SINGLE, UNKNOWN, Hole, Reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"
_IDENTIFIER = frozenset(_LETTERS + _DIGITS + "_")

# What no shell gives a meaning to, anywhere in a word.
_LITERAL = frozenset(_LETTERS + _DIGITS + "_@%+:,./-")
# What an ordinary name consists of, letters and digits apart, where nobody knows who reads it.
_PLAIN = frozenset("_@%+:,./-=*?[]")
# What takes a text out of its place in some language or other.
_CODE = frozenset("\"'`\\$;|&<>(){}#\n\r\t\0")

_BRACKETS = frozenset("([{<")
# Punctuation that stands in a script for itself, even twice.
_NEVER_DELIMITS = frozenset("_-.=*?[] \t")

# Programs that read their arguments as code once more, here or elsewhere.
_READ_AGAIN = {
    *("eval", "let", "trap", "[["),
    *("sh", "ash", "bash", "dash", "ksh", "mksh", "zsh", "csh", "tcsh", "fish", "su"),
    *("ssh", "rsh", "pdsh", "clush", "psh", "xdsh", "salt", "parallel", "watch"),
}
_BETWEEN_WORDS = str.maketrans("\"'`;|&()\n\t", " " * 10)


class UnsafeValueError(ValueError):
    """A value that could be taken for code where it would stand; the message names it."""


class Template:
    """A command with holes for ``names`` (anybody's words) and ``settings`` (the administrator's).

    Quoting is the same for both; only names are refused where quoting cannot help.
    """

    def __init__(
        self, text: str, names: Collection[str] = (), settings: Collection[str] = ()
    ) -> None:
        self.text = text
        self._names = frozenset(names)
        self._parts = list(_split(text, {*names, *settings}))
        literal = "".join(part for part in self._parts if isinstance(part, str))
        self._read_again = _is_read_again(literal)
        reading = Reading(literal)
        for part in self._parts:
            if isinstance(part, str):
                reading.text(part)
            else:
                reading.hole(part)
        reading.end()

    def uses(self, name: str) -> bool:
        """Whether there is a hole for ``name``."""
        return any(isinstance(part, Hole) and part.name == name for part in self._parts)

    def fill(self, values: Mapping[str, str]) -> str:
        """The command with every hole filled; `UnsafeValueError` for a name that is refused."""
        return "".join(
            part if isinstance(part, str) else self._fill(part, values[part.name])
            for part in self._parts
        )

    def _fill(self, hole: Hole, value: str) -> str:
        unsafe = _unsafe_name if hole.name in self._names else _unsafe_setting
        found = unsafe(value, hole, self._read_again)
        if found:
            raise UnsafeValueError(
                f'"{value}" is refused: {found!r} could be taken for code in "{self.text}"'
            )
        return _QUOTE[hole.context](value, hole)


def _split(text: str, known: Collection[str]) -> Iterator[str | Hole]:
    """The literal stretches of a template and its holes, in order."""
    done = here = 0
    while True:
        here = text.find("$", here)
        if here < 0:
            break
        if text.startswith("$$", here):
            yield text[done : here + 1]
            done = here = here + 2
            continue
        braced = text.startswith("${", here)
        start = end = here + 1 + braced
        while end < len(text) and text[end] in _IDENTIFIER:
            end += 1
        name = text[start:end]
        if name in known and (not braced or text.startswith("}", end)):
            yield text[done:here]
            yield Hole(name)
            done = end + braced
        here = max(end, here + 1)
    yield text[done:]


def _is_read_again(literal: str) -> bool:
    words = literal.translate(_BETWEEN_WORDS).split()
    return any(word.rpartition("/")[2] in _READ_AGAIN for word in words)


def _unsafe_name(value: str, hole: Hole, read_again: bool) -> str:
    """The first character of a name that may not stand in the hole, or nothing."""
    if hole.context == UNKNOWN or read_again:
        return _first(value, lambda char: not (char.isalnum() or char in _PLAIN))
    delimiters = _delimiters(hole.around)
    if delimiters or any(char in _BRACKETS or char.isspace() for char in hole.around):
        # The word is a script in a language of its own, quoted as a whole.
        return _first(value, lambda char: char in _CODE or char in delimiters)
    return _first(value, lambda char: char == "\0")


def _unsafe_setting(value: str, hole: Hole, read_again: bool) -> str:
    refused = _CODE if hole.context == UNKNOWN else "\0"
    return _first(value, lambda char: char in refused)


def _first(value: str, is_refused: Callable[[str], bool]) -> str:
    return next((char for char in value if is_refused(char)), "")


def _delimiters(script: str) -> set[str]:
    """The punctuation that stands at least twice in a script, as what delimits a text must."""
    marks = {char for char in script if not char.isalnum()} - _NEVER_DELIMITS
    return {char for char in marks if script.count(char) > 1}


def _quote_bare(value: str, hole: Hole) -> str:
    plain = bool(value) and _LITERAL.issuperset(value)
    if plain and not (hole.redirected and value.isdigit()):
        return value
    return "'" + value.replace("'", "'\\''") + "'"


def _quote_single(value: str, hole: Hole) -> str:
    return value.replace("'", "'\\''")


def _quote_double(value: str, hole: Hole) -> str:
    for char in '\\"$`':
        value = value.replace(char, "\\" + char)
    return value


def _quote_comment(value: str, hole: Hole) -> str:
    return value.replace("\n", " ")


def _quote_unknown(value: str, hole: Hole) -> str:
    return value


_QUOTE = {
    BARE: _quote_bare,
    SINGLE: _quote_single,
    DOUBLE: _quote_double,
    COMMENT: _quote_comment,
    UNKNOWN: _quote_unknown,
}
