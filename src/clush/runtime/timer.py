"""Timers of a task: calls made after a while, once or again and again.

Repeats are anchored to the schedule, not to the end of the last call; a timer that is late
catches up with one call per turn of the loop.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Callable, Optional

if TYPE_CHECKING:
    from clush.runtime.task import Task

# A repeat shorter than this (seconds) would keep the loop busy with nothing else.
LEAST_INTERVAL = 0.001


class Timer:
    """Made by :meth:`clush.runtime.task.Task.timer`; belongs to the loop's thread."""

    def __init__(
        self,
        task: Task,
        delay: float,
        call: Callable[[], object],
        interval: Optional[float],
        background: bool,
    ) -> None:
        self.background = background
        self._task = task
        self._call = call
        self._handle: Optional[asyncio.TimerHandle] = None
        self._arm(delay, interval)

    @property
    def active(self) -> bool:
        """True while a call is to come."""
        return self._handle is not None

    def restart(self, delay: float, interval: Optional[float] = None) -> None:
        """Call ``delay`` seconds from now, then every ``interval`` (never again if ``None``)."""
        if self._handle is not None:
            self._handle.cancel()
        self._arm(delay, interval)
        self._task.timer_changed(self)

    def cancel(self) -> None:
        """Make no more calls; may be called again, and from within the call."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
            self._task.timer_changed(self)

    def _arm(self, delay: float, interval: Optional[float]) -> None:
        self._interval = interval if interval and interval > LEAST_INTERVAL else None
        loop = self._task.loop
        self._handle = loop.call_at(loop.time() + delay, self._fire)

    def _fire(self) -> None:
        fired = self._handle
        if fired is None or self._task.closing:
            return  # all is being stopped: it will be cancelled in this turn
        if self._interval is None:
            self._handle = None
        else:
            due = fired.when() + self._interval
            self._handle = self._task.loop.call_at(due, self._fire)
        try:
            self._call()
        except BaseException as exc:
            self._task.fail(exc)
        if self._handle is None:
            self._task.timer_changed(self)
