"""``clubak``: gather and show lines that say who said them.

Standard input holds ``KEY: TEXT`` lines; it is read in large chunks, and only distinct
output is kept.  A key is a node set, whose nodes all said the text, or a plain string.
"""

from __future__ import annotations

import os
import sys

from clush.cli import colours
from clush.cli.blocks import block_order, counted, header, readable, tag, tagged, unified_diff
from clush.cli.groups import OPTIONS as GROUPS
from clush.cli.groups import Regroup, set_up
from clush.cli.keyed import by_key, in_order, whole_lines
from clush.cli.nodes import fold_axes
from clush.cli.options import CommandLine, Option, choice
from clush.cli.program import OK, complain, name, output, run, stdin
from clush.cli.speakers import Names, Speakers
from clush.errors import UsageError
from clush.gather import Gatherer, normalize, trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import NoReturn

    from clush.cli.options import Values
    from clush.cli.speakers import Speaker
    from clush.gather import Output

    Block = tuple[Output, list[str]]

# How much deeper each fork of a tree stands.
FORK = b"  "

# Other forms of output than JSON.
NO_JSON = {"--diff": "diff", "-T": "tree", "-L": "line_mode"}

LINE = CommandLine(
    "[options]",
    (
        "Gathering",
        (
            Option("-b -c --dshbak", "merge the nodes of equal output", dest="gather"),
            Option("-B", "same as -b", dest="gather"),
            Option("--diff", "show how outputs differ from the most common one"),
            Option("-r --regroup", "merge as with -b, and show groups where they fit"),
            Option("-T --tree", "show lines as a tree that forks where nodes differ"),
            Option("-F --fast", "accepted, and always the case"),
        ),
    ),
    (
        "Input",
        (
            Option("-S --separator", "what ends a key (default: ':')", "TEXT", default=":"),
            Option(
                "--interpret-keys",
                "whether keys are node sets: never, always, or auto (default), which takes all"
                " as plain strings if one of them is no node set",
                "WHEN",
                choice("", "never", "always", "auto"),
                default="auto",
            ),
        ),
    ),
    ("Node groups", GROUPS),
    (
        "Display",
        (
            Option("-L", "one line per line of output, no header", dest="line_mode"),
            Option("--json", "one JSON document", late=True),
            Option("-N", "no headers and no labels", dest="bare"),
            Option("--axis", "fold along these axes only (1 is the first, -1 the last)", "AXES"),
            Option("--color", "never, always or auto", "WHEN", choice(*colours.CHOICES)),
            Option("-q --quiet", "do not count nodes"),
            Option("-v --verbose", "repeat each line of input"),
            Option("-d --debug", "also say how the options were understood"),
            Option("--outdir", metavar="DIR"),
            Option("--errdir", metavar="DIR"),
        ),
    ),
    common="-b --diff -r -T -S -L -N --color -q",
)


def main() -> NoReturn:
    """Run ``clubak``."""
    run(LINE, clubak)


def clubak(options: Values, words: list[str]) -> int:
    """Read standard input to its end and show what it says; other words do not matter."""
    _check(options)
    set_up(options)
    if options.debug:
        complain(
            f"{name()}: line_mode={bool(options.line_mode)} gather={bool(options.gather)}"
            f" tree={bool(options.tree)}"
        )
    axes = fold_axes(options.axis)
    speakers = Speakers(options.interpret_keys)
    regroup = Regroup(options) if options.regroup else None
    gatherer = _read(options, speakers)
    names = Names(speakers.names(gatherer), speakers.plain, axes, regroup)
    found = [(said, speakers.names(those)) for said, those in gatherer.outputs()]
    blocks = [(said, those) for said, those in found if those]
    out = output()
    if options.json:
        from clush.cli.jsontext import document

        out.writelines(document(_fields(options, names, blocks)))
        return OK
    view = View(options, names, blocks)
    show = next((SHOWS[option] for option in SHOWS if getattr(options, option)), _show_blocks)
    for chunk in readable(show(view)):
        out.write(chunk)
    return OK


def _check(options: Values) -> None:
    if options.fast and (options.line_mode or options.tree):
        raise UsageError("incompatible tree options")
    if options.diff and options.line_mode:
        raise UsageError("option mismatch (diff not supported in line_mode)")
    if options.diff and options.tree:
        raise UsageError("option mismatch (diff not supported in tree mode)")
    for flag in NO_JSON:
        if options.json and getattr(options, NO_JSON[flag]):
            raise UsageError(f"--json cannot be combined with {flag}")


def _read(options: Values, speakers: Speakers) -> Gatherer[Speaker]:
    gatherer: Gatherer[Speaker] = Gatherer()
    separator = os.fsencode(options.separator)
    verbose = (options.verbose or options.debug) and not options.json
    # Lines to repeat are taken as soon as there are any.
    for chunk in whole_lines(stdin().read1 if verbose else stdin().read):
        lines = normalize(chunk)
        if verbose:
            output().writelines(readable(tagged(b"INPUT ", [lines])))
            output().flush()
        texts = by_key(lines, separator)
        for key in texts:
            speakers.of(key)
        # Where nobody is in two keys, the order of keys does not matter.
        said = in_order(lines, separator) if speakers.overlap else texts.items()
        for key, text in said:
            gatherer.feed_all(speakers.of(key), text)
    return gatherer


class View:
    """What is shown, and how: blocks of an output and those who said it, in order."""

    __slots__ = ("bare", "blocks", "colour", "line_mode", "names", "quiet")

    def __init__(self, options: Values, names: Names, blocks: Iterable[Block]) -> None:
        tty = sys.stdout is not None and sys.stdout.isatty()
        self.colour = colours.STDOUT if colours.wanted(options.color, tty, os.environ) else b""
        self.bare = options.bare
        self.line_mode = options.line_mode
        self.quiet = options.quiet
        self.names = names
        gather = options.gather or options.regroup or options.diff or options.tree
        self.blocks = (_gathered if gather else _single)(blocks, names)

    def label(self, names: list[str]) -> str:
        """The label of a block: what ``names`` are together, and how many."""
        return counted(self.names.title(names), 0 if self.quiet else len(names))


def _gathered(blocks: Iterable[Block], names: Names) -> list[Block]:
    """One block for each output, in the order in which blocks are shown."""
    ordered = [(said, sorted(those, key=names.rank.__getitem__)) for said, those in blocks]
    return sorted(ordered, key=lambda block: block_order(len(block[1]), block[1][0]))


def _single(blocks: Iterable[Block], names: Names) -> list[Block]:
    """One block for each name, in order."""
    single = [(said, [name]) for said, those in blocks for name in those]
    return sorted(single, key=lambda block: names.rank[block[1][0]])


def _fields(options: Values, names: Names, blocks: Iterable[Block]) -> Iterator[tuple[str, object]]:
    """What is shown as JSON: as much of the document of a run as can be known."""
    from clush.document import SCHEMA, said, text

    everybody = [*names.rank]
    yield "schema", SCHEMA
    yield "nodes", names.label(everybody)
    yield "count", len(everybody)
    yield (
        "by_stdout",
        (
            said("stdout", bytes(output), names.label(those), len(those))
            for output, those in _gathered(blocks, names)
        ),
    )
    if not (options.gather or options.regroup):
        yield (
            "results",
            (
                {"node": name, **text("stdout", bytes(output))}
                for output, (name,) in _single(blocks, names)
            ),
        )


def _show_blocks(view: View) -> Iterator[bytes]:
    for said, names in view.blocks:
        if not view.bare:
            yield header(view.label(names), view.colour)
        yield from said.chunks()


def _show_lines(view: View) -> Iterator[bytes]:
    for said, names in view.blocks:
        front = b"" if view.bare else tag(view.names.title(names), view.colour)
        yield from tagged(front, said.chunks())


def _show_differences(view: View) -> Iterator[bytes]:
    if not view.blocks:
        return
    (reference, common), *others = view.blocks
    for said, names in others:
        labels = view.label(common), view.label(names)
        yield from unified_diff([*reference], [*said], labels, bool(view.colour))


def _show_tree(view: View) -> Iterator[bytes]:
    """Lines said by the same nodes one after the other, indented once per fork above."""
    above = [(0, b"")]  # the lines that lead here: how many say each, and how it is indented
    for line, names, depth, _ in trace((iter(said), names) for said, names in view.blocks):
        del above[depth:]
        count, indent = above[-1]
        if len(names) != count:
            indent += FORK if depth > 1 else b""
            names.sort(key=view.names.rank.__getitem__)
            if view.line_mode:
                yield os.fsencode(view.names.title(names)) + b":\n"
            elif not view.bare:
                yield header(view.label(names), view.colour, indent)
        above.append((len(names), indent))
        yield indent + line + b"\n"


SHOWS = {"tree": _show_tree, "diff": _show_differences, "line_mode": _show_lines}
