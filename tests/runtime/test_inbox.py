"""Calls and stays that other threads ask of a task's thread."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time

import pytest

from clush.engine.loop import run_blocking
from clush.runtime.inbox import Inbox
from clush.runtime.task import Task


class Runner:
    """A thread with a task that is held open until :meth:`end`."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.opened = threading.Event()
        self.ticks = 0
        self.error: list[BaseException] = []
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        self.opened.wait(20)

    def _run(self) -> None:
        run_blocking(self._main)

    async def _main(self) -> None:
        async with Task() as task:
            self.task = task
            self.inbox.open(task)
            task.hold(self)
            task.timer(0.001, self._tick, interval=0.002, background=True)
            self.opened.set()
            try:
                await task.join()
                while not self.inbox.close():
                    await task.join()
            except ValueError as error:
                self.error.append(error)
                self.inbox.close(now=True)

    def _tick(self) -> None:
        self.ticks += 1

    def end(self) -> None:
        self.inbox.call(self.task.release, self)
        self.thread.join(20)
        assert not self.thread.is_alive()


def test_calls_are_made_in_order_in_the_thread_of_the_task() -> None:
    inbox = Inbox()
    made: list[tuple[int, threading.Thread]] = []

    def note(number: int) -> None:
        made.append((number, threading.current_thread()))

    for number in range(500):  # no task yet: they wait, however many
        inbox.call(note, number)
    runner = Runner(inbox)
    for number in range(500, 1000):
        inbox.call(note, number)
    runner.end()
    assert [number for number, _ in made] == list(range(1000))
    assert {thread for _, thread in made} == {runner.thread}
    assert inbox.empty


def test_no_call_is_lost_between_two_tasks() -> None:
    inbox = Inbox()
    made: list[int] = []
    stop = threading.Event()

    def put() -> None:
        number = 0
        while not stop.is_set():
            inbox.call(made.append, number)
            number += 1
            time.sleep(0)
        sent.append(number)

    sent: list[int] = []
    thread = threading.Thread(target=put)
    thread.start()

    async def main() -> None:
        async with Task() as task:
            inbox.open(task)
            await task.join()
            while not inbox.close():
                await task.join()

    for _ in range(30):
        run_blocking(main)
    stop.set()
    thread.join()
    run_blocking(main)
    assert made == list(range(sent[0]))


def test_an_error_of_a_call_stops_the_task_and_those_behind_wait_for_the_next() -> None:
    inbox = Inbox()
    made: list[str] = []

    def fail() -> None:
        raise ValueError("of a call")

    inbox.call(made.append, "before")
    inbox.call(fail)
    inbox.call(made.append, "behind")
    runner = Runner(inbox)
    runner.thread.join(20)
    assert [str(error) for error in runner.error] == ["of a call"]
    assert made == ["before"]
    Runner(inbox).end()
    assert made == ["before", "behind"]


def test_hold_and_let_go() -> None:
    inbox = Inbox()
    assert not inbox.hold()  # nothing runs
    runner = Runner(inbox)
    assert inbox.hold()
    assert inbox.hold()  # it stands already
    ticks = runner.ticks
    time.sleep(0.02)  # nothing may happen in this time
    assert runner.ticks == ticks
    inbox.let_go()
    inbox.let_go()
    inbox.call(lambda: None)
    assert inbox.hold()
    inbox.let_go()
    runner.end()
    assert not inbox.hold()


def test_who_asks_while_the_task_ends_is_told() -> None:
    """Holding races with the end: it must stand or refuse, and never wait for ever."""
    for _ in range(50):
        inbox = Inbox()
        runner = Runner(inbox)
        answers: list[bool] = []

        def ask(inbox: Inbox = inbox, answers: list[bool] = answers) -> None:
            answers.append(inbox.hold())
            inbox.let_go()

        thread = threading.Thread(target=ask)
        thread.start()
        runner.end()
        thread.join(20)
        assert len(answers) == 1


def test_interrupt_goes_to_the_running_task_only() -> None:
    inbox = Inbox()
    assert not inbox.interrupt(print)
    runner = Runner(inbox)
    called = threading.Event()
    assert inbox.interrupt(called.set)
    assert called.wait(20)
    runner.end()


@pytest.mark.parametrize("number", [signal.SIGINT])
def test_a_held_main_thread_can_be_interrupted(number: int) -> None:
    inbox = Inbox()

    def hold_and_kill() -> None:
        assert inbox.hold()
        os.kill(os.getpid(), number)

    async def main() -> None:
        async with Task() as task:
            inbox.open(task)
            task.hold(main)
            thread.start()
            try:
                await asyncio.wait_for(task.join(), 20)
            finally:
                inbox.close(now=True)

    thread = threading.Thread(target=hold_and_kill)
    with pytest.raises(KeyboardInterrupt):
        run_blocking(main, interrupted=inbox.let_go)
    thread.join()
