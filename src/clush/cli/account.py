"""Where every target of a run stands, and what that means for the exit status.

Values only: events go in, folded questions are answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Optional

from clush.events import Ended, Started, Status

# What a target without a return code counts for: timed out, or cancelled.
NO_RETURN_CODE = 255


class Account:
    """The targets of a run, each one pending, running or ended; in the order given."""

    def __init__(self, nodes: Iterable[str]) -> None:
        self._pending = dict.fromkeys(nodes)
        self._running: dict[str, float] = {}  # since when, in seconds since the epoch
        self._ended: dict[str, Ended] = {}
        self.total = len(self._pending)
        self.failed = 0  # how many did not end with return code 0
        self.spent = 0.0  # seconds that those took that were started and have ended

    # -- what happens -----------------------------------------------------------------

    def started(self, event: Started) -> None:
        self._pending.pop(event.node, None)
        self._running[event.node] = event.at

    def ended(self, event: Ended) -> None:
        self._pending.pop(event.node, None)
        self._running.pop(event.node, None)
        self._ended[event.node] = event
        if event.status is not Status.OK:
            self.failed += 1
        if event.started is not None:
            self.spent += event.ended - event.started

    # -- what is known ----------------------------------------------------------------

    @property
    def done(self) -> int:
        """How many targets have ended."""
        return len(self._ended)

    @property
    def running(self) -> list[str]:
        return list(self._running)

    @property
    def started_at(self) -> Mapping[str, float]:
        """Since when each of those runs that do, in seconds since the epoch."""
        return self._running

    @property
    def pending(self) -> list[str]:
        """Those that have not been started yet."""
        return list(self._pending)

    @property
    def ends(self) -> Iterable[Ended]:
        """How each target ended that has."""
        return self._ended.values()

    def end(self, node: str) -> Optional[Ended]:
        """How ``node`` ended, ``None`` if it has not."""
        return self._ended.get(node)

    @property
    def timed_out(self) -> list[str]:
        return [end.node for end in self.ends if end.status is Status.TIMED_OUT]

    @property
    def incomplete(self) -> list[str]:
        """Those that were stopped by us, or never started because we stopped."""
        return [end.node for end in self.ends if was_stopped(end)]

    def failures_by_code(self) -> list[tuple[int, list[str]]]:
        """The targets of each return code other than 0, codes ascending."""
        groups: dict[int, list[str]] = {}
        for end in self.ends:
            if end.rc:
                groups.setdefault(end.rc, []).append(end.node)
        return sorted(groups.items())

    def largest_code(self) -> int:
        """The largest return code; a target that has none counts as 255."""
        return max((code(end) for end in self.ends), default=0)


def code(end: Ended) -> int:
    """The return code of a target as it counts."""
    return NO_RETURN_CODE if end.rc is None else end.rc


def was_stopped(end: Ended) -> bool:
    """True if the target did not complete because the run was stopped."""
    return end.rc is None and end.status in (Status.CANCELLED, Status.NOT_STARTED)
