"""``nodeset`` (and ``cluset``): count, expand, fold and combine node sets.

The operands are evaluated, then sliced, picked from and split as asked, and the one
command given turns what is left into lines.  With ``-R`` the sets are plain ranges.
"""

from __future__ import annotations

from codecs import unicode_escape_decode

from clush.cli.nodes import fold_axes, pick
from clush.cli.operands import STDIN, evaluate, texts
from clush.cli.options import CommandLine, Option, integer
from clush.cli.program import OK, complain, run, stdin, write
from clush.errors import CommandError, UsageError
from clush.sets.nodeset import NodeSet
from clush.sets.ranges import RangeSet
from clush.sets.resolver import NO_GROUPS

# The output format that leaves names as they are.
PLAIN = "%s"
# Other formats may put characters into names that mean something in a node set.  They are
# not to be understood: while names are folded, private characters stand for them.
HIDDEN = {ord(char): 0xE000 + ord(char) for char in ",!&^[]"}
SHOWN = {private: char for char, private in HIDDEN.items()}

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, NoReturn

    from clush.cli.nodes import Set
    from clush.cli.options import Values

    Threshold = Callable[[int], float]
    Command = Callable[[Any, Values], Iterator[str]]


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
            Option("--index", "the position of NODE in the node set, from 0", "NODE"),
        ),
    ),
    (
        "Operations, from left to right; also between operands",
        tuple(
            Option(names, help, "NODES", operation, dest="operations", keep=True)
            for names, help in (
                ("-x --exclude", "take NODES out"),
                ("-i --intersection", "keep only NODES"),
                ("-X --xor", "take NODES out, and add those of them that were not there"),
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
            Option("-q --quiet", "no warnings"),
            Option("-d --debug", "say what happens"),
        ),
    ),
)


def main() -> NoReturn:
    """Run ``nodeset``."""
    run(LINE, nodeset)


def nodeset(options: Values, words: list[str]) -> int:
    """Carry out one command line; the status to exit with."""
    command = _command(options)
    _check(options)
    kind: type[Any] = RangeSet if options.rangeset else NodeSet
    result = _taken(_evaluated(kind(), options, words), options)
    write("".join([line + "\n" for line in command(result, options)]))
    return OK


def _command(options: Values) -> Command:
    given = [name for name in COMMANDS if getattr(options, name) not in (0, None)]
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


def _evaluated(value: Set, options: Values, words: list[str]) -> Set:
    """``value`` and standard input, or the operands, after all operations."""
    read = stdin().read
    if not words:
        value.update(type(value).fromlist(texts(STDIN, read)))
    if options.operations and not value and not options.quiet:
        complain("WARNING: empty left operand for set operation")
    return evaluate(value, options.operations, words, read)


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


def _parts(value: Set, options: Values) -> list[Set]:
    """What is shown on a line each; at least one part, even if it is empty."""
    if options.contiguous:
        return [*value.contiguous()] or [value]
    if options.split > 0:
        return [*value.split(options.split)] or [value]
    return [value]


def _count(value: Set, options: Values) -> Iterator[str]:
    for part in _parts(value, options):
        yield _formatted(len(part), options)


def _expand(value: Set, options: Values) -> Iterator[str]:
    for part in _parts(value, options):
        yield options.separator.join(_names(part, options))


def _fold(value: Set, options: Values) -> Iterator[str]:
    axes = fold_axes(options.axis)
    for part in _parts(value, options):
        if isinstance(part, RangeSet):
            yield _formatted(str(part), options)
        elif options.output_format == PLAIN:
            yield _folded(part, axes)
        else:
            names = [name.translate(HIDDEN) for name in _names(part, options)]
            nodes = NodeSet.fromlist(names, part.autostep, NO_GROUPS)
            yield _folded(nodes, axes).translate(SHOWN)


def _folded(nodes: NodeSet, axes: tuple[int, ...] | None) -> str:
    if axes is not None:
        nodes.fold_axis = axes
    return str(nodes)


def _index(value: Set, options: Values) -> Iterator[str]:
    try:
        position = value.index(options.index)
    except ValueError as error:
        raise CommandError(str(error)) from None
    yield _formatted(position, options)


def _names(part: Set, options: Values) -> Iterable[str]:
    """The elements as the output format writes them."""
    if options.output_format == PLAIN:
        return part
    return [_formatted(name, options) for name in part]


def _formatted(value: object, options: Values) -> str:
    try:
        formatted: str = options.output_format % (value,)
    except (TypeError, ValueError):
        raise CommandError(
            f"--output-format {options.output_format!r} cannot show {value!r}: it needs one '%s'"
        ) from None
    return formatted


# What each command makes of the result: lines.
COMMANDS: dict[str, Command] = {
    "count": _count,
    "expand": _expand,
    "fold": _fold,
    "index": _index,
}
