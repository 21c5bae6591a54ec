"""What ``clush`` does only on a terminal: reports, colours, progress, Ctrl-C."""

from __future__ import annotations

import os
import subprocess

import pytest
from clush_runs import in_order
from terminals import Terminal, terminal

from clush.lab import Lab

# Two nodes of three run until they are stopped.
HANGS = ("-w", "n[1-3]", "-f", "2", "echo up; exec sleep 60")

REPORT = (
    "clush: interrupt (^C to abort task)\nclush: in progress(2): n[1-2]\nclush: pending(1): n3\n"
)


def wait_until_up(screen: Terminal) -> None:
    screen.wait_for("n1: up\n")
    screen.wait_for("n2: up\n")
    screen.shown = ""


def test_enter_reports_and_ctrl_c_stops() -> None:
    with terminal(*HANGS) as screen:
        wait_until_up(screen)
        for typed in ("\n", "anything\n"):
            screen.type(typed)
            screen.wait_for("n3\n")
            assert screen.shown == REPORT
            screen.shown = ""
        screen.type("\x03")
        assert screen.end() == 130
        assert screen.shown.replace("^C", "") == "Keyboard interrupt.\n"


def test_ctrl_c_shows_what_was_gathered() -> None:
    with terminal("-bv", *HANGS) as screen:
        wait_until_up(screen)
        screen.type("\x03")
        assert screen.end() == 130
        assert screen.shown.replace("^C", "") == (
            "Warning: Caught keyboard interrupt!\n"
            "---------------\nn[1-2] (2)\n---------------\nup\n"
            "Keyboard interrupt (n[1-3] did not complete).\n"
        )


def test_ctrl_d_is_no_reason_to_end() -> None:
    with terminal(*HANGS) as screen:
        wait_until_up(screen)
        screen.type("\x04\n")
        screen.wait_for("n3\n")
        assert screen.shown == REPORT


def test_enter_means_nothing_on_demand() -> None:
    with terminal("-n", *HANGS) as screen:
        wait_until_up(screen)
        screen.type("\n\x03")
        assert screen.end() == 130
        assert screen.shown.replace("^C", "") == "Keyboard interrupt.\n"


def test_nodes_see_the_end_of_a_terminal_at_once() -> None:
    with terminal("-w", "n1", "cat; echo end") as screen:
        assert screen.end() == 0
        assert screen.shown == "n1: end\n"


def test_auto_colours_a_terminal() -> None:
    with terminal("--color=auto", "-w", "n1", "echo a; exit 3") as screen:
        assert screen.end() == 0
        assert screen.shown == "\x1b[94mn1: \x1b[0ma\nclush: n1: exited with exit code 3\n"


def test_auto_leaves_labels_alone_where_errors_go_to_a_file() -> None:
    command = ("-w", "n1", "echo a")
    with terminal("--color=auto", *command, stderr=subprocess.DEVNULL) as screen:
        assert screen.end() == 0
        assert screen.shown == "n1: a\n"
    with terminal("--color=auto", "-BL", *command, stderr=subprocess.DEVNULL) as screen:
        assert screen.end() == 0
        assert screen.shown == "\x1b[94mn1: \x1b[0ma\n"


ONE_HANGS = ("-w", "n[1-11]", "[ %n = 0 ] && exec sleep 60; echo a")


def test_progress_is_shown_and_erased_before_other_output() -> None:
    with terminal("-b", *ONE_HANGS) as screen:
        screen.wait_for("waiting for n1\x1b[K\r")
        assert screen.shown.startswith("clush: 10/11  0:0")
        screen.type("\n")
        screen.wait_for("in progress(1): n1\n")
        assert screen.shown.endswith(
            "\r\x1b[Kclush: interrupt (^C to abort task)\nclush: in progress(1): n1\n"
        )


def test_progress_of_labelled_lines_is_shown_in_their_silence() -> None:
    with terminal(*ONE_HANGS) as screen:
        screen.wait_for("waiting for n1\x1b[K\r")
        lines, _, progress = screen.shown.partition("clush: ")
        assert in_order(lines.strip()) == sorted(f"n{number}: a" for number in range(2, 12))
        assert progress.startswith("10/11  0:0")


@pytest.mark.parametrize(
    ("options", "environment"),
    [(("-q",), {}), ((), {"TERM": "dumb"}), (("-P",), {})],
    ids=["quiet", "a dumb terminal", "no terminal"],
)
def test_progress_is_not_shown(options: tuple[str, ...], environment: dict[str, str]) -> None:
    words = ("-b", *options, "-w", "n[1-2]", "sleep 2; echo a")
    errors = {"stderr": subprocess.PIPE} if "-P" in options else {}
    with terminal(*words, env={**os.environ, **environment}, **errors) as screen:
        assert screen.end() == 0
        title = "n[1-2]" if "-q" in options else "n[1-2] (2)"
        assert screen.shown == f"{'-' * 15}\n{title}\n{'-' * 15}\na\n"
        if errors:
            assert screen.process.stderr.read() == b""
            screen.process.stderr.close()


def test_enter_tells_what_runs_behind_which_gateway(lab: Lab) -> None:
    command = "[ $LAB_NODE = node1 ] && exec sleep 60; echo a"
    words = ("-R", "ssh", "--tree=1", "-b", "-w", "node[1-11]", command)
    with terminal(*words, env=lab.environ()) as screen:
        screen.wait_for("gw 1  waiting for node1\x1b[K\r")
        screen.type("\n")
        screen.wait_for("behind node6(1): node1\n")
        assert "in progress(1): node1\nclush: gateways(1): node6\n" in screen.shown
