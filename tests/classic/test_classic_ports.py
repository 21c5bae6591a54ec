"""Ports: messages from other threads, and from the own one."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from classic_recorder import Recorder

from ClusterShell.Defaults import DEFAULTS
from ClusterShell.Task import Task, TimeoutError


def closing(task: Task, last: object = "end") -> Recorder:
    """A handler that removes its port when the message ``last`` came."""

    def handle(port) -> None:
        if handler.seen[-1][1] == last:
            task.remove_port(port)

    handler = Recorder(msg=handle)
    return handler


def test_messages_come_in_order_also_those_sent_before_the_run(task: Task) -> None:
    handler = closing(task)
    port = task.port(handler)
    for number in range(50):
        assert port.msg_send(number)
    port.msg_send("end")
    task.resume()
    assert handler.seen == [("port_start",), *(("msg", n) for n in range(50)), ("msg", "end")]
    assert set(handler.workers) == {port}


def test_messages_of_another_thread_are_taken_in_the_thread_of_the_task(task: Task) -> None:
    threads = []

    def handle(port) -> None:
        threads.append(threading.current_thread())
        if handler.seen[-1][1] == "end":
            task.remove_port(port)

    handler = Recorder(msg=handle)
    port = task.port(handler)
    answers = []

    def send() -> None:
        for content in (1, None, [2], "end"):
            answers.append(port.msg(content))
        answers.append(port.msg("too late"))

    sender = threading.Thread(target=send)
    sender.start()
    task.resume()
    sender.join()
    assert [content for (content,) in handler.of("msg")] == [1, None, [2], "end"]
    assert answers == [True] * 4 + [False]
    assert set(threads) == {threading.current_thread()}


def test_a_message_waits_until_it_is_taken_not_until_it_is_handled(task: Task) -> None:
    released = threading.Event()

    def handle(port) -> None:
        assert released.wait(20)
        task.remove_port(port)

    port = task.port(Recorder(msg=handle))

    def send() -> None:
        assert port.msg("x")
        released.set()

    sender = threading.Thread(target=send)
    sender.start()
    task.resume()
    sender.join()
    assert released.is_set()


def test_messages_from_asyncio_code(task: Task) -> None:
    other = Task()
    handler = closing(other)
    port = other.port(handler)
    other.resume()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in range(20):
            port.msg_send(number)
        assert await loop.run_in_executor(None, port.msg, "end")
        await loop.run_in_executor(None, other.join)

    asyncio.run(main())
    assert [content for (content,) in handler.of("msg")] == [*range(20), "end"]


def test_a_full_queue_makes_the_sender_wait(task: Task) -> None:
    handler = closing(task)
    port = task.port(handler)
    for number in range(DEFAULTS.port_qlimit):
        port.msg_send(number)
    sender = threading.Thread(target=port.msg_send, args=("end",))
    sender.start()
    sender.join(0.05)
    assert sender.is_alive()
    task.resume()
    sender.join(20)
    assert len(handler.of("msg")) == DEFAULTS.port_qlimit + 1


def test_the_thread_of_the_task_never_waits(task: Task) -> None:
    handler = closing(task)
    port = task.port(handler)
    for number in range(DEFAULTS.port_qlimit * 2):
        assert port.msg(number)

    def send(worker) -> None:
        assert port.msg("end")

    task.run("echo x", handler=Recorder(read=send))
    assert len(handler.of("msg")) == DEFAULTS.port_qlimit * 2 + 1


def test_a_message_may_cause_others_without_starving_the_rest(task: Task) -> None:
    ticks = Recorder()

    def again(port) -> None:
        if len(ticks.seen) < 3:
            port.msg_send("again")
        else:
            task.remove_port(port)

    task.port(Recorder(port_start=lambda port: port.msg_send("first"), msg=again))
    task.timer(0.01, ticks, interval=0.01, autoclose=True)
    task.resume()
    assert len(ticks.seen) >= 3


def test_a_port_outlives_runs_until_it_is_removed(task: Task) -> None:
    handler = Recorder()
    port = task.port(handler, autoclose=True)
    task.run("true")
    with pytest.raises(TimeoutError):
        task.shell("sleep 600")
        task.resume(0.05)
    task.abort()
    port.msg_send("still there")
    task.run("true")
    assert handler.seen == [("port_start",), ("msg", "still there")]
    task.remove_port(port)
    assert not port.msg_send("gone")
    with pytest.raises(KeyError):
        task.remove_port(port)


def test_a_port_keeps_the_run_unless_it_is_autoclose(task: Task) -> None:
    port = task.port(Recorder())
    with pytest.raises(TimeoutError):
        task.resume(0.05)
    task.remove_port(port)
    task.port(Recorder(), autoclose=True)
    begun = time.monotonic()
    task.run("true")
    assert time.monotonic() - begun < 5


def test_a_port_made_during_a_run_starts_at_once(task: Task) -> None:
    handler = closing(task)
    names = []

    def make(worker) -> None:
        port = task.port(handler)
        names.extend(handler.names)
        port.msg_send("end")

    task.run("echo x", handler=Recorder(read=make))
    assert names == ["port_start"]
    assert handler.of("msg") == [("end",)]


def test_killing_the_task_drops_what_waits(task: Task) -> None:
    handler = Recorder()
    port = task.port(handler)
    port.msg_send("never taken")
    sender = threading.Thread(target=lambda: answers.append(port.msg("neither")))
    answers: list[bool] = []
    sender.start()
    task.abort(kill=True)
    sender.join(20)
    assert handler.seen == []
    assert answers == [False]


def test_a_port_without_a_handler_keeps_messages_until_they_are_fetched(task: Task) -> None:
    port = task.port(autoclose=True)
    assert port.msg_recv() is None
    port.msg_send("one")
    port.msg_send("two")
    task.run("true")
    assert [port.msg_recv(), port.msg_recv(), port.msg_recv()] == ["one", "two", None]


def test_an_error_of_a_handler_comes_out(task: Task) -> None:
    def fail(port) -> None:
        raise ZeroDivisionError

    other = Recorder()
    task.shell("echo up; sleep 600", handler=other)
    task.port(Recorder(msg=fail)).msg_send("x")
    with pytest.raises(ZeroDivisionError):
        task.resume()
    assert other.names in ([], ["start", "pickup", "close"])
