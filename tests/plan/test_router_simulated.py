"""What the router's rules come to: whole trees in virtual time, beside perfect balance."""

from __future__ import annotations

from random import Random

import pytest
from virtual import Hop, Ways, World, carried_out

TWO: Ways = {"fast": {}, "slow": {}}


def perfect(targets: int, places: dict[str, int], seconds: dict[str, float]) -> float:
    """How long it takes when no place is ever idle and all end at the same time."""
    return targets / sum(places[hop] / seconds[hop] for hop in places)


@pytest.mark.parametrize("targets", [200, 1_000, 5_000])
@pytest.mark.parametrize("fanout", [8, 64])
def test_a_gateway_ten_times_slower_gets_less(targets, fanout) -> None:
    seconds = {"fast": 0.2, "slow": 2.0}
    world, head = carried_out(targets, TWO, lambda hop, _: seconds[hop], fanout=fanout)
    assert len(head.over) == targets
    # Nobody knows how long a command will take: the slow one may have begun the last one late.
    bound = perfect(targets, dict.fromkeys(seconds, fanout), seconds)
    assert world.now <= max(1.4 * bound, bound + seconds["slow"])


def test_the_static_split_that_took_16_seconds() -> None:
    seconds = {"fast": 0.2, "slow": 1.2}
    world, _ = carried_out(200, TWO, lambda hop, _: seconds[hop])
    assert world.now <= 5.2  # 4.3 is perfect


def test_every_second_node_is_slow() -> None:
    # The split by turns gave them all to one gateway: 5.2 s and 0.7 s.
    took: dict[str, float] = {"fast": 0.0, "slow": 0.0}

    def seconds(hop: str, target: int) -> float:
        took[hop] += 1.0 if target % 2 else 0.1
        return 1.0 if target % 2 else 0.1

    world, _ = carried_out(80, TWO, seconds)
    assert world.now <= 1.25 * sum(took.values()) / 16 + 1.0
    assert max(took.values()) <= 1.2 * min(took.values())


def test_a_long_way_keeps_the_places_busy() -> None:
    # 40 ms to and fro, commands of 200 ms: the lookahead covers the way.
    world, _ = carried_out(2_000, {"a": {}}, lambda *_: 0.2, fanout=64, latency=0.02)
    assert world.now <= 1.1 * 2_000 / 64 * 0.2


def test_a_small_job_is_shared_at_once() -> None:
    world, head = carried_out(64, {f"gw{n}": {} for n in range(8)}, lambda *_: 1.0, fanout=8)
    assert world.now < 1.1
    assert {hop.most for hop in head.gateways()} == {8}


def test_two_levels_one_slow_far_down() -> None:
    ways: Ways = {
        f"gw{n}": {f"gw{n}{m}": {} for m in range(3)} for n in range(3)
    }  # fmt: skip
    last = [name for below in ways.values() for name in below]
    seconds = dict.fromkeys(last, 0.2)
    seconds["gw11"] = 2.0
    world, head = carried_out(3_000, ways, lambda hop, _: seconds[hop])
    assert len(head.over) == 3_000
    bound = perfect(3_000, dict.fromkeys(last, 8), seconds)
    assert world.now <= 1.4 * bound
    assert world.takes < 3_000 / 10


def test_no_more_run_than_may() -> None:
    ways: Ways = {f"gw{n}": {} for n in range(4)}
    world, head = carried_out(200, ways, lambda *_: 0.2, max_running=10)
    assert head.most == 10
    assert world.now <= 1.2 * 200 / 10 * 0.2


def random_ways(random: Random) -> Ways:
    return {
        f"gw{n}": {f"gw{n}.{m}": {} for m in range(random.choice((0, 0, 2, 3)))}
        for n in range(random.randint(1, 4))
    }


@pytest.mark.parametrize("seed", range(150))
def test_gateways_die_and_all_is_accounted_for(seed) -> None:
    random = Random(seed)
    targets = random.randint(1, 120)
    world = World()
    head = Hop(
        world, "", random_ways(random), random.randint(1, 8),
        lambda hop, target: random.choice((0.05, 0.1, 0.5)),
        max_running=random.choice((None, None, 7)),
    )  # fmt: skip
    for hop in random.sample(head.gateways(), random.randint(1, len(head.gateways()))):
        in_order = random.random() < 0.5
        world.after(random.random(), lambda hop=hop, in_order=in_order: hop.kill(in_order))
    head.add(list(range(targets)))
    head.decide()
    world.run()
    assert sorted(head.over) == list(range(targets))
    assert head.router.over
    assert all(times == 1 for times in world.started.values())
    for target, how in head.over.items():
        if how == "ended":
            assert target in world.started
        elif how == "stranded":
            assert target not in world.started
            assert not any(hop.alive and not hop.below for hop in head.gateways())
