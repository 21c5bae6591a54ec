"""Engines, and blocking calls from anywhere."""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
import threading
import time

import pytest

from clush.engine.loop import ENGINES, engine_name, new_loop, run_blocking
from clush.errors import TaskError


async def answer() -> int:
    await asyncio.sleep(0)
    return 42


@pytest.mark.parametrize("engine", ["auto", *ENGINES])
def test_each_engine_runs(engine: str) -> None:
    assert run_blocking(answer, engine) == 42


@pytest.mark.parametrize("engine", ENGINES)
def test_the_engine_asked_for_is_the_one_that_runs(engine: str) -> None:
    loop = new_loop(engine)
    try:
        assert isinstance(loop._selector, getattr(selectors, ENGINES[engine]))
    finally:
        loop.close()


def test_an_unknown_engine_is_named_with_what_there_is() -> None:
    with pytest.raises(TaskError, match=r"unknown engine 'kqueues' \(choose from auto, epoll"):
        engine_name("kqueues")


def test_a_platform_without_epoll_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(selectors, "EpollSelector")
    assert engine_name("auto") == "poll"
    with pytest.raises(TaskError, match="'epoll' is not supported"):
        engine_name("epoll")


def test_inside_a_running_loop() -> None:
    async def main() -> int:
        return run_blocking(answer)

    assert asyncio.run(main()) == 42


def test_errors_come_out_of_both() -> None:
    async def fail() -> None:
        raise ValueError("broken")

    async def inside() -> None:
        run_blocking(fail)

    with pytest.raises(ValueError, match="broken"):
        run_blocking(fail)
    with pytest.raises(ValueError, match="broken"):
        asyncio.run(inside())


def test_an_interrupt_cancels_cleans_up_and_is_raised() -> None:
    done = []

    async def main() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            done.append("cleaned up")

    with pytest.raises(KeyboardInterrupt):
        run_blocking(main)
    assert done == ["cleaned up"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_that_comes_too_late_is_raised_all_the_same() -> None:
    async def main() -> int:
        os.kill(os.getpid(), signal.SIGINT)
        return 1

    with pytest.raises(KeyboardInterrupt):
        run_blocking(main)


def test_an_interrupt_inside_a_running_loop_cancels_too() -> None:
    done = []

    async def inner() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(60)
        finally:
            done.append("cleaned up")

    async def main() -> None:
        run_blocking(inner)

    loop = asyncio.new_event_loop()
    try:
        with pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(main())
    finally:
        loop.close()
    assert done == ["cleaned up"]


def test_the_programs_own_interrupt_handler_stays() -> None:
    seen = []
    before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))

    async def main() -> int:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0)
        return 1

    try:
        assert run_blocking(main) == 1
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [signal.SIGINT]


class OverdueError(Exception):
    """What a handler of the program raises."""


@pytest.mark.parametrize("error", [OverdueError, SystemExit])
@pytest.mark.parametrize("where", ["waiting", "callback", "inside a running loop"])
def test_what_the_programs_handler_raises_cancels_cleans_up_and_is_raised(
    error: type, where: str
) -> None:
    done = []

    def handle(number: int, frame: object) -> None:
        raise error

    async def main() -> None:
        try:
            if where == "waiting":
                signal.setitimer(signal.ITIMER_REAL, 0.01)
            else:
                asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGALRM)
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            done.append("cleaned up")

    async def outer() -> None:
        run_blocking(main)

    before = signal.signal(signal.SIGALRM, handle)
    try:
        with pytest.raises(error):
            if where == "inside a running loop":
                asyncio.run(outer())
            else:
                run_blocking(main)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert done == ["cleaned up"]


def test_an_error_in_a_callback_is_not_only_logged() -> None:
    async def main() -> None:
        asyncio.get_running_loop().call_soon(int, "seven")
        await asyncio.sleep(60)

    with pytest.raises(ValueError, match="seven"):
        run_blocking(main)


def test_several_threads_at_once() -> None:
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(run_blocking(answer))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [42] * 4


def test_a_signal_that_another_thread_gets_is_handled_at_once() -> None:
    waiting = threading.Event()

    def signal_itself() -> None:
        waiting.wait()
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)

    async def main() -> None:
        loop, handled = asyncio.get_running_loop(), asyncio.Event()
        signal.signal(signal.SIGUSR1, lambda *_args: loop.call_soon_threadsafe(handled.set))
        loop.call_soon(waiting.set)
        await asyncio.wait_for(handled.wait(), 10)

    before = signal.getsignal(signal.SIGUSR1)
    thread = threading.Thread(target=signal_itself)
    thread.start()
    started = time.monotonic()
    try:
        run_blocking(main)
    finally:
        signal.signal(signal.SIGUSR1, before)
        thread.join()
    assert time.monotonic() - started < 5
