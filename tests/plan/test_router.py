"""Which hop gets which target: one table or scene for each rule."""

from __future__ import annotations

import pytest

from clush.plan.router import DIRECT, Batch, Lost, Pull, Returned, Router, Take, lookahead


def handed_out(router: Router) -> dict[str, list[int]]:
    """All that the router hands out now, by hop."""
    found: dict[str, list[int]] = {}
    while (batch := router.next()) is not None:
        found.setdefault(batch.hop, []).extend(batch.ids)
    return found


def sizes(router: Router) -> dict[str, int]:
    return {hop: len(ids) for hop, ids in handed_out(router).items()}


def one_pool(count: int, *hops: str, **options: bool) -> Router:
    router = Router()
    router.add_pool(0, hops, **options)
    router.add(0, range(count))
    return router


# (targets, what each hop pulls: (count, ahead)) -> how many each gets
SHARES = [
    (0, {"a": (8, 2)}, {}),
    (5, {"a": (8, 2)}, {"a": 5}),
    (20, {"a": (8, 2)}, {"a": 8}),
    (9, {"a": (8, 0), "b": (8, 0), "c": (8, 0)}, {"a": 3, "b": 3, "c": 3}),
    (2, {"a": (8, 0), "b": (8, 0), "c": (8, 0)}, {"a": 1, "b": 1}),
    # a small hop takes what it can, the others the rest
    (60, {"a": (8, 0), "b": (64, 0)}, {"a": 8, "b": 52}),
    # idle places of all come before the lookahead of any
    (10, {"a": (12, 8), "b": (12, 8)}, {"a": 5, "b": 5}),
    (9, {"a": (30, 26), "b": (4, 0)}, {"a": 5, "b": 4}),
    (16, {"a": (12, 8), "b": (12, 8)}, {"a": 8, "b": 8}),
]


@pytest.mark.parametrize("count, pulls, expected", SHARES)
def test_shares(count, pulls, expected) -> None:
    router = one_pool(count, *pulls)
    for hop, (more, ahead) in pulls.items():
        router.pull(hop, more, ahead)
    assert sizes(router) == expected
    assert router.waiting == count - sum(expected.values())


def test_nothing_is_handed_out_that_was_not_pulled() -> None:
    router = one_pool(5, "a", "b")
    assert router.next() is None
    router.pull("a", 2)
    assert handed_out(router) == {"a": [0, 1]}
    router.pull("b", 1)
    router.pull("a", 1)
    assert handed_out(router) == {"b": [2], "a": [3]}


def test_targets_may_come_after_the_pull() -> None:
    router = Router()
    router.pull("a", 2)
    router.add_pool(7, ["a"])
    assert router.next() is None
    assert router.add(7, [30, 10]) == []
    assert router.next() == Batch("a", 7, [30, 10])


def test_a_hop_may_take_less_than_it_would_have() -> None:
    router = Router()
    router.add_pool(0, ["a"])
    router.add(0, range(9))
    router.pull("a", 4, 0)
    assert router.next() == Batch("a", 0, [0, 1, 2, 3])
    router.pull("a", -3)  # what it has goes on
    for count in (3, 1):
        assert router.next() is None
        router.pull("a", count)
    assert router.next() == Batch("a", 0, [4])


def test_a_target_runs_and_ends_once() -> None:
    router = one_pool(2, "a")
    router.pull("a", 2)
    handed_out(router)
    assert (router.assigned, router.running) == (2, 0)
    assert router.exposed("a", [0, 0, 9]) == [0]
    assert (router.assigned, router.running) == (1, 1)
    assert router.ended("a", [0, 1]) == [0, 1]
    assert router.ended("a", [0, 1]) == []
    assert router.over


@pytest.mark.parametrize("verb", ["exposed", "ended"])
def test_a_hop_has_no_say_about_targets_of_others(verb) -> None:
    router = one_pool(2, "a", "b")
    router.pull("a", 1)
    router.pull("b", 1)
    assert handed_out(router) == {"a": [0], "b": [1]}
    assert getattr(router, verb)("a", [1]) == []
    assert getattr(router, verb)("nobody", [1]) == []
    assert router.returned("a", [1]) == Returned([], [])
    assert router.ended("b", [0, 1]) == [1]


def test_pools_keep_to_their_hops() -> None:
    router = Router()
    router.add_pool(1, ["a", "b"])
    router.add_pool(2, ["b", "c"])
    router.add(1, [10])
    router.add(2, [20, 21])
    router.pull("c", 5, 0)
    assert router.next() == Batch("c", 2, [20, 21])
    assert router.next() is None
    router.pull("b", 5, 0)
    assert router.next() == Batch("b", 1, [10])


def test_a_pool_that_piles_up_at_a_hop_gives_way() -> None:
    # Below "a", targets of pool 1 wait for a slow gateway; those of pool 2 go on at once.
    router = Router()
    for pool in (1, 2):
        router.add_pool(pool, ["a"])
        router.add(pool, range(pool * 1000, pool * 1000 + 500))
    router.pull("a", 40)
    slow, quick = 0, []
    for _ in range(400):
        for target in handed_out(router).get("a", []):
            if target < 2000:
                slow += 1
            else:
                quick.append(target)
        router.exposed("a", quick)
        router.ended("a", [quick.pop(0)])
        router.pull("a", 1)
    assert slow <= 22


def test_no_more_than_may_run() -> None:
    router = Router(max_running=3)
    router.add_pool(0, ["a", "b"])
    router.add(0, range(9))
    router.pull("a", 8, 4)
    router.pull("b", 8, 4)
    assert sizes(router) == {"a": 3}
    assert router.take_back() == []
    router.exposed("a", [0, 1])
    router.ended("a", [0, 2])
    assert sizes(router) == {"b": 2}
    assert router.held == 3


class TestReturned:
    def test_what_comes_back_waits_before_the_others(self) -> None:
        router = one_pool(6, "a", "b")
        router.pull("a", 4)
        handed_out(router)
        assert router.returned("a", [2, 3, 5]) == Returned([2, 3], [])
        router.lost("a", False)
        router.pull("b", 3)
        assert handed_out(router) == {"b": [2, 3, 4]}

    def test_it_is_credited_to_who_gave_it_back(self) -> None:
        router = one_pool(3, "a")
        router.pull("a", 2)
        assert handed_out(router) == {"a": [0, 1]}
        router.returned("a", [1])
        assert handed_out(router) == {"a": [1]}

    def test_what_was_exposed_may_come_back(self) -> None:
        router = one_pool(1, "a", "b")
        router.pull("a", 1)
        handed_out(router)
        router.exposed("a", [0])
        assert router.returned("a", [0], refused=True) == Returned([0], [])
        router.pull("b", 1)
        assert handed_out(router) == {"b": [0]}

    def test_what_is_refused_goes_to_others(self) -> None:
        router = one_pool(4, "a", "b")
        router.pull("a", 3, 0)
        handed_out(router)
        assert router.returned("a", [0, 1], refused=True) == Returned([0, 1], [])
        assert handed_out(router) == {"a": [3]}
        router.pull("b", 1, 0)
        assert handed_out(router) == {"b": [0]}

    def test_what_all_refuse_is_stranded(self) -> None:
        router = one_pool(2, "a", "b")
        router.pull("a", 1)
        router.pull("b", 2)
        handed_out(router)
        assert router.returned("a", [0], refused=True) == Returned([0], [])
        assert handed_out(router) == {"b": [0]}
        assert router.returned("b", [0], refused=True) == Returned([0], [0])
        assert router.held == 1
        assert router.waiting == 0
        assert router.ended("b", [0, 1]) == [1]


class TestLost:
    def lost(self, in_order: bool, **options: bool) -> tuple[Router, Lost]:
        """Hop a is lost with targets 0 and 1 exposed, 2 and 3 assigned; 4 to 7 wait."""
        router = one_pool(8, "a", "b", **options)
        router.pull("a", 4)
        handed_out(router)
        router.exposed("a", [0, 1])
        return router, router.lost("a", in_order)

    def test_in_order_what_was_not_exposed_goes_on(self) -> None:
        router, lost = self.lost(in_order=True)
        assert lost == Lost([2, 3], [0, 1], [])
        router.pull("b", 3)
        assert handed_out(router) == {"b": [2, 3, 4]}

    def test_not_in_order_all_it_had_may_have_run(self) -> None:
        router, lost = self.lost(in_order=False)
        assert (lost.requeued, sorted(lost.maybe_ran), lost.stranded) == ([], [0, 1, 2, 3], [])
        assert (router.waiting, router.held) == (4, 0)

    def test_its_late_words_count_for_nothing(self) -> None:
        router, _ = self.lost(in_order=True)
        router.pull("a", 5)
        assert router.ended("a", [0, 2]) == []
        assert router.exposed("a", [3]) == []
        assert router.returned("a", [3]) == Returned([], [])
        assert router.next() is None
        assert router.lost("a", True) == Lost([], [], [])

    def test_where_no_hop_is_left_targets_are_stranded(self) -> None:
        router, _ = self.lost(in_order=True)
        router.pull("b", 1)
        handed_out(router)
        assert router.lost("b", True) == Lost([], [], [2, 3, 4, 5, 6, 7])
        assert router.over
        assert router.add(0, [8, 9]) == [8, 9]
        assert router.over

    def test_the_last_resort_is_to_do_it_from_here(self) -> None:
        router, _ = self.lost(in_order=True, direct=True)
        router.pull(DIRECT, 3)
        assert router.next() is None
        assert router.lost("b", True) == Lost([], [], [])
        assert handed_out(router) == {DIRECT: [2, 3, 4]}
        assert router.add(0, [8]) == []
        assert router.lost(DIRECT, True).stranded == [2, 3, 4, 5, 6, 7, 8]

    def test_what_others_refused_is_stranded_with_it(self) -> None:
        router = one_pool(3, "a", "b")
        router.pull("a", 3)
        handed_out(router)
        router.returned("a", [1], refused=True)
        assert router.lost("b", True) == Lost([], [], [1])
        assert router.ended("a", [0, 1, 2]) == [0, 2]

    def test_a_hop_may_come_up_again(self) -> None:
        router, _ = self.lost(in_order=True)
        router.hop_up("a")
        assert router.next() is None
        router.pull("a", 1, 0)
        assert handed_out(router) == {"a": [2]}

    def test_a_hop_may_be_lost_before_it_has_a_pool(self) -> None:
        router = Router()
        router.lost("a", True)
        router.add_pool(0, ["a"])
        assert router.add(0, [1]) == [1]


class TestTakeBack:
    def queue_at(self, *hops: str, count: int = 12) -> Router:
        """Two run at a, ten are queued there; ``hops`` have nothing yet."""
        router = one_pool(count, "a", *hops)
        router.pull("a", 12, 10)
        handed_out(router)
        router.exposed("a", [0, 1])
        return router

    def test_half_of_the_queue_for_idle_places(self) -> None:
        router = self.queue_at("b")
        assert router.take_back() == []
        router.pull("b", 9, 0)
        assert router.next() is None
        assert router.take_back() == [Take("a", 0, 5)]
        router.returned("a", [7, 8, 9, 10, 11])
        assert handed_out(router) == {"b": [7, 8, 9, 10, 11]}

    def test_no_more_than_there_are_idle_places(self) -> None:
        router = self.queue_at("b")
        router.pull("b", 6, 4)
        assert router.take_back() == [Take("a", 0, 2)]

    def test_not_for_lookahead(self) -> None:
        router = self.queue_at("b")
        router.pull("b", 4, 4)
        assert router.take_back() == []

    def test_not_while_something_waits_for_them(self) -> None:
        router = self.queue_at("b", count=13)
        router.pull("b", 1, 0)
        assert handed_out(router) == {"b": [12]}
        assert router.take_back() == []

    def test_who_was_asked_is_not_asked_again_before_the_answer(self) -> None:
        router = self.queue_at("b", "c")
        router.pull("b", 2, 0)
        assert router.take_back() == [Take("a", 0, 2)]
        router.pull("c", 2, 0)
        assert router.take_back() == []
        router.returned("a", [10, 11])
        assert handed_out(router) == {"b": [10], "c": [11]}
        # each has one idle place left, and the queue is as good as any
        assert router.take_back() == [Take("a", 0, 2)]

    def test_all_of_who_does_not_go_on_with_it(self) -> None:
        """Its places are not what they were said to be: another job has them, perhaps."""
        router = Router()
        router.add_pool(0, ["a", "b"])
        router.pull("a", 6, 2)
        router.add(0, range(4))
        assert router.next() == Batch("a", 0, [0, 1, 2, 3])
        router.pull("b", 9, 2)
        assert router.take_back() == []
        router.stalled("a")
        assert router.take_back() == [Take("a", 0, 2)]
        router.returned("a", [2, 3])
        assert router.next() == Batch("b", 0, [2, 3])
        assert router.take_back() == [Take("a", 0, 1)]
        router.returned("a", [])
        router.add(0, [4, 5])
        assert router.next() == Batch("b", 0, [4, 5])
        router.exposed("a", [0])  # it goes on
        router.add(0, [6, 7])
        assert {batch.hop for batch in iter(router.next, None)} == {"a", "b"}
        assert router.take_back() == []

    def test_who_has_given_all_back_is_tried_again(self) -> None:
        router = Router()
        router.add_pool(0, ["a"])
        router.pull("a", 4, 0)
        router.add(0, range(2))
        assert router.next() == Batch("a", 0, [0, 1])
        router.stalled("a")
        router.add(0, [2])
        assert router.next() is None
        assert router.returned("a", [0, 1]).stranded == []
        assert router.next() == Batch("a", 0, [0, 1, 2])

    def test_an_empty_answer_is_not_asked_for_again(self) -> None:
        router = self.queue_at("b")
        router.pull("b", 2, 0)
        assert len(router.take_back()) == 1
        assert router.returned("a", []) == Returned([], [])
        assert router.take_back() == []

    def test_one_ask_for_the_places_of_many(self) -> None:
        router = self.queue_at("b", "c", "d")
        for hop in "bcd":
            router.pull(hop, 1, 0)
        assert router.take_back() == [Take("a", 0, 3)]

    def test_who_is_slow_for_its_queue_is_asked_first(self) -> None:
        router = one_pool(24, "a", "b", "c")
        for hop in "ab":
            router.pull(hop, 12, 10)
        router.ended("b", handed_out(router)["b"][:2])
        router.pull("c", 3, 0)
        assert router.take_back() == [Take("a", 0, 3)]

    def test_only_of_pools_that_the_idle_hop_serves(self) -> None:
        router = Router()
        router.add_pool(1, ["a"])
        router.add_pool(2, ["a", "b"])
        router.add(1, range(10))
        router.add(2, range(10, 12))
        router.pull("a", 12, 10)
        handed_out(router)
        router.pull("b", 5, 0)
        assert router.take_back() == [Take("a", 2, 1)]

    def test_an_answer_lets_the_others_ask_who_had_to_wait(self) -> None:
        router = Router()
        router.add_pool(1, ["a", "b"])
        router.add_pool(2, ["a", "c"])
        router.add(1, range(6))
        router.add(2, range(10, 16))
        router.pull("a", 12, 10)
        handed_out(router)
        router.pull("b", 2, 0)
        assert router.take_back() == [Take("a", 1, 2)]
        router.pull("c", 2, 0)
        assert router.take_back() == []
        router.returned("a", [])
        assert router.take_back() == [Take("a", 2, 2)]

    def test_what_others_push_into_the_queue_is_asked_back(self) -> None:
        router = Router()
        router.add_pool(1, ["a", "b"])
        router.add_pool(2, ["a"])
        router.add(1, range(4))
        router.pull("a", 8, 4)
        handed_out(router)
        router.pull("b", 4, 0)
        assert router.take_back() == []
        router.add(2, range(10, 14))
        handed_out(router)
        assert router.take_back() == [Take("a", 1, 2)]

    def test_what_just_went_out_is_no_queue(self) -> None:
        # Nothing is exposed yet, but all of it can run as soon as it has arrived.
        router = one_pool(6, "a", "b")
        router.pull("a", 8, 2)
        handed_out(router)
        router.pull("b", 4, 0)
        assert router.take_back() == []

    def test_the_lost_are_not_asked_and_not_served(self) -> None:
        router = self.queue_at("b", "c")
        router.pull("b", 3, 0)
        assert router.take_back() == [Take("a", 0, 3)]
        router.lost("b", True)
        router.pull("c", 1, 0)
        assert router.take_back() == []
        router.returned("a", [9, 10, 11])
        assert router.next() == Batch("c", 0, [9])
        router.lost("a", False)
        assert router.take_back() == []


class TestGateway:
    """The side of a gateway: its own router pulls from the one above."""

    def test_it_wants_what_its_hops_take_and_a_lookahead(self) -> None:
        router = Router()
        router.add_pool(0, [DIRECT])
        router.pull(DIRECT, 8, 0)
        assert router.wanted() == Pull(12, 4)
        assert router.wanted() is None
        router.add(0, range(12))
        assert sizes(router) == {DIRECT: 8}
        assert router.wanted() is None

    def test_it_does_not_ask_for_every_single_one(self) -> None:
        router = Router()
        router.add_pool(0, [DIRECT])
        router.pull(DIRECT, 8, 0)
        router.wanted()
        router.add(0, range(12))
        asked = []
        for target in range(8):
            handed_out(router)
            router.ended(DIRECT, [target])
            router.pull(DIRECT, 1)
            handed_out(router)
            asked.append(router.wanted())
        assert asked == [None, Pull(2, 4), None, Pull(2, 4), Pull(1, 4)] + [Pull(1, 4)] * 3

    def test_lookaheads_add_up_on_the_way(self) -> None:
        router = Router()
        router.add_pool(0, ["a", "b"])
        router.pull("a", 12, 4)
        router.pull("b", 12, 4)
        assert router.wanted() == Pull(24 + lookahead(16), 8 + lookahead(16))

    def test_it_gives_back_what_waits_from_the_end(self) -> None:
        router = Router()
        router.add_pool(0, [DIRECT])
        router.add_pool(1, [DIRECT])
        router.pull(DIRECT, 2, 0)
        router.wanted()
        router.add(0, range(4))
        handed_out(router)
        assert router.give(1, 5) == []
        assert router.give(0, 1) == [3]
        assert router.give(0, 9) == [2]
        assert router.give(0, 9) == []
        assert router.waiting == 0
        # and does not pull for it: the hop above has credited it
        assert router.wanted() is None

    def test_it_wants_nothing_for_a_lost_hop(self) -> None:
        router = Router()
        router.add_pool(0, ["a", "b"])
        router.pull("a", 6, 2)
        router.pull("b", 6, 2)
        assert router.wanted() == Pull(16, 8)
        router.add(0, range(16))
        handed_out(router)
        router.lost("a", True)
        assert router.wanted() is None
        router.pull("b", 3)
        handed_out(router)
        assert router.wanted() is None


def test_what_waits_can_be_dropped() -> None:
    router = one_pool(5, "a", "b")
    router.pull("a", 3)
    handed_out(router)
    router.returned("a", [1], refused=True)
    assert sorted(router.drop_waiting()) == [1, 3, 4]
    router.pull("a", 3)
    router.pull("b", 3)
    assert router.next() is None
    assert not router.over
    assert router.ended("a", [0, 1, 2]) == [0, 2]
    assert router.over
