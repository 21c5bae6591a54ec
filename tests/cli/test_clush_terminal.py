"""What ``clush`` does only on a terminal: reports, colours, progress, Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import select
import subprocess
import termios
from collections.abc import Iterator
from contextlib import contextmanager

from clush_runs import LOCALLY, PATIENCE


class Terminal:
    """A terminal with one program on it."""

    def __init__(self, master: int, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._master = master
        self.shown = ""

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def wait_for(self, mark: str) -> str:
        """All that was shown until ``mark`` stands there."""
        while mark not in self.shown:
            assert self._read(), f"ended without {mark!r}: {self.shown!r}"
        return self.shown

    def end(self) -> int:
        """Read until the program is gone; its status."""
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def _read(self) -> bool:
        assert select.select([self._master], [], [], PATIENCE)[0], f"stuck: {self.shown!r}"
        try:
            data = os.read(self._master, 65536)
        except OSError:  # nobody has the other end any more
            return False
        self.shown += data.decode().replace("\r\n", "\n")
        return bool(data)


@contextmanager
def terminal(*words: str, **options: object) -> Iterator[Terminal]:
    """``clush`` with ``words`` on a terminal that does not echo."""
    master, slave = os.openpty()
    modes = termios.tcgetattr(slave)
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(slave, termios.TCSANOW, modes)

    def take_terminal() -> None:
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [*LOCALLY, *words],
        **{"stdin": slave, "stdout": slave, "stderr": slave, **options},
        start_new_session=True,
        preexec_fn=take_terminal,
        pass_fds=[slave],
    )
    os.close(slave)
    try:
        yield Terminal(master, process)
    finally:
        process.kill()
        process.wait()
        os.close(master)


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


def test_progress_is_shown_and_erased_before_other_output() -> None:
    with terminal("-b", "-w", "n[1-11]", "[ %n = 0 ] && exec sleep 60; echo a") as screen:
        screen.wait_for("clush: 10/11\r")
        screen.type("\n")
        screen.wait_for("in progress(1): n1\n")
        assert screen.shown == (
            "clush: 10/11\r"
            "\r            \r"
            "clush: interrupt (^C to abort task)\n"
            "clush: in progress(1): n1\n"
        )
