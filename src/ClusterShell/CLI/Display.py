"""How the tools show what nodes say: labelled lines, blocks, differences.

`Display` is for programs that show output as `clush` does; how things look is the business of
`clush.cli.blocks`.  Lines are bytes, and what is not UTF-8 in them is shown as U+FFFD.
"""

from __future__ import annotations

import os
import sys

from clush.cli import blocks, colours
from clush.cli.conf import DEBUG as VERB_DEBUG
from clush.cli.conf import QUIET as VERB_QUIET
from clush.cli.conf import STANDARD as VERB_STD
from clush.cli.conf import VERBOSE as VERB_VERB

__all__ = [
    "STRING_ENCODING",
    "THREE_CHOICES",
    "VERB_DEBUG",
    "VERB_QUIET",
    "VERB_STD",
    "VERB_VERB",
    "WHENCOLOR_CHOICES",
    "Display",
    "sys_stdin",
]

STRING_ENCODING = "utf-8"
THREE_CHOICES = WHENCOLOR_CHOICES = [*colours.CHOICES]


def sys_stdin():
    """Standard input for bytes, where it has that."""
    return getattr(sys.stdin, "buffer", sys.stdin)


def _format(colour):
    return colours.paint(colour, b"%s").decode()


class Display:
    """Writes to ``out`` and ``err``, which are the standard streams of when it was made.

    ``options`` are those of `OptionParser.install_display_options`; a `ClushConfig` has its
    say on ``verbosity`` and ``node_count``.  ``color``, unless None, is stronger than both.
    """

    SEP = blocks.RULE.decode()
    COLOR_RESULT_FMT = _format(colours.DIFF_ADDED)
    COLOR_STDOUT_FMT = _format(colours.STDOUT)
    COLOR_STDERR_FMT = _format(colours.STDERR)
    COLOR_DIFFHDR_FMT = _format(colours.DIFF_HEADER)
    COLOR_DIFFHNK_FMT = _format(colours.DIFF_HUNK)
    COLOR_DIFFADD_FMT = _format(colours.DIFF_ADDED)
    COLOR_DIFFDEL_FMT = _format(colours.DIFF_REMOVED)

    def __init__(self, options, config=None, color=None):
        self._diff = bool(options.diff)
        self._reference = None  # what others are compared with: its nodes and its lines
        self.gather = options.gather or options.gatherall or self._diff
        self.line_mode = options.line_mode
        self.label = options.label
        self.regroup = options.regroup
        self.groupsource = options.groupsource
        self.noprefix = options.groupbase
        self.progress = getattr(options, "progress", False)
        self.outdir = options.outdir
        self.errdir = options.errdir
        self.maxrc = getattr(options, "maxrc", None)
        self.node_count = config.node_count if config else True
        self.verbosity = config.verbosity if config else _verbosity(options)
        self.out = sys.stdout
        self.err = sys.stderr
        if color is None:
            color = colours.wanted(options.whencolor, self.out.isatty(), os.environ)
        self._out_colour = colours.STDOUT if color else b""
        self._err_colour = colours.STDERR if color else b""

    @property
    def line_mode(self):
        """Whether gathered output is shown line by line; not together with differences."""
        return self._line_mode

    @line_mode.setter
    def line_mode(self, value):
        if value and self._diff:
            raise ValueError("diff not supported in line_mode")
        self._line_mode = value

    def flush(self):
        self.out.flush()
        self.err.flush()

    def format_header(self, nodeset, indent=0):
        """The three lines above a block, and their end; nothing where labels are not wanted."""
        if not self.label:
            return ""
        return self._header(self._named(nodeset), _count(nodeset), indent)

    def print_line(self, nodeset, line):
        """Show a line of standard output."""
        self._lines(self.out, self._out_colour, self._named(nodeset), [line])

    def print_line_error(self, nodeset, line):
        """Show a line of standard error."""
        self._lines(self.err, self._err_colour, self._named(nodeset), [line])

    def print_gather(self, nodeset, obj):
        """Show the lines that all of ``nodeset`` said: an iterable, such as a message."""
        self._gathered(self._named(nodeset), _count(nodeset), obj)

    def print_gather_keys(self, keys, obj):
        """The same for keys that are no nodes."""
        self._gathered(",".join(keys), len(keys), obj)

    def print_gather_finalize(self, nodeset):
        """After the last call for output: these nodes said nothing, which is a difference."""
        if self._diff and nodeset:
            self.print_gather(nodeset, [])

    def vprint(self, level, message):
        """Say something, if as much as ``level`` is wanted."""
        if self.verbosity >= level:
            print(message, file=self.out)

    def vprint_err(self, level, message):
        """The same on standard error."""
        if self.verbosity >= level:
            print(message, file=self.err)

    def _gathered(self, label, count, lines):
        if self._diff:
            self._difference(self._counted(label, count), [*lines])
        elif self.line_mode:
            self._lines(self.out, self._out_colour, label, lines)
        else:
            header = self._header(label, count) if self.label else ""
            self.out.write(header + "".join(map(_text, lines)))

    def _header(self, label, count, indent=0):
        return blocks.header(
            self._counted(label, count), self._out_colour, b" " * int(indent)
        ).decode(STRING_ENCODING, "surrogateescape")

    def _lines(self, stream, colour, label, lines):
        front = blocks.tag(label, colour).decode(STRING_ENCODING, "surrogateescape")
        for line in lines:
            stream.write((front if self.label else "") + _text(line))

    def _difference(self, label, lines):
        if self._reference is None:
            self._reference = label, lines
            return
        old_label, old = self._reference
        found = blocks.unified_diff(old, lines, (old_label, label), bool(self._out_colour))
        self.out.write("".join(line.decode(STRING_ENCODING, "replace") for line in found))

    def _counted(self, label, count):
        wanted = self.verbosity >= VERB_STD and self.node_count
        return blocks.counted(label, count if wanted else 0)

    def _named(self, nodeset):
        if self.regroup and not isinstance(nodeset, str):
            return nodeset.regroup(self.groupsource, noprefix=self.noprefix)
        return str(nodeset)


def _verbosity(options):
    for name, level in (("debug", VERB_DEBUG), ("verbose", VERB_VERB), ("quiet", VERB_QUIET)):
        if getattr(options, name, False):
            return level
    return VERB_STD


def _count(nodeset):
    return 1 if isinstance(nodeset, str) else len(nodeset)


def _text(line):
    return line.decode(STRING_ENCODING, "replace") + "\n"
