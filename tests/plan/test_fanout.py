"""The window: who starts next."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clush.plan.fanout import Fanout


def drawn(window: Fanout[str]) -> list[str]:
    targets = []
    while (item := window.next()) is not None:
        targets.append(item[1])
    return targets


def test_the_window_holds_and_moves_on() -> None:
    window: Fanout[str] = Fanout(2)
    lane = window.add(iter("abcd"))
    assert drawn(window) == ["a", "b"]
    window.ended(lane)
    assert drawn(window) == ["c"]
    window.ended(lane)
    window.ended(lane)
    assert drawn(window) == ["d"]
    assert lane.empty


def test_jobs_share_the_window_in_order() -> None:
    window: Fanout[str] = Fanout(3)
    window.add(iter("ab"))
    window.add(iter("cd"))
    assert drawn(window) == ["a", "b", "c"]


def test_a_window_of_its_own_is_not_counted_in_the_shared_one() -> None:
    window: Fanout[str] = Fanout(2)
    window.add(iter("abc"))
    own = window.add(iter("xyz"), limit=1)
    assert sorted(drawn(window)) == ["a", "b", "x"]
    window.ended(own)
    assert drawn(window) == ["y"]


def test_draining_takes_back_what_waits_and_frees_the_others() -> None:
    window: Fanout[str] = Fanout(1)
    first = window.add(iter("abc"))
    second = window.add(iter("z"))
    assert drawn(window) == ["a"]
    assert list(window.drain(first)) == ["b", "c"]
    assert first.empty
    assert list(window.drain(first)) == []
    window.ended(first)
    assert drawn(window) == ["z"]
    assert second.empty


def test_a_job_without_targets_is_empty_at_once() -> None:
    window: Fanout[str] = Fanout(1)
    assert window.add(iter("")).empty
    assert window.next() is None


def test_targets_are_drawn_one_at_a_time() -> None:
    asked = []

    def targets():
        for number in range(1000):
            asked.append(number)
            yield str(number)

    window: Fanout[str] = Fanout(2)
    window.add(targets())
    drawn(window)
    assert len(asked) <= 3


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.integers(0, 8), st.one_of(st.none(), st.integers(1, 3))), max_size=6),
    st.randoms(use_true_random=False),
)
def test_limits_hold_and_nothing_is_lost_or_run_twice(limit, jobs, random) -> None:
    window: Fanout[tuple[int, int]] = Fanout(limit)
    lanes = [
        window.add(iter([(job, n) for n in range(count)]), own)
        for job, (count, own) in enumerate(jobs)
    ]
    running, seen = [], []
    while True:
        item = window.next()
        if item is not None:
            running.append(item[0])
            seen.append(item[1])
        elif running:
            lane = running.pop(random.randrange(len(running)))
            window.ended(lane)
        else:
            break
        assert sum(lane.limit is None for lane in running) <= limit
        for lane in lanes:
            assert lane.limit is None or running.count(lane) <= lane.limit
    assert sorted(seen) == [(job, n) for job, (count, _) in enumerate(jobs) for n in range(count)]
