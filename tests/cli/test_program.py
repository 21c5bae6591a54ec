"""What all tools share: failures, and what becomes of output nobody takes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

import clush
from clush.cli.options import CommandLine, Option, Values, integer
from clush.cli.program import output, run, stdin, write
from clush.errors import (
    ClushError,
    CommandError,
    ConfigError,
    ConfigSyntaxError,
    GroupResolverConfigError,
    GroupResolverIllegalCharError,
    GroupResolverSourceError,
    GroupSourceNoUpcall,
    GroupSourceQueryFailed,
    NodeSetExternalError,
    NodeSetParseError,
    RangeSetParseError,
    UsageError,
)
from clush.groups import DictSource

LINE = CommandLine(
    "[options] word", ("Options", (Option("-n", "a number", "N", integer, dest="n"),))
)

FAILURES = [
    (ClushError("went wrong"), 1, "prog: went wrong\n"),
    (CommandError("'x' is not there"), 1, "ERROR: 'x' is not there\n"),
    (NodeSetParseError("n[1", "missing bracket"), 1, 'prog: Parse error: missing bracket: "n[1"\n'),
    (RangeSetParseError("x", "no number"), 1, 'prog: Parse error: no number : "x"\n'),
    (NodeSetExternalError("no way"), 1, "prog: External error: no way\n"),
    (GroupSourceNoUpcall("list"), 1, 'prog: No list upcall defined for group source "None"\n'),
    (
        GroupSourceNoUpcall("all", DictSource("lab", {})),
        1,
        'prog: No all upcall defined for group source "lab"\n',
    ),
    (GroupSourceQueryFailed("cmd", None, "why"), 1, "prog: Group error: cmd (why)\n"),
    (GroupResolverSourceError("x"), 1, 'prog: Unknown group source: "x"\n'),
    (GroupResolverIllegalCharError("& !"), 1, 'prog: Illegal group character: "& !"\n'),
    (
        GroupResolverConfigError("no", file="F", line=3),
        1,
        "prog: Group resolver error: no (F, line 3)\n",
    ),
    (ConfigSyntaxError("no section"), 1, "prog: no section\n"),
    (
        ConfigError("bad", file="F", section="Main", key="k", line=3),
        1,
        "ERROR: (Config Main.k): bad (F, line 3)\n",
    ),
    (UsageError("No."), 2, "Usage: prog [options] word\n\nprog: error: No.\n"),
    (OSError(28, "Full"), 1, "ERROR: [Errno 28] Full\n"),
    (FileNotFoundError(2, "Missing", "F"), 1, "ERROR: [Errno 2] Missing: 'F'\n"),
    (BrokenPipeError(32, "Broken"), 1, ""),
    (KeyboardInterrupt(), 130, ""),
]


@pytest.mark.parametrize(("error", "rc", "err"), FAILURES, ids=lambda value: type(value).__name__)
def test_failures(tool, error: BaseException, rc: int, err: str) -> None:
    def fail(values: Values, words: list[str]) -> int:
        write("before\n")
        raise error

    assert tool(lambda: run(LINE, fail), "/usr/bin/prog") == ("before\n", err, rc)


def echo(values: Values, words: list[str]) -> int:
    """Show what arrived; leave with the number given."""
    write(" ".join(words) + "\n")
    output().write(stdin().read())
    return values.n or 0


def test_a_tool_gets_words_and_input_and_decides_the_status(tool) -> None:
    ran = tool(lambda: run(LINE, echo), "prog", "-n", "7", "a", "b", stdin="text")
    assert ran == ("a b\ntext", "", 7)


def test_version_and_help(tool, monkeypatch: pytest.MonkeyPatch) -> None:
    def show(*argv: str) -> str:
        ran = tool(lambda: run(LINE, echo), *argv)
        assert (ran.err, ran.rc) == ("", 0)
        return ran.out

    assert show("/bin/pprog", "--version", "-n", "x") == f"pprog {clush.__version__}\n"
    assert show("prog", "-h").startswith("Usage: prog [options] word\n\nOptions:\n")
    monkeypatch.setenv("COLUMNS", "50")
    assert max(map(len, show("prog", "--help").splitlines())) <= 50


def process(body: str, shell: str, **pipes: int) -> subprocess.CompletedProcess[str]:
    """Run a tool whose body is an expression; ``$0 $@`` is its command line in ``shell``."""
    script = (
        "from clush.cli.program import *\nfrom clush.cli.options import CommandLine\n"
        f"run(CommandLine(''), lambda values, words: {body})"
    )
    command = ["sh", "-c", shell, sys.executable, "-c", script]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, **pipes)


LITTLE = "write('x') and 0"  # still in the buffer when the tool returns
MUCH = "output().write(b'x' * 1000000) and 0"


@pytest.mark.parametrize("body", [LITTLE, MUCH])
@pytest.mark.parametrize(
    ("redirection", "err"),
    [
        (">/dev/full", "ERROR: [Errno 28] No space left on device\n"),
        (">&-", "ERROR: standard output is closed\n"),
    ],
)
def test_output_that_cannot_be_written(body: str, redirection: str, err: str) -> None:
    ran = process(body, f'"$0" "$@" {redirection}')
    assert (ran.stderr, ran.returncode) == (err, 1)


@pytest.mark.parametrize("body", [LITTLE, MUCH])
def test_a_reader_that_left_ends_the_tool_silently(body: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ran = process(body, 'exec "$0" "$@"', stdout=writer)
    finally:
        os.close(writer)
    assert (ran.stderr, ran.returncode) == ("", 1)


@pytest.mark.parametrize(
    ("body", "redirection", "err", "rc"),
    [
        ("stdin() and 3", "<&-", "", 3),
        ("stdin().read()", "<&-", "ERROR: standard input is closed\n", 1),
        ("stdin().read1(10)", "<&-", "ERROR: standard input is closed\n", 1),
        ("complain('nobody hears') or 3", "2>&-", "", 3),
    ],
)
def test_other_streams_that_are_closed(body: str, redirection: str, err: str, rc: int) -> None:
    ran = process(body, f'exec "$0" "$@" {redirection}')
    assert (ran.stderr, ran.returncode) == (err, rc)


def test_unbuffered_output_is_written_to_its_end() -> None:
    """A raw stream takes a part and says so to nobody; a stopped reader shows it."""
    program = "import sys; sys.argv = ['nodeset', '-e', 'n[1-200000]']\n"
    program += "from clush.cli.nodeset import main; main()"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", program], stdout=subprocess.PIPE, start_new_session=True
    ) as tool:
        assert tool.stdout is not None
        said = os.read(tool.stdout.fileno(), 10)
        os.kill(tool.pid, signal.SIGSTOP)
        os.kill(tool.pid, signal.SIGCONT)
        said += tool.stdout.read()
    assert tool.returncode == 0
    assert said.split() == [f"n{n}".encode() for n in range(1, 200001)]
