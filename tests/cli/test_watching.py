"""Progress and the live view as they look, in a real terminal."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from clush_runs import LOCALLY, NO_INPUT, PATIENCE, Ran, gone, run
from screens import Screen, screen
from terminals import terminal

RULE = "-" * 15 + "\n"
EMPTY = "\u2500"  # of the bar

# Of three nodes one fails at once, one complains, and two of them hang.
HANGS = (
    "-w", "n[1-3]", "[ %n = 2 ] && exit 3; echo up; [ %n = 0 ] && echo odd >&2; exec sleep 60",
)  # fmt: skip


# -- progress ---------------------------------------------------------------------------


def test_the_line_says_what_there_is_to_know(tmp_path: Path) -> None:
    with screen(tmp_path, *LOCALLY, "-b", *HANGS) as seen:
        seen.wait_for("waiting for n[1-2]")
        (complaint, line) = seen.lines
        assert complaint == "n1: odd"
        assert line.startswith("clush: 1/3  1 failed  0:0")


def test_the_line_follows_the_width_of_the_terminal(tmp_path: Path) -> None:
    with screen(tmp_path, *LOCALLY, "-b", *HANGS, columns=100) as seen:
        seen.wait_for("waiting for n[1-2]")
        seen.resize(32, 24)
        seen.wait_for("1/3  1 failed  waitin...")
        assert [line for line in seen.lines if "clush:" in line] == [
            "clush: 1/3  1 failed  waitin..."
        ]
        seen.resize(100, 24)
        seen.wait_for("waiting for n[1-2]")
        seen.type("C-c")
        seen.wait_for("status: 130")
        assert "1/3" not in seen.text


def test_copies_tell_how_fast_they_arrive(tmp_path: Path) -> None:
    slow = tmp_path / "cp"
    slow.write_text('#!/bin/sh\n/bin/cp "$@"\ncase "$*" in *n1) ;; *) exec sleep 60 ;; esac\n')
    slow.chmod(0o755)
    (tmp_path / "file").write_bytes(b"." * 100_000)
    path = f"PATH={tmp_path}:{os.environ['PATH']}"
    words = ("-w", "n[1-2]", "--copy", str(tmp_path / "file"), "--dest", f"{tmp_path}/%h")
    with screen(tmp_path, "env", path, *LOCALLY, *words) as seen:
        text = seen.wait_for("waiting for n2")
        assert "KiB/s" in text or "MiB/s" in text
        seen.type("C-c")
        seen.wait_for("status: 130")


# -- the live view ----------------------------------------------------------------------


def live(tmp_path: Path, *words: str, **options: int):
    pytest.importorskip("rich")
    return screen(tmp_path, *LOCALLY, "--live", *words, **options)


def watched(seen: Screen) -> str:
    """The screen when all of HANGS has happened."""
    return seen.wait_for(lambda text: "exit code 3" in text and "n[1-2]" in text)


GATHERED = f"""\
n1: odd
Warning: Caught keyboard interrupt!
{RULE}n[1-2] (2)
{RULE}up
clush: n3: exited with exit code 3
Keyboard interrupt (n[1-2] did not complete).
status: 130"""


def test_it_shows_who_says_what_and_who_fails_and_is_slow(tmp_path: Path) -> None:
    with live(tmp_path, *HANGS) as seen:
        lines = watched(seen).split("\n")
        assert lines[0].startswith("clush: 1/3  1 failed  0:0")
        assert lines[1].endswith(EMPTY * 50)
        text = "\n".join(lines[2:])
        assert text.startswith("\nOutput\n      2  n[1-2]  3 B  up\n")
        assert "\nFailed\n      1  exit code 3  n3\n" in text
        assert "\nStandard error (1, to be shown at the end)\n         n1: odd\n" in text
        assert "\nRunning\n      2  n[1-2]" in text
        seen.type("C-c")
        assert seen.wait_for("status:") == GATHERED


def test_it_fits_a_terminal_of_any_size(tmp_path: Path) -> None:
    with live(tmp_path, *HANGS) as seen:
        watched(seen)
        seen.resize(40, 9)
        seen.wait_for(lambda text: text.startswith("clush: 1/3") and len(text.split("\n")) <= 9)
        seen.resize(100, 30)
        seen.wait_for(lambda text: EMPTY * 60 in text and "Running" in text)


def test_short_runs_are_just_shown(tmp_path: Path) -> None:
    with live(tmp_path, "-w", "n[1-3]", "echo a; echo b >&2") as seen:
        text = seen.wait_for("status: 0")
        assert sorted(text.split("\n")[:3]) == ["n1: b", "n2: b", "n3: b"]
        assert text.endswith(f"{RULE}n[1-3] (3)\n{RULE}a\nstatus: 0")


def test_the_terminal_is_given_back_whatever_ends_the_run(tmp_path: Path) -> None:
    # One does not even end when it is asked to.
    stubborn = ("-w", "n1", "trap '' TERM; echo up; while :; do sleep 1; done")
    with live(tmp_path, *stubborn) as seen:
        seen.wait_for("n1  3 B  up")
        for _ in range(2):
            seen.type("C-c")
        text = seen.wait_for("status:")
        assert "status: 130" in text
        assert EMPTY not in text
    with live(tmp_path, "-w", "n1", "echo up; sleep 1; kill -TERM $PPID; exec sleep 60") as seen:
        seen.wait_for("n1  3 B  up")
        assert seen.wait_for("status:").endswith("status: 143")
        assert "up" not in seen.text


@pytest.mark.parametrize(("option", "mark"), [("--live", "Running"), ("-b", "waiting for n1")])
def test_nothing_is_left_when_the_terminal_goes_away(
    tmp_path: Path, option: str, mark: str
) -> None:
    pids = tmp_path / "pids"
    with terminal(option, "-w", "n1", f"echo $$ > {pids}; exec sleep 60") as seen:
        seen.wait_for(mark)
        seen.close()
        assert seen.process.wait(PATIENCE) == -signal.SIGHUP
    assert gone(int(pids.read_text()))


def test_it_can_be_stopped_and_continued(tmp_path: Path) -> None:
    pytest.importorskip("rich")
    line = f"set -m; {shlex.join([*LOCALLY, '--live', *HANGS])}; echo stopped; sleep 1; fg"
    with screen(tmp_path, "bash", "-c", line) as seen:
        watched(seen)
        seen.type("C-z")
        seen.wait_for(lambda text: "stopped" in text and "Output" not in text)
        watched(seen)
        seen.type("C-c")
        assert seen.wait_for("Keyboard interrupt (").count("\nup\n") == 1


def test_differences_are_left_in_the_end(tmp_path: Path) -> None:
    with live(tmp_path, "--diff", "-w", "n[1-3]", "sleep 1; echo $((%n / 2))") as seen:
        seen.wait_for("Running")
        text = seen.wait_for("status: 0")
        assert text.startswith("--- n[1-2] (2)\n+++ n3\n@@ -1 +1 @@\n-0\n+1\n")


def test_without_a_terminal_it_is_told_once() -> None:
    ran = run(*NO_INPUT, "--live", "-w", "n[1-2]", "echo a")
    told = "clush: standard error is no terminal for --live, output is shown at the end\n"
    assert ran == Ran(f"{RULE}n[1-2] (2)\n{RULE}a\n", told, 0)


def test_without_rich_it_is_told_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "rich.py").write_text("raise ModuleNotFoundError('no', name='rich')\n")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"}
    with terminal("--live", "-w", "n1", "echo a", env=environment) as seen:
        assert seen.end() == 2
        assert seen.shown == ("ERROR: --live needs the package 'rich': pip install 'clush[ui]'\n")


@pytest.mark.parametrize("option", ["-L", "--json", "--jsonl"])
def test_other_forms_of_output_do_not_go_with_it(option: str) -> None:
    ran = run(*NO_INPUT, "--live", option, "-w", "n1", "echo a")
    assert (ran.out, ran.rc) == ("", 2)
    assert "--live" in ran.err.splitlines()[-1]


def test_rich_is_imported_on_demand() -> None:
    script = (
        "import sys; from clush.cli.clush import main\n"
        "try: main()\n"
        "finally: print('rich' in sys.modules)"
    )
    words = [sys.executable, "-c", script, "-R", "exec", "-n", "-b", "-w", "n1", "echo a"]
    assert subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout.endswith(b"False\n")
