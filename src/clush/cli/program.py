"""What the tools have in common: how one is run, how it fails, how it writes.

``run`` parses the command line, calls the tool and turns whatever happens into one line
on standard error and an exit status.  A usage error also shows the usage line.  A reader
that goes away (``| head``) ends a tool silently.
"""

from __future__ import annotations

import os
import sys
from io import BufferedIOBase, BufferedWriter, RawIOBase

from clush import __version__
from clush.errors import (
    ClushError,
    CommandError,
    ConfigError,
    ConfigSyntaxError,
    GroupResolverConfigError,
    GroupResolverIllegalCharError,
    GroupResolverSourceError,
    GroupSourceError,
    GroupSourceNoUpcall,
    NodeSetExternalError,
    NodeSetParseError,
    RangeSetParseError,
    UsageError,
)
from clush.site import connect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO, NoReturn

    from clush.cli.options import CommandLine, Values

OK = 0
FAILED = 1
INTERRUPTED = 130

# How wide --help is when COLUMNS does not say.
DEFAULT_WIDTH = 80

# As the first word it lets the shell ask what could come next; no tool's table has it, so that
# nothing that is abbreviated can mean it.
COMPLETION = "--shell-completion"

# What is said about an error; the first class that fits decides.
MESSAGES = (
    (CommandError, "ERROR: {error}"),
    (NodeSetParseError, "{prog}: Parse error: {error}"),
    (RangeSetParseError, "{prog}: Parse error: {error}"),
    (NodeSetExternalError, "{prog}: External error: {error}"),
    (
        GroupSourceNoUpcall,
        '{prog}: No {error.message} upcall defined for group source "{error.source_name}"',
    ),
    (GroupSourceError, "{prog}: Group error: {error}"),
    (GroupResolverSourceError, '{prog}: Unknown group source: "{error}"'),
    (GroupResolverIllegalCharError, '{prog}: Illegal group character: "{error}"'),
    (GroupResolverConfigError, "{prog}: Group resolver error: {error}"),
    (ConfigSyntaxError, "{prog}: {error}"),
    (ConfigError, "ERROR: {error}"),
    (ClushError, "{prog}: {error}"),
    (OSError, "ERROR: {error}"),
)


_buffer: BufferedWriter | None = None


def name() -> str:
    """The name the tool was called by."""
    return os.path.basename(sys.argv[0])


def run(line: CommandLine, tool: Callable[[Values, list[str]], int]) -> NoReturn:
    """Call ``tool`` with the options and the other words; leave with the status it returns."""
    status = _attempt(line, tool)
    try:
        if sys.stdout is not None:
            _let_go()
            sys.stdout.flush()
    except OSError as error:
        _abandon_output()
        status = status or report(error)
    raise SystemExit(status)


def stdin() -> BufferedIOBase:
    """Standard input, for bytes; where the caller closed it, that is told who reads."""
    if sys.stdin is None:
        return _ClosedInput()
    buffer: BufferedIOBase = sys.stdin.buffer  # type: ignore[assignment]  # it has read1
    return buffer


def output() -> BinaryIO:
    """Standard output, for bytes; a :class:`CommandError` if the caller closed it."""
    global _buffer
    check_output()
    stream = sys.stdout.buffer
    if not isinstance(stream, RawIOBase):
        return stream
    # With PYTHONUNBUFFERED a write may take only a part of what it is given, and say so to nobody.
    if _buffer is None or _buffer.raw is not stream:
        _buffer = BufferedWriter(stream)
    return _buffer


def check_output() -> None:
    """Raise :class:`CommandError` if the caller closed standard output."""
    if sys.stdout is None:
        raise CommandError("standard output is closed")


class _ClosedInput(BufferedIOBase):
    """In place of the standard input that there is not."""

    def read(self, size: int | None = -1) -> bytes:
        raise CommandError("standard input is closed")

    def read1(self, size: int = -1) -> bytes:
        return self.read(size)


def _let_go() -> None:
    """Write out what `output` has put in front of a raw stream, and leave the stream alone."""
    global _buffer
    buffer, _buffer = _buffer, None
    if buffer is not None:
        buffer.detach()  # it flushes; left to itself it would close the stream


def write(text: str) -> None:
    """Write ``text`` on standard output, in the encoding that the arguments came in."""
    output().write(os.fsencode(text))


def complain(text: str) -> None:
    """Write a line on standard error; where nobody can hear it, that is no error."""
    try:
        if sys.stderr is not None:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()
    except OSError:
        pass


def ignore(_text: str) -> None:
    """Nobody wants to know."""


def report(error: ClushError | OSError) -> int:
    """Say on standard error what went wrong; the status to exit with."""
    # A reader that has seen enough is no failure worth a message.
    if not isinstance(error, BrokenPipeError):
        message = next(text for kind, text in MESSAGES if isinstance(error, kind))
        complain(message.format(prog=name(), error=error))
    return error.exit_code if isinstance(error, ClushError) else FAILED


def _attempt(line: CommandLine, tool: Callable[[Values, list[str]], int]) -> int:
    try:
        if sys.argv[1:2] == [COMPLETION]:
            return _complete(line)
        values, words = line.parse(sys.argv[1:])
        if values.help or values.short_help:
            return _show_help(line, short=bool(values.short_help and line.common))
        if values.version:
            write(f"{name()} {__version__}\n")
            return OK
        connect()
        return tool(values, words)
    except KeyboardInterrupt:
        return INTERRUPTED
    except UsageError as error:
        complain(f"Usage: {name()} {line.usage}\n\n{name()}: error: {error}")
        return error.exit_code
    except (ClushError, OSError) as error:
        return report(error)


def _complete(line: CommandLine) -> int:
    from clush.cli.completion.shells import answer  # imports what is proposed

    write(answer(line, sys.argv[2:]))
    return OK


def _show_help(line: CommandLine, short: bool) -> int:
    # It wraps text, which takes longer than a whole run.
    from clush.cli.help import help_text, short_help_text

    try:
        width = int(os.environ.get("COLUMNS", ""))
    except ValueError:
        width = DEFAULT_WIDTH
    write((short_help_text if short else help_text)(name(), line, width))
    return OK


def _abandon_output() -> None:
    """Lose what cannot be written, or the interpreter would try again and complain."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
