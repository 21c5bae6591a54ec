"""The command line, read from a table.

A tool declares its options once; the table drives parsing, the errors and ``--help``.
The conventions are getopt's: bundled flags (``-bL``), glued values (``-wn1``),
``--name=value``, any unambiguous prefix of a long name, and parsing stops at the first
word that is no option.  A flag's value is how often it was given; of a value given
twice the last one stands, unless the option keeps them all.

Nothing is printed here, and the standard parsers are left alone: importing one would
double the time in which ``nodeset`` starts.
"""

from __future__ import annotations

from clush.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, Union

    Converter = Callable[[str, str], object]
    Group = tuple[str, Sequence["Option"]]
    # An option, the name it was given by, and its value if it has one.
    Given = tuple["Option", str, Union[str, None]]


def text(flag: str, value: str) -> str:
    """Any text."""
    return value


def safe(flag: str, value: str) -> str:
    """Text that cannot be a slip such as ``-w -a``: not empty, no leading hyphen."""
    if not value or value.startswith("-"):
        raise UsageError(f"option {flag}: invalid value: {value!r}")
    return value


def integer(flag: str, value: str) -> int:
    """A whole number."""
    try:
        return int(value)
    except ValueError:
        raise UsageError(f"option {flag}: invalid integer value: {value!r}") from None


def seconds(flag: str, value: str) -> float:
    """A number that may have a fraction."""
    try:
        return float(value)
    except ValueError:
        raise UsageError(f"option {flag}: invalid floating-point value: {value!r}") from None


def choice(*choices: str) -> Choice:
    """One of ``choices``."""
    return Choice(choices)


class Choice:
    """The converter of a value that is one of ``choices``."""

    __slots__ = ("choices",)

    def __init__(self, choices: tuple[str, ...]) -> None:
        self.choices = choices

    def __call__(self, flag: str, value: str) -> str:
        if value not in self.choices:
            listed = ", ".join(map(repr, self.choices))
            raise UsageError(f"option {flag}: invalid choice: {value!r} (choose from {listed})")
        return value


class Option:
    """One line of the table: ``names`` separated by blanks, and what it is for.

    Without ``metavar`` the option is a flag.  ``convert(flag, value)`` turns the text of a
    value into what is stored, or raises :class:`UsageError`.  With ``keep`` all values are
    kept, in a list.  With ``bare`` the value may be left out, and is that then; it can only
    be given as ``--name=value``.  ``dest`` is the attribute it sets: by default its first
    long name; several options may share one.  An option without ``help`` is not shown.  A
    ``late`` option is newer than what people and scripts abbreviate: what could mean another
    one means that.  Once a ``scattered`` option was given, options may also stand between
    words that are none.
    """

    __slots__ = (
        "bare", "convert", "default", "dest", "help", "keep", "late", "metavar", "names",
        "scattered",
    )  # fmt: skip

    def __init__(
        self,
        names: str,
        help: str = "",
        metavar: str = "",
        convert: Converter = text,
        *,
        dest: str = "",
        default: object = None,
        keep: bool = False,
        bare: object = None,
        late: bool = False,
        scattered: bool = False,
    ) -> None:
        self.names = names.split()
        self.help = help
        self.metavar = metavar
        self.convert = convert
        self.dest = dest or self._long_name()
        self.default = default if metavar else 0
        self.keep = keep
        self.bare = bare
        self.late = late
        self.scattered = scattered

    def _long_name(self) -> str:
        name = next(name for name in self.names if name.startswith("--"))
        return name[2:].replace("-", "_")


class Values:
    """What the command line asked for: one attribute per option."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, value: object) -> None: ...


COMMON = (
    Option("--version", "show the version and exit"),
    Option("-h", "show the options that are used most, and exit", dest="short_help"),
    Option("--help", "show all options and exit"),
)


class MissingValueError(UsageError):
    """The last word is an option that wants a value after it."""

    def __init__(self, option: Option, name: str) -> None:
        super().__init__(f"{name} option requires 1 argument")
        self.option = option


class CommandLine:
    """The command line of one tool: what follows its name, and titled groups of options.

    ``operands`` is the kind of words that are no options, in the manner of a ``metavar``.
    ``common`` names the options that are used most: the short help shows them on a screen.
    """

    __slots__ = ("_index", "common", "groups", "operands", "usage")

    def __init__(self, usage: str, *groups: Group, operands: str = "", common: str = "") -> None:
        self.usage = usage
        self.common = common.split()
        self.operands = operands
        self.groups = (("", COMMON), *groups)
        self._index = {
            name: option for _, group in self.groups for option in group for name in option.names
        }

    def parse(self, argv: Sequence[str]) -> tuple[Values, list[str]]:
        """The values asked for in ``argv``, and its operands: from the first of them on, words.

        Nothing after ``--help`` or ``--version`` is looked at.  Raises :class:`UsageError`.
        """
        values = Values()
        for option in self._index.values():
            setattr(values, option.dest, [] if option.keep else option.default)
        words = list(argv)[::-1]  # a stack: the next word is the last
        operands: list[str] = []
        for option, flag, word in self._given(words, operands):
            if not option.metavar:
                setattr(values, option.dest, getattr(values, option.dest) + 1)
            elif word is None:
                setattr(values, option.dest, option.bare)
            elif option.keep:
                getattr(values, option.dest).append(option.convert(flag, word))
            else:
                setattr(values, option.dest, option.convert(flag, word))
            if option in COMMON:
                break
        return values, operands + words[::-1]

    def option(self, name: str) -> Option:
        """The option of that name, long ones as they may be abbreviated; or :class:`UsageError`."""
        return self._index[self._complete(name)]

    def _given(self, words: list[str], operands: list[str]) -> Iterator[Given]:
        """Take the options off ``words``, one by one, each with the name and value given.

        What stands between options, where it may, is moved to ``operands``.
        """
        scattered = False
        while words:
            word = words[-1]
            if not word.startswith("-") or word == "-":
                if not scattered:
                    return
                operands.append(words.pop())
                continue
            words.pop()
            if word == "--":
                return
            long = word.startswith("--")
            for given in (self._long(word, words),) if long else self._bundle(word[1:], words):
                scattered = scattered or given[0].scattered
                yield given

    def _long(self, word: str, words: list[str]) -> Given:
        name, equals, value = word.partition("=")
        name = self._complete(name)
        option = self._index[name]
        if equals and not option.metavar:
            raise UsageError(f"{name} option does not take a value")
        if equals:
            return option, name, value
        return option, name, _value(option, name, words)

    def _complete(self, prefix: str) -> str:
        if prefix in self._index:
            return prefix
        names = sorted(name for name in self._index if name.startswith(prefix))
        names = [name for name in names if not self._index[name].late] or names
        if not names:
            raise UsageError(f"no such option: {prefix}")
        if len(names) > 1:
            raise UsageError(f"ambiguous option: {prefix} ({', '.join(names)}?)")
        return names[0]

    def _bundle(self, letters: str, words: list[str]) -> Iterator[Given]:
        for at, letter in enumerate(letters, 1):
            name = "-" + letter
            option = self._index.get(name)
            if option is None:
                raise UsageError(f"no such option: {name}")
            if option.metavar and at < len(letters):
                yield option, name, letters[at:]
                return
            yield option, name, _value(option, name, words)


def _value(option: Option, name: str, words: list[str]) -> str | None:
    """The next of ``words``, if that is the option's value."""
    if not option.metavar or option.bare is not None:
        return None
    if not words:
        raise MissingValueError(option, name)
    return words.pop()
