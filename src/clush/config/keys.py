"""One row per setting: its name, type, default and meaning; and the types there are.

The tables of ``defaults`` and ``settings`` are made of these rows.  Values, errors, the
listing of ``python -m clush.config`` and the check of the sample files come from them.

A type is a function that takes the text of a value and returns it converted, or raises
``ValueError`` with the reason; its name is what the user is told.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from clush.config.ini import Ini

TRUE = ("1", "yes", "true", "on")
FALSE = ("0", "no", "false", "off")
COLORS = ["", "never", "always", "auto"]


class Key:
    """One setting; ``help`` is a phrase of one line."""

    __slots__ = ("convert", "default", "help", "name", "section")

    def __init__(
        self, section: str, name: str, convert: Callable[[str], object], default: object, help: str
    ) -> None:
        self.section = section
        self.name = name
        self.convert = convert
        self.default = default
        self.help = help

    def value(self, ini: Ini, section: str) -> object:
        """The converted value in ``section``, None if there is none; or a ConfigError."""
        text = ini.get(section, self.name)
        if text is None:
            return None
        try:
            return self.convert(text)
        except ValueError as error:
            raise ini.error(str(error), section, self.name) from None


def boolean(text: str) -> bool:
    """yes, true, on, 1 and their opposites, in any case."""
    word = text.lower()
    if word not in TRUE and word not in FALSE:
        raise ValueError(f"Not a boolean: {text}")
    return word in TRUE


def integer(text: str) -> int:
    """A whole number."""
    return int(text)


def count(text: str) -> int:
    """How many at a time: with less than one nothing would ever start."""
    number = int(text)
    if number < 1:
        raise ValueError(f"must be at least 1: {text}")
    return number


def seconds(text: str) -> float:
    """A number that may have a fraction; 0, or anything that is no duration, means none."""
    return max(0.0, float(text))


def level(text: str) -> int:
    """A degree of verbosity; anything that is none means quiet."""
    try:
        return int(text)
    except ValueError:
        return 0


def axes(text: str) -> tuple[int, ...]:
    """Whole numbers between commas."""
    return tuple(int(word) for word in text.split(",") if word.strip())


def color(text: str) -> str:
    """When to colour; the empty word means never as well."""
    if text not in COLORS:
        raise ValueError(f"choose from {COLORS}")
    return text


def words(text: str) -> str:
    """Words as a shell splits them; the text is returned as it is."""
    if not {"'", '"', "\\"}.isdisjoint(text):
        from shlex import split  # most values have nothing that could be left open

        split(text)
    return text


def text(text: str) -> str:
    """Any text."""
    return text
