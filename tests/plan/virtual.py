"""A tree of gateways in virtual time: routers, messages that take a while, commands that do.

What branches do between routers, and nothing else: no process, no byte, no clock but a queue
of events.  Gateways can be killed; what then runs was started by them, and is counted.
"""

from __future__ import annotations

from collections import Counter
from heapq import heappop, heappush
from itertools import count
from typing import Callable, Optional

from clush.plan.router import DIRECT, Router

Ways = dict[str, "Ways"]


class World:
    """The queue of events, and what has become of each target."""

    def __init__(self, latency: float = 0.001) -> None:
        self.latency = latency
        self.now = 0.0
        self.started: Counter[int] = Counter()
        self.takes = 0
        self._queue: list[tuple[float, int, Callable[[], object]]] = []
        self._order = count()

    def after(self, delay: float, do: Callable[[], object]) -> None:
        heappush(self._queue, (self.now + delay, next(self._order), do))

    def run(self) -> None:
        while self._queue:
            self.now, _, do = heappop(self._queue)
            do()


class Hop:
    """The head (no ``above``) or a gateway, with what is below it.

    ``seconds(hop, target)`` is how long a command takes that ``hop`` carries out.
    """

    def __init__(
        self, world: World, name: str, ways: Ways, fanout: int,
        seconds: Callable[[str, int], float], above: Optional[Hop] = None,
        max_running: Optional[int] = None,
    ) -> None:  # fmt: skip
        self.world = world
        self.name = name
        self.above = above
        self.seconds = seconds
        self.alive = True
        self.cut = False  # what it says is not heard any more
        self.router = Router(max_running)
        self.router.add_pool(0, list(ways) or [DIRECT])
        self.below = {
            name: Hop(world, name, below, fanout, seconds, self) for name, below in ways.items()
        }
        self.over: dict[int, str] = {}  # on the head: how each target ended
        self.running: set[int] = set()
        self.most = 0
        if not ways:
            self.router.pull(DIRECT, fanout, 0)
        self.decide()

    def gateways(self) -> list[Hop]:
        return [hop for below in self.below.values() for hop in (below, *below.gateways())]

    # Messages

    def tell(self, verb: str, *words: object) -> None:
        """A message up, which arrives whatever becomes of us."""
        above = self.above
        if above is not None:
            self.world.after(self.world.latency, lambda: above.hear(self, verb, *words))

    def hear(self, hop: Hop, verb: str, *words: object) -> None:
        if self.alive and not hop.cut:
            getattr(self, "on_" + verb)(hop.name, *words)
            self.decide()

    def order(self, hop: Hop, verb: str, *words: object) -> None:
        """A message down, which the dead do not read."""
        self.world.after(self.world.latency, lambda: hop.obey(verb, *words))

    def obey(self, verb: str, *words: object) -> None:
        if self.alive:
            getattr(self, verb)(*words)
            self.decide()

    # From above

    def add(self, ids: list[int]) -> None:
        self.give_up(self.router.add(0, ids))

    def give(self, limit: int) -> None:
        self.tell("returned", self.router.give(0, limit), False)

    # From below

    def on_pull(self, hop: str, more: int, ahead: int) -> None:
        self.router.pull(hop, more, ahead)

    def on_exposed(self, hop: str, ids: list[int]) -> None:
        self.router.exposed(hop, ids)  # again, if it was handed down a second time

    def on_ended(self, hop: str, ids: list[int], how: str) -> None:
        assert self.router.ended(hop, ids) == ids
        self.end(ids, how)

    def on_returned(self, hop: str, ids: list[int], refused: bool) -> None:
        accepted, stranded = self.router.returned(hop, ids, refused)
        assert accepted == ids
        self.give_up(stranded)

    def on_lost(self, hop: str, in_order: bool) -> None:
        lost = self.router.lost(hop, in_order)
        self.end(lost.maybe_ran, "lost")
        self.give_up(lost.stranded)

    # Here

    def decide(self) -> None:
        while (batch := self.router.next()) is not None:
            self.tell("exposed", batch.ids)
            if batch.hop == DIRECT:
                for target in batch.ids:
                    self.start(target)
            else:
                self.order(self.below[batch.hop], "add", batch.ids)
        for take in self.router.take_back():
            self.world.takes += 1
            self.order(self.below[take.hop], "give", take.limit)
        self.most = max(self.most, self.router.held)
        pull = self.router.wanted()
        if pull is not None:
            self.tell("pull", pull.more, pull.ahead)

    def start(self, target: int) -> None:
        self.world.started[target] += 1
        self.running.add(target)
        self.world.after(self.seconds(self.name, target), lambda: self.done(target))

    def done(self, target: int) -> None:
        self.running.discard(target)
        if self.alive:
            self.router.ended(DIRECT, [target])
            self.router.pull(DIRECT, 1)
            self.end([target], "ended")
            self.decide()

    def end(self, ids: list[int], how: str) -> None:
        if self.above is not None:
            self.tell("ended", ids, how)
        for target in ids:
            assert target not in self.over, f"{target} ended as {self.over[target]}, now {how}"
            self.over[target] = how

    def give_up(self, ids: list[int]) -> None:
        """No way is left for these."""
        if self.above is not None:
            self.tell("returned", ids, True)
        else:
            self.end(ids, "stranded")

    def kill(self, in_order: bool) -> None:
        """A gateway is gone, and all below it; ``in_order``: what it said last is heard."""
        above = self.above
        if above is None or not self.alive:
            return
        for hop in (self, *self.gateways()):
            hop.alive = False
        if in_order:
            self.tell("lost", True)
        else:
            self.cut = True
            self.world.after(self.world.latency, lambda: above.notice(self))

    def notice(self, gone: Hop) -> None:
        """The connection broke, and what was on its way is lost with it."""
        if self.alive:
            self.on_lost(gone.name, False)
            self.decide()


def carried_out(
    targets: int, ways: Ways, seconds: Callable[[str, int], float], *,
    fanout: int = 8, latency: float = 0.001, max_running: Optional[int] = None,
) -> tuple[World, Hop]:  # fmt: skip
    """All targets of one pool over ``ways``: the world at the end, and the head."""
    world = World(latency)
    head = Hop(world, "", ways, fanout, seconds, max_running=max_running)
    head.add(list(range(targets)))
    head.decide()
    world.run()
    return world, head
