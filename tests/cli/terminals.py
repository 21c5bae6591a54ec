"""Running ``clush`` for the tests on a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import select
import signal
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

    def close(self) -> None:
        """Hang up, unless that was done."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def _read(self) -> bool:
        assert select.select([self._master], [], [], PATIENCE)[0], f"stuck: {self.shown!r}"
        try:
            data = os.read(self._master, 65536)
        except OSError:  # nobody has the other end any more
            return False
        self.shown += data.decode().replace("\r\n", "\n")
        return bool(data)


@contextmanager
def terminal(*words: str, deaf: bool = False, **options: object) -> Iterator[Terminal]:
    """``clush`` with ``words`` on a terminal that does not echo.

    If it is ``deaf`` it does not hear it when the terminal hangs up, as under ``nohup``.
    """
    master, slave = os.openpty()
    modes = termios.tcgetattr(slave)
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(slave, termios.TCSANOW, modes)

    def take_terminal() -> None:
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        if deaf:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    process = subprocess.Popen(
        [*LOCALLY, *words],
        **{"stdin": slave, "stdout": slave, "stderr": slave, **options},
        start_new_session=True,
        preexec_fn=take_terminal,
        pass_fds=[slave],
    )
    os.close(slave)
    screen = Terminal(master, process)
    try:
        yield screen
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()
        screen.close()
