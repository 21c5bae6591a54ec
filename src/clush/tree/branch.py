"""One job at one hop of the tree: targets come in, reports go out.

The head and every gateway run this.  A branch starts some targets itself and hands the
others to the gateways below, as its router decides; what comes back is checked, and told
to its reporter.  Each target that came in is reported as ended, or given back, exactly once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Callable, Optional

from clush.engine.child import KILL_GRACE
from clush.events import Ended, Event, GatewayNews, Output, Started, Status, Written
from clush.plan.router import DIRECT, Batch, Router, Take, lookahead
from clush.tree.local import Local
from clush.tree.reports import RC_LOST, Ends

if TYPE_CHECKING:
    from clush.job import Work
    from clush.runtime.task import Task
    from clush.tree.link import Via
    from clush.tree.links import Links
    from clush.tree.reports import Intake, Reporter
    from clush.tree.share import Share
    from clush.wire.ways import Ways

# A gateway is opened for each so many targets, as long as there are others.
TARGETS_PER_GATEWAY = 4

# Direct targets at once above which their number makes no difference: no job has more.
PLACES_MOST = 2**30

# Seconds that the first gateway waits for others that are opened with it.
PATIENCE = 0.1


class Branch:
    """``work`` at this hop.

    ``work`` says nothing about which targets; they come with :meth:`add`.  ``command`` is
    what gateways below are told to run.
    """

    def __init__(
        self,
        task: Task,
        work: Work,
        command: str,
        links: Optional[Links],
        via: Optional[Via],
        reporter: Reporter,
        *,
        grooming: float = 0.25,
        max_running: Optional[int] = None,
        raw: bool = False,
        local: Optional[Work] = None,
        turn: int = 0,
    ) -> None:
        """``local`` is what is done for direct targets, if it is not ``work``, too.

        Without ``links`` and ``via`` there are no gateways below.  ``turn`` says with which of
        them to begin: hops that share them should not all begin with the same ones.
        """
        self.task = task
        self.work = work
        self.command = command
        self.links = links
        self.via = via
        self.reporter = reporter
        self.grooming = grooming
        self.raw = raw  # whether the output is no text
        self.turn = turn
        self.names: dict[int, str] = {}  # of all targets that are here
        self.router = Router(max_running)
        self.local = Local(
            task, local or work, self._local_told, self._starting, reporter.input_lost
        )
        self.intake: Optional[Intake] = None
        self.shares: dict[str, Share] = {}
        self.stopping = False
        self._leaving = False
        self._pools: dict[int, Ways] = {}
        self._came: dict[int, int] = {}  # how many targets of a pool
        self._reasons: dict[str, str] = {}  # why gateways are lost
        self._spared: set[str] = set()  # of these, those that were lost before this job
        self._refusing: set[str] = set()  # gateways that cannot do all that they are given
        self._room = 0  # direct targets that the router may give us at once; 0 if we do none
        self._scheduled = False
        self._waited = False
        self._waiting: Optional[asyncio.TimerHandle] = None

    # -- from above -------------------------------------------------------------------

    def add_pool(self, pool: int, ways: Ways, *, direct: bool = False) -> None:
        """A pool, whose targets take ``ways`` from here, or are direct if there are none.

        With ``direct`` they are carried out from here when all gateways fail.
        """
        self._pools[pool] = ways
        if direct or not ways:
            self._open_direct()
        self.router.add_pool(pool, list(ways) or [DIRECT], direct)
        failed = self.links.doubtful(ways, self.via) if self.links and self.via else {}
        if len(failed) < len(ways):  # if all have failed, none is given up
            for name, reason in failed.items():
                if name not in self.shares:
                    self._reasons.setdefault(name, reason)
                    self._spared.add(name)
                    self.router.lost(name, True)

    def add(self, pool: int, ids: Sequence[int], names: Iterable[str]) -> None:
        """Targets to be carried out."""
        self.names.update(zip(ids, names))
        self._came[pool] = self._came.get(pool, 0) + len(ids)
        stranded = self.router.add(pool, ids)
        if self.stopping:
            self._never(self.router.drop_waiting(), "stopped before it was started")
            return
        if self.intake is not None:
            self.intake.wanted()
        self._open_gateways(pool)
        self._strand(stranded)
        self.schedule()

    def give_back(self, pool: int, limit: int) -> None:
        """Report up to ``limit`` targets that were not exposed as returned."""
        ids = self.router.give(pool, limit)
        if len(ids) < limit:
            queued = self.local.take_back(limit - len(ids))
            if queued:
                self.router.returned(DIRECT, queued)
                ids += self.router.give(pool, limit - len(ids))
        for number in ids:
            del self.names[number]
        self.reporter.returned(ids, "")
        self.schedule()

    def set_fanout(self, fanout: int) -> None:
        """A window of its own for this job, at this hop and all below."""
        self.work = self.work._replace(fanout=fanout)
        self.local.set_fanout(fanout)
        for share in self.shares.values():
            share.set_fanout(fanout)
        self.fanout_changed()

    def fanout_changed(self) -> None:
        """More, or fewer, may run here at once from now on; what runs goes on."""
        if self._room:
            self._make_room()
            self.schedule()

    def stop(self, grace: float = KILL_GRACE, *, timed_out: bool = False) -> None:
        """Start nothing more and stop what runs, here and below."""
        self.stopping = True
        self._never(self.router.drop_waiting(), "stopped before it was started")
        unstarted = self.local.abort(grace, timed_out=timed_out)
        self.router.ended(DIRECT, unstarted)
        self._never(unstarted, "stopped before it was started")
        for share in tuple(self.shares.values()):
            share.cancel(grace, timed_out)

    def leave(self) -> None:
        """Stop, and close when nothing is held any more: there is nobody above to say so."""
        self._leaving = True
        self.stop()
        self.schedule()

    def close(self) -> None:
        """Nothing more of this job is of interest."""
        self.stopping = True
        self.local.no_more()
        if self._waiting is not None:
            self._waiting.cancel()
        for share in tuple(self.shares.values()):
            share.close()
        self.shares.clear()

    def resume(self) -> None:
        """What was reported has gone its way: let more come."""
        for share in tuple(self.shares.values()):
            share.grant()

    # -- input ------------------------------------------------------------------------

    def pump(self) -> None:
        """There is input to be passed on."""
        for share in tuple(self.shares.values()):
            share.pump()

    # -- deciding ---------------------------------------------------------------------

    def schedule(self) -> None:
        """Have targets handed out, when what happens now has been told."""
        if not self._scheduled:
            self._scheduled = True
            self.task.loop.call_soon(self._dispatch)

    def _dispatch(self) -> None:
        self._scheduled = False
        if self._others_are_coming():
            return
        if not self.stopping:
            while (batch := self.router.next()) is not None:
                self._hand_out(batch)
            for take in self.router.take_back():
                self._ask_back(take)
            pull = self.router.wanted()
            if pull is not None:
                self.reporter.pull(pull)
        else:  # some may have been on their way back
            self._never(self.router.drop_waiting(), "stopped before it was started")
        if self.router.over:
            self.reporter.settled()
            if self._leaving:
                self.close()

    def _others_are_coming(self) -> bool:
        """True while it is better to wait for the gateways that are just being opened.

        Who is first would get the share of all who are up a moment later.
        """
        if self._waited or self.stopping:
            return False
        ready = [share.ready for share in self.shares.values()]
        if all(ready) or not any(ready):
            self._waited = all(ready) and bool(ready)
            return False
        if self._waiting is None:
            self._waiting = self.task.loop.call_later(PATIENCE, self._wait_no_longer)
        return True

    def _wait_no_longer(self) -> None:
        self._waited = True
        self.schedule()

    def _hand_out(self, batch: Batch) -> None:
        if batch.hop == DIRECT:
            self.local.add(batch.ids, [self.names[number] for number in batch.ids])
        else:
            self.shares[batch.hop].assign(batch)
        if self.intake is not None:
            self.intake.moved()  # they may be too late for what is here

    def _ask_back(self, take: Take) -> None:
        if take.hop != DIRECT:
            self.shares[take.hop].take(take)
            return
        self.router.returned(DIRECT, self.local.take_back(take.limit))
        self.schedule()

    def _open_direct(self) -> None:
        if not self._room:
            self._make_room()

    def _make_room(self) -> None:
        places = min(self.work.fanout or self.task.fanout, PLACES_MOST)
        ahead = lookahead(places)
        self.router.pull(DIRECT, places + ahead - self._room, ahead)
        self._room = places + ahead

    def _open_gateways(self, pool: int) -> None:
        """Open as many gateways of ``pool`` as are worth it for the targets that came."""
        if self.stopping:
            return
        ways = self._pools[pool]
        if not ways:
            return
        from clush.tree.share import Share  # not there on gateways that have none below

        usable = [name for name in ways if name not in self._reasons.keys() | self._refusing]
        first = self.turn % max(1, len(usable))
        usable = usable[first:] + usable[:first]
        worth = -(-self._came.get(pool, 0) // TARGETS_PER_GATEWAY)
        for name in usable[:worth]:
            if name not in self.shares:
                share = self.shares[name] = Share(self, name)
                share.open(
                    {number: ways[name] for number, ways in self._pools.items() if name in ways}
                )

    # -- what happens here ------------------------------------------------------------

    def _starting(self, ids: Sequence[int], go: Callable[[], object]) -> None:
        if self.intake is not None:
            self.intake.starting()
        self.reporter.exposed(ids, go)

    def _local_told(self, number: int, event: Event) -> None:
        reporter = self.reporter
        ids = (number,)
        if isinstance(event, Output):
            reporter.output(ids, event.stream, event.data)
        elif isinstance(event, Started):
            reporter.started(ids, (event.at,))
            if self.intake is not None:
                self.intake.moved()
        elif isinstance(event, Written):
            reporter.written(ids, event.size)
            if self.intake is not None:
                self.intake.moved()
        elif isinstance(event, Ended):
            self.router.ended(DIRECT, ids)
            self.router.pull(DIRECT, 1)
            how = event.status, event.rc, event.detail
            self.end(Ends(ids, *how, (event.started,), (event.ended,)))
            if self.intake is not None:
                self.intake.moved()

    # -- what happens below -----------------------------------------------------------

    def end(self, ends: Ends) -> None:
        """These have ended, and are not the router's any more."""
        for number in ends.ids:
            del self.names[number]
        self.reporter.ended(ends)
        self.schedule()

    def share_gone(self, share: Share, in_order: bool, reason: str) -> None:
        """A gateway is lost: what it had goes elsewhere, or is accounted for."""
        name = share.name
        self.shares.pop(name, None)
        self._reasons[name] = reason
        self._replace(name)
        lost = self.router.lost(name, in_order)
        requeued = tuple(self.names[number] for number in lost.requeued)
        self.reporter.news(GatewayNews(name, "lost", reason))
        if requeued:
            self.reporter.news(GatewayNews(name, "rerouted", "", requeued), lost.requeued)
        # Nobody will tell how these ended.
        why = f"gateway {name}: {reason}"
        self._end_all(lost.maybe_ran, Status.GATEWAY_LOST, RC_LOST, why, name)
        if self.stopping:
            self._never(self.router.drop_waiting(), "stopped before it was started")
        self._strand(lost.stranded)
        if self.intake is not None:
            self.intake.moved()
        self.schedule()

    def refuses(self, name: str) -> None:
        """A gateway is about to give some back that cannot be reached from there."""
        self._refusing.add(name)
        self._replace(name)

    def _replace(self, name: str) -> None:
        """Have others open in its place."""
        for other in self._spared:  # better than none
            del self._reasons[other]
            self.router.hop_up(other)
        self._spared.clear()
        for pool, ways in self._pools.items():
            if name in ways:
                self._open_gateways(pool)

    def withdrawn(self, hop: str, ids: Sequence[int]) -> None:
        """It was stopped before these reached ``hop``."""
        mine = self.router.ended(hop, ids)
        self._never(mine, "stopped before it was started")

    def stranded(self, ids: Sequence[int], why: str) -> None:
        """These were given back by a gateway, and no other one is left for them."""
        self._strand(ids, why)

    def _strand(self, ids: Sequence[int], why: str = "") -> None:
        if not ids:
            return
        reasons = why or "; ".join(f"{name}: {why}" for name, why in self._reasons.items())
        self.refuse(ids, f"no gateway left ({reasons})")

    def refuse(self, ids: Sequence[int], why: str) -> None:
        """These cannot be carried out from here."""
        for number in ids:
            del self.names[number]
        self.reporter.returned(ids, why)
        self.schedule()

    def _never(self, ids: Sequence[int], why: str) -> None:
        self._end_all(ids, Status.NOT_STARTED, None, why)

    def _end_all(
        self, ids: Sequence[int], status: Status, rc: Optional[int], why: str, gateway: str = ""
    ) -> None:
        if ids:
            from time import time

            self.end(Ends(ids, status, rc, why, [None] * len(ids), [time()] * len(ids), gateway))
