"""What is proposed at a place of a command line: a table by kinds of values.

The kind is the ``metavar`` of an option, or that of the words that are no options.  Files,
directories and the words of a command are known better by the shell: it is told which.
"""

from __future__ import annotations

from clush.cli.completion.candidates import Candidate, matching
from clush.cli.completion.place import Place, place
from clush.cli.completion.sets import SiteNames
from clush.cli.groups import configured
from clush.cli.operands import OPERATIONS
from clush.cli.options import Choice
from clush.errors import ClushError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Optional, Union

    from clush.cli.options import CommandLine

    Proposals = Union[Iterable[Candidate], "ByShell"]


class ByShell:
    """What the shell completes itself: ``what``, and from which word on if that is a command."""

    __slots__ = ("first", "what")

    def __init__(self, what: str, first: Optional[int] = None) -> None:
        self.what = what
        self.first = first


def propose(line: CommandLine, words: Sequence[str]) -> Proposals:
    """What may stand in place of the last of ``words``, each candidate for the whole word."""
    found = place(line, words)
    if found is None:
        return ()
    if found.names_option:
        return _options(line, found.typed)
    proposals = _kind(line, found)(found)
    if isinstance(proposals, ByShell):
        return proposals
    return [Candidate(found.lead + one.text, one.about, one.complete) for one in proposals]


def _kind(line: CommandLine, found: Place) -> Callable[[Place], Proposals]:
    if found.option is None:
        return KINDS.get(line.operands, _nothing)
    convert = found.option.convert
    if isinstance(convert, Choice):
        choices = [one for one in convert.choices if one]
        return lambda found: matching(choices, found.typed)
    return KINDS.get(found.option.metavar, _nothing)


def _options(line: CommandLine, typed: str) -> Iterator[Candidate]:
    """Names of options; several flags in one word are complete as they are."""
    known = False
    for _, options in line.groups:
        for option in options:
            for name in option.names if option.help else ():
                if name.startswith(typed):
                    known = True
                    wants = bool(option.metavar) and option.bare is None
                    glued = wants and name.startswith("--")
                    yield Candidate(f"{name}=" if glued else name, option.help, not glued)
    if not known and not typed.startswith("--"):
        yield Candidate(typed)


def _names(found: Place) -> SiteNames:
    values = found.values
    return SiteNames(lambda: configured(values, completing=True), values.groupsource)


def _nodes(found: Place) -> Iterable[Candidate]:
    return _names(found).nodeset(found.typed)


def _groups(found: Place) -> Iterable[Candidate]:
    return _names(found).groups(found.typed)


def _sources(found: Place) -> Iterable[Candidate]:
    return _names(found).sources(found.typed)


def _nodes_and_operations(found: Place) -> Iterable[Candidate]:
    if found.operands and found.typed.startswith("-"):
        return matching(OPERATIONS, found.typed)
    return _nodes(found)


def _workers(found: Place) -> Iterable[Candidate]:
    from clush.transport.registry import TRANSPORTS

    return matching(TRANSPORTS, found.typed)


def _modes(found: Place) -> Iterable[Candidate]:
    from clush.config.settings import load

    try:
        return matching(load(found.values.conf).modes(), found.typed)
    except (ClushError, OSError):
        return ()


def _settings(found: Place) -> Iterable[Candidate]:
    from clush.config.keys import COLORS, boolean, color
    from clush.config.settings import KEYS

    name, equals, _ = found.typed.partition("=")
    if not equals:
        keys = [key for key in KEYS if key.name.startswith(name.lower())]
        return [Candidate(f"{key.name}=", key.help, complete=False) for key in keys]
    values: dict[object, Sequence[str]] = {boolean: ("yes", "no"), color: COLORS}
    of_key = [values.get(key.convert, ()) for key in KEYS if key.name == name.lower()]
    return matching((f"{name}={value}" for each in of_key for value in each if value), found.typed)


def _command(found: Place) -> Proposals:
    if found.values.copy or found.values.rcopy:
        return ByShell("files")
    return ByShell("command", found.first)


def _files(found: Place) -> Proposals:
    return ByShell("files")


def _directories(found: Place) -> Proposals:
    return ByShell("directories")


def _nothing(found: Place) -> Proposals:
    return ()


# By metavar; what is for the user alone to know has nothing to be proposed.
KINDS: dict[str, Callable[[Place], Proposals]] = {
    "NODE": _nodes,
    "NODES": _nodes,
    "NODESETS": _nodes_and_operations,
    "GROUP": _groups,
    "SOURCE": _sources,
    "WORKER": _workers,
    "MODE": _modes,
    "KEY=VALUE": _settings,
    "COMMAND": _command,
    "FILE": _files,
    "PATH": _files,
    "DIR": _directories,
    **dict.fromkeys(
        ("", "ARITY", "AXES", "FORMAT", "N", "OPTIONS", "RANGES", "SEC", "TEXT", "USER"), _nothing
    ),
}
