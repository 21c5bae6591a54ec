"""``nodeset`` (and ``cluset``): count, expand, fold and combine node sets.

The operands are evaluated, then sliced, picked from and split as asked, and the one
command given turns what is left into lines.  With ``-R`` the sets are plain ranges.  What
is listed about groups comes from ``listing``.
"""

from __future__ import annotations

from codecs import unicode_escape_decode

from clush.cli.groups import OPTIONS as GROUPS
from clush.cli.groups import set_up
from clush.cli.nodes import pick
from clush.cli.operands import STDIN, evaluate, texts
from clush.cli.options import CommandLine, Option, integer
from clush.cli.parts import PLAIN, folded, formatted, names, parts, position, regrouped
from clush.cli.program import OK, complain, output, run, stdin, write
from clush.errors import CommandError, UsageError
from clush.sets.nodeset import NodeSet
from clush.sets.ranges import RangeSet

ALL_NODES = "@*"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, NoReturn

    from clush.cli.nodes import Set
    from clush.cli.options import Values

    Threshold = Callable[[int], float]
    Command = Callable[[Any, Values], Iterator[object]]


def operation(flag: str, value: str) -> tuple[str, str]:
    """An operation and its operand, to be applied in the order of the command line."""
    return flag, value


def autostep(flag: str, value: str) -> Threshold:
    """How many of so many indexes must be equally spaced to be written ``a-b/step``."""
    try:
        if value != "auto" and not value.endswith("%"):
            least = int(value)
            return lambda total: least
        percent = 100.0 if value == "auto" else float(value[:-1])
        if percent - percent != 0:
            raise ValueError("not a number, or infinite")
    except ValueError:
        raise UsageError(
            f"option {flag}: invalid value: {value!r}, should be node count, node percentage"
            " or 'auto'"
        ) from None
    return lambda total: -(-total * percent // 100)


def separator(flag: str, value: str) -> str:
    """Text in which ``\\n``, ``\\t``, ``\\x41`` stand for characters."""
    if "\\" not in value:
        return value
    try:
        return unicode_escape_decode(value.encode("ascii", "backslashreplace"))[0]
    except UnicodeDecodeError:
        raise CommandError("invalid separator") from None


LINE = CommandLine(
    "[COMMAND] [OPTIONS] [ns1 [-ixX] ns2|...]",
    (
        "Commands",
        (
            Option("-c --count", "the number of nodes"),
            Option("-e --expand", "the names of all nodes"),
            Option("-f --fold", "all nodes as one node set"),
            Option("-r --regroup", "the same, with groups where they fit"),
            Option("--index", "the position of NODE in the node set, from 0", "NODE"),
            Option("-l --list", "groups (of nodes); -ll with nodes, -lll counts"),
            Option("-L --list-all", "the same in all group sources; -LL, -LLL"),
            Option("--list-sources --groupsources", "the group sources"),
            Option("--completion"),
        ),
    ),
    (
        "Node groups",
        (Option("-a --all", "start from all nodes of the group source"), *GROUPS),
    ),
    (
        "Operations, from left to right; also between operands",
        tuple(
            Option(flags, help, "NODES", operation, dest="operations", keep=True)
            for flags, help in (
                ("-x --exclude", "take NODES out"),
                ("-i --intersection", "keep only NODES"),
                ("-X --xor", "take NODES out, add those that were not there"),
            )
        ),
    ),
    (
        "What is taken of the result",
        (
            Option("-I --slice", "the nodes at these positions, from 0", "RANGES"),
            Option("--pick", "N random nodes", "N", integer, default=0),
            Option("--split", "N parts of about the same size", "N", integer, default=0),
            Option("--contiguous", "one part per range of consecutive indexes"),
        ),
    ),
    (
        "Output",
        (
            Option("-S --separator", "what stands between names", "TEXT", separator, default=" "),
            Option("-O --output-format", "how to write a name: '%s-ib'", "FORMAT", default=PLAIN),
            Option(
                "--autostep",
                "fold to a-b/step if N indexes, N% of them, or all of them (auto) allow it",
                "N",
                autostep,
            ),
            Option("--axis", "fold along these axes only (1 is the first, -1 the last)", "AXES"),
            Option("-R --rangeset", "work on ranges without names: 1-5,8"),
            Option("--json", "one JSON document", late=True),
            Option("-q --quiet", "no warnings"),
            Option("-d --debug", "say what happens"),
        ),
    ),
    operands="NODESETS",
    common="-c -e -f -r --index -l -a -x -i -X -I --pick --split -S -O -R",
)


def main() -> NoReturn:
    """Run ``nodeset``."""
    run(LINE, nodeset)


def nodeset(options: Values, words: list[str]) -> int:
    """Carry out one command line; the status to exit with."""
    given = [name for name in COMMANDS if getattr(options, name) not in (0, None)]
    if options.clear_cache and not (given or words):
        set_up(options)
        return OK
    command = _command(given)
    _check(options)
    if options.rangeset and options.groupsource and command not in LISTINGS:
        _warn(options, f'option group source "{options.groupsource}" ignored')
        options.groupsource = None
    set_up(options)
    if options.json:
        from clush.cli.nodesetjson import document

        output().writelines(document(given[0], _input(command, options, words), options))
        return OK
    lines: list[str] = []
    try:
        for line in command(_input(command, options, words), options):
            lines.append(f"{line}\n")
    finally:  # what was found before an error is shown before it is told
        write("".join(lines))
    return OK


def _input(command: Command, options: Values, words: list[str]) -> Any:
    """The set that a command works on; None, for groups of whatever nodes, if none is given."""
    listing = command in LISTINGS
    if listing and not (words or options.all or options.operations):
        return None
    kind: type[Any] = RangeSet if options.rangeset and not listing else NodeSet
    value = kind()
    if options.all:
        value.update(ALL_NODES)
    elif not (words or listing):
        value.update(kind.fromlist(texts(STDIN, stdin().read)))
    return _taken(_evaluated(value, options, words), options)


def _warn(options: Values, text: str) -> None:
    if not options.quiet:
        complain(f"WARNING: {text}")


def _command(given: list[str]) -> Command:
    if not given:
        raise UsageError("No command specified.")
    if len(given) > 1:
        raise UsageError("Multiple commands not allowed.")
    return COMMANDS[given[0]]


def _check(options: Values) -> None:
    if options.axis and (options.rangeset or not options.fold):
        raise UsageError("--axis option is only supported when folding nodeset")
    if options.split and options.contiguous:
        raise UsageError("incompatible splitting options (split, contiguous)")
    if options.pick and options.index is not None:
        raise UsageError("--index cannot be combined with --pick")
    if options.json and options.completion:
        raise UsageError("--json cannot be combined with --completion")
    if options.rangeset and (options.all or options.regroup):
        raise UsageError("-a/-r only supported in NodeSet mode")


def _evaluated(value: Set, options: Values, words: list[str]) -> Set:
    """``value`` after all operations, and with the operands."""
    if options.operations and not value:
        _warn(options, "empty left operand for set operation")
    return evaluate(value, options.operations, words, stdin().read)


def _taken(value: Set, options: Values) -> Set:
    """The part of ``value`` that was asked for."""
    taken = pick(_slice(value, options.slice), options.pick)
    if options.autostep:
        taken.autostep = max(2, options.autostep(len(taken)))
    return taken


def _slice(value: Set, ranks: str | None) -> Set:
    """The elements at ``ranks``, a text of ranges; positions that do not exist do not matter."""
    if not ranks:
        return value
    steps = RangeSet(ranks, autostep=3).slices()  # a slice each, instead of one per index
    return type(value).fromlist([value[_from_zero(step)] for step in steps])


def _from_zero(ranks: slice) -> slice:
    """The part of ``ranks`` that is not negative: to a slice, those count from the end."""
    if ranks.start >= 0:
        return ranks
    return slice(ranks.start % ranks.step, max(ranks.stop, 0), ranks.step)


def _count(value: Set, options: Values) -> Iterator[str]:
    for part in parts(value, options):
        yield formatted(len(part), options)


def _expand(value: Set, options: Values) -> Iterator[str]:
    for part in parts(value, options):
        yield options.separator.join(names(part, options))


def _fold(value: Set, options: Values) -> Iterator[str]:
    for part in parts(value, options):
        yield folded(part, options)


def _regroup(value: NodeSet, options: Values) -> Iterator[str]:
    for part in parts(value, options):
        yield regrouped(part, options)


def _index(value: Set, options: Values) -> Iterator[str]:
    yield formatted(position(value, options), options)


def _list(value: NodeSet | None, options: Values) -> Iterator[object]:
    from clush.cli import listing  # imports what only groups need, here and below

    return listing.of_source(value, options)


def _list_all(value: NodeSet | None, options: Values) -> Iterator[object]:
    from clush.cli import listing

    return listing.of_all_sources(value, options)


def _list_sources(value: NodeSet | None, options: Values) -> Iterator[object]:
    from clush.cli import listing

    return listing.sources(value, options)


def _completion(value: NodeSet | None, options: Values) -> Iterator[object]:
    from clush.cli import listing

    return listing.completion(value, options)


# What each command makes of the result: lines.
COMMANDS: dict[str, Command] = {
    "count": _count,
    "expand": _expand,
    "fold": _fold,
    "regroup": _regroup,
    "index": _index,
    "list": _list,
    "list_all": _list_all,
    "list_sources": _list_sources,
    "completion": _completion,
}

# Those that need no set, are never about ranges, and read standard input only where it is named.
LISTINGS = frozenset({_list, _list_all, _list_sources, _completion})
