"""The window: who starts next."""

from __future__ import annotations

import pytest
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


def test_a_lane_may_be_asked_for_ahead_of_others() -> None:
    window: Fanout[str] = Fanout(2)
    first = window.add(iter("ab"))
    second = window.add(iter("xyz"))
    assert [window.next_of(second), window.next_of(second), window.next_of(second)] == [
        "x", "y", None,
    ]  # fmt: skip
    window.ended(second)
    assert drawn(window) == ["a"]
    window.ended(first)
    assert window.next_of(second) == "z"
    assert window.next_of(second) is None


def test_windows_may_change_while_targets_run() -> None:
    window: Fanout[str] = Fanout(2)
    lane = window.add(iter("abcdef"))
    other = window.add(iter("xy"))
    assert drawn(window) == ["a", "b"]
    window.set_limit(lane, 3)
    assert sorted(drawn(window)) == ["c", "x", "y"]
    window.ended(lane)
    window.set_limit(lane, None)  # two of its own and two others: too many for now
    assert drawn(window) == []
    for each in (lane, lane, other):
        window.ended(each)
    assert drawn(window) == ["d"]
    window.limit = 4
    assert drawn(window) == ["e", "f"]


def test_an_error_of_the_targets_comes_in_its_turn() -> None:
    def targets():
        yield "a"
        raise ValueError("no more")

    window: Fanout[str] = Fanout(3)
    lane = window.add(targets())
    window.add(iter("x"))
    assert window.next() == (lane, "a")
    assert not lane.empty
    with pytest.raises(ValueError, match="no more"):
        window.next()
    assert lane.empty
    assert lane.running == 1
    assert drawn(window) == ["x"]


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
