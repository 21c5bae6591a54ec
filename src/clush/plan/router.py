"""Which hop gets which target of a job: work that is pulled, taken back and never lost.

One router for one job at one hop of the tree.  Targets are numbers; they come in *pools*, and
the targets of a pool may be carried out through any of the pool's *hops*: gateways one level
below, by name, or ``DIRECT``.  A target is waiting here, assigned to one hop, exposed there (it
may run), or over; it leaves in exactly one way: ended, maybe run with a lost hop, stranded
where no hop is left, given back to the hop above, or dropped while it was waiting.

Hops open their own windows.  A hop has *credit*: how many more targets it would take.  It
first pulls as many as it can run at once and its lookahead, then one for each that ended; what
it gives back is credited by itself.  So of its credit, what exceeds the lookahead are idle
places.  Idle places anywhere are served before any lookahead, in turn and in even shares; a
pool that piles up at a hop (what is below it there is slow) gives way to the others.

Whoever drives it tells what happened, and then asks until there is no more::

    while (batch := router.next()) is not None: ...   # hand these out
    for take in router.take_back(): ...               # ask for some back
    pull = router.wanted()                            # on a gateway: ask above for more

Every call is O(1), amortised, for each event and target, and O(hops of the pool) when a pool
without waiting targets gets some.  It is shipped to gateways.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple, Optional

from clush.plan.hops import Hop, Lot, Ring

# The hop that is no gateway: the targets that are carried out from here.
DIRECT = ""

# How many of those with a queue are compared when one is chosen to give some back.
CANDIDATES = 16


def lookahead(places: int) -> int:
    """How many more targets than can run at once a hop should hold.

    Half a round: its places stay busy while the next targets come over the wire, as long as a
    round trip takes less than half of a typical command.  What is too much is taken back.
    """
    return max(2, places // 2)


class Batch(NamedTuple):
    """Targets of one pool, to be handed to ``hop``."""

    hop: str
    pool: int
    ids: list[int]


class Take(NamedTuple):
    """``hop`` is to give back up to ``limit`` targets of ``pool`` that it has not exposed."""

    hop: str
    pool: int
    limit: int


class Pull(NamedTuple):
    """``more`` are wanted from above; of all that was asked for, ``ahead`` are lookahead."""

    more: int
    ahead: int


class Returned(NamedTuple):
    """What became of targets that a hop gave back."""

    accepted: list[int]  # were that hop's
    stranded: list[int]  # no hop is left for these: they are gone from the router


class Lost(NamedTuple):
    """What becomes of the targets of a lost hop."""

    requeued: list[int]  # were not started: they wait again
    maybe_ran: list[int]  # may have run: they are gone from the router
    stranded: list[int]  # no hop is left for these, wherever they waited: gone, never started


class Router:
    """Distributes the targets of a job over hops; ``max_running`` bounds those they hold.

    ``waiting``, ``assigned`` and ``running`` (exposed) are how many targets are so now.
    """

    def __init__(self, max_running: Optional[int] = None) -> None:
        self.max_running = max_running
        self.waiting = 0
        self.assigned = 0
        self.running = 0
        self._hops: dict[str, Hop] = {}
        self._lots: dict[tuple[int, frozenset[str]], Lot] = {}
        self._pools: dict[int, tuple[tuple[str, ...], bool]] = {}
        # Hops that would take more: with idle places, and with room for lookahead only.
        self._idle = Ring()
        self._ahead = Ring()
        # Hops with idle places that nothing waits for; looked at once for each event.
        self._starved: OrderedDict[Hop, None] = OrderedDict()
        # Sums over the hops, and what the hop above was asked for and has not given.
        self._credit = 0
        self._lookahead = 0
        self._asked = 0

    @property
    def held(self) -> int:
        """How many targets are with hops: assigned or exposed."""
        return self.assigned + self.running

    @property
    def over(self) -> bool:
        """True when nothing waits and no hop holds a target."""
        return not self.waiting and not self.held

    # Targets come

    def add_pool(self, pool: int, hops: Sequence[str], direct: bool = False) -> None:
        """A pool without targets, which any of ``hops`` may carry out.

        With ``direct``, ``DIRECT`` does when all of them are lost.
        """
        self._pools[pool] = tuple(hops), direct
        self._lot(pool, frozenset())

    def add(self, pool: int, ids: Iterable[int]) -> list[int]:
        """New targets; those that are stranded at once, as all hops of the pool are lost."""
        lot = self._lot(pool, frozenset())
        before = len(lot.waiting)
        lot.waiting.extend(ids)
        count = len(lot.waiting) - before
        self.waiting += count
        self._asked -= count
        return self._filled(lot, before)

    # Hops want some

    def pull(self, hop: str, count: int, ahead: Optional[int] = None) -> None:
        """``hop`` would take ``count`` more; ``ahead`` is its lookahead, if that has changed.

        If ``count`` is negative it would take fewer: what it has goes on, and counts.
        Of a lost hop, nothing is done.
        """
        found = self._hop(hop)
        if found.lost:
            return
        found.credit += count
        self._credit += count
        if ahead is not None:
            self._lookahead += ahead - found.ahead
            found.ahead = ahead
        if ahead is not None or count < 0:  # more of what it has may be too much
            self._show_queue(found, found.backlog)
        self._place(found)

    def next(self) -> Optional[Batch]:
        """Targets to hand out now, counted as assigned; None when there is nothing to do."""
        free = self.waiting if self.max_running is None else self.max_running - self.held
        if not self.waiting or free <= 0:
            return None
        for ring in (self._idle, self._ahead):
            while ring:
                hop, turns = ring.pop()
                lot = hop.choose()
                if lot is None:
                    if ring is self._idle:
                        self._starved[hop] = None
                    continue
                room = hop.idle if ring is self._idle else hop.credit
                fair = _part(len(lot.waiting), min(turns, len(lot.hops)))
                return self._assign(hop, lot, min(_part(room, len(hop.open)), fair, free))
        return None

    def _assign(self, hop: Hop, lot: Lot, count: int) -> Batch:
        ids = [lot.waiting.popleft() for _ in range(count)]
        hop.queued.update(dict.fromkeys(ids, lot))
        hop.backlog[lot] = hop.backlog.get(lot, 0) + count
        hop.credit -= count
        self._credit -= count
        self.waiting -= count
        self.assigned += count
        if hop.credit < hop.ahead:
            lot.givers[hop] = None
            if hop.credit + count >= hop.ahead:  # what it had of others is now too much
                self._show_queue(hop, [other for other in hop.backlog if other is not lot])
        self._place(hop)
        return Batch(hop.name, lot.pool, ids)

    # Hops tell

    def exposed(self, hop: str, ids: Iterable[int]) -> list[int]:
        """These may run from now on; those of them that ``hop`` had and had not exposed."""
        accepted: list[int] = []
        found = self._hops.get(hop)
        if found is None:
            return accepted
        for target in ids:
            lot = found.queued.pop(target, None)
            if lot is not None:
                found.backlog[lot] -= 1
                found.exposed[target] = lot
                accepted.append(target)
        if accepted:
            self._goes_on(found)
        self.assigned -= len(accepted)
        self.running += len(accepted)
        return accepted

    def ended(self, hop: str, ids: Iterable[int]) -> list[int]:
        """These are over; those of them that ``hop`` had."""
        found = self._hops.get(hop)
        if found is None:
            return []
        accepted = [target for target, _ in self._released(found, ids)]
        found.done += len(accepted)
        return accepted

    def returned(self, hop: str, ids: Iterable[int], refused: bool = False) -> Returned:
        """``hop`` gives back what it has not started, exposed or not; no ids are an answer, too.

        What is ``refused`` is not offered to this hop again.
        """
        found = self._hops.get(hop)
        if found is None:
            return Returned([], [])
        back: dict[Lot, list[int]] = {}
        accepted = []
        for target, lot in self._released(found, ids):
            accepted.append(target)
            back.setdefault(lot, []).append(target)
        found.credit += len(accepted)
        self._credit += len(accepted)
        self._place(found)
        if not refused:
            self._answered(found, bool(accepted))
        stranded = []
        for lot, targets in back.items():
            if refused:
                lot = self._lot(lot.pool, lot.refused | {hop})
            stranded += self._requeue(lot, targets)
        return Returned(accepted, stranded)

    def stalled(self, hop: str) -> None:
        """``hop`` has exposed nothing for a while, although it has some that it could.

        Until it does, it gets no more, and all of these may be asked back for others.
        """
        found = self._hops.get(hop)
        if found is not None and found.queued and not found.stalled:
            found.stalled = True
            self._place(found)
            self._show_queue(found, found.backlog)

    def _goes_on(self, hop: Hop) -> None:
        if hop.stalled:
            hop.stalled = False
            self._place(hop)

    def lost(self, hop: str, in_order: bool) -> Lost:
        """Nothing more comes from ``hop``.

        ``in_order``: its last word has been heard, so that what it had not exposed was never
        started.  Else all that it had may have run.
        """
        found = self._hop(hop)
        found.lost = True
        found.stalled = False
        maybe_ran = list(found.exposed)
        back: dict[Lot, list[int]] = {}
        if in_order:
            for target, lot in found.queued.items():
                back.setdefault(lot, []).append(target)
        else:
            maybe_ran += found.queued
        self.assigned -= len(found.queued)
        self.running -= len(found.exposed)
        for gone in (found.queued, found.exposed, found.backlog, found.open):
            gone.clear()
        self._credit -= found.credit
        self._lookahead -= found.ahead
        found.credit = found.ahead = 0
        self._answered(found, False)
        self._idle.discard(found)
        self._ahead.discard(found)
        self._starved.pop(found, None)
        requeued: list[int] = []
        stranded: list[int] = []
        for lot in {**found.lots, **back}:
            lot.hops.pop(found, None)
            lot.givers.pop(found, None)
            self._resort(lot)
            targets = back.get(lot, [])
            if lot.hops:
                requeued += targets
            stranded += self._requeue(lot, targets)
        return Lost(requeued, maybe_ran, stranded)

    def hop_up(self, hop: str) -> None:
        """A lost hop may be used again; it has no credit yet."""
        found = self._hop(hop)
        if found.lost:
            found.lost = False
            for lot in list(found.lots):
                self._join(found, lot)
                self._resort(lot)

    def _released(self, hop: Hop, ids: Iterable[int]) -> list[tuple[int, Lot]]:
        """Take these targets from ``hop``; those it had, each with its lot."""
        queued = len(hop.queued)
        found = []
        for target in ids:
            lot = hop.release(target)
            if lot is not None:
                found.append((target, lot))
        queued -= len(hop.queued)
        if not hop.queued:
            self._goes_on(hop)
        self.assigned -= queued
        self.running -= len(found) - queued
        return found

    def _requeue(self, lot: Lot, targets: list[int]) -> list[int]:
        """Let ``targets`` wait before the others; those that are stranded."""
        before = len(lot.waiting)
        lot.waiting.extendleft(reversed(targets))
        self.waiting += len(targets)
        return self._filled(lot, before)

    def _filled(self, lot: Lot, before: int) -> list[int]:
        """Tell the hops that targets wait, where there were ``before``; those stranded."""
        if not lot.hops:
            return self._drained(lot)
        if not before and lot.waiting:
            for hop in lot.hops:
                hop.open[lot] = None
                self._place(hop)
        return []

    def _drained(self, lot: Lot) -> list[int]:
        targets = list(lot.waiting)
        lot.waiting.clear()
        self.waiting -= len(targets)
        self._asked += len(targets)
        return targets

    # Balance

    def take_back(self) -> list[Take]:
        """What to ask back, now that :meth:`next` has no more, for idle places elsewhere.

        Half of a queue at most; a hop that was asked is asked again when it has answered with
        :meth:`returned`.
        """
        if not self.waiting:
            while self._idle:
                self._starved[self._idle.pop()[0]] = None
        takes: dict[tuple[Hop, Lot], int] = {}
        while self._starved:
            hop, _ = self._starved.popitem(last=False)
            for lot in hop.lots:
                while hop.idle > hop.expected and self._ask(hop, lot, takes):
                    pass
        for giver, lot in takes:
            lot.givers.pop(giver, None)
        return [Take(hop.name, lot.pool, count) for (hop, lot), count in takes.items()]

    def _ask(self, hop: Hop, lot: Lot, takes: dict[tuple[Hop, Lot], int]) -> bool:
        """Ask the best giver of ``lot`` for what ``hop`` could run; False if there is none."""
        best, count, weight = None, 0, 0.0
        for giver in list(islice(lot.givers, CANDIDATES)):
            surplus = giver.surplus(lot)
            asked = takes.get((giver, lot), 0)
            can = (surplus + 1) // 2 - asked
            if can <= 0 or (giver.askers and not asked):
                if surplus <= 0:
                    del lot.givers[giver]
                else:
                    lot.givers.move_to_end(giver)
            elif surplus / (giver.done + 1) > weight:
                best, count, weight = giver, can, surplus / (giver.done + 1)
        if best is None:
            return False
        count = min(count, hop.idle - hop.expected)
        takes[best, lot] = takes.get((best, lot), 0) + count
        best.askers.append((hop, count))
        hop.expected += count
        return True

    def _answered(self, giver: Hop, fully: bool) -> None:
        """``giver`` has answered what it was asked; if it gave some it may be asked again."""
        for hop, count in giver.askers:
            hop.expected -= count
            if hop.idle > 0:
                self._starved[hop] = None
        giver.askers.clear()
        lots = giver.backlog
        self._show_queue(giver, [lot for lot in lots if fully or giver in lot.givers])

    def _show_queue(self, giver: Hop, lots: Iterable[Lot]) -> None:
        """Let those with idle places know what ``giver`` has of ``lots`` beyond its own."""
        for lot in lots:
            if giver.surplus(lot) > 0:
                lot.givers[giver] = None
                self._starved.update((hop, None) for hop in lot.hops if hop.idle > 0)

    # A gateway's own way up

    def wanted(self) -> Optional[Pull]:
        """What to pull from the hop above, counted as asked for; None if it is too little.

        As much as the hops here would take, and a lookahead.
        """
        own = lookahead(self._credit + self.held - self._lookahead)
        count = self._credit + own - self.waiting - self._asked
        if count <= 0 or (self.waiting and 2 * count < own):
            return None
        self._asked += count
        return Pull(count, own + self._lookahead)

    def give(self, pool: int, count: int) -> list[int]:
        """Up to ``count`` waiting targets of ``pool``, the last first, for the hop above."""
        given: list[int] = []
        for lot in self._lots.values():
            while lot.pool == pool and lot.waiting and len(given) < count:
                given.append(lot.waiting.pop())
        self.waiting -= len(given)
        self._asked += len(given)
        return given

    def drop_waiting(self) -> list[int]:
        """All that is waiting: it is gone from the router, and will not be started."""
        return [target for lot in self._lots.values() for target in self._drained(lot)]

    # Who may carry out what

    def _hop(self, name: str) -> Hop:
        hop = self._hops.get(name)
        if hop is None:
            hop = self._hops[name] = Hop(name)
        return hop

    def _lot(self, pool: int, refused: frozenset[str]) -> Lot:
        lot = self._lots.get((pool, refused))
        if lot is None:
            lot = self._lots[pool, refused] = Lot(pool, refused)
            for name in self._pools[pool][0]:
                if name not in refused:
                    self._join(self._hop(name), lot)
            self._resort(lot)
        return lot

    def _resort(self, lot: Lot) -> None:
        """Where no hop is left, the last resort is to do it from here; else it is no hop."""
        hops, direct = self._pools[lot.pool]
        if not direct or DIRECT in hops or DIRECT in lot.refused:
            return
        last = self._hop(DIRECT)
        if not lot.hops:
            self._join(last, lot)
        elif last in lot.hops and len(lot.hops) > 1:
            del lot.hops[last], last.lots[lot]
            last.open.pop(lot, None)

    def _join(self, hop: Hop, lot: Lot) -> None:
        hop.lots[lot] = None
        if not hop.lost:
            lot.hops[hop] = None
            if lot.waiting:
                hop.open[lot] = None
                self._place(hop)

    def _place(self, hop: Hop) -> None:
        """Put ``hop`` into the ring that its credit says."""
        self._starved.pop(hop, None)
        idle = hop.idle > 0
        (self._ahead if idle else self._idle).discard(hop)
        ring = self._idle if idle else self._ahead
        if hop.credit > 0 and not hop.stalled:
            ring.add(hop)
        else:
            ring.discard(hop)


def _part(count: int, parts: int) -> int:
    """The first of ``parts`` parts of ``count`` that are as even as can be."""
    return -(-count // parts)
