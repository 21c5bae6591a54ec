"""What a router remembers: hops with their credit, what waits for them, and whose turn it is.

The rules by which targets move are in ``router``; shipped to gateways, like that.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Optional


class Lot:
    """Targets that wait for the same hops: those of a pool that the same hops have refused."""

    __slots__ = ("givers", "hops", "pool", "refused", "waiting")

    def __init__(self, pool: int, refused: frozenset[str]) -> None:
        self.pool = pool
        self.refused = refused
        self.waiting: deque[int] = deque()
        self.hops: dict[Hop, None] = {}  # those that are not lost
        self.givers: OrderedDict[Hop, None] = OrderedDict()  # might have a queue to give from


class Hop:
    """One hop: its credit, and the targets that it holds."""

    __slots__ = (
        "ahead", "askers", "backlog", "credit", "done", "expected", "exposed", "lost", "lots",
        "name", "open", "queued", "stalled",
    )  # fmt: skip

    def __init__(self, name: str) -> None:
        self.name = name
        self.lost = False
        self.stalled = False  # whether it does not go on with what it has
        self.credit = 0
        self.ahead = 0
        self.done = 0
        self.queued: dict[int, Lot] = {}
        self.exposed: dict[int, Lot] = {}
        self.backlog: dict[Lot, int] = {}  # how many of each lot are in `queued`
        self.lots: dict[Lot, None] = {}
        self.open: OrderedDict[Lot, None] = OrderedDict()  # with waiting targets, and some empty
        self.expected = 0  # asked back from others for idle places here
        self.askers: list[tuple[Hop, int]] = []  # for whom some are asked back from here

    @property
    def idle(self) -> int:
        """How many targets would run at once if it had them."""
        return 0 if self.stalled else self.credit - self.ahead

    def surplus(self, lot: Lot) -> int:
        """How many targets of ``lot`` it holds beyond what it can run."""
        backlog = self.backlog.get(lot, 0)
        return backlog if self.stalled else min(backlog, self.ahead - self.credit)

    def choose(self) -> Optional[Lot]:
        """The lot to take from: of the two whose turn it is, that with fewer queued here."""
        first = self._front()
        if first is None or len(self.open) == 1:
            return first
        self.open.move_to_end(first)
        second = self._front()
        assert second is not None
        if self.backlog.get(second, 0) >= self.backlog.get(first, 0):
            return first
        self.open.move_to_end(first, last=False)
        self.open.move_to_end(second)
        return second

    def _front(self) -> Optional[Lot]:
        while self.open:
            lot = next(iter(self.open))
            if lot.waiting:
                return lot
            del self.open[lot]
        return None

    def release(self, target: int) -> Optional[Lot]:
        """The lot of a target that it holds no longer; None if it did not."""
        lot = self.queued.pop(target, None)
        if lot is None:
            return self.exposed.pop(target, None)
        self.backlog[lot] -= 1
        return lot


class Ring:
    """Hops that take their turns; a round is over when each of those in it had one."""

    __slots__ = ("_later", "_now")

    def __init__(self) -> None:
        self._now: OrderedDict[Hop, None] = OrderedDict()
        self._later: OrderedDict[Hop, None] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._now or self._later)

    def add(self, hop: Hop) -> None:
        """Let ``hop`` have a turn, in the next round if it is not in this one."""
        if hop not in self._now:
            self._later[hop] = None

    def discard(self, hop: Hop) -> None:
        self._now.pop(hop, None)
        self._later.pop(hop, None)

    def pop(self) -> tuple[Hop, int]:
        """The hop whose turn it is, out of the ring now; and how many turns the round has yet."""
        if not self._now:
            self._now, self._later = self._later, self._now
        left = len(self._now)
        return self._now.popitem(last=False)[0], left
