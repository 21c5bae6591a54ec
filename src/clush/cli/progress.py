"""The progress of a run: how many nodes are done, and how fast input goes out."""

from __future__ import annotations

import math
import time

from clush.cli.account import Account
from clush.cli.console import Console
from clush.runtime.task import Task

# Seconds before it is first shown: short runs need none.
_FIRST = 1.5

# Seconds between two looks; while input is written its rate changes all the time.
_INTERVAL = 1.0
_WRITING_INTERVAL = 1 / 3

_UNITS = ("KiB/s", "MiB/s", "GiB/s")


class Progress:
    """Shows ``prog: DONE/TOTAL`` on the status line while ``task`` runs."""

    def __init__(
        self, task: Task, prog: str, account: Account, console: Console, writing: bool
    ) -> None:
        self._prog = prog
        self._account = account
        self._console = console
        self._writing = writing
        self._written = 0
        self._since = time.monotonic()
        self._shown = ""
        interval = _WRITING_INTERVAL if writing else _INTERVAL
        self._timer = task.timer(_FIRST, self._show, interval=interval, background=True)

    def written(self, size: int) -> None:
        """``size`` bytes of input were taken by a node."""
        self._written += size

    def stop(self) -> None:
        self._timer.cancel()
        self._console.clear_status()

    def _show(self) -> None:
        text = f"{self._prog}: {fraction(self._account.done, self._account.total)}"
        if self._writing:
            text += f" write: {self._rate()}"
        if text != self._shown:
            self._console.status(text)
            self._shown = text

    def _rate(self) -> str:
        now = time.monotonic()
        rate = self._written / (now - self._since)
        self._written, self._since = 0, now
        return per_second(rate)


def fraction(done: int, total: int) -> str:
    """``done/total`` in a width that does not change."""
    return f"{done:{len(str(total))}}/{total}"


def per_second(rate: float) -> str:
    """A rate in bytes per second, in the unit that suits it."""
    if rate < 1024:
        return f"{rate:.0f} B/s"
    power = min(int(math.log(rate, 1024)), len(_UNITS))
    return f"{rate / 1024**power:.2f} {_UNITS[power - 1]}"
