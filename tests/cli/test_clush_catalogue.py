"""The errors of ``clush``, all of them: what is said on standard error, and the status."""

from __future__ import annotations

from pathlib import Path

import groups_site
import pytest
from clush_runs import CLUSH, Ran, run

USAGE = "Usage: clush [options] command\n\nclush: error: "
PARSE = "clush: Parse error: "
NO_WAY = "clush: External error: Not enough working methods (all or map + list) to get all nodes"

SOURCES = """
[failing]
map: exit 3
all: exit 4
list: exit 5
"""


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in groups_site.make(tmp_path, groups_site.CONF + SOURCES).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Words, what is said, and the status; nothing is run and standard output stays empty.
ERRORS = [
    # The command line.
    ("-w n1 --zork true", USAGE + "no such option: --zork", 2),
    ("-w n1 -z true", USAGE + "no such option: -z", 2),
    ("-w n1 -f", USAGE + "-f option requires 1 argument", 2),
    ("-w n1 --e true", USAGE + "ambiguous option: --e (--engine, --errdir?)", 2),
    ("-w n1 --all=x true", USAGE + "--all option does not take a value", 2),
    ("-w n1 -f x true", USAGE + "option -f: invalid integer value: 'x'", 2),
    ("-w n1 -f 1.5 true", USAGE + "option -f: invalid integer value: '1.5'", 2),
    ("-w n1 --pick= true", USAGE + "option --pick: invalid integer value: ''", 2),
    ("-w n1 -t x true", USAGE + "option -t: invalid floating-point value: 'x'", 2),
    ("-w n1 -u -1 true", USAGE + "option -u: must not be negative: -1.0", 2),
    ("-w n1 -u nan true", USAGE + "option -u: must not be negative: nan", 2),
    ("-w n1 -f -1 true", USAGE + "option -f: must not be negative: -1", 2),
    (
        "-w n1 --remote=maybe true",
        USAGE + "option --remote: invalid choice: 'maybe' (choose from 'yes', 'no')",
        2,
    ),
    (
        "-w n1 -E kqueue true",
        USAGE
        + "option -E: invalid choice: 'kqueue' (choose from 'auto', 'epoll', 'poll', 'select')",
        2,
    ),
    (
        "-w n1 --color=red true",
        USAGE + "option --color: invalid choice: 'red' (choose from '', 'never', 'always', 'auto')",
        2,
    ),
    *(
        (f"{flag} - true", f"{USAGE}option {flag}: invalid value: '-'", 2)
        for flag in ("-w", "-x", "-g", "-X", "-s", "-l")
    ),
    ("-w  true", USAGE + "option -w: invalid value: ''", 2),
    ("-w n1 --diff -L true", USAGE + "option mismatch (diff not supported in line_mode)", 2),
    ("-w n1 -c", USAGE + "--[r]copy option requires at least one argument", 2),
    ("-w n1 --rcopy", USAGE + "--[r]copy option requires at least one argument", 2),
    # Targets.
    ("true", USAGE + "No node to run on.", 2),
    ("-w n1 -x n1 true", USAGE + "No node to run on.", 2),
    ("-w @typo true", USAGE + "No node to run on. (@typo: unknown group)", 2),
    ("-w n[1 true", PARSE + 'missing bracket: "n[1"', 1),
    ("-w n] true", PARSE + 'illegal closing bracket: "n]"', 1),
    ("-w n[] true", PARSE + 'bad range: "empty range"', 1),
    ("-w n[3-1] true", PARSE + 'bad range: "invalid values in range : "3-1""', 1),
    ("-w n[1-3/0] true", PARSE + 'bad range: "invalid values in range : "1-3/0""', 1),
    ("-w n[a-b] true", PARSE + 'bad range: "cannot convert string to integer : "a-b""', 1),
    ("-w n[09-011] true", PARSE + 'bad range: "padding length mismatch : "09-011""', 1),
    ("-w n[1-9/2]5 true", PARSE + 'illegal trailing digits after range with steps: "5"', 1),
    ("-w n1, true", PARSE + "missing nodeset operand with ',' operator: \"n1\"", 1),
    ("-w n1 -x n[1 true", PARSE + 'missing bracket: "n[1"', 1),
    ("-w n1 --axis=x true", PARSE + 'cannot convert string to integer : "x"', 1),
    ("-w n1 --pick -1 true", "ERROR: --pick: cannot pick -1 of 1", 1),
    ("--hostfile F true", "ERROR: [Errno 2] No such file or directory: 'F'", 1),
    ("--hostfile . true", "ERROR: [Errno 21] Is a directory: '.'", 1),
    # Groups.
    ("-w @nope:g true", 'clush: Unknown group source: "nope"', 1),
    ("-s nope -w n1 true", 'clush: Unknown group source: "nope"', 1),
    ("-g @web true", 'clush: Unknown group source: "web"', 1),
    ("-s nolist -a true", NO_WAY, 1),
    ("-w @failing:g true", PARSE + 'exit 3: "@failing:g" (exit code 3)', 1),
    (
        "-s failing -a true",
        "clush: External error: Failed to get all nodes: exit 4 (exit code 4)",
        1,
    ),
    (
        "--groupsconf nope -a true",
        "clush: Group resolver error: cannot read nope: No such file or directory",
        1,
    ),
    # Settings.
    (
        "-w n1 -O fanout=x true",
        "ERROR: (Config Main.fanout): invalid literal for int() with base 10: 'x' (-O fanout=x)",
        1,
    ),
    (
        "-w n1 -O color=red true",
        "ERROR: (Config Main.color): choose from ['', 'never', 'always', 'auto'] (-O color=red)",
        1,
    ),
    (
        "-w n1 -O maxrc=maybe true",
        "ERROR: (Config Main.maxrc): Not a boolean: maybe (-O maxrc=maybe)",
        1,
    ),
    ("-w n1 -O zork true", "ERROR: (Config Main.zork): invalid -O/--option value", 1),
    ("-w n1 -m zork true", 'ERROR: invalid mode "zork" (available: )', 1),
    (
        "-w n1 --conf nope true",
        "ERROR: cannot read configuration file nope: No such file or directory",
        1,
    ),
    (
        "-w n1 -O command_prefix=' true",
        "ERROR: (Config Main.command_prefix): No closing quotation (-O command_prefix=')",
        1,
    ),
    # How nodes are reached.
    (
        "-w n1 -R zork true",
        "ERROR: Could not load worker 'zork' (choose from ssh, exec, rsh, pdsh)",
        1,
    ),
    ("-w n1 -R exec date +%s", "clush: 's' is not a valid pattern, use '%%' to escape '%'", 1),
    ("-w n1 -o ' true", 'clush: ssh options "\'": No closing quotation', 1),
    # Files.
    ("-w n1 -c nope", 'ERROR: file "nope" not found', 1),
    ("-w n1 --rcopy x --dest nope", 'ERROR: directory "nope" not found', 1),
    ("-w n1 --rcopy x --dest file", 'ERROR: destination "file" is not a directory', 1),
    (
        "-w n1 --outdir /proc/nope true",
        "ERROR: [Errno 2] No such file or directory: '/proc/nope'",
        1,
    ),
    ("-w n1 --errdir file true", "ERROR: [Errno 17] File exists: 'file'", 1),
    ("-w n1 --outdir file/x true", "ERROR: [Errno 20] Not a directory: 'file/x'", 1),
]


@pytest.mark.parametrize(("words", "err", "rc"), ERRORS)
def test_errors(clush, words: str, err: str, rc: int) -> None:
    Path("file").touch()
    assert clush("-n", *words.split(" ")) == Ran("", err + "\n", rc)


# What stands in clush.conf, and what is said.
FILES = [
    ("[Main\n", "clush: File contains no section headers. file: '{}', line: 1 '[Main\\n'"),
    (
        "[Main]\nfanout\n",
        "clush: Source contains parsing errors: '{}' [line  2]: 'fanout\\n'",
    ),
    (
        "[Main]\n[Main]\n",
        "clush: While reading from '{}' [line  2]: section 'Main' already exists",
    ),
    (
        "[Main]\nfanout: x\n",
        "ERROR: (Config Main.fanout): invalid literal for int() with base 10: 'x' ({}, line 2)",
    ),
]


@pytest.mark.parametrize(("text", "err"), FILES)
def test_errors_of_files(clush, site: Path, text: str, err: str) -> None:
    path = site / "etc" / "clush.conf"
    path.write_text(text)
    assert clush("-n", "-w", "n1", "true") == Ran("", err.format(path) + "\n", 1)


# What stands in groups.conf, and what is said.
GROUPS = [
    (
        "[Main]\ndefault: zork\n[a]\nmap: true\n",
        'clush: Group resolver error: Default group source not found: "zork" ({}, line 2)',
    ),
    (
        "[a]\nmap: true\n[a]\nmap: true\n",
        "clush: While reading from '{}' [line  3]: section 'a' already exists",
    ),
    (
        "[b]\nlist: true\n",
        "clush: Group resolver error: No option 'map' or 'mapall' in section: 'b' ({}, line 1)",
    ),
]


@pytest.mark.parametrize(("text", "err"), GROUPS)
def test_errors_of_groups(clush, site: Path, text: str, err: str) -> None:
    path = site / "etc" / "groups.conf"
    path.write_text(text)
    assert clush("-n", "-w", "@g", "true") == Ran("", err.format(path) + "\n", 1)
    assert clush("-n", "-R", "exec", "-w", "n1", "true") == Ran("", "", 0)


def test_an_unreachable_node_is_told_by_ssh_by_its_code_and_by_its_reason(lab) -> None:
    ran = run(*CLUSH, "-n", "-w", "refuse", "true", env=lab.environ())
    said, code, reason = ran.err.splitlines()
    assert said.startswith("refuse: ssh: connect to host ")
    assert said.endswith(": Connection refused")
    assert code == "clush: refuse: exited with exit code 255"
    assert reason == "clush: connection refused: refuse"
    assert (ran.out, ran.rc) == ("", 0)
