"""The part of a job that one gateway has, as the hop above it sees it.

What the gateway says is checked here: only what it holds is believed to be its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Callable, Optional
from zlib import crc32

from clush.events import GatewayNews, Status
from clush.tree.carried import carried
from clush.tree.feed import PIECE
from clush.tree.greeting import readable
from clush.tree.link import news_of
from clush.tree.reports import Ends
from clush.wire import message as wire
from clush.wire import ways
from clush.wire.table import split

if TYPE_CHECKING:
    from clush.job import Work
    from clush.plan.router import Batch, Take
    from clush.tree.below import Below
    from clush.tree.branch import Branch
    from clush.tree.link import Via
    from clush.wire.message import Message
    from clush.wire.ways import Ways

# Output that all gateways of a job together may have on the way to us, in even shares; what
# one may have at most, as more does not make it faster, and at least.
WINDOWS = 32 * 1024 * 1024
WINDOW_MOST = 4 * 1024 * 1024
WINDOW_LEAST = 256 * 1024

# Beyond their time limit a gateway may say nothing of its targets for so many times as long as
# it may be silent; for each level below once more, as that one is to be blamed first.
SLACK = 2.0

# What is said of targets of others is ignored so often: to look at it costs more than to say it.
FOREIGN_MOST = 100_000

# Pings that are answered at once were sent one after the other: who has answered so many has
# had the time for everything else that has to be answered at once.
PONGS = 2


def declared(number: int, work: Work, via: Via, command: str, grooming: float) -> wire.Job:
    """How a gateway is told of a job; limits that are none to speak of are cut to what fits."""
    timeout, fanout, longest = work.timeout, work.fanout, wire.MAX_DURATION
    return wire.Job(
        number,
        "fetch" if work.raw else "command",
        *carried(work.transport),
        None if timeout is None else min(timeout, longest),
        None if fanout is None else min(fanout, wire.MAX_NUMBER),
        work.merge_stderr,
        work.stdin,
        min(grooming, longest),
        *carried(via.transport),
        via.python,
        min(via.silence, longest),
        command.encode("utf-8", "surrogateescape"),
    )


class Share:
    """The targets of ``branch`` that gateway ``name`` has."""

    def __init__(self, branch: Branch, below: Below, name: str) -> None:
        self.name = name
        self._branch = branch
        self._below = below
        self._held: set[int] = set()
        self._pools: Mapping[int, Ways] = {}
        self._depth = 0  # levels of gateways below it
        self._owed = 0  # bytes of output that came and were not answered with credit
        self._window = WINDOW_LEAST
        self._foreign = 0  # targets that it spoke of and does not have
        self.ready = False  # whether it has asked for targets
        self._told_at = 0.0
        self._stalled = False  # whether it has exposed nothing, and got nothing, since a beat
        self._begun: dict[int, float] = {}  # what runs, and when we heard that
        self._unanswered: deque[int] = deque()  # pings before what it has to answer at once
        self._assigned = False
        self._asked_back = 0  # and not given back: some of it never will be
        self._canceled = False
        # The pass over the input that it is on, if it is.
        self._pass_no = 0
        self._next_pass = 0
        self._waits = False  # for its next pass
        self._untold: dict[int, float] = {}  # what it has started meanwhile
        self.place = 0  # how far into the input it is
        self._crc = 0
        assert branch.links is not None and branch.via is not None
        self._via = branch.via
        self._link = branch.links.get(branch.task, name, branch.via)
        self._job = self._link.use(self)

    # -- for the branch ---------------------------------------------------------------

    def open(self, pools: Mapping[int, Ways]) -> None:
        """Declare the job, now or when the gateway is up; these are its ways from there."""
        self._pools = pools
        self._depth = max(map(ways.depth, pools.values()))
        self._link.depth = max(self._link.depth, self._depth)
        if self._link.up:
            self.link_up()

    def assign(self, batch: Batch) -> None:
        """Hand targets over."""
        branch = self._branch
        names = "\n".join(branch.names[number] for number in batch.ids)
        message = wire.Assign(
            self._job, batch.pool, batch.ids, names.encode("utf-8", "surrogateescape")
        )
        self._held.update(batch.ids)
        self._told_at = branch.task.loop.time()
        branch.reporter.exposed(batch.ids, lambda: self._hand_over(message))

    def take(self, take: Take) -> None:
        """Ask targets back."""
        if self._assigned:
            self._unanswered.append(self._link.pings)
            limit = min(take.limit, wire.MAX_TARGETS)
            self._asked_back += limit
            self._link.send(wire.Take(self._job, take.pool, limit))
        else:  # they are still on their way out of here
            self._branch.router.returned(self.name, ())

    def set_fanout(self, fanout: int) -> None:
        if self._link.up:
            self._link.send(wire.Fanout(self._job, min(fanout, wire.MAX_NUMBER)))

    def cancel(self, grace: float, timed_out: bool) -> None:
        """Have all that it has stopped; if it does not tell soon, it is lost."""
        if not self._held:
            return
        if self._link.up:
            self._link.send(wire.Cancel(self._job, timed_out, grace))
        if not self._canceled or grace <= 0:
            self._canceled = True
            limit = grace + self._slack if grace > 0 else 1.0
            self._branch.task.loop.call_later(limit, self._must_have_stopped)
        self.grant()

    def close(self) -> None:
        """Nothing more is of interest."""
        self._held.clear()
        self._link.leave(self._job)

    def grant(self) -> None:
        """Let it say more, as much as it has said and was passed on.

        The last words of what is stopped need not wait for that: their end comes after them.
        """
        if self._owed and (self._canceled or not self._branch.reporter.busy):
            self._link.send(wire.Credit(self._job, self._owed))
            self._owed = 0

    def pump(self) -> None:
        """Pass input on, as much as is there and welcome."""
        intake = self._branch.intake
        if not self._pass_no or intake is None:
            return
        while self._link.window(self._job) > 0:
            data = intake.source.read(self.place, PIECE)
            if data is None:
                break
            if not data:
                end = wire.InputEnd(self._job, self._pass_no, self.place, self._crc)
                self._pass_no = 0
                self._link.send(end)
                break
            self._link.send(wire.Input(self._job, self._pass_no, self.place, data))
            self.place += len(data)
            self._crc = crc32(data, self._crc)
        intake.moved()

    def breach(self, what: str) -> None:
        """It breaks the rules: nothing that it says can be relied on."""
        self._link.fail(what)

    @property
    def reads(self) -> bool:
        """Whether it reads the input, from its place on."""
        return bool(self._pass_no)

    @property
    def late(self) -> bool:
        """Whether some of its targets have not started, or nobody above knows that they have."""
        return len(self._held) > len(self._begun) - len(self._untold)

    def begin_pass(self) -> None:
        """The input is there, from its place on."""
        self._waits = False
        untold, self._untold = self._untold, {}
        if untold:
            self._branch.reporter.started(list(untold), list(untold.values()), self.name)
        self._pass_no = self._next_pass
        self.pump()

    # -- told by the link -------------------------------------------------------------

    def link_up(self) -> None:
        """Tell it of the job."""
        branch = self._branch
        work, via = branch.work, self._via
        if work.stdin or work.transport.name == "rsh" or any(self._pools.values()):
            self._link.complete()
        self._link.send(declared(self._job, work, via, branch.command, branch.grooming))
        share = WINDOWS // max(1, len(branch.shares))
        self._window = max(WINDOW_LEAST, min(share, WINDOW_MOST))
        self._link.send(wire.Credit(self._job, self._window))
        for number, below in self._pools.items():
            self._link.send(wire.Pool(self._job, number, ways.write(below)))
        self._unanswered.append(self._link.pings)  # by a first PULL

    def link_heard(self, message: Message) -> None:
        # That one below says something there is no news of its nodes.
        if not (isinstance(message, wire.Note) and message.kind == "stderr"):
            self._told_at = self._branch.task.loop.time()
        _HEARD[type(message)](self, message)

    def link_news(self, news: GatewayNews) -> None:
        self._branch.reporter.news(news)

    def link_gone(self, in_order: bool, reason: str) -> None:
        self._held.clear()
        self._below.gone(self, in_order, reason)

    def link_room(self) -> None:
        self.pump()

    def link_beat(self, now: float) -> Optional[bool]:
        if self._branch.reporter.busy:  # it may have to wait for us
            self._told_at = now
            self._begun = dict.fromkeys(self._begun, now)
        unanswered = self._unanswered
        if unanswered and self._link.pongs >= unanswered[0] + PONGS and not self._canceled:
            what = "gives no answer about" if self.ready else "asks for no"
            self._link.fail(f"it {what} nodes")
        if self._stalled and not self._branch.reporter.busy:
            self._branch.router.stalled(self.name)
            self._branch.schedule()
        self._stalled = True
        timeout = self._branch.work.timeout
        if timeout is None:
            return bool(self._held) or None
        overdue = now - timeout - self._slack
        if next(iter(self._begun.values()), now) < overdue:
            self._link.fail(f"it does not tell how nodes ended, {timeout:g} s after their start")
        if any(self._pools.values()):  # one below may be coming up, or not
            overdue -= self._link.boot_limit
        return self._told_at >= overdue if self._held else None

    @property
    def _slack(self) -> float:
        """Seconds that what it tells may be late."""
        grooming = (1 + self._depth) * self._branch.grooming
        return (SLACK + self._depth) * self._via.silence + grooming

    # -- what it says -----------------------------------------------------------------

    def _pull(self, message: wire.Pull) -> None:
        if not self.ready:
            self.ready = True
            self._unanswered.popleft()
        self._branch.router.pull(self.name, message.more, message.ahead)
        self._branch.schedule()

    def _exposed(self, message: wire.Exposed) -> None:
        self._stalled = False
        self._branch.router.exposed(self.name, self._own(message.ids))

    def _started(self, message: wire.Started) -> None:
        at = dict(zip(message.ids, map(self._here, message.at)))
        ids = self._own(message.ids)
        self._branch.router.exposed(self.name, ids)
        for number in ids:
            self._begun.setdefault(number, self._told_at)
        if self._waits:  # above, what has started needs no input from its beginning
            self._untold.update((number, at[number]) for number in ids)
        else:
            self._branch.reporter.started(ids, [at[number] for number in ids], self.name)

    def _output(self, message: wire.Output) -> None:
        ids = self._own(message.ids)
        if ids:
            self._branch.reporter.output(ids, message.stream, message.data)
        self._owed += len(message.data)
        if self._owed >= self._window // 4:
            self.grant()

    def _written(self, message: wire.Written) -> None:
        self._branch.reporter.written(self._own(message.ids), message.size)

    def _input_lost(self, message: wire.InputLost) -> None:
        self._branch.reporter.input_lost(self._own(message.ids), message.size)

    def _ended(self, message: wire.Ended) -> None:
        ids = self._own(message.ids)
        self._no_longer_holds(ids)
        self._branch.router.ended(self.name, ids)
        started, ended = message.started, message.ended
        if len(ids) < len(message.ids):
            places = {number: place for place, number in enumerate(message.ids)}
            started = [started[places[number]] for number in ids]
            ended = [ended[places[number]] for number in ids]
        detail = readable(message.data)
        if ids:
            begun = [None if at is None else self._here(at) for at in started]
            over = [self._here(at) for at in ended]
            status = Status(message.status)
            self._branch.end(Ends(ids, status, message.rc, detail, begun, over, self.name))

    def _returned(self, message: wire.Returned) -> None:
        ids = self._own(message.ids)
        if not self._begun.keys().isdisjoint(ids):
            self.breach("it gives back nodes that it has started")
            return
        self._no_longer_holds(ids)
        why = readable(message.data)
        if why:
            self._below.refuses(self.name, why)
        else:
            self._asked_back -= len(ids)
            if self._asked_back < 0:
                self.breach("it gives back nodes that it was not asked for")
                return
            if self.ready and self._unanswered:
                self._unanswered.popleft()
        back = self._branch.router.returned(self.name, ids, refused=bool(why))
        self._below.strand(back.stranded, why)
        self._branch.schedule()

    def _pass(self, message: wire.Pass) -> None:
        self._pass_no = 0
        intake = self._branch.intake
        if intake is None:
            self.breach("it asks for input, and there is none")
        elif message.pass_no is None:  # nobody there reads: one less to wait for
            intake.moved()
        else:
            self._waits = True
            if message.pass_no != self._next_pass:  # else it goes on from where it was
                self._next_pass = message.pass_no
                self.place = self._crc = 0
            if intake.restart(self):
                self.begin_pass()

    def _credit(self, message: wire.Credit) -> None:
        self.pump()

    def _note(self, message: wire.Note) -> None:
        ids = self._own(message.ids)
        self._branch.reporter.news(news_of(message), ids)

    # -- inside -----------------------------------------------------------------------

    def _own(self, ids: Sequence[int]) -> Sequence[int]:
        """Those of ``ids`` that are its own; it is told once if it spoke of others."""
        if self._held.issuperset(ids):
            return ids
        own = [number for number in ids if number in self._held]
        text = "it speaks of nodes that it was not given"
        if not self._foreign:
            self._branch.reporter.news(GatewayNews(self.name, "stderr", f"{text}: ignored"))
        self._foreign += len(ids) - len(own)
        if self._foreign > FOREIGN_MOST:
            self.breach(text)
            return []  # they are lost with it
        return own

    def _no_longer_holds(self, ids: Sequence[int]) -> None:
        self._held.difference_update(ids)
        for told in (self._begun, self._untold):
            if told:
                for number in ids:
                    told.pop(number, None)

    def _here(self, at: float) -> float:
        """Its time on our clock; whatever it says, one that can be passed on."""
        return min(max(0.0, at + self._link.shift), wire.MAX_SECONDS)

    def _hand_over(self, message: wire.Assign) -> None:
        if self._canceled:  # before it could be told of these
            self._held.difference_update(message.ids)
            self._branch.withdrawn(self.name, message.ids)
            return
        self._assigned = True
        self._stalled = False
        for part in split(message):
            self._link.send(part)

    def _must_have_stopped(self) -> None:
        if self._held:
            self._link.fail("it did not stop in time")


_HEARD: dict[type, Callable[..., None]] = {
    wire.Pull: Share._pull,
    wire.Exposed: Share._exposed,
    wire.Started: Share._started,
    wire.Output: Share._output,
    wire.Written: Share._written,
    wire.InputLost: Share._input_lost,
    wire.Ended: Share._ended,
    wire.Returned: Share._returned,
    wire.Pass: Share._pass,
    wire.Credit: Share._credit,
    wire.Note: Share._note,
}
