"""What a branch of a job tells, and asks for: its only words to the world around it.

All reports are about numbers of targets.  At the head they become events (``teller.py``), on a
gateway messages (``upward.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Callable, NamedTuple, Optional, Protocol

from clush.events import GatewayNews, Status

if TYPE_CHECKING:
    from clush.plan.router import Pull
    from clush.tree.feed import Source
    from clush.tree.share import Share

# What a target that was lost with its gateway ends with: EX_PROTOCOL, as it always was.
RC_LOST = 76


class Ends(NamedTuple):
    """The ends of ``ids``, which all ended in the same way; times are one for each.

    The fields are those of :class:`clush.events.Ended`, ``gateway`` is one of this hop.
    """

    ids: Sequence[int]
    status: Status
    rc: Optional[int]
    detail: str
    started: Sequence[Optional[float]]
    ended: Sequence[float]
    gateway: str = ""


class Reporter(Protocol):
    """Where the reports of a branch go; all of them are about numbers."""

    def pull(self, pull: Pull) -> None:
        """More targets are welcome; only where they come in bit by bit."""

    def exposed(self, ids: Sequence[int], go: Callable[[], object]) -> None:
        """These are about to be started, or given further down, by ``go()``.

        It is called, perhaps later, when nobody can believe any more that they never ran.
        """

    def started(self, ids: Sequence[int], at: Sequence[float], gateway: str = "") -> None:
        """These were started, behind ``gateway`` if that is not empty."""

    def output(self, ids: Sequence[int], stream: str, data: bytes) -> None:
        """Each of these said ``data``."""

    def written(self, ids: Sequence[int], size: int) -> None:
        """``size`` bytes of input were taken by the pipe of each of these."""

    def input_lost(self, ids: Sequence[int], size: int) -> None:
        """These took the last ``size`` bytes of their input no more."""

    def ended(self, ends: Ends) -> None:
        """The one end of each of these."""

    def returned(self, ids: Sequence[int], why: str) -> None:
        """These never ran and are not done here: taken back, or refused because of ``why``."""

    def news(self, news: GatewayNews, ids: Sequence[int] = ()) -> None:
        """Something about a gateway below."""

    def settled(self) -> None:
        """Nothing is left to be done here for now."""

    @property
    def busy(self) -> bool:
        """True while what was reported has not gone its way: say no more than needed."""


class Intake(Protocol):
    """Where a branch has the input of its targets from."""

    @property
    def source(self) -> Source: ...

    def wanted(self) -> None:
        """There are targets that will read it."""

    def starting(self) -> None:
        """Some of them are about to be started here."""

    def moved(self) -> None:
        """Some reader has got on."""

    def restart(self, share: Share) -> bool:
        """A gateway needs it from its place on: true if that is there now, else later."""
