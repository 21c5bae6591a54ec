"""A signal that ends us at the prompt leaves the terminal as it was: editors change its modes."""

from __future__ import annotations

import os
import signal
import termios
from types import FrameType
from typing import Optional

from clush.cli.interrupt import FATAL


class Guard:
    """While entered, a fatal signal puts back the modes of the terminal ``fd`` first.

    Signals that are ignored, or that somebody else handles, are left alone.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._modes = termios.tcgetattr(fd)
        self._guarded: list[int] = []

    def __enter__(self) -> Guard:
        for number in FATAL:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self._end)
                self._guarded.append(number)
        return self

    def __exit__(self, *_exc: object) -> None:
        while self._guarded:
            signal.signal(self._guarded.pop(), signal.SIG_DFL)

    def _end(self, number: int, _frame: Optional[FrameType]) -> None:
        try:
            termios.tcsetattr(self._fd, termios.TCSANOW, self._modes)
        except termios.error:
            pass  # the terminal is gone
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
