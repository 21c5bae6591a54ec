"""What a word that is being typed is: an option, the value of one, or something else.

The table of options says so, read by the same parser that reads the finished line.  What
may stand at that place is the business of ``proposals``.
"""

from __future__ import annotations

from clush.cli.options import MissingValueError
from clush.errors import ClushError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Optional

    from clush.cli.options import CommandLine, Option, Values

# Where this would be read as an option, any word that looks like one is.
PROBE = "--version"


class Place:
    """Where the last word of a command line stands.

    ``lead`` is what stands of the word and does not change (``--color=``, ``-bw``), and
    ``typed`` the rest, to be completed.  It is part of the value of ``option`` or, without
    one, a name of an option if ``names_option``, else a word like those in ``operands``,
    the first of which has the number ``first``.  ``values`` are what options before it say.
    """

    __slots__ = ("first", "lead", "names_option", "operands", "option", "typed", "values")

    def __init__(
        self,
        values: Values,
        operands: Sequence[str],
        typed: str,
        lead: str = "",
        option: Optional[Option] = None,
        names_option: bool = False,
        first: int = 0,
    ) -> None:
        self.values = values
        self.operands = operands
        self.typed = typed
        self.lead = lead
        self.option = option
        self.names_option = names_option
        self.first = first


def place(line: CommandLine, words: Sequence[str]) -> Place | None:
    """The place of the last of ``words``, which may be empty; None if it has none.

    It has none after a word that the tool would refuse.
    """
    *before, word = words
    try:
        values, operands = line.parse(before)
    except MissingValueError as missing:
        values, _ = line.parse(before[:-1])
        return Place(values, (), word, option=missing.option)
    except ClushError:
        return None
    if not (word.startswith("-") and line.parse([*before, PROBE])[0].version):
        return Place(values, operands, word, first=len(before) - len(operands))
    if word.startswith("--"):
        return _long(line, values, word)
    return _bundle(line, values, word)


def _long(line: CommandLine, values: Values, word: str) -> Place | None:
    name, equals, typed = word.partition("=")
    if not equals:
        return Place(values, (), word, names_option=True)
    try:
        option = line.option(name)
    except ClushError:
        return None
    return Place(values, (), typed, name + equals, option)


def _bundle(line: CommandLine, values: Values, word: str) -> Place | None:
    """``-bL`` is complete as it is; ``-wn1`` and ``-bw`` go on with a value, not so ``-w``."""
    for at, letter in enumerate(word[1:], 2):
        try:
            option = line.option("-" + letter)
        except ClushError:
            return None
        if option.metavar and len(word) > 2:
            return Place(values, (), word[at:], word[:at], option)
    return Place(values, (), word, names_option=True)
