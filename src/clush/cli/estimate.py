"""How fast things go, and when they may be over: numbers only.

Everything is a function of what was counted and of the time; nothing here reads a clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Optional

# Seconds that a rate looks back: long enough to be calm, short enough to be about now.
WINDOW = 10.0


class Meter:
    """The rate of a count that grows, over the last ``window`` seconds.

    Counted from ``since``; :meth:`read` is meant to be called a few times per second.
    """

    def __init__(self, since: float, window: float = WINDOW) -> None:
        self._window = window
        self._readings = deque([(since, 0)])

    def read(self, now: float, count: int) -> float:
        """How much the count grows per second, if it is ``count`` by now."""
        readings = self._readings
        # The oldest that is kept is the last one outside of the window.
        while len(readings) > 1 and readings[1][0] <= now - self._window:
            readings.popleft()
        then, before = readings[0]
        readings.append((now, count))
        return (count - before) / (now - then) if now > then else 0.0


def time_left(
    pending: int, ages: Sequence[float], ended: int, spent: float, elapsed: float
) -> Optional[float]:
    """The seconds until all is done, as far as can be told; ``None`` if nobody knows.

    After ``elapsed`` seconds ``ended`` commands are over, which took ``spent`` seconds all
    together; as many run as there are ``ages``, for so long each; ``pending`` are to follow.

    A command is expected to take as long as the others do.  One that has been running for
    longer is taken into account with what it took so far, or a few quick failures at the
    beginning would promise that all is over soon.  How many run at a time is seen from the
    past: where starting them is what takes the time, they are fewer than are allowed.
    """
    if not (ended and ages and elapsed > 0):
        return None
    mean = spent / ended
    expected = (spent + sum(max(age, mean) for age in ages)) / (ended + len(ages))
    rest = [max(expected - age, 0.0) for age in ages]
    if not pending:
        return max(rest) or None  # overdue, all of them: it may be any time, or never
    at_a_time = (spent + sum(ages)) / elapsed
    return (pending * expected + sum(rest)) / at_a_time if at_a_time > 0 else None
