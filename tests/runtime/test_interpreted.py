"""Launches with an interpreter: a program in place of pdsh that says what a test needs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Optional

import pytest

from clush.engine.loop import run_blocking
from clush.events import Ended, Event, Output, Started, Status
from clush.job import Job
from clush.runtime.task import Run, Task
from clush.sets.nodeset import NodeSet
from clush.transport import pdsh as pdsh_module
from clush.transport.pdsh import Pdsh
from clush.transport.pdshtext import PdshText


def carry_out(
    script: str,
    folder: Path,
    stop_at: bytes = b"",
    events: Optional[list[Event]] = None,
    **fields: object,
) -> list[Event]:
    """The events of a pdsh that is ``script``, stopped when a node says ``stop_at``."""
    events = [] if events is None else events
    program = folder / "pdsh"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    pdsh = Pdsh(path=str(program))

    async def main() -> None:
        def sink(event: Event) -> None:
            events.append(event)
            if isinstance(event, Output) and stop_at and stop_at in event.data:
                run.abort()

        async with Task() as task:
            run: Run = task.submit(Job(NodeSet("n[1-3]"), "x", pdsh, **fields), sink)
            await task.join(timeout=30)

    run_blocking(main)
    return events


def ends(events: list[Event]) -> dict[str, tuple]:
    return {event.node: (event.status, event.rc) for event in events if isinstance(event, Ended)}


def test_all_nodes_begin_with_the_process_and_end_after_its_last_word(tmp_path: Path) -> None:
    events = carry_out(
        "echo 'n2: out'; echo 'n1: err' >&2; echo 'pdsh@h: n3: ssh exited with exit code 4' >&2;"
        "printf 'n1: last'",
        tmp_path,
    )
    assert [type(event) for event in events[:3]] == [Started] * 3
    assert set(events[3:-3]) == {
        ("n2", "stdout", b"out\n"), ("n1", "stderr", b"err\n"), ("n1", "stdout", b"last"),
    }  # fmt: skip
    assert [(event.node, event.rc) for event in events[-3:]] == [("n1", 0), ("n2", 0), ("n3", 4)]


def test_streams_can_be_merged_though_they_are_read_apart(tmp_path: Path) -> None:
    events = carry_out(
        "echo 'n2: err' >&2; echo 'pdsh@h: n2: ssh exited with exit code 4' >&2",
        tmp_path,
        merge_stderr=True,
    )
    assert ("n2", "stdout", b"err\n") in events
    assert ends(events)["n2"] == (Status.FAILED, 4)


STOPPED = "; echo 'n1: now' >&2; trap 'echo %s >&2; exit' TERM; sleep 60 & wait"


@pytest.mark.parametrize("last", ["bye", "pdsh@h: n1: ssh exited with exit code 255"])
def test_what_was_heard_before_the_stop_holds(last: str, tmp_path: Path) -> None:
    """Of the others it is not known how they fared, whatever pdsh says when it is stopped."""
    script = "echo 'pdsh@h: n2: ssh exited with exit code 3' >&2" + STOPPED % f"'{last}'"
    events = carry_out(script, tmp_path, stop_at=b"now")
    assert ends(events) == {
        "n1": (Status.CANCELLED, None),
        "n2": (Status.FAILED, 3),
        "n3": (Status.CANCELLED, None),
    }


def test_so_it_is_when_its_time_is_over(tmp_path: Path) -> None:
    script = "echo 'pdsh@h: n2: ssh exited with exit code 3' >&2; sleep 60"
    events = carry_out(script, tmp_path, timeout=0)
    assert {status for status, _ in ends(events).values()} <= {Status.TIMED_OUT, Status.FAILED}
    assert ends(events)["n1"] == (Status.TIMED_OUT, None)


def test_who_keeps_the_time_is_not_stopped(tmp_path: Path) -> None:
    events = carry_out("sleep 0.2; echo 'n1: done'", tmp_path, timeout=0.01)
    assert ends(events) == dict.fromkeys(["n1", "n2", "n3"], (Status.OK, 0))


class Broken(PdshText):
    """Raises where it is told to."""

    where = ""

    def feed(self, stream, lines):
        assert self.where != "feed", "broken"
        return super().feed(stream, lines)

    def close(self):
        assert self.where != "close", "broken"
        return super().close()

    def verdict(self, node, closing):
        assert self.where != "verdict", "broken"
        return super().verdict(node, closing)


@pytest.mark.parametrize("where", ["feed", "close", "verdict"])
@pytest.mark.parametrize("script", ["echo 'n1: out'", "echo 'n1: now'; sleep 60"])
def test_an_interpreter_that_fails_ends_the_run_with_its_error(
    where: str, script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped or not, each node has one end."""
    monkeypatch.setattr(Broken, "where", where)
    monkeypatch.setattr(pdsh_module, "PdshText", Broken)
    events: list[Event] = []
    with pytest.raises(AssertionError, match="broken"):
        carry_out(script, tmp_path, b"now", events)
    assert sorted(event.node for event in events if isinstance(event, Ended)) == ["n1", "n2", "n3"]


def test_what_was_read_at_once_is_told_before_the_ends(tmp_path: Path) -> None:
    """Who hears the first of it stops a program that is over by then."""
    program = tmp_path / "pdsh"
    program.write_text("#!/bin/sh\nprintf 'n1: a\\nn2: b\\n'\n")
    program.chmod(0o755)
    events: list[Event] = []

    async def main() -> None:
        def sink(event: Event) -> None:
            events.append(event)
            if isinstance(event, Output) and event.node == "n1":
                [process] = run._live
                os.waitid(os.P_PID, process.child.pid, os.WEXITED | os.WNOWAIT)
                run.abort(0)

        async with Task() as task:
            job = Job(NodeSet("n[1-2]"), "x", Pdsh(path=str(program)))
            run: Run = task.submit(job, sink)
            await task.join(timeout=30)

    run_blocking(main)
    kinds = [type(event) for event in events]
    assert kinds == [Started, Started, Output, Output, Ended, Ended]
