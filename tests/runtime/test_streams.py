"""Descriptors of the caller's in a task."""

from __future__ import annotations

import os
import socket

import pytest

from clush.engine.loop import run_blocking
from clush.events import Ended, Event, Output, Started, Status, Written
from clush.job import Job
from clush.runtime.streams import Streams
from clush.runtime.task import Task
from clush.sets.nodeset import NodeSet
from clush.transport.exec import Exec


def events_of(streams: Streams, script=lambda run: None, **options) -> list[Event]:
    """What is told of ``streams`` until a task that has only them is done."""

    async def main() -> list[Event]:
        events: list[Event] = []
        async with Task() as task:
            script(task.attach(streams, events.append, **options))
            await task.join()
        return events

    return run_blocking(main)


def short(events: list[Event]) -> list[tuple]:
    """The events without their times."""
    texts = {
        Started: lambda e: ("started", e.node),
        Output: lambda e: ("output", e.stream, e.data),
        Written: lambda e: ("written", e.stream, e.size),
        Ended: lambda e: ("ended", e.status, e.rc),
    }
    return [texts[type(event)](event) for event in events]


def filled(data: bytes) -> int:
    """The reading end of a pipe that holds ``data`` and then ends."""
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    return reader


def test_what_is_read_comes_in_whole_lines() -> None:
    assert short(events_of(Streams("log", {"a": filled(b"one\ntwo\nrest")}))) == [
        ("started", "log"),
        ("output", "a", b"one\ntwo\n"),
        ("output", "a", b"rest"),
        ("ended", Status.OK, None),
    ]


def test_what_is_written_before_and_the_end_after_it() -> None:
    reader, writer = os.pipe()

    def script(run) -> None:
        run.write(b"early", "in")
        run.write(b"lost", "nowhere")
        run.write_eof("in")

    events = events_of(Streams("x", writers={"in": writer}), script)
    assert short(events)[1:] == [("written", "in", 5), ("ended", Status.OK, None)]
    assert os.read(reader, 99) == b"early"
    assert os.read(reader, 99) == b""
    os.close(reader)


def test_both_ends_of_a_socket() -> None:
    ours, theirs = socket.socketpair()

    def script(run) -> None:
        run.write(b"question\n", "out")
        run.write_eof("out")

    with theirs:
        theirs.send(b"answer\n")
        theirs.shutdown(socket.SHUT_WR)
        fd = ours.detach()
        events = events_of(Streams("x", {"in": fd}, {"out": fd}), script)
        assert theirs.recv(99) == b"question\n"
        assert theirs.recv(99) == b""
    assert ("output", "in", b"answer\n") in short(events)


def test_passive_streams_keep_nobody_and_lose_nothing() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"said\nrest")
    streams = Streams("x", {"a": reader, "b": filled(b"")}, passive=frozenset({"a"}))
    said = b"".join(event.data for event in events_of(streams) if isinstance(event, Output))
    assert said == b"said\nrest"
    os.close(writer)


def test_without_streams_it_ends_at_once() -> None:
    assert short(events_of(Streams("x"))) == [("started", "x"), ("ended", Status.OK, None)]


@pytest.mark.parametrize("keep", [False, True])
def test_descriptors_are_closed_in_the_end_or_given_back_as_they_were(keep: bool) -> None:
    reader, writer = os.pipe()
    other = filled(b"x")
    fds = {writer, other}
    closed = []
    closers = {fd: lambda fd=fd: closed.append(fd) for fd in fds} if keep else {}
    streams = Streams("x", {"a": other}, {"in": writer}, closers=closers)
    events_of(streams, lambda run: run.write_eof("in"))
    assert set(closed) == (fds if keep else set())
    for fd in fds:
        if keep:
            assert os.get_blocking(fd)
            os.close(fd)
        else:
            with pytest.raises(OSError):
                os.fstat(fd)
    os.close(reader)


def test_timeout_keeps_what_was_said() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"part")
    assert short(events_of(Streams("x", {"a": reader}, timeout=0.05)))[1:] == [
        ("output", "a", b"part"),
        ("ended", Status.TIMED_OUT, None),
    ]
    os.close(writer)


@pytest.mark.parametrize("moment", [Started, Output])
def test_abort_is_legal_in_every_event(moment: type) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"line\n")
    events: list[Event] = []

    async def main() -> None:
        def sink(event: Event) -> None:
            events.append(event)
            if isinstance(event, moment):
                run.abort()

        async with Task() as task:
            run = task.attach(Streams("x", {"a": reader}), sink)
            await task.join()

    run_blocking(main)
    assert short(events)[0] == ("started", "x")
    assert short(events)[-1] == ("ended", Status.CANCELLED, None)
    assert sum(isinstance(event, Ended) for event in events) == 1
    os.close(writer)


def test_they_are_one_target_of_the_window() -> None:
    async def main() -> list[str]:
        order: list[str] = []

        def note(event: Event) -> None:
            if isinstance(event, (Started, Ended)):
                order.append(f"{event.node} {type(event).__name__}")

        async with Task(fanout=1) as task:
            task.submit(Job(NodeSet("n1"), "true", Exec()), note)
            task.attach(Streams("x", {"a": filled(b"")}), note)
            task.attach(Streams("own", {"a": filled(b"")}, fanout=1), note)
            await task.join()
        return [each for each in order if not each.startswith("own")]

    assert run_blocking(main) == ["n1 Started", "n1 Ended", "x Started", "x Ended"]


def test_the_background_does_not_keep_the_task() -> None:
    reader, writer = os.pipe()
    events = events_of(Streams("x", {"a": reader}), background=True)
    assert [event.status for event in events if isinstance(event, Ended)] in (
        [Status.NOT_STARTED],
        [Status.CANCELLED],
    )
    os.close(writer)


def test_paused_streams_wait() -> None:
    async def main() -> list[Event]:
        events: list[Event] = []
        async with Task() as task:
            task.pause()
            task.attach(Streams("x", {"a": filled(b"said")}), events.append).start_now()
            assert [type(event) for event in events] == [Started]
            task.resume()
            await task.join()
        return events

    assert ("output", "a", b"said") in short(run_blocking(main))
