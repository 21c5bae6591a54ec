"""Timers of a task."""

from __future__ import annotations

import time

import pytest

from clush.engine.loop import run_blocking
from clush.runtime.task import Task


def timed(script) -> list[float]:
    """Run ``script(task, note)`` and return when ``note`` was called, in seconds."""

    async def main() -> list[float]:
        begun, seen = time.monotonic(), []
        async with Task() as task:
            script(task, lambda: seen.append(time.monotonic() - begun))
            await task.join(timeout=20)
        return seen

    return run_blocking(main)


def test_join_waits_for_a_timer() -> None:
    (fired,) = timed(lambda task, note: task.timer(0.1, note))
    assert 0.1 <= fired < 5


def test_a_background_timer_does_not_keep_the_task() -> None:
    def script(task: Task, note) -> None:
        task.timer(0.05, note)
        task.timer(600, note, background=True)

    assert len(timed(script)) == 1


def test_repeats_keep_to_the_schedule_and_catch_up() -> None:
    """The second call is late; those that were due meanwhile follow at once."""

    def script(task: Task, note) -> None:
        def call() -> None:
            note()
            calls.append(None)
            if len(calls) == 1:
                time.sleep(0.35)
            if len(calls) == 6:
                timer.cancel()

        calls: list[None] = []
        timer = task.timer(0.1, call, interval=0.1)

    times = timed(script)
    assert len(times) == 6
    assert times[3] - times[1] < 0.1  # two that were missed
    assert times[5] >= 0.6  # not before it is due


def test_cancel_and_restart() -> None:
    def script(task: Task, note) -> None:
        never = task.timer(0.01, note)
        never.cancel()
        never.cancel()
        assert not never.active
        again = task.timer(600, note)
        again.restart(0.05)
        assert again.active

    assert len(timed(script)) == 1


def test_restart_from_within_the_call() -> None:
    def script(task: Task, note) -> None:
        def call() -> None:
            note()
            if not calls:
                calls.append(None)
                timer.restart(0.02)

        calls: list[None] = []
        timer = task.timer(0.02, call)

    assert len(timed(script)) == 2


def test_an_error_in_a_timer_is_raised_and_cleans_up() -> None:
    def script(task: Task, note) -> None:
        def call() -> None:
            raise ValueError("timer is broken")

        task.timer(600, note)
        task.timer(0.01, call)

    with pytest.raises(ValueError, match="timer is broken"):
        timed(script)
