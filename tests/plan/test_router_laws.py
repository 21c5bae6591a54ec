"""Laws of the router, whatever happens in whatever order.

Every target is in exactly one state and leaves it in exactly one way.  Nothing is handed out
that was not pulled, to a hop outside the pool, to one that refused it, to one that is lost,
or while it may run elsewhere.  Idle places are served before lookahead, and none stays empty
while something waits that could fill it.
"""

from __future__ import annotations

from typing import Optional

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)  # fmt: skip

from clush.plan.router import DIRECT, Router, Take

HOPS = ("a", "b", "c", "d")
EVERY = (*HOPS, DIRECT)
WAITING, OVER = "waiting", "over"
ANY = st.sampled_from(EVERY)
Lot = tuple[int, frozenset[str]]  # a pool, and who has refused
SPREAD = st.integers(1, 4)


class Machine(RuleBasedStateMachine):
    """The router beside a model that is as simple as can be: a table of targets."""

    @initialize(
        bound=st.one_of(st.none(), st.integers(1, 12)),
        pools=st.lists(
            st.tuples(st.sets(st.sampled_from(HOPS), min_size=1), st.booleans()),
            min_size=1,
            max_size=4,
        ),
    )
    def start(self, bound: Optional[int], pools: list[tuple[set[str], bool]]) -> None:
        self.router = Router(bound)
        self.bound = bound
        self.hops = [tuple(sorted(hops)) for hops, _ in pools]
        self.direct = [direct for _, direct in pools]
        self.pool: dict[int, int] = {}
        self.state: dict[int, str] = {}  # WAITING, OVER or the name of a hop
        self.exposed: set[int] = set()
        self.refused: dict[int, set[str]] = {}
        self.credit = dict.fromkeys(EVERY, 0)
        self.ahead = dict.fromkeys(EVERY, 0)
        self.lost: set[str] = set()
        self.asked: dict[str, Take] = {}
        self.dry: set[tuple[str, Lot]] = set()  # had nothing to give
        for pool, hops in enumerate(self.hops):
            self.router.add_pool(pool, hops, self.direct[pool])
            self.add(pool, 5)
        for hop in EVERY:
            self.pull(hop, 9, 6)

    # What the model says

    def members(self, state: str) -> list[int]:
        return [target for target, now in self.state.items() if now == state]

    def lot(self, target: int) -> Lot:
        return self.pool[target], frozenset(self.refused[target])

    def usable(self, target: int) -> set[str]:
        """The hops that may be given this target."""
        pool, refused = self.pool[target], self.refused[target]
        hops = set(self.hops[pool]) - refused - self.lost
        return hops or ({DIRECT} if self.direct[pool] else set()) - refused - self.lost

    def strand(self, stranded: list[int]) -> None:
        expected = [t for t in self.members(WAITING) if not self.usable(t)]
        assert sorted(stranded) == sorted(expected)
        for target in stranded:
            self.state[target] = OVER

    # What happens

    @rule(pool=st.integers(0, 3), count=st.integers(1, 12))
    def add(self, pool: int, count: int) -> None:
        pool %= len(self.hops)
        new = range(len(self.pool), len(self.pool) + count)
        for number in new:
            self.pool[number], self.state[number], self.refused[number] = pool, WAITING, set()
        self.strand(self.router.add(pool, new))
        self.settle()

    @rule(
        hop=ANY, count=st.integers(-3, 6),
        ahead=st.one_of(st.none(), st.integers(0, 4)),
    )  # fmt: skip
    def pull(self, hop: str, count: int, ahead: Optional[int]) -> None:
        self.router.pull(hop, count, ahead)
        if hop not in self.lost:
            self.credit[hop] += count
            self.ahead[hop] = self.ahead[hop] if ahead is None else ahead
        self.settle()

    def idle(self, hop: str) -> int:
        return self.credit[hop] - self.ahead[hop]

    def settle(self) -> None:
        """What is done after each event."""
        self.hand_out()
        self.take_back()

    def hand_out(self) -> None:
        while (batch := self.router.next()) is not None:
            hop = batch.hop
            assert batch.ids
            assert hop not in self.lost
            if self.idle(hop) <= 0:  # lookahead: no one has idle places for anything that waits
                assert not [
                    t for t in self.members(WAITING) for h in self.usable(t) if self.idle(h) > 0
                ]
            else:
                assert len(batch.ids) <= self.idle(hop)
            for number in batch.ids:
                assert self.state[number] == WAITING
                assert self.pool[number] == batch.pool
                assert hop in self.usable(number)
                self.state[number] = hop
                self.credit[hop] -= 1
                self.dry.discard((hop, self.lot(number)))
                assert self.credit[hop] >= 0
        if self.bound is None or self.held() < self.bound:
            for number in self.members(WAITING):
                assert all(self.credit[hop] <= 0 for hop in self.usable(number))

    def held(self) -> int:
        return sum(state not in (WAITING, OVER) for state in self.state.values())

    def take_back(self) -> None:
        takes = self.router.take_back()
        places = sum(max(0, self.idle(hop)) for hop in EVERY if hop not in self.lost)
        assert sum(take.limit for take in takes) <= places
        assert not self.asked.keys() & {take.hop for take in takes}
        for take in takes:
            queue = [
                t for t in self.members(take.hop)
                if self.pool[t] == take.pool and t not in self.exposed
            ]  # fmt: skip
            surplus = self.ahead[take.hop] - self.credit[take.hop]
            assert 0 < take.limit <= (min(len(queue), surplus) + 1) // 2
            assert take.hop not in self.lost
            assert [t for t in queue for hop in self.usable(t) if self.idle(hop) > 0]
        self.asked.update((take.hop, take) for take in takes)
        assert self.router.take_back() == []
        if not self.asked and not self.waiting_for_room():
            for hop in EVERY:
                queue = [t for t in self.members(hop) if t not in self.exposed]
                queue = [t for t in queue if (hop, self.lot(t)) not in self.dry]
                if self.ahead[hop] > self.credit[hop]:
                    assert not [t for t in queue for h in self.usable(t) if self.idle(h) > 0]

    def waiting_for_room(self) -> bool:
        """Is something waiting only because as many as may run do?"""
        return self.bound is not None and self.held() >= self.bound

    def some_of(self, hop: str, spread: int) -> list[int]:
        """Some targets of a hop, one of them twice, and some that it does not hold."""
        return [*self.members(hop)[::spread], *self.members(hop)[:1], *range(0, 99, 17)]

    @rule(hop=ANY, spread=SPREAD)
    def expose(self, hop: str, spread: int) -> None:
        some = self.some_of(hop, spread)
        right = [t for t in dict.fromkeys(some) if self.state.get(t) == hop]
        right = [t for t in right if t not in self.exposed]
        assert self.router.exposed(hop, some) == right
        self.exposed.update(right)

    @rule(hop=ANY, spread=SPREAD)
    def end(self, hop: str, spread: int) -> None:
        some = self.some_of(hop, spread)
        right = [t for t in dict.fromkeys(some) if self.state.get(t) == hop]
        assert self.router.ended(hop, some) == right
        self.state.update(dict.fromkeys(right, OVER))
        self.pull(hop, len(right), None)

    @precondition(lambda self: self.asked)
    @rule(less=st.integers(0, 2))
    def answer(self, less: int) -> None:
        """Some hop gives back what it was asked for, or less."""
        hop, take = next(iter(self.asked.items()))
        there = [t for t in self.members(hop) if t not in self.exposed]
        there = [t for t in there if self.pool[t] == take.pool]
        self.back(hop, there[: max(0, take.limit - less)], False)

    @rule(hop=ANY, spread=SPREAD, refused=st.booleans())
    def give_back(self, hop: str, spread: int, refused: bool) -> None:
        self.back(hop, self.some_of(hop, spread), refused)

    def back(self, hop: str, some: list[int], refused: bool) -> None:
        right = [t for t in dict.fromkeys(some) if self.state.get(t) == hop]
        accepted, stranded = self.router.returned(hop, some, refused)
        assert accepted == right
        for number in right:
            self.state[number] = WAITING
            self.exposed.discard(number)
            self.credit[hop] += 1
            if refused:
                self.refused[number].add(hop)
        if not refused:
            take = self.asked.pop(hop, None)
            if take and not accepted:
                self.dry.update(
                    (hop, self.lot(t)) for t in self.members(hop) if self.pool[t] == take.pool
                )
        self.strand(stranded)
        self.settle()

    @precondition(lambda self: len(self.lost) < 4)
    @rule(hop=ANY, in_order=st.booleans())
    def lose(self, hop: str, in_order: bool) -> None:
        had = self.members(hop)
        safe = [t for t in had if in_order and t not in self.exposed]
        requeued, maybe_ran, stranded = self.router.lost(hop, in_order)
        self.lost.add(hop)
        self.credit[hop] = self.ahead[hop] = 0
        self.asked.pop(hop, None)
        assert sorted(maybe_ran) == sorted(set(had) - set(safe))
        self.state.update(dict.fromkeys(maybe_ran, OVER))
        self.state.update(dict.fromkeys(safe, WAITING))
        self.strand(stranded)
        assert sorted(requeued) == sorted(t for t in safe if self.state[t] == WAITING)
        self.settle()

    @rule(hop=ANY)
    def come_up(self, hop: str) -> None:
        self.router.hop_up(hop)
        self.lost.discard(hop)
        self.settle()

    @rule(pool=st.integers(0, 3), count=st.integers(0, 5))
    def give(self, pool: int, count: int) -> None:
        pool %= len(self.hops)
        given = self.router.give(pool, count)
        there = [t for t in self.members(WAITING) if self.pool[t] == pool]
        assert len(given) == min(count, len(there))
        assert set(given) <= set(there)
        for number in given:
            self.state[number] = OVER

    @rule()
    def want(self) -> None:
        pull = self.router.wanted()
        assert pull is None or (pull.more > 0 and pull.ahead > 0)
        if pull is not None:
            assert self.router.wanted() is None

    @precondition(lambda self: len(self.members(WAITING)) > 24)
    @rule()
    def drop(self) -> None:
        dropped = self.router.drop_waiting()
        assert sorted(dropped) == self.members(WAITING)
        self.state.update(dict.fromkeys(dropped, OVER))

    @invariant()
    def counts_agree(self) -> None:
        assert self.router.waiting == len(self.members(WAITING))
        assert self.router.held == self.held()
        running = [t for t in self.exposed if self.state[t] not in (WAITING, OVER)]
        assert self.router.running == len(running)
        assert self.router.over == all(state == OVER for state in self.state.values())
        if self.bound is not None:
            assert self.router.held <= self.bound

    def teardown(self) -> None:
        """What a hop holds is what may have run there if nothing more is heard of it."""
        for hop in EVERY:
            assert sorted(self.router.lost(hop, in_order=False).maybe_ran) == self.members(hop)


TestLaws = Machine.TestCase
TestLaws.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
