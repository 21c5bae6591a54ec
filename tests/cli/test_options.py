"""The table-driven command line: what it accepts, and the exact words of what it refuses."""

from __future__ import annotations

import pytest

from clush.cli import clubak, clush, nodeset
from clush.cli.help import help_text, short_help_text
from clush.cli.options import CommandLine, Option, choice, integer, safe, seconds
from clush.errors import UsageError

LINE = CommandLine(
    "[options] command",
    (
        "Nodes",
        (
            Option("-w", "nodes to work on", "NODES", safe, dest="nodes", keep=True),
            Option("-x --exclude", "nodes to leave out", "NODES", safe, dest="nodes", keep=True),
            Option("-a --all", "all nodes"),
        ),
    ),
    (
        "Output",
        (
            Option("-b --gather", "merge equal output"),
            Option("-L", "line mode", dest="line_mode"),
            Option("-l --list", "list groups"),
            Option("--list-sources --groupsources", "list the sources of groups"),
            Option("--expand", "all the names"),
            Option("-f --fanout", "how many at a time", "N", integer, default=64),
            Option("-t --timeout", "how long to wait", "SECONDS", seconds),
            Option("-S --separator", "what stands between", "TEXT", default=" "),
            Option("--color", "when to use colours", "WHEN", choice("never", "always", "auto")),
            Option("--secret", metavar="X"),
            Option("--tree", "of that many branches", "ARITY", integer, bare=0, late=True),
            Option("--colour-blind", "no red and green", late=True),
        ),
    ),
    ("Files", (Option("-c --copy", "the words are files", scattered=True),)),
    common="-w -L --tree",
)


def given(argv: str) -> tuple[dict[str, object], list[str]]:
    """What differs from the defaults, and the words that are left."""
    defaults = vars(LINE.parse([])[0])
    values, words = LINE.parse(argv.split(" ") if argv else [])
    return {key: value for key, value in vars(values).items() if value != defaults[key]}, words


@pytest.mark.parametrize(
    ("argv", "values", "words"),
    [
        ("", {}, []),
        ("-b", {"gather": 1}, []),
        ("-bL", {"gather": 1, "line_mode": 1}, []),
        ("-ll -l --list", {"list": 4}, []),
        ("-wn1", {"nodes": ["n1"]}, []),
        ("-w n1 -x n2 -bwn3", {"nodes": ["n1", "n2", "n3"], "gather": 1}, []),
        ("-f8", {"fanout": 8}, []),
        ("-f 8 --fanout=9", {"fanout": 9}, []),
        ("-f -1", {"fanout": -1}, []),
        ("--fanout 7", {"fanout": 7}, []),
        ("--fan=7", {"fanout": 7}, []),
        ("-t 0.5", {"timeout": 0.5}, []),
        ("--groupsou", {"list_sources": 1}, []),
        ("--list", {"list": 1}, []),
        ("--color=auto", {"color": "auto"}, []),
        ("--separator=", {"separator": ""}, []),
        ("--separator=a=b", {"separator": "a=b"}, []),
        ("-S --", {"separator": "--"}, []),
        ("-bS-L", {"gather": 1, "separator": "-L"}, []),
        ("ls -b", {}, ["ls", "-b"]),
        ("-b ls -L -w n1", {"gather": 1}, ["ls", "-L", "-w", "n1"]),
        ("-b -- -L", {"gather": 1}, ["-L"]),
        ("-b - -L", {"gather": 1}, ["-", "-L"]),
        ("-b  -L", {"gather": 1}, ["", "-L"]),
        ("-b --help --zork", {"gather": 1, "help": 1}, ["--zork"]),
        ("-hz", {"short_help": 1}, []),
        ("--tree x", {"tree": 0}, ["x"]),
        ("--tree=4 x", {"tree": 4}, ["x"]),
        ("--t 3", {"timeout": 3.0}, []),
        ("--tr", {"tree": 0}, []),
        ("--col never", {"color": "never"}, []),
        ("--colou", {"colour_blind": 1}, []),
        ("-c x -b y -- -b", {"copy": 1, "gather": 1}, ["x", "y", "-b"]),
        ("-bc x - y -wn1", {"copy": 1, "gather": 1, "nodes": ["n1"]}, ["x", "-", "y"]),
        ("x -c -b", {}, ["x", "-c", "-b"]),
        ("--version -f x", {"version": 1}, ["-f", "x"]),
    ],
)
def test_accepted(argv: str, values: dict[str, object], words: list[str]) -> None:
    assert given(argv) == (values, words)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ("--zork", "no such option: --zork"),
        ("--zork=3", "no such option: --zork"),
        ("-z", "no such option: -z"),
        ("-bz", "no such option: -z"),
        ("-f", "-f option requires 1 argument"),
        ("-bf", "-f option requires 1 argument"),
        ("--fan", "--fanout option requires 1 argument"),
        ("--e", "ambiguous option: --e (--exclude, --expand?)"),
        ("--list-=1", "--list-sources option does not take a value"),
        ("--all=1", "--all option does not take a value"),
        ("-f x", "option -f: invalid integer value: 'x'"),
        ("--fan=1.5", "option --fanout: invalid integer value: '1.5'"),
        ("-t x", "option -t: invalid floating-point value: 'x'"),
        (
            "--color=blue",
            "option --color: invalid choice: 'blue' (choose from 'never', 'always', 'auto')",
        ),
        ("-w -", "option -w: invalid value: '-'"),
        ("-w -a", "option -w: invalid value: '-a'"),
        ("--exclude=", "option --exclude: invalid value: ''"),
        ("--tree=x", "option --tree: invalid integer value: 'x'"),
        ("-c x --zork", "no such option: --zork"),
        ("-f x --help", "option -f: invalid integer value: 'x'"),
    ],
)
def test_refused(argv: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        given(argv)
    assert str(caught.value) == message


def test_a_kept_list_belongs_to_one_command_line() -> None:
    LINE.parse(["-w", "n1"])
    assert LINE.parse([])[0].nodes == []


HELP = """\
Usage: tool [options] command

Options:
  --version                   show the version and exit
  -h                          show the options that are used most, and exit
  --help                      show all options and exit

Nodes:
  -w NODES                    nodes to work on
  -x, --exclude=NODES         nodes to leave out
  -a, --all                   all nodes

Output:
  -b, --gather                merge equal output
  -L                          line mode
  -l, --list                  list groups
  --list-sources, --groupsources
                              list the sources of groups
  --expand                    all the names
  -f, --fanout=N              how many at a time
  -t, --timeout=SECONDS       how long to wait
  -S, --separator=TEXT        what stands between
  --color=WHEN                when to use colours
  --tree[=ARITY]              of that many branches
  --colour-blind              no red and green

Files:
  -c, --copy                  the words are files
"""

SHORT_HELP = """\
Usage: tool [options] command
Nodes:
  -w NODES                    nodes to work on
Output:
  -L                          line mode
  --tree[=ARITY]              of that many branches
More: tool --help
"""


def test_help_is_drawn_from_the_table() -> None:
    assert help_text("tool", LINE) == HELP
    assert short_help_text("tool", LINE) == SHORT_HELP


@pytest.mark.parametrize("width", [45, 60, 80])
def test_help_is_wrapped(width: int) -> None:
    assert max(map(len, help_text("tool", LINE, width).splitlines())) <= width


@pytest.mark.parametrize("tool", [clush, clubak, nodeset])
def test_the_short_help_fits_a_screen(tool) -> None:
    """With the line of the prompt below it, and with names that are there."""
    lines = short_help_text("clush", tool.LINE).splitlines()
    assert len(lines) < 24
    assert max(map(len, lines)) <= 80
    assert [tool.LINE.option(name).help for name in tool.LINE.common].count("") == 0
