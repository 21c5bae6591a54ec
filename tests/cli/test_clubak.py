"""``clubak`` from keyed lines to what it shows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from clush.cli import keyed
from clush.cli.clubak import main

RULE = "---------------\n"
USAGE = "Usage: clubak [options]\n\nclubak: error: "


def block(label: str, text: str) -> str:
    return f"{RULE}{label}\n{RULE}{text}"


def blue(text: str) -> str:
    return f"\x1b[94m{text}\x1b[0m"


SAMPLE = "n2: x\nn1: x\nn10: y\nn1: z\nn3: x\n"
GRID = "r1n1:a\nr1n2:a\nr2n1:a\nr2n2:a\n"
ODD = "n1: a\nb c: d\nn2: a\nx[: 3\n"
STEPS = "n1: init\nn2: init\nn2: stop\nn1: go\n"

# Options, standard input, output.
ANSWERS = [
    # Blocks
    (
        "",
        SAMPLE,
        block("n1", " x\n z\n") + block("n2", " x\n") + block("n3", " x\n") + block("n10", " y\n"),
    ),
    ("-b", SAMPLE, block("n[2-3] (2)", " x\n") + block("n1", " x\n z\n") + block("n10", " y\n")),
    ("-c -q", SAMPLE, block("n[2-3]", " x\n") + block("n1", " x\n z\n") + block("n10", " y\n")),
    ("-B -N", SAMPLE, " x\n x\n z\n y\n"),
    ("--dshbak --fast", "n1: x\n", block("n1", " x\n")),
    ("-N", SAMPLE, " x\n z\n x\n x\n y\n"),
    ("-b --axis=1", GRID, block("r[1-2]n1,r[1-2]n2 (4)", "a\n")),
    ("-b", "n1:\nn3:  \nn2: \n", block("n1", "\n") + block("n2", " \n") + block("n3", "  \n")),
    ("-b", "", ""),
    ("-b words are ignored", "", ""),
    ("-b --outdir=/nowhere --errdir /nowhere", "n1: x\n", block("n1", " x\n")),
    # Lines
    ("-bL", "n2: x\nn1: x\nn10: y\n", "n[1-2]:  x\nn10:  y\n"),
    ("-L", SAMPLE, "n1:  x\nn1:  z\nn2:  x\nn3:  x\nn10:  y\n"),
    ("-LN", SAMPLE, " x\n z\n x\n x\n y\n"),
    # Differences
    ("--diff", "a1: x\na2: y\na3: x\n", "--- a[1,3] (2)\n+++ a2\n@@ -1 +1 @@\n- x\n+ y\n"),
    ("--diff -qN", "a1: x\na2: y\na3: x\n", "--- a[1,3]\n+++ a2\n@@ -1 +1 @@\n- x\n+ y\n"),
    ("--diff", "a1: x\na2: x\n", ""),
    ("--diff", "", ""),
    # Input
    ("-b", "n1: x\r\nn2: x", block("n[1-2] (2)", " x\n")),
    ("-b", "n1: 10%\r50%\nn2: x", block("n1", " 10%\r50%\n") + block("n2", " x\n")),
    ("-b", "\n n1 : x\n  \nn2\t: x\n\n", block("n[1-2] (2)", " x\n")),
    ("-b", "n2,n1: x\nn1,n2: y\n", block("n[1-2] (2)", " x\n y\n")),
    ("", "n[1-2]: a\nn1: d\n", block("n1", " a\n d\n") + block("n2", " a\n")),
    ("-LN", "n1:1\nn[1-2]:2\nn3,n1:3\nn1:4\n", "1\n2\n3\n4\n2\n3\n"),
    ("-LN --interpret-keys=always", "n1:1\nn2:0\nn[1-2]:2\nn1:3\n", "1\n2\n3\n0\n2\n"),
    ("-LN --interpret-keys=never", "n1:1\nn[1-2]:2\nn1:3\n", "1\n3\n2\n"),
    ("-S ::", "  n1 :: ::x\n", block("n1", " ::x\n")),
    ("-S |  -L", "n1|x|y\n", "n1: x|y\n"),
    ("-d -v -N", "n1: a\n", "INPUT n1: a\n a\n"),
    # Keys that are no node sets
    ("-L", ODD, "n1:  a\nb c:  d\nn2:  a\nx[:  3\n"),
    ("-bL", ODD, "n1,n2:  a\nb c:  d\nx[:  3\n"),
    ("-bL --interpret-keys=", ODD, "n1,n2:  a\nb c:  d\nx[:  3\n"),
    ("-b", "n[2-1: x\nn9: x\n", block("n[2-1,n9 (2)", " x\n")),
    ("-L", "n[1-2]: a\nn1: d\nx[: e\n", "n[1-2]:  a\nn1:  d\nx[:  e\n"),
    ("-L --interpret-keys=never", "n[1-2]: a\nn1: d\n", "n[1-2]:  a\nn1:  d\n"),
    ("-bL --interpret-keys=never --axis=1", "n2: a\nn1: a\nn: b\n", "n2,n1:  a\nn:  b\n"),
    ("-L --interpret-keys=always", "n[1-2]: a\n", "n1:  a\nn2:  a\n"),
    # Trees
    (
        "-TL",
        STEPS,
        "n[1-2]:\n init\nn1:\n   go\nn2:\n   stop\n",
    ),
    (
        "-T",
        STEPS + "n1: end\nn2: end\n",
        block("n[1-2] (2)", " init\n")
        + "  ---------------\n  n1\n  ---------------\n   go\n   end\n"
        + "  ---------------\n  n2\n  ---------------\n   stop\n   end\n",
    ),
    ("-TNq", STEPS, " init\n   go\n   stop\n"),
    # who ends first has said no more than that
    ("-TLN", "n1: init\nn2: init\nn2: stop\n", "n[1-2]:\n init\nn2:\n   stop\n"),
    ("-TL", "n1: a\nn2: b\nn3: b\n", "n[2-3]:\n b\nn1:\n a\n"),
    ("-TL", "", ""),
    # Colours
    ("-b --color=always", "n1: x\n", blue("---------------\nn1\n---------------") + "\n x\n"),
    ("-L --color=always", "n1: x\n", blue("n1: ") + " x\n"),
    (
        "-T --color=always",
        STEPS[:18],
        blue("---------------\nn[1-2] (2)\n---------------") + "\n init\n",
    ),
    ("-TL --color=always", "n1: x\n", "n1:\n x\n"),
    ("-L --color=auto", "n1: x\n", "n1:  x\n"),
]


@pytest.mark.parametrize(("line", "stdin", "out"), ANSWERS)
def test_answers(tool, line: str, stdin: str, out: str) -> None:
    ran = tool(main, "clubak", *line.split(), stdin=stdin)
    assert (ran.out, ran.rc) == (out, 0)


def test_a_coloured_diff(tool) -> None:
    ran = tool(main, "clubak", "--diff", "--color=always", stdin="a1: x\na2: y\na3: x\n")
    assert ran.out.splitlines()[3:] == ["\x1b[91m- x\x1b[0m", "\x1b[92m+ y\x1b[0m"]


def test_the_environment_decides_on_colours(tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLICOLOR_FORCE", "1")
    assert tool(main, "clubak", "-L", stdin="n1: x\n").out == blue("n1: ") + " x\n"


def test_what_is_not_utf8_is_shown_as_such(tool) -> None:
    ran = tool(main, "clubak", "-L", stdin=b"n1: \xff\nn2: \xc3\xa9\n")
    assert ran.out == "n1:  \ufffd\nn2:  é\n"


@pytest.mark.parametrize(
    ("line", "stdin", "rc", "err"),
    [
        ("-F -L", "", 2, USAGE + "incompatible tree options"),
        ("-FT", "", 2, USAGE + "incompatible tree options"),
        ("--diff -L", "", 2, USAGE + "option mismatch (diff not supported in line_mode)"),
        ("--diff -T", "", 2, USAGE + "option mismatch (diff not supported in tree mode)"),
        (
            "--color=blue",
            "",
            2,
            USAGE
            + "option --color: invalid choice: 'blue' (choose from '', 'never', 'always', 'auto')",
        ),
        ("", "n1: a\nspurious\n", 1, "clubak: no separator ':' in line: \"spurious\""),
        ("", "n1: a\n : b\n", 1, 'clubak: no node found: " : b"'),
        ("", "n1!n1: b\n", 1, 'clubak: no node found: "n1!n1"'),
        ("--separator=", "n1: a\n", 1, 'clubak: empty separator: "n1: a"'),
        (
            "--interpret-keys=always",
            "n1: a\nx[: a\n",
            1,
            'clubak: Parse error: missing bracket: "x["',
        ),
        ("--axis=x", "n1: a\n", 1, 'clubak: Parse error: cannot convert string to integer : "x"'),
    ],
)
def test_errors(tool, line: str, stdin: str, rc: int, err: str) -> None:
    assert tool(main, "clubak", *line.split(), stdin=stdin) == ("", err + "\n", rc)


def test_debug_says_how_options_were_understood(tool) -> None:
    assert tool(main, "clubak", "-dbL").err == "clubak: line_mode=True gather=True tree=False\n"


def test_help_fits_a_screen(tool) -> None:
    lines = tool(main, "clubak", "-h").out.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80


@pytest.fixture
def verbose() -> Iterator[subprocess.Popen[bytes]]:
    """``clubak -v -b`` as a process, which says when it has read a line."""
    script = Path(sys.executable).with_name("clubak")
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [script, "-v", "-b"], stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0
    ) as ran:
        ran.stdin.write(b"n1: a\nn2: ")
        assert os.read(ran.stdout.fileno(), 100) == b"INPUT n1: a\n"
        yield ran


def test_verbose_repeats_lines_as_they_come(verbose: subprocess.Popen[bytes]) -> None:
    verbose.stdin.write(b"a\n")
    assert os.read(verbose.stdout.fileno(), 100) == b"INPUT n2: a\n"
    out, err = verbose.communicate()
    assert (out.decode(), err, verbose.returncode) == (block("n[1-2] (2)", " a\n"), b"", 0)


def test_an_interrupt_is_silent(verbose: subprocess.Popen[bytes]) -> None:
    verbose.send_signal(signal.SIGINT)
    assert (verbose.wait(), verbose.stdout.read(), verbose.stderr.read()) == (130, b"", b"")


TEXT = [f"line {number} of some length" for number in range(1000)]


@pytest.mark.parametrize(
    "lines",
    [
        [f"n{node}: {line}\n" for node in range(100) for line in TEXT],
        [f"n{node}: {line}\n" for line in TEXT for node in range(100)],
    ],
    ids=["node by node", "line by line"],
)
def test_repeated_output_is_kept_once(
    tool, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyed, "CHUNK", 16 * 1024)
    given = "".join(lines).encode()
    tracemalloc.start()
    ran = tool(main, "clubak", "-b", stdin=given)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert ran.out.startswith(RULE + "n[0-99] (100)\n")
    assert peak < len(given) // 4
