"""The gateways below a branch: which are opened, and in whose place others are.

Only as many are opened as are worth it for the targets that came.  One that is lost, cannot
do all that it was given, or takes its time to come up has another one opened in its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Optional

from clush.events import GatewayNews, Status
from clush.tree.reports import RC_LOST
from clush.tree.share import Share

if TYPE_CHECKING:
    from clush.tree.branch import Branch
    from clush.wire.ways import Ways

# A gateway is opened for each so many targets, as long as there are others.
TARGETS_PER_GATEWAY = 4

# Seconds that the first gateway waits for others that are opened with it.
PATIENCE = 0.1

# Seconds after which another one is opened in place of one that is not there yet.
MISSED = 2.0

# How the reason begins why those come back for whom all gateways are lost.
NOBODY = "no gateway left"


class Below:
    """Has the shares of ``branch``; ``turn`` says with which gateway of several to begin."""

    def __init__(self, branch: Branch, turn: int) -> None:
        self._branch = branch
        self._turn = turn
        self._pools: dict[int, Ways] = {}
        self._came: dict[int, int] = {}  # how many targets of a pool
        self._reasons: dict[str, str] = {}  # why gateways are lost
        self._spared: set[str] = set()  # of these, those that were lost before this job
        self._aside: set[str] = set()  # gateways that are there, and not to be relied on
        self._refusing: set[str] = set()  # of these, those that have given a reason
        self._waited = False
        self._waiting: Optional[asyncio.TimerHandle] = None

    # -- for the branch ---------------------------------------------------------------

    def add_pool(self, pool: int, ways: Ways) -> None:
        """A pool whose targets take ``ways``."""
        branch = self._branch
        self._pools[pool] = ways
        failed = branch.links.doubtful(ways, branch.via) if branch.links and branch.via else {}
        if len(failed) < len(ways):  # if all have failed, none is given up
            for name, reason in failed.items():
                if name not in branch.shares:
                    self._reasons.setdefault(name, reason)
                    self._spared.add(name)
                    branch.router.lost(name, True)

    def came(self, pool: int, count: int) -> None:
        """So many targets of a pool have come, which may be direct."""
        if pool in self._pools:
            self._came[pool] = self._came.get(pool, 0) + count
            self._open(pool)

    def others_are_coming(self) -> bool:
        """True while it is better to wait for the gateways that are just being opened.

        Who is first would get the share of all who are up a moment later.
        """
        if self._waited:
            return False
        ready = [share.ready for share in self._branch.shares.values()]
        if all(ready) or not any(ready):
            self._waited = all(ready) and bool(ready)
            return False
        if self._waiting is None:
            self._waiting = self._branch.task.loop.call_later(PATIENCE, self._wait_no_longer)
        return True

    def close(self) -> None:
        """Nothing more of this job is of interest."""
        if self._waiting is not None:
            self._waiting.cancel()
        shares = self._branch.shares
        while shares:
            shares.popitem()[1].close()

    # -- told by shares ---------------------------------------------------------------

    def gone(self, share: Share, in_order: bool, reason: str) -> None:
        """A gateway is lost: what it had goes elsewhere, or is accounted for."""
        branch, name = self._branch, share.name
        branch.shares.pop(name, None)
        self._reasons[name] = reason
        self._replace(name)
        lost = branch.router.lost(name, in_order)
        requeued = tuple(branch.names[number] for number in lost.requeued)
        branch.reporter.news(GatewayNews(name, "lost", reason))
        if requeued:
            branch.reporter.news(GatewayNews(name, "rerouted", "", requeued), lost.requeued)
        # Nobody will tell how these ended.
        why = f"gateway {name}: {reason}"
        branch.end_all(lost.maybe_ran, Status.GATEWAY_LOST, RC_LOST, why, name)
        if branch.stopping:
            branch.drop_waiting()
        self.strand(lost.stranded)
        if branch.intake is not None:
            branch.intake.moved()
        branch.schedule()

    def strand(self, ids: Sequence[int], why: str = "") -> None:
        """No gateway is left for these; the last one gave them back because of ``why``."""
        if ids:
            reasons = why or "; ".join(f"{name}: {why}" for name, why in self._reasons.items())
            self._branch.refuse(ids, f"{NOBODY} ({reasons})")

    def refuses(self, name: str, why: str) -> None:
        """A gateway is about to give back what it cannot do."""
        if name not in self._refusing:
            self._refusing.add(name)
            if not why.startswith(NOBODY):  # of each of these it was told
                self._branch.reporter.news(GatewayNews(name, "stderr", why))
        self._set_aside(name)

    # -- inside -----------------------------------------------------------------------

    def _open(self, pool: int) -> None:
        """Open as many gateways of ``pool`` as are worth it for the targets that came."""
        branch, ways = self._branch, self._pools[pool]
        if branch.stopping:
            return
        unfit = self._reasons.keys() | self._aside
        usable = [name for name in ways if name not in unfit]
        first = self._turn % max(1, len(usable))
        usable = usable[first:] + usable[:first]
        worth = -(-self._came.get(pool, 0) // TARGETS_PER_GATEWAY)
        for name in usable[:worth]:
            if name not in branch.shares:
                share = branch.shares[name] = Share(branch, self, name)
                share.open(
                    {number: ways[name] for number, ways in self._pools.items() if name in ways}
                )
                branch.task.loop.call_later(MISSED, self._miss, share)

    def _replace(self, name: str) -> None:
        """Have others open in its place."""
        for other in self._spared:  # better than none
            del self._reasons[other]
            self._branch.router.hop_up(other)
        self._spared.clear()
        for pool, ways in self._pools.items():
            if name in ways:
                self._open(pool)

    def _set_aside(self, name: str) -> None:
        self._aside.add(name)
        self._replace(name)

    def _miss(self, share: Share) -> None:
        if not share.ready and self._branch.shares.get(share.name) is share:
            self._set_aside(share.name)

    def _wait_no_longer(self) -> None:
        self._waited = True
        self._branch.schedule()
