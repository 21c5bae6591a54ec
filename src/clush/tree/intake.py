"""The input of a job at a gateway: it comes from above, and many here and below read it.

Only so much of it is kept.  Targets that start while all of it is still there read it from
the beginning; those that come later wait until the others are done, and the input is asked
for again, in a new *pass*.  While nobody reads, a pass is paused: who waits for the slowest
reader above should not wait for us.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from clush.errors import ProtocolError
from clush.tree.feed import PIECE, Log

if TYPE_CHECKING:
    from clush.tree.branch import Branch
    from clush.tree.share import Share
    from clush.wire import message as wire

# What is kept for those who start later; above it the input of a job takes more passes.
KEEP = 8 * 1024 * 1024

# What is taken in while nobody reads: who comes then finds it whole.
UNREAD = KEEP - PIECE

# What may be on the way from above: enough for 50 MB/s at a round trip of 80 ms.
WINDOW = 4 * 1024 * 1024


class Intake:
    """The input of ``branch``.

    ``ask(pass_no)`` asks above for a pass, with None for a pause of it; ``grant(size)`` for
    more of it.
    """

    def __init__(
        self, branch: Branch, ask: Callable[[Optional[int]], object], grant: Callable[[int], object]
    ) -> None:
        self.source = Log()
        self._branch = branch
        self._ask = ask
        self._grant = grant
        self._pass = 0
        self._paused = False  # the pass: it goes on from there when somebody reads
        self._credit = 0  # given, and not used: perhaps for a pass that is over
        self._restarts: set[Share] = set()
        self._scheduled = False

    # -- for the branch ---------------------------------------------------------------

    def wanted(self) -> None:
        """Targets have come."""
        if not self._pass:
            self._begin()
        else:
            self.moved()

    def starting(self) -> None:
        """Targets are about to be started: what they need must be asked for before that is told."""
        if self._paused:
            self._paused = False
            self._ask(self._pass)

    def moved(self) -> None:
        """Some reader has got on, or is gone; looked at when what happens now has been told."""
        if not self._scheduled:
            self._scheduled = True
            self._branch.task.loop.call_soon(self._settle)

    def restart(self, share: Share) -> bool:
        """``share`` wants it, from its place on."""
        if self._pass and self.source.base <= share.place:
            self.starting()
            return True
        self._restarts.add(share)
        self.wanted()
        return False

    # -- from above -------------------------------------------------------------------

    def input(self, message: wire.Input) -> None:
        """A piece of it; ``ProtocolError`` if it is not the next one."""
        self._credit -= len(message.data)
        if message.pass_no != self._pass:
            self.moved()  # it has used credit
            return
        if message.offset != self.source.size:
            raise ProtocolError(f"INPUT: {message.offset} does not follow {self.source.size}")
        self.source.write(message.data)
        self._branch.local.write(message.data)
        self._branch.pump()
        self.moved()

    def end(self, message: wire.InputEnd) -> None:
        """All of it has come; ``ProtocolError`` if it is not what was sent."""
        if message.pass_no != self._pass:
            return
        if (message.size, message.crc) != (self.source.size, self.source.crc):
            raise ProtocolError("INPUT_END: the input that came is not the one that was sent")
        self.source.ended = True
        self._branch.local.write_eof()
        self._branch.pump()
        self.moved()

    # -- inside -----------------------------------------------------------------------

    def _begin(self) -> None:
        """Have it from the beginning."""
        self._pass += 1
        self._paused = False
        self.source = Log()
        self._ask(self._pass)
        self._branch.local.begin_again()
        restarts, self._restarts = self._restarts, set()
        for share in restarts:
            share.begin_pass()
        self.moved()

    def _settle(self) -> None:
        self._scheduled = False
        if not self._pass or self._branch.stopping:
            return
        log, local = self.source, self._branch.local
        self._restarts.intersection_update(self._branch.shares.values())
        reading = [
            share.place
            for share in self._branch.shares.values()
            if share.reads and share not in self._restarts
        ]
        if local.reads:
            reading.append(log.size - local.behind)
        if log.size > KEEP:
            local.shut()
            log.let_go(min(reading, default=log.size))
            missed = local.waiting or any(share.late for share in self._restarts)
            if missed and not reading:
                self._begin()
                return
        elif self._restarts and log.base == 0:
            restarts, self._restarts = self._restarts, set()
            for share in restarts:
                share.begin_pass()
            return  # they have moved
        if log.ended or self._paused:
            return
        self._allow(min(reading) + WINDOW if reading else UNREAD)
        if not reading and self._credit <= 0:
            self._paused = True
            self._ask(None)

    def _allow(self, offset: int) -> None:
        """Let the input come up to ``offset``."""
        more = offset - self.source.size - self._credit
        if more >= WINDOW // 4:
            self._credit += more
            self._grant(more)
