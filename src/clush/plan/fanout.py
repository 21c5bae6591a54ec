"""Who starts next: the sliding window over the targets of many jobs.

Jobs wait in the order they were added and share one window, unless a job brings a
window of its own.  Targets are drawn from iterators, one at a time, so a job of a
hundred thousand targets costs no more than a job of ten.  Every call is O(1) in the
number of targets; nothing here starts anything.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import chain
from typing import Generic, Optional, TypeVar

T = TypeVar("T")


class Lane(Generic[T]):
    """The waiting targets of one job, and how many of its targets run now."""

    __slots__ = ("_error", "_head", "_rest", "limit", "running")

    def __init__(self, targets: Iterator[T], limit: Optional[int]) -> None:
        self.limit = limit
        self.running = 0
        self._rest = targets
        # One target ahead, so that it is known at once when none is left; or the error in
        # its place, which is raised when its turn comes.
        self._head: Optional[T] = None
        self._error: Optional[Exception] = None
        self._advance()

    @property
    def empty(self) -> bool:
        """True when every target of the job has been drawn."""
        return self._head is None and self._error is None

    def draw(self) -> T:
        """The next target of a lane that is not empty; raises what the iterator raised.

        After an error the lane is empty.
        """
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        assert self._head is not None
        target = self._head
        self._advance()
        return target

    def drain(self) -> Iterator[T]:
        """All targets that are left; the lane is empty from now on."""
        self._error = None
        if self._head is None:
            return iter(())
        head, self._head = self._head, None
        return chain((head,), self._rest)

    def look_again(self) -> bool:
        """Whether the iterator of an empty lane has something after all."""
        self._advance()
        return not self.empty

    def _advance(self) -> None:
        try:
            self._head = next(self._rest, None)
        except Exception as exc:
            self._head, self._error = None, exc


class Fanout(Generic[T]):
    """Says which target starts next; ``limit`` bounds those running in shared lanes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._running = 0
        self._shared: deque[Lane[T]] = deque()
        self._own: deque[Lane[T]] = deque()

    def add(self, targets: Iterator[T], limit: Optional[int] = None) -> Lane[T]:
        """Queue ``targets``; with ``limit`` they get a window of that size of their own."""
        lane = Lane(targets, limit)
        if not lane.empty:
            self._queue(lane).append(lane)
        return lane

    def refill(self, lane: Lane[T]) -> None:
        """The iterator of ``lane``, which may have come to its end, has something again."""
        if lane.empty and lane.look_again():
            self._queue(lane).append(lane)

    def next(self) -> Optional[tuple[Lane[T], T]]:
        """The target to start now, counted as running, or ``None`` if there is none.

        Raises what the iterator of the target's lane raises.
        """
        for lane in self._own:
            if self._has_room(lane):
                return lane, self._draw(lane)
        if self._shared and self._running < self.limit:
            lane = self._shared[0]
            return lane, self._draw(lane)
        return None

    def next_of(self, lane: Lane[T]) -> Optional[T]:
        """As :meth:`next`, of this lane only: it does not wait for those before it."""
        return self._draw(lane) if not lane.empty and self._has_room(lane) else None

    def ended(self, lane: Lane[T]) -> None:
        """One running target of ``lane`` is over: its place is free."""
        lane.running -= 1
        if lane.limit is None:
            self._running -= 1

    def drain(self, lane: Lane[T]) -> Iterator[T]:
        """Take back what ``lane`` has not started; nothing of it will be started."""
        if not lane.empty:
            self._queue(lane).remove(lane)
        return lane.drain()

    def set_limit(self, lane: Lane[T], limit: Optional[int]) -> None:
        """Give ``lane`` a window of its own, another one, or with ``None`` the shared one.

        What runs goes on and is counted there from now on.
        """
        if not lane.empty:
            self._queue(lane).remove(lane)
        if lane.limit is None:
            self._running -= lane.running
        lane.limit = limit
        if limit is None:
            self._running += lane.running
        if not lane.empty:
            self._queue(lane).append(lane)

    def _has_room(self, lane: Lane[T]) -> bool:
        return self._running < self.limit if lane.limit is None else lane.running < lane.limit

    def _queue(self, lane: Lane[T]) -> deque[Lane[T]]:
        return self._shared if lane.limit is None else self._own

    def _draw(self, lane: Lane[T]) -> T:
        try:
            target = lane.draw()
        finally:
            if lane.empty:
                self._queue(lane).remove(lane)
        lane.running += 1
        if lane.limit is None:
            self._running += 1
        return target
