"""Rates that look back, and how long a run may still take."""

from __future__ import annotations

import heapq
import random

import pytest

from clush.cli.estimate import Meter, time_left


def test_a_rate_is_about_the_last_seconds() -> None:
    meter = Meter(since=100.0, window=10.0)
    assert meter.read(100.0, 0) == 0
    assert meter.read(102.0, 10) == 5  # as long as it is young: since the beginning
    assert meter.read(110.0, 50) == 5
    assert meter.read(112.0, 50) == 4  # 40 in the ten seconds since 102
    assert meter.read(122.0, 50) == 0
    assert meter.read(123.0, 51) == pytest.approx(1 / 11)


@pytest.mark.parametrize(
    ("pending", "ages", "ended", "spent", "elapsed", "left"),
    [
        pytest.param(9, [1.0], 0, 0.0, 1.0, None, id="nothing has ended"),
        pytest.param(0, [], 5, 5.0, 5.0, None, id="nothing runs"),
        pytest.param(0, [1.0, 3.0], 2, 20.0, 10.0, 9.0, id="the youngest needs the longest"),
        pytest.param(0, [50.0], 10, 10.0, 60.0, None, id="overdue"),
        pytest.param(9, [0.0], 1, 10.0, 10.0, 100.0, id="one at a time"),
        pytest.param(8, [0.0, 0.0], 2, 20.0, 10.0, 50.0, id="two at a time"),
    ],
)
def test_what_is_left(
    pending: int,
    ages: list[float],
    ended: int,
    spent: float,
    elapsed: float,
    left: float | None,
) -> None:
    assert time_left(pending, ages, ended, spent, elapsed) == pytest.approx(left)


def test_quick_failures_promise_nothing() -> None:
    left = time_left(pending=900, ages=[2.0] * 64, ended=36, spent=0.36, elapsed=2.0)
    assert left is not None
    assert left > 15


class Run:
    """Commands of these lengths, so many at a time, as seen at some point of time."""

    def __init__(self, lengths: list[float], fanout: int) -> None:
        places = [0.0] * fanout
        self.spans = []
        for length in lengths:
            start = heapq.heappop(places)
            self.spans.append((start, start + length))
            heapq.heappush(places, start + length)
        self.end = max(end for _, end in self.spans)

    def estimate(self, now: float) -> float | None:
        ended = [end - start for start, end in self.spans if end <= now]
        ages = [now - start for start, end in self.spans if start <= now < end]
        pending = sum(start > now for start, _ in self.spans)
        return time_left(pending, ages, len(ended), sum(ended), now)


dice = random.Random(7)
LENGTHS = {
    "equal": [10.0] * 2000,
    "spread": [dice.uniform(5, 15) for _ in range(2000)],
    "exponential": [dice.expovariate(0.1) for _ in range(2000)],
    "some fail at once": [dice.choice([0.01, 10.0, 10.0, 10.0]) for _ in range(2000)],
}


@pytest.mark.parametrize("kind", LENGTHS)
@pytest.mark.parametrize("fanout", [1, 16, 64])
def test_runs_end_about_when_they_should(kind: str, fanout: int) -> None:
    run = Run(LENGTHS[kind], fanout)
    for tenth in range(2, 9):
        now = run.end * tenth / 10
        left = run.estimate(now)
        assert left is not None
        # What nobody can foresee is how long the longest of the last wave takes.
        assert abs(left - (run.end - now)) < 0.15 * (run.end - now) + 50
