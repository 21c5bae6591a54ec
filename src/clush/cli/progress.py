"""The progress of a run on one line of a terminal, drawn by a timer.

What the line says is a pure function of the standing and of the width of the terminal; it is
shown below everything else and goes away before anything else is written.
"""

from __future__ import annotations

import math
import time
from typing import Callable

from clush.cli.console import Console
from clush.cli.gauge import Gauge, Standing
from clush.cli.terminal import cut, printable, width
from clush.runtime.task import Task

# Seconds before it is first shown, as short runs need none, and between two looks.
FIRST = 1.5
INTERVAL = 0.5

# Where output is shown as it comes, seconds without any before progress is.
SILENCE = 2.0

_UNITS = ("KiB/s", "MiB/s", "GiB/s")
_GAP = "  "

# Of the names of those that are waited for, so much should be seen.
_NAMES_WIDTH = 24


class Progress:
    """Shows how far a run is on the status line of ``console``, while ``task`` runs.

    ``label`` folds names.  ``patient`` shows it only while nothing else is written.
    """

    def __init__(
        self,
        task: Task,
        prog: str,
        gauge: Gauge,
        console: Console,
        label: Callable[[list[str]], str],
        patient: bool,
    ) -> None:
        self._prog = prog
        self._gauge = gauge
        self._console = console
        self._label = label
        self._patient = patient
        self._written = console.written
        self._quiet_since = time.monotonic()
        self._timer = task.timer(FIRST, self._show, interval=INTERVAL, background=True)

    def stop(self) -> None:
        """Show it no more."""
        self._timer.cancel()
        self._console.clear_status()

    def _show(self) -> None:
        standing = self._gauge.read()  # even if it is not shown: rates look back
        if self._patient and self._disturbed():
            return
        names = printable(self._label(list(standing.running))) if standing.running else ""
        # In the last column some terminals go to the next line.
        self._console.status(line(self._prog, standing, names, self._console.size.columns - 1))

    def _disturbed(self) -> bool:
        """True if something was written a moment ago."""
        now = time.monotonic()
        if self._console.written != self._written:
            self._written, self._quiet_since = self._console.written, now
        return now - self._quiet_since < SILENCE


def line(prog: str, standing: Standing, names: str, columns: int) -> str:
    """The standing in words that fit in so many columns; ``names`` are the ``running``.

    What matters least is left out first, then the end is cut.
    """
    tail = ""
    if names:
        tail = f"{_GAP}{'running:' if standing.pending else 'waiting for'} {names}"
    room = columns - min(width(tail), width(tail) - width(names) + _NAMES_WIDTH)
    head = ""
    for wanted in _PREFERENCES:
        fields = (_FIELDS[name](standing) for name in wanted)
        head = _GAP.join(
            [f"{prog}: {fraction(standing.done, standing.total)}", *filter(None, fields)]
        )
        if width(head) <= room:
            break
    return cut(head + tail, columns)


def fraction(done: int, total: int) -> str:
    """``done/total`` in a width that does not change."""
    return f"{done:{len(str(total))}}/{total}"


def per_second(rate: float) -> str:
    """A rate in bytes per second, in the unit that suits it."""
    if rate < 1024:
        return f"{rate:.0f} B/s"
    power = min(int(math.log(rate, 1024)), len(_UNITS))
    return f"{rate / 1024**power:.2f} {_UNITS[power - 1]}"


def pace(rate: float) -> str:
    """A rate in targets per second, or per minute where they take their time."""
    if rate >= 9.95:
        return f"{rate:.0f}/s"
    return f"{rate:.1f}/s" if rate >= 0.95 else f"{rate * 60:.0f}/min"


def duration(seconds: float) -> str:
    """``M:SS`` or ``H:MM:SS``."""
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _failed(standing: Standing) -> str:
    return f"{standing.failed} failed" if standing.failed else ""


def _rate(standing: Standing) -> str:
    return pace(standing.rate) if standing.rate * 60 >= 0.5 else ""


def _transfer(standing: Standing) -> str:
    return per_second(standing.transfer) if standing.transfer else ""


def _elapsed(standing: Standing) -> str:
    return duration(standing.elapsed)


def _left(standing: Standing) -> str:
    return "" if standing.left is None else f"~{duration(math.ceil(standing.left))} left"


def _notes(standing: Standing) -> str:
    return _GAP.join(standing.notes)


_FIELDS: dict[str, Callable[[Standing], str]] = {
    "failed": _failed,
    "rate": _rate,
    "transfer": _transfer,
    "elapsed": _elapsed,
    "left": _left,
    "notes": _notes,
}

# Which fields are shown, by how much room there is.
_PREFERENCES = (
    ("failed", "elapsed", "left", "rate", "transfer", "notes"),
    ("failed", "elapsed", "left", "transfer", "notes"),
    ("failed", "elapsed", "notes"),
    ("failed", "elapsed"),
    ("failed",),
)
