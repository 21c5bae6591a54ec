"""How far a run is, read off its counters a few times per second.

Whatever happens in a run costs nothing here: what is shown is made of what the account
counts anyway, whenever somebody looks.
"""

from __future__ import annotations

from typing import Callable, NamedTuple, Optional

from clush.cli.account import Account
from clush.cli.estimate import Meter, time_left

# As many targets at most are worth to be called by their names.
FEW = 32

# Seconds without an end after which it is told who runs, although others have to follow.
STALLED = 5.0

# Seconds that the rate of a transfer looks back: it changes faster than that of targets.
_TRANSFER_WINDOW = 3.0

Clock = Callable[[], float]


class Standing(NamedTuple):
    """How far a run is: targets, seconds, and rates per second.

    ``pending`` are to be started yet.  ``left`` is ``None`` where nobody knows.  ``transfer`` is
    in bytes.  ``running`` are those that are waited for, if they are few.  ``notes`` are what
    others have to say.
    """

    done: int
    total: int
    failed: int = 0
    pending: int = 0
    elapsed: float = 0.0
    left: Optional[float] = None
    rate: float = 0.0
    transfer: float = 0.0
    running: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Gauge:
    """Reads the standing of the run that ``account`` is of, which begins now.

    ``clock`` is monotonic; ``calendar`` is the one that events are stamped by.
    """

    def __init__(self, account: Account, clock: Clock, calendar: Clock) -> None:
        self._account = account
        self._clock = clock
        self._calendar = calendar
        self._begun = self._last_end = clock()
        self._done = 0
        self._ends = Meter(self._begun)
        self._bytes = Meter(self._begun, _TRANSFER_WINDOW)
        self._transferred = 0
        self._arrived = 0
        self._notes: list[Callable[[], str]] = []

    def transferred(self, size: int) -> None:
        """``size`` bytes went to a target."""
        self._transferred += size

    def arrived(self, size: int) -> None:
        """A file of ``size`` bytes has been copied, who knows when each of them was."""
        self._arrived += size

    def note(self, text: Callable[[], str]) -> None:
        """From now on have ``text()`` shown, too: a few words, or none."""
        self._notes.append(text)

    def read(self) -> Standing:
        """How far the run is now."""
        now = self._clock()
        account = self._account
        done = account.done
        if done != self._done:
            self._done, self._last_end = done, now
        since = account.started_at
        pending = account.waiting
        today = self._calendar()
        ages = [max(today - start, 0.0) for start in since.values()]
        few = len(ages) <= FEW and (not pending or now - self._last_end >= STALLED)
        return Standing(
            done=done,
            total=account.total,
            failed=account.failed,
            pending=pending,
            elapsed=now - self._begun,
            left=time_left(pending, ages, done, account.spent, now - self._begun),
            rate=self._ends.read(now, done),
            transfer=self._bytes.read(now, self._transferred) + self._arriving(),
            running=tuple(since) if few else (),
            notes=tuple(filter(None, [note() for note in self._notes])),
        )

    def _arriving(self) -> float:
        seconds = self._last_end - self._begun
        return self._arrived / seconds if seconds > 0 else 0.0
