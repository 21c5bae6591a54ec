"""One job at one hop of the tree: targets come in, reports go out.

The head and every gateway run this.  A branch starts some targets itself and hands the
others to the gateways below, as its router decides; what comes back is checked, and told
to its reporter.  Each target that came in is reported as ended, or given back, exactly once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Callable, Optional

from clush.engine.child import KILL_GRACE
from clush.events import Ended, Event, Output, Started, Status, Written
from clush.plan.router import DIRECT, Batch, Router, Take, lookahead
from clush.tree.local import Local
from clush.tree.reports import Ends

if TYPE_CHECKING:
    from clush.job import Work
    from clush.runtime.task import Task
    from clush.tree.below import Below
    from clush.tree.link import Via
    from clush.tree.links import Links
    from clush.tree.reports import Intake, Reporter
    from clush.tree.share import Share
    from clush.wire.ways import Ways

# Direct targets at once above which their number makes no difference: no job has more.
PLACES_MOST = 2**30


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
        self.names: dict[int, str] = {}  # of all targets that are here
        self.router = Router(max_running)
        self.local = Local(
            task, local or work, self._local_told, self._starting, reporter.input_lost
        )
        self.intake: Optional[Intake] = None
        self.shares: dict[str, Share] = {}
        self.stopping = False
        self._turn = turn
        self._below: Optional[Below] = None  # once there are gateways
        self._leaving = False
        self._room = 0  # direct targets that the router may give us at once; 0 if we do none
        self._scheduled = False

    # -- from above -------------------------------------------------------------------

    def add_pool(self, pool: int, ways: Ways, *, direct: bool = False) -> None:
        """A pool, whose targets take ``ways`` from here, or are direct if there are none.

        With ``direct`` they are carried out from here when all gateways fail.
        """
        if direct or not ways:
            self._open_direct()
        self.router.add_pool(pool, list(ways) or [DIRECT], direct)
        if ways:
            if self._below is None:
                from clush.tree.below import Below  # not there on gateways that have none below

                self._below = Below(self, self._turn)
            self._below.add_pool(pool, ways)

    def add(self, pool: int, ids: Sequence[int], names: Iterable[str]) -> None:
        """Targets to be carried out."""
        self.names.update(zip(ids, names))
        stranded = self.router.add(pool, ids)
        if self.stopping:
            self.drop_waiting()
            return
        if self.intake is not None:
            self.intake.wanted()
        if self._below is not None:
            self._below.came(pool, len(ids))
            self._below.strand(stranded)
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
        self.drop_waiting()
        self.withdrawn(DIRECT, self.local.abort(grace, timed_out=timed_out))
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
        if self._below is not None:
            self._below.close()

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
        if not self.stopping:
            if self._below is not None and self._below.others_are_coming():
                return
            while (batch := self.router.next()) is not None:
                self._hand_out(batch)
            for take in self.router.take_back():
                self._ask_back(take)
            pull = self.router.wanted()
            if pull is not None:
                self.reporter.pull(pull)
        else:  # some may have been on their way back
            self.drop_waiting()
        if self.router.over:
            self.reporter.settled()
            if self._leaving:
                self.close()

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

    # -- ends -------------------------------------------------------------------------

    def end(self, ends: Ends) -> None:
        """These have ended, and are not the router's any more."""
        for number in ends.ids:
            del self.names[number]
        self.reporter.ended(ends)
        self.schedule()

    def end_all(
        self, ids: Sequence[int], status: Status, rc: Optional[int], why: str, gateway: str = ""
    ) -> None:
        """These have ended now, and never told that they had started."""
        if ids:
            from time import time

            self.end(Ends(ids, status, rc, why, [None] * len(ids), [time()] * len(ids), gateway))

    def withdrawn(self, hop: str, ids: Sequence[int]) -> None:
        """It was stopped before these reached ``hop``, or were started."""
        self._never(self.router.ended(hop, ids))

    def drop_waiting(self) -> None:
        """It was stopped: what waits ends."""
        self._never(self.router.drop_waiting())

    def refuse(self, ids: Sequence[int], why: str) -> None:
        """These cannot be carried out from here."""
        for number in ids:
            del self.names[number]
        self.reporter.returned(ids, why)
        self.schedule()

    def _never(self, ids: Sequence[int]) -> None:
        self.end_all(ids, Status.NOT_STARTED, None, "stopped before it was started")
