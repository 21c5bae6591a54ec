"""Timers of the classic API."""

from __future__ import annotations

import time

import pytest
from classic_recorder import Recorder

from ClusterShell.Engine.Engine import EngineIllegalOperationError, EngineTimer
from ClusterShell.Task import Task, TimeoutError


class Clock(Recorder):
    """Notes when it was called, in tenths of a second since the first look at it."""

    def __init__(self, **reactions) -> None:
        super().__init__(**reactions)
        self.begun = time.monotonic()
        self.times: list[float] = []

    def ev_timer(self, timer):
        self.times.append(time.monotonic() - self.begun)
        super().ev_timer(timer)


def test_one_shot(task: Task) -> None:
    clock = Clock()
    timer = task.timer(0.1, clock)
    assert timer.is_valid()
    assert (timer.fire_delay, timer.interval, timer.autoclose, timer.eh) == (0.1, -1, False, clock)
    task.resume()
    assert len(clock.times) == 1
    assert 0.1 <= clock.times[0] < 5
    assert not timer.is_valid()
    with pytest.raises(EngineIllegalOperationError):
        timer.set_nextfire(1)


def test_the_delay_counts_from_its_making(task: Task) -> None:
    clock = Clock()
    timer = task.timer(0.3, clock)
    late = task.timer(0.05, clock)
    task.run("sleep 0.1")  # another run: all that is left of it is invalid then
    assert len(clock.times) == 2
    assert not timer.is_valid()
    assert not late.is_valid()
    assert clock.times[1] < 0.3 + 0.25


def test_they_fire_in_the_order_in_which_they_are_due(task: Task) -> None:
    handler = Recorder()
    timers = [task.timer(delay, handler) for delay in (0.05, 0, 0, 0.02, 0)]
    task.resume()
    assert [timers.index(timer) for (timer,) in [(each,) for each in handler.workers]] == [
        1, 2, 4, 3, 0,
    ]  # fmt: skip


def test_repeats_keep_to_the_schedule_and_stop_when_told(task: Task) -> None:
    def handle(timer) -> None:
        if len(clock.times) == 1:
            time.sleep(0.18)  # two are missed, and caught up
        if len(clock.times) == 5:
            timer.invalidate()
            timer.invalidate()

    clock = Clock(timer=handle)
    timer = task.timer(0.05, clock, interval=0.05)
    task.resume()
    assert len(clock.times) == 5
    assert clock.times[4] >= 0.25
    assert not timer.is_valid()


@pytest.mark.parametrize("interval", [-1, 0, 0.001])
def test_short_intervals_are_none(task: Task, interval: float) -> None:
    handler = Recorder()
    task.timer(0, handler, interval=interval)
    task.resume()
    assert len(handler.seen) == 1


def test_a_new_time_replaces_the_interval(task: Task) -> None:
    def handle(timer) -> None:
        assert timer.is_valid()
        if len(clock.times) <= 2:
            timer.set_nextfire(0.02)

    clock = Clock(timer=handle)
    timer = task.timer(0.05, clock, interval=0.07)
    task.resume()
    assert len(clock.times) == 3
    assert timer.interval == -1
    assert timer.fire_delay == 0.02


def test_a_new_time_before_the_run_and_from_another_timer(task: Task) -> None:
    handler = Recorder()
    early = task.timer(600, handler)
    early.set_nextfire(0.01)
    other = task.timer(600, handler, interval=600)

    def handle(_timer) -> None:
        other.set_nextfire(0.01)

    task.timer(0.02, Recorder(timer=handle))
    task.resume()
    assert handler.workers == [early, other]


def test_a_timer_may_end_another_that_is_due_in_the_same_turn(task: Task) -> None:
    handler = Recorder()
    task.timer(0, Recorder(timer=lambda timer: other.invalidate()))
    other = task.timer(0, handler)
    task.resume()
    assert handler.seen == []


def test_autoclose_timers_do_not_keep_the_run(task: Task) -> None:
    handler = Recorder()
    begun = time.monotonic()
    timer = task.timer(0.02, handler, interval=0.02, autoclose=True)
    task.run("sleep 0.15")
    assert 2 <= len(handler.seen) <= (time.monotonic() - begun) / 0.02
    assert not timer.is_valid()
    only = task.timer(0, handler, autoclose=True)
    before = len(handler.seen)
    task.resume()
    assert len(handler.seen) == before
    assert not only.is_valid()


@pytest.mark.parametrize("how", ["timeout", "abort", "idle abort"])
def test_no_timer_outlives_its_run(task: Task, how: str) -> None:
    handler = Recorder()
    timer = task.timer(0.3, handler)
    if how == "timeout":
        with pytest.raises(TimeoutError):
            task.resume(0.02)
    elif how == "abort":
        task.run("echo x", handler=Recorder(read=lambda worker: task.abort()))
    else:
        task.abort()
    assert not timer.is_valid()
    task.run("sleep 0.35")
    assert handler.seen == []


@pytest.mark.parametrize(("fire", "handler"), [(-1, Recorder()), (1, None)])
def test_what_makes_no_sense(task: Task, fire: float, handler) -> None:
    with pytest.raises(AssertionError):
        task.timer(fire, handler)


def test_timers_of_the_engine(task: Task) -> None:
    handler = Recorder()
    timer = EngineTimer(0.01, -1.0, False, handler)
    assert not timer.is_valid()
    task._engine.add_timer(timer)
    with pytest.raises(EngineIllegalOperationError):
        task._engine.add_timer(timer)
    removed = EngineTimer(0.01, -1.0, False, handler)
    task._engine.add_timer(removed)
    task._engine.remove_timer(removed)
    task.resume()
    assert handler.workers == [timer]
