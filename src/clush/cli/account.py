"""Where every target of a run stands, and what that means for the exit status.

Values only: events go in, folded questions are answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Optional

from clush.events import Ended, Started, Status

# What a target without a return code counts for: timed out, or cancelled.
NO_RETURN_CODE = 255


class Account:
    """The targets of a run, each one pending, running or ended; in the order given.

    Where several files are copied, each node is a target ``times`` over.
    """

    def __init__(self, nodes: Iterable[str], times: int = 1) -> None:
        self._pending = dict.fromkeys(nodes, times)
        self._running: dict[str, float] = {}  # since when, in seconds since the epoch
        self._running_more: dict[str, int] = {}  # how often besides, where it is not just once
        self._gateways: dict[str, str] = {}  # of those that were started behind one
        self._ended: dict[str, Ended] = {}
        self._ended_more: list[Ended] = []
        self.total = self.waiting = len(self._pending) * times  # waiting: not started yet
        self.failed = 0  # how many did not end with return code 0
        self.spent = 0.0  # seconds that those took that were started and have ended

    # -- what happens -----------------------------------------------------------------

    def started(self, event: Started) -> None:
        self._no_longer_pending(event.node)
        if event.gateway:
            self._gateways[event.node] = event.gateway
        if event.node in self._running:
            self._running_more[event.node] = self._running_more.get(event.node, 0) + 1
        else:
            self._running[event.node] = event.at

    def ended(self, event: Ended) -> None:
        node = event.node
        if node not in self._running or event.started is None:
            self._no_longer_pending(node)
        elif self._running_more.get(node):
            self._running_more[node] -= 1
        else:
            del self._running[node]
        if node in self._ended:
            self._ended_more.append(self._ended[node])
        self._ended[node] = event
        if event.status is not Status.OK:
            self.failed += 1
        if event.started is not None:
            self.spent += event.ended - event.started

    def _no_longer_pending(self, node: str) -> None:
        self.waiting -= 1
        self._pending[node] -= 1
        if not self._pending[node]:
            del self._pending[node]

    # -- what is known ----------------------------------------------------------------

    @property
    def done(self) -> int:
        """How many targets have ended."""
        return len(self._ended) + len(self._ended_more)

    @property
    def running(self) -> list[str]:
        return list(self._running)

    @property
    def running_behind(self) -> dict[str, list[str]]:
        """Those that run behind gateways, by gateway."""
        found: dict[str, list[str]] = {}
        for node in self._running:
            if node in self._gateways:
                found.setdefault(self._gateways[node], []).append(node)
        return found

    @property
    def started_at(self) -> Mapping[str, float]:
        """Since when each of those runs that do, in seconds since the epoch."""
        return self._running

    @property
    def pending(self) -> list[str]:
        """Those that have not been started yet."""
        return [node for node in self._pending if node not in self._running]

    @property
    def ends(self) -> Iterator[Ended]:
        """How each target ended that has."""
        return chain(self._ended.values(), self._ended_more)

    def end(self, node: str) -> Optional[Ended]:
        """How ``node`` ended, ``None`` if it has not."""
        return self._ended.get(node)

    @property
    def timed_out(self) -> list[str]:
        return _distinct(end.node for end in self.ends if end.status is Status.TIMED_OUT)

    @property
    def incomplete(self) -> list[str]:
        """Those that were stopped by us, or never started because we stopped."""
        return _distinct(end.node for end in self.ends if was_stopped(end))

    def failures_by_code(self) -> list[tuple[int, list[str]]]:
        """The targets of each return code other than 0, codes ascending."""
        groups: dict[int, list[str]] = {}
        for end in self.ends:
            if end.rc:
                groups.setdefault(end.rc, []).append(end.node)
        return [(rc, _distinct(groups[rc])) for rc in sorted(groups)]

    def largest_code(self) -> int:
        """The largest return code; a target that has none counts as 255."""
        return max((code(end) for end in self.ends), default=0)


def _distinct(nodes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(nodes))


def code(end: Ended) -> int:
    """The return code of a target as it counts."""
    return NO_RETURN_CODE if end.rc is None else end.rc


def was_stopped(end: Ended) -> bool:
    """True if the target did not complete because the run was stopped."""
    return end.rc is None and end.status in (Status.CANCELLED, Status.NOT_STARTED)
