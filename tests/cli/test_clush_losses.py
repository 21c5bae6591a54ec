"""What a run may lose while it lasts: its disk, its reader, its terminal.

The commands are stopped, what was received is shown where that is possible, and the loss is
told in one line.
"""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest
from clush_runs import LOCALLY, NO_INPUT, PATIENCE, gone, read_until, run, started
from terminals import terminal

RULE = "-" * 15 + "\n"
FULL = "ERROR: [Errno 28] No space left on device"


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A directory in which there is no room for what n1 says."""
    (tmp_path / "n1").symlink_to("/dev/full")
    return tmp_path


@pytest.mark.parametrize("mode", ["", "-b", "-L"])
def test_a_disk_that_is_full_stops_the_commands(full: Path, mode: str) -> None:
    command = "[ %n = 1 ] && { echo $$ >&2; exec sleep 60; }; read go; echo out; exec sleep 60"
    words = ("-f", "2", *mode.split(), "-w", "n[1-2]", "--outdir", str(full), command)
    with started(*LOCALLY, *words, stdin=subprocess.PIPE) as process:
        pid = int(read_until(process.stderr.fileno(), b"\n").split()[1])
        process.stdin.write(b"go\n")
        process.stdin.flush()
        assert process.wait(PATIENCE) == 1
        assert process.stdout.read() == b""
        assert process.stderr.read().decode() == (
            f"clush: did not complete (2): n[1-2]\n{FULL}: '{full}/n1'\n"
        )
        assert gone(pid)


def test_what_was_gathered_before_the_disk_was_full_is_shown(full: Path) -> None:
    command = "echo out; [ %n = 0 ] || exec sleep 60"
    words = ("-b", "-f", "1", "-w", "n0,n1,n2", "--outdir", str(full), command)
    ran = run(*NO_INPUT, *words)
    assert ran == (
        f"{RULE}n0\n{RULE}out\n",
        f"clush: did not complete (2): n[1-2]\n{FULL}: '{full}/n1'\n",
        1,
    )


@pytest.mark.parametrize("mode", ["", "-b", "-bL"])
def test_a_terminal_that_goes_away_stops_the_commands(mode: str) -> None:
    words = (*mode.split(), "-w", "n1", "echo $$ >&2; exec sleep 60")
    with terminal(*words, stderr=subprocess.PIPE) as screen:
        pid = int(read_until(screen.process.stderr.fileno(), b"\n").split()[1])
        screen.close()
        assert screen.process.wait(PATIENCE) == -signal.SIGHUP
        assert screen.process.stderr.read() == b""
        assert gone(pid)


def test_a_terminal_that_goes_away_from_who_does_not_listen() -> None:
    """As under nohup: it is found out when something is to be shown."""
    command = "trap '' HUP; echo $$ >&2; while :; do echo up; sleep 0.01; done"
    with terminal("-w", "n1", command, stderr=subprocess.PIPE, deaf=True) as screen:
        pid = int(read_until(screen.process.stderr.fileno(), b"\n").split()[1])
        screen.wait_for("n1: up\n")
        screen.close()
        assert screen.process.wait(PATIENCE) == 1
        assert screen.process.stderr.read() == b"ERROR: [Errno 5] Input/output error\n"
        assert gone(pid)
