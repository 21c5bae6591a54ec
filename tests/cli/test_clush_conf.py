"""``clush`` and its configuration: which setting wins, what it does, and what is refused."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
from clush_runs import CLUSH, LOCALLY, NO_INPUT, Ran, run

RULE = "-" * 15 + "\n"
BLUE = "\x1b[94mn1: \x1b[0m"

CONF = """\
[Main]
fanout: 3
confdir: $CFGDIR/more
[mode:prefixed]
command_prefix: echo "a  b"
fanout: 1
[mode:loud]
color: always
verbosity: 2
node_count: no
"""
MORE = "[mode:late]\ncommand_timeout: 0.1\n"


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where ``clush.conf`` is found."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "late.conf").write_text(MORE)
    (tmp_path / "clush.conf").write_text(CONF)
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", str(tmp_path))
    for name in ("NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


# Options, command, output, errors, status; on n1.
RUNS = [
    ("-m prefixed", "echo hi", "n1: a b echo hi\n", "", 0),
    (
        "-v -m prefixed",
        "hi",
        "[prefixed] run mode activated\n[prefixed] command prefix: ['echo', 'a  b']\nn1: a b hi\n",
        "",
        0,
    ),
    ("-m loud -q", "echo a", BLUE + "a\n", "", 0),
    ("-m loud", "echo a", f"[loud] run mode activated\n{BLUE}a\n", "", 0),
    ("-m loud -q --color=never", "echo a", "n1: a\n", "", 0),
    ("-O color=always", "echo a", BLUE + "a\n", "", 0),
    ("-O color=always --color=never", "echo a", BLUE + "a\n", "", 0),
    ("-O color=auto", "echo a", "n1: a\n", "", 0),
    ("--color=", "echo a", "n1: a\n", "", 0),
    ("-b -w n2 -O node_count=no", "echo a", f"{RULE}n[1-2]\n{RULE}a\n", "", 0),
    ("-b -w n2 -O node_count=off", "exit 2", "", "clush: n[1-2] (2): exited with exit code 2\n", 0),
    ("-O maxrc=yes", "exit 2", "", "clush: n1: exited with exit code 2\n", 2),
    ("-S -O maxrc=no", "exit 2", "", "clush: n1: exited with exit code 2\n", 0),
    ("-O MAXRC=yes -O maxrc=no", "exit 2", "", "clush: n1: exited with exit code 2\n", 0),
    ("-q -O maxrc=on", "exit 2", "", "clush: n1: exited with exit code 2\n", 2),
    ("-qS", "exit 2", "", "", 2),
    ("-b -w n2 -O verbosity=0", "echo a", f"{RULE}n[1-2]\n{RULE}a\n", "", 0),
    ("-v -O verbosity=x -b -w n2", "echo a", f"{RULE}n[1-2]\n{RULE}a\n", "", 0),
    ("-O command_timeout=0.1", "exec sleep 60", "", "clush: n1: command timeout\n", 0),
    ("-m late", "exec sleep 60", "", "clush: n1: command timeout\n", 0),
    ("-O command_prefix=echo -O confdir=", "hi", "n1: hi\n", "", 0),
    ("-O fd_max=300", "ulimit -n", "n1: 300\n", "", 0),
    (
        "-v -O fd_max=-1",
        "true",
        "",
        "Warning: Failed to set max open files limit to -1 (not a number of files)\n",
        0,
    ),
    (
        "-v -O zork=1",
        "true",
        "",
        "Warning: (Config Main.zork): unknown setting (-O)\n",
        0,
    ),
    ("-O zork=1", "true", "", "", 0),
]


@pytest.mark.parametrize(("options", "command", "out", "err", "rc"), RUNS)
def test_runs(conf: Path, options: str, command: str, out: str, err: str, rc: int) -> None:
    assert run(*NO_INPUT, "-w", "n1", *options.split(), command) == (out, err, rc)


# Options, and the fanout that holds.
FANOUTS = [
    ("", 3),
    ("-f 0", 3),
    ("-m prefixed", 1),
    ("-m prefixed -f 9", 9),
    ("-m prefixed -f 9 -O fanout=7", 7),
    ("--conf /dev/null", 64),
]


@pytest.mark.parametrize(("options", "fanout"), FANOUTS)
def test_which_layer_wins(conf: Path, options: str, fanout: int) -> None:
    ran = run(*NO_INPUT, "-d", *options.split(), "-w", "n1", "true")
    assert f" fanout={fanout} " in ran.out


# Options, the environment, whether what goes to no terminal is coloured.
COLOURS = [
    ("-O color=auto", {"CLICOLOR_FORCE": "1"}, True),
    ("-O color=auto", {"CLICOLOR_FORCE": "0"}, False),
    ("-O color=auto", {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
    ("-O color=always", {"NO_COLOR": "1"}, True),
    ("--color=auto", {"CLICOLOR_FORCE": "1"}, False),
    ("", {"CLICOLOR_FORCE": "1"}, False),
]


@pytest.mark.parametrize(("options", "environ", "coloured"), COLOURS)
def test_colours(conf: Path, monkeypatch, options: str, environ: dict, coloured: bool) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    ran = run(*NO_INPUT, *options.split(), "-w", "n1", "echo a")
    assert ran.out == (BLUE if coloured else "n1: ") + "a\n"


def test_defaults_of_tasks(conf: Path) -> None:
    (conf / "clush.conf").unlink()
    (conf / "defaults.conf").write_text(
        "[task.default]\ndistant_workername: exec\nengine: poll\n"
        "[task.info]\nfanout: 5\nconnect_timeout: 2.5\ncommand_timeout: 7\n"
    )
    ran = run(*CLUSH, "-n", "-d", "-w", "n1", "echo on %h")
    assert " fanout=5 [timeout conn=2.5 cmd=7.0] " in ran.out
    assert ran.out.endswith("n1: on n1\n")


def test_debug_tells_files_and_modes(conf: Path) -> None:
    ran = run(*NO_INPUT, "-d", "-w", "n1", "true")
    assert ran.out.startswith(
        f"Configuration files: {conf}/clush.conf {conf}/more/late.conf\n"
        "Available run modes: prefixed loud late\n"
    )


def test_unknown_keys_of_files_are_told_when_asked(conf: Path) -> None:
    (conf / "clush.conf").write_text("[Main]\nfannout: 3\n")
    assert run(*NO_INPUT, "-w", "n1", "true").err == ""
    assert run(*NO_INPUT, "-v", "-w", "n1", "true").err == (
        f"Warning: (Config Main.fannout): unknown setting ({conf}/clush.conf, line 2)\n"
    )


# Options, the error after its place.
REFUSALS = [
    (
        "-m zork",
        'ERROR: invalid mode "zork" (available: prefixed loud late)',
    ),
    (
        "-O fanout=x",
        "ERROR: (Config Main.fanout): invalid literal for int() with base 10: 'x' (-O fanout=x)",
    ),
    ("-O fanout=0", "ERROR: (Config Main.fanout): must be at least 1: 0 (-O fanout=0)"),
    ("-O zork", "ERROR: (Config Main.zork): invalid -O/--option value"),
    (
        "-O color=red",
        "ERROR: (Config Main.color): choose from ['', 'never', 'always', 'auto'] (-O color=red)",
    ),
    ("-O maxrc=maybe", "ERROR: (Config Main.maxrc): Not a boolean: maybe (-O maxrc=maybe)"),
    (
        "--conf /nowhere/c",
        "ERROR: cannot read configuration file /nowhere/c: No such file or directory",
    ),
]


@pytest.mark.parametrize(("options", "err"), REFUSALS)
def test_refusals(conf: Path, options: str, err: str) -> None:
    ran = run(*NO_INPUT, "-w", "n1", *options.split(), "echo", "ran")
    assert ran == ("", err + "\n", 1)


@pytest.mark.parametrize(
    ("text", "err"),
    [
        ("[Main\n", "clush: File contains no section headers. file: '{}', line: 1 '[Main\\n'"),
        (
            "[Main]\n\nfanout: x\n",
            "ERROR: (Config Main.fanout): invalid literal for int() with base 10: 'x' ({}, line 3)",
        ),
    ],
)
def test_bad_files(conf: Path, text: str, err: str) -> None:
    (conf / "clush.conf").write_text(text)
    ran = run(*NO_INPUT, "-w", "n1", "echo", "ran")
    assert ran == ("", err.format(conf / "clush.conf") + "\n", 1)


def test_files_are_read_only_to_run_something(conf: Path) -> None:
    (conf / "clush.conf").write_text("[Main\n")
    assert run(*LOCALLY, "--version").rc == 0
    assert run(*LOCALLY, "-w", "n1", "-f", "x", "true").rc == 2


def test_a_fanout_beyond_fd_max_is_refused(conf: Path) -> None:
    ran = run(*NO_INPUT, "-O", "fd_max=100", "-f", "50", "-w", "n[1-50]", "echo ran")
    assert (ran.out, ran.rc) == ("", 1)
    assert ran.err.startswith("clush: 50 commands at a time need ")
    assert " file descriptors, fd_max is 100: use -f " in ran.err
    assert ran.err.endswith(" or raise fd_max\n")


def test_fd_max_goes_as_far_as_the_hard_limit(conf: Path) -> None:
    ran = run(
        *(*NO_INPUT, "-v", "-O", "fd_max=5000", "-w", "n1", "ulimit -n"),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 300)),
    )
    said = "Warning: fd_max set to 5000 but max open files hard limit is 300\n"
    assert ran == ("n1: 300\n", said, 0)


# Options and the words of ssh before the node.
SSH = [
    ("-O ssh_user=ann", "-oForwardAgent=no -oForwardX11=no -l ann"),
    ("-O ssh_user=ann -l bob", "-oForwardAgent=no -oForwardX11=no -l ann"),
    ("-m far", "-p 1 -v -oForwardAgent=no -oForwardX11=no -l cat"),
    ("-m far -l bob", "-p 1 -v -oForwardAgent=no -oForwardX11=no -l bob"),
    ("-m far -o -4", "-4 -p 1 -v -oForwardAgent=no -oForwardX11=no -l cat"),
    ("-o -4", "-4 -oForwardAgent=no -oForwardX11=no"),
    ("", "-q -oForwardAgent=no -oForwardX11=no"),
]


@pytest.mark.parametrize(("options", "words"), SSH)
def test_settings_of_ssh(conf: Path, options: str, words: str) -> None:
    given = "" if options in ("", "-o -4") or "-m" in options else "-O ssh_options="
    ran = run_ssh(conf, *options.split(), *given.split())
    assert ran == (f"n1: {words} -oConnectTimeout=4 -oBatchMode=yes n1 up\n", "", 0)


def run_ssh(conf: Path, *options: str) -> Ran:
    """What a program in place of ssh is given."""
    (conf / "ssh").write_text('#!/bin/sh\nshift; echo "$@"\n')
    (conf / "ssh").chmod(0o755)
    (conf / "clush.conf").write_text(
        f"[Main]\nssh_path: {conf}/ssh over\nssh_options: -q\nconnect_timeout: 4.5\n"
        "[mode:far]\nssh_user: cat\nssh_options: -p 1 -v\n"
    )
    return run(*CLUSH, "-n", *options, "-w", "n1", "up")


@pytest.mark.parametrize(
    ("options", "key"),
    [("up", "pdsh_path"), ("--copy /etc/hosts", "pdcp_path"), ("--rcopy /etc/hosts", "rpdcp_path")],
)
def test_settings_of_pdsh(conf: Path, options: str, key: str) -> None:
    """``pdsh`` may have to be told how it reaches the nodes."""
    (conf / "stub").write_text('#!/bin/sh\necho "n1: $1 $2"\n')
    (conf / "stub").chmod(0o755)
    (conf / "clush.conf").write_text(f"[Main]\n{key}: {conf}/stub -R ssh\n")
    command = ["--dest", str(conf), *options.split()] if "copy" in options else options.split()
    assert run(*CLUSH, "-n", "-R", "pdsh", "-w", "n1", *command) == ("n1: -R ssh\n", "", 0)
