"""Jobs in a task, with real local commands."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import defaultdict

import pytest

from clush.engine import loop as loop_module
from clush.engine.child import Child
from clush.engine.loop import run_blocking
from clush.engine.outlet import WIDE
from clush.errors import ClushError, JobError, ResourceLimitError, TaskError, TaskTimeoutError
from clush.events import Ended, Event, Output, Started, Status, Written
from clush.job import Job
from clush.runtime import run as run_module
from clush.runtime.streams import Streams
from clush.runtime.task import Task
from clush.sets.nodeset import NodeSet
from clush.transport.base import Launch
from clush.transport.exec import Exec


def job(command: str, nodes: str = "n1", **options: object) -> Job:
    return Job(NodeSet(nodes), command, Exec(), **options)


class Log:
    """A sink that keeps the events and wakes who waits for one."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.arrived = asyncio.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self.arrived.set()

    async def until(self, kind: type, count: int = 1) -> None:
        async def wait() -> None:
            while len(self.of(kind)) < count:
                self.arrived.clear()
                await self.arrived.wait()

        await asyncio.wait_for(wait(), 20)

    def of(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def said(self) -> dict[str, bytes]:
        text: dict[str, bytes] = defaultdict(bytes)
        for event in self.of(Output):
            text[event.node] += event.data
        return dict(text)

    @property
    def ends(self) -> dict[str, tuple]:
        """(status, rc) by node; fails if a node ended twice."""
        assert len({event.node for event in self.of(Ended)}) == len(self.of(Ended))
        return {event.node: (event.status, event.rc) for event in self.of(Ended)}


def with_task(test):
    """Make a plain test of ``async def test(task, log)``."""

    def run() -> None:
        async def main() -> None:
            async with Task() as task:
                await test(task, Log())

        run_blocking(main)

    run.__doc__ = test.__doc__
    return run


def test_the_events_of_a_node_come_in_order() -> None:
    async def main() -> list[Event]:
        log = Log()
        async with Task() as task:
            task.submit(job("echo out; echo err >&2; printf rest; exit 3"), log)
            await task.join()
        return log.events

    events = run_blocking(main)
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Ended)
    assert events[-1][:3] == ("n1", Status.FAILED, 3)
    assert events[0].at == events[-1].started <= events[-1].ended
    out = [event.data for event in events if isinstance(event, Output) and event.stream == "stdout"]
    assert out[-1] == b"rest"
    assert b"".join(out) == b"out\nrest"
    assert Output("n1", "stderr", b"err\n") in events


@with_task
async def test_many_jobs_share_a_task(task: Task, log: Log) -> None:
    for number in range(5):
        task.submit(job(f"echo {number}", f"j{number}n[1-3]"), log)
    await task.join()
    assert len(log.ends) == 15
    assert log.said["j4n2"] == b"4\n"


@with_task
async def test_a_sink_may_add_jobs(task: Task, log: Log) -> None:
    def chain(event: Event) -> None:
        log(event)
        if isinstance(event, Ended) and event.node != "n5":
            following = f"n{int(event.node[1:]) + 1}"
            task.submit(job(f"echo {following}", following), chain)

    task.submit(job("echo n1"), chain)
    await task.join()
    assert sorted(log.ends) == ["n1", "n2", "n3", "n4", "n5"]


def peak(events: list[Event], of: str = "") -> int:
    running = most = 0
    for event in events:
        if event.node.startswith(of):
            running += isinstance(event, Started) - isinstance(event, Ended)
            most = max(most, running)
    return most


def test_fanout_bounds_all_jobs_together_but_own_windows() -> None:
    async def main() -> Log:
        log = Log()
        async with Task(fanout=3) as task:
            task.submit(job("sleep 0.01", "a[1-8]"), log)
            task.submit(job("sleep 0.01", "b[1-8]"), log)
            task.submit(job("sleep 0.01", "c[1-6]", fanout=2), log)
            await task.join()
        return log

    log = run_blocking(main)
    assert len(log.ends) == 22
    shared = [event for event in log.events if not event.node.startswith("c")]
    assert peak(shared) == 3
    assert peak(log.events, of="c") == 2


def test_nodes_start_in_node_order() -> None:
    async def main() -> list[str]:
        log = Log()
        async with Task(fanout=1) as task:
            task.submit(job("true", "n[9-12,1-3]"), log)
            await task.join()
        return [event.node for event in log.of(Started)]

    assert run_blocking(main) == ["n1", "n2", "n3", "n9", "n10", "n11", "n12"]


@with_task
async def test_an_empty_set_runs_nothing(task: Task, log: Log) -> None:
    run = task.submit(job("touch /should/not/run", ""), log)
    await task.join()
    assert log.events == []
    assert run.over


@with_task
async def test_one_process_may_stand_for_all_nodes(task: Task, log: Log) -> None:
    task.submit(job("echo $$ %hosts; exit 2", "n[1-3]"), log)
    await task.join()
    assert len(set(log.said.values())) == 1
    assert log.ends == dict.fromkeys(["n1", "n2", "n3"], (Status.FAILED, 2))


@with_task
async def test_timeout_is_per_node_and_counted_from_its_own_start(task: Task, log: Log) -> None:
    command = "case %n in 1) printf partial; sleep 600;; *) sleep 0.2; echo fine;; esac"
    task.submit(job(command, "n[1-6]", timeout=0.5, fanout=1), log)
    await task.join()
    ends = log.ends
    assert ends.pop("n2") == (Status.TIMED_OUT, None)
    assert set(ends.values()) == {(Status.OK, 0)}
    assert log.said["n2"] == b"partial"


@with_task
async def test_over_in_time_though_its_pipe_is_held_open(task: Task, log: Log) -> None:
    task.submit(job("sleep 600 & exit 4", timeout=0.3), log)
    await task.join()
    assert log.ends == {"n1": (Status.FAILED, 4)}


def test_of_two_stops_at_a_start_the_shorter_grace_counts(monkeypatch) -> None:
    """As later: a stop may shorten the grace time of another one, and never makes it longer."""
    graces: list[float] = []
    stop = Child.stop

    def stopped(child: Child, grace: float) -> None:
        graces.append(grace)
        stop(child, grace)

    monkeypatch.setattr(Child, "stop", stopped)

    async def main() -> None:
        def sink(event: Event) -> None:
            if isinstance(event, Started):
                run.abort(0.5)
                run.abort(60)

        async with Task() as task:
            run = task.submit(job("exec sleep 60"), sink)
            await task.join(timeout=20)

    run_blocking(main)
    assert graces == [0.5]


@with_task
async def test_input_goes_to_all_and_to_those_who_start_later(task: Task, log: Log) -> None:
    run = task.submit(job("cat", "n[1-5]", stdin=True, fanout=2), log)
    run.write(b"early\n")
    await log.until(Started)
    run.write(b"late\n")
    run.write_eof()
    await task.join()
    assert log.said == dict.fromkeys(["n1", "n2", "n3", "n4", "n5"], b"early\nlate\n")
    assert sum(event.size for event in log.of(Written) if event.node == "n3") == 11


@with_task
async def test_much_input_waits_for_the_fastest_reader_only(task: Task, log: Log) -> None:
    """The node that reads nothing neither blocks the other nor loses anything."""
    command = "case %n in 0) cat >/dev/null; echo done;; *) sleep 600;; esac"
    run = task.submit(job(command, "n[1-2]", stdin=True), log)
    await log.until(Started, 2)
    for _ in range(50):
        run.write(b"x" * 100_000)
        await asyncio.wait_for(run.drain(), 20)
    run.write_eof()
    await log.until(Ended)
    assert log.said == {"n1": b"done\n"}
    run.abort(grace=0)
    await task.join()


@with_task
async def test_drain_waits_while_nobody_reads(task: Task, log: Log) -> None:
    run = task.submit(job("read line; sleep 600", stdin=True), log)
    await log.until(Started)
    run.write(b"x" * (run_module.INPUT_HIGH + WIDE + 1))
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(run.drain(), 0.05)
    run.abort(grace=0)
    await asyncio.wait_for(run.drain(), 20)


@with_task
async def test_writing_after_the_end_of_input_is_refused(task: Task, log: Log) -> None:
    run = task.submit(job("cat", stdin=True), log)
    run.write_eof()
    with pytest.raises(TaskError, match="closed"):
        run.write(b"more")


@with_task
async def test_abort_accounts_for_every_node(task: Task, log: Log) -> None:
    run = task.submit(job("sleep 600", "n[1-5]", fanout=2), log)
    await log.until(Started, 2)
    run.abort()
    await task.join()
    states = [status for status, _ in log.ends.values()]
    assert states.count(Status.CANCELLED) == 2
    assert states.count(Status.NOT_STARTED) == 3
    assert run.over


@with_task
async def test_aborting_one_job_leaves_the_others(task: Task, log: Log) -> None:
    doomed = task.submit(job("sleep 600", "a[1-3]"), log)
    task.submit(job("sleep 0.05; echo fine", "b[1-3]"), log)
    await log.until(Started, 6)
    doomed.abort()
    await task.join()
    assert [log.ends[f"b{n}"] for n in (1, 2, 3)] == [(Status.OK, 0)] * 3
    assert {log.ends[f"a{n}"] for n in (1, 2, 3)} == {(Status.CANCELLED, None)}


@pytest.mark.parametrize("moment", [Started, Output, Ended])
def test_abort_is_legal_in_every_event(moment: type) -> None:
    async def main() -> Log:
        log = Log()

        def sink(event: Event) -> None:
            log(event)
            if isinstance(event, moment):
                run.abort()

        async with Task(fanout=2) as task:
            run = task.submit(job("echo said; sleep 0.1", "n[1-4]"), sink)
            await task.join()
        return log

    log = run_blocking(main)
    assert sorted(log.ends) == ["n1", "n2", "n3", "n4"]


def test_an_error_in_a_sink_stops_all_is_raised_once_and_leaves_the_task_usable() -> None:
    async def main() -> tuple[Log, Log]:
        bad, after = Log(), Log()

        def sink(event: Event) -> None:
            bad(event)
            if isinstance(event, Output):
                raise ValueError("handler is broken")

        async with Task(fanout=3) as task:
            task.submit(job("test %n = 0 && echo said; sleep 600", "n[1-5]"), sink)
            with pytest.raises(ValueError, match="handler is broken"):
                await task.join()
            task.submit(job("echo again"), after)
            await task.join()
        return bad, after

    bad, after = run_blocking(main)
    assert sorted(bad.ends) == ["n1", "n2", "n3", "n4", "n5"]
    assert after.ends == {"n1": (Status.OK, 0)}


class Confused(Exec):
    """A transport that fails to judge how a command ended."""

    def verdict(self, work, closing):
        raise ValueError("no idea")


@with_task
async def test_an_end_that_is_not_understood_is_an_end(task: Task, log: Log) -> None:
    task.submit(Job(NodeSet("n[1-3]"), "true", Confused()), log)
    with pytest.raises(ValueError, match="no idea"):
        await task.join()
    assert sorted(log.ends) == ["n1", "n2", "n3"]


@with_task
async def test_a_name_that_no_program_can_be_given(task: Task, log: Log) -> None:
    task.submit(Job(NodeSet.fromnames(["n1", "n\0002"]), "echo %h", Exec()), log)
    await task.join()
    assert log.ends == {"n1": (Status.OK, 0), "n\0002": (Status.NOT_STARTED, 126)}


@with_task
async def test_input_is_bytes(task: Task, log: Log) -> None:
    run = task.submit(job("cat", stdin=True), log)
    with pytest.raises(TypeError, match="takes bytes, not str"):
        run.write("text")
    run.write_eof()
    await task.join()


@with_task
async def test_drain_may_be_awaited_by_many(task: Task, log: Log) -> None:
    run = task.submit(job("sleep 600", stdin=True), log)
    await log.until(Started)
    run.write(b"x" * 3_000_000)
    waiting = [asyncio.ensure_future(run.drain()) for _ in range(3)]
    await asyncio.sleep(0)
    run.abort(grace=0)
    await asyncio.wait_for(asyncio.gather(*waiting), 20)


@with_task
async def test_a_reader_that_lags_too_far_behind_holds_back_the_others(
    task: Task, log: Log
) -> None:
    command = "case %n in 0) cat >/dev/null;; *) sleep 600;; esac"
    run = task.submit(job(command, "n[1-2]", stdin=True), log)
    await log.until(Started, 2)

    async def flood() -> None:
        while True:
            run.write(b"x" * 1_000_000)
            await run.drain()

    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(flood(), 2)
    pending = max(process.child.pending for process in run._live)
    assert pending <= run_module.INPUT_MOST + 1_000_000
    run.abort(grace=0)


class Missing(Exec):
    """A transport whose program is not there."""

    def launches(self, job: Job):
        return (Launch((node,), ["/no/such/ssh", node]) for node in job.nodes)


@with_task
async def test_a_missing_program_is_an_end_with_its_reason(task: Task, log: Log) -> None:
    task.submit(Job(NodeSet("n[1-3]"), "x", Missing()), log)
    task.submit(job("echo fine", "m1"), log)
    await task.join()
    missing = (Status.NOT_STARTED, 127)
    assert log.ends == {"n1": missing, "n2": missing, "n3": missing, "m1": (Status.OK, 0)}
    details = {event.detail for event in log.of(Ended)}
    assert "/no/such/ssh: No such file or directory" in details


@with_task
async def test_a_command_line_too_long_is_an_end_too(task: Task, log: Log) -> None:
    task.submit(job("true " + "x" * 3_000_000), log)
    await task.join()
    assert log.ends == {"n1": (Status.NOT_STARTED, 126)}
    assert "Argument list too long" in log.of(Ended)[0].detail


def test_out_of_descriptors_is_one_error_and_every_node_has_an_outcome(monkeypatch) -> None:
    real, started = run_module.spawn, []

    def scarce(*args: object, **kwargs: object):
        if len(started) == 3:
            raise ResourceLimitError("Too many open files")
        started.append(args)
        return real(*args, **kwargs)

    async def main() -> tuple[Log, Log]:
        log, after = Log(), Log()
        async with Task() as task:
            task.submit(job("sleep 600", "n[1-9]"), log)
            with pytest.raises(ResourceLimitError):
                await task.join()
            monkeypatch.setattr(run_module, "spawn", real)
            task.submit(job("true"), after)
            await task.join()
        return log, after

    monkeypatch.setattr(run_module, "spawn", scarce)
    log, after = run_blocking(main)
    states = [status for status, _ in log.ends.values()]
    assert states.count(Status.CANCELLED) == 3
    assert states.count(Status.NOT_STARTED) == 6
    assert after.ends == {"n1": (Status.OK, 0)}


@with_task
async def test_join_can_be_bounded(task: Task, log: Log) -> None:
    task.submit(job("case %n in 0) exit 3;; *) sleep 600;; esac", "n[1-2]"), log)
    with pytest.raises(TaskTimeoutError) as caught:
        await task.join(timeout=0.5)
    assert isinstance(caught.value, TimeoutError)
    assert isinstance(caught.value, ClushError)
    assert log.ends == {"n1": (Status.FAILED, 3), "n2": (Status.TIMED_OUT, None)}


@with_task
async def test_calls_from_another_thread(task: Task, log: Log) -> None:
    def submit() -> None:
        task.submit(job("echo hop"), log)

    thread = threading.Thread(target=task.call_threadsafe, args=(submit,))
    thread.start()
    await log.until(Ended)
    thread.join()
    assert log.said == {"n1": b"hop\n"}


@with_task
async def test_output_stops_while_paused(task: Task, log: Log) -> None:
    task.submit(job("head -c 300000 /dev/zero; echo"), log)
    task.pause()
    await log.until(Started)
    assert log.of(Output) == []
    task.resume()
    await task.join()
    assert len(log.said["n1"]) == 300001


def test_leaving_the_task_stops_what_runs() -> None:
    async def main() -> Log:
        log = Log()
        async with Task() as task:
            task.submit(job("sleep 600", "n[1-3]"), log)
            await log.until(Started, 3)
        return log

    assert set(run_blocking(main).ends.values()) == {(Status.CANCELLED, None)}


@pytest.mark.parametrize("how", ["submit", "attach", "timer", "hold"])
def test_a_closed_task_refuses_what_nobody_would_carry_out(how: str) -> None:
    calls = {
        "submit": lambda task: task.submit(job("true"), print),
        "attach": lambda task: task.attach(Streams("s"), print),
        "timer": lambda task: task.timer(600, print),
        "hold": lambda task: task.hold(task),
    }

    async def main() -> None:
        async with Task() as task:
            task.submit(job("true"), lambda event: None)
            await task.join()
        with pytest.raises(TaskError, match="the task is closed"):
            calls[how](task)
        await asyncio.wait_for(task.join(), 20)

    run_blocking(main)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: job(""), "no command"),
        (lambda: job("x", timeout=-1), "timeout must not be negative"),
        (lambda: job("x", fanout=0), "fanout must be at least 1"),
    ],
)
def test_a_job_that_makes_no_sense_is_refused(make, text: str) -> None:
    with pytest.raises(JobError, match=text):
        make()


def test_a_fanout_that_starts_nothing_is_refused() -> None:
    async def main() -> None:
        Task(fanout=0)

    with pytest.raises(TaskError, match="fanout must be at least 1"):
        run_blocking(main)


def test_hundreds_of_runs_leak_nothing() -> None:
    async def main() -> None:
        async with Task(fanout=20) as task:
            task.submit(job("true", "n[1-100]"), lambda event: None)
            await task.join()

    run_blocking(main)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        run_blocking(main)
    assert len(os.listdir("/proc/self/fd")) == before
    try:
        ended, _ = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        ended = 0
    assert ended == 0  # others may have children; none of ours waits to be collected


def test_a_start_within_the_call_does_not_wait_for_those_before() -> None:
    async def main() -> Log:
        log = Log()
        async with Task(fanout=2) as task:
            task.submit(job("true", "a[1-3]"), log)
            run = task.submit(job("true", "b[1-3]"), log)
            run.start_now()
            assert [event.node for event in log.of(Started)] == ["b1", "b2"]
            await task.join()
        return log

    assert len(run_blocking(main).ends) == 6


def test_who_hears_of_an_end_finds_its_place_free() -> None:
    async def main() -> Log:
        log = Log()

        def sink(event: Event) -> None:
            log(event)
            if isinstance(event, Ended) and event.node == "n1":
                task.submit(job("true", "m1"), log).start_now()

        async with Task(fanout=1) as task:
            task.submit(job("true", "n[1-2]"), sink)
            await task.join()
        return log

    assert [event.node for event in run_blocking(main).of(Started)] == ["n1", "m1", "n2"]


@with_task
async def test_the_fanout_may_change_while_it_runs(task: Task, log: Log) -> None:
    task.fanout = 1
    run = task.submit(job("sleep 0.05", "n[1-9]"), log)
    await log.until(Started)
    task.fanout = 3
    await log.until(Started, 3)
    task.fanout = 1
    run.set_fanout(4)
    await task.join()
    assert peak(log.events) == 4
    with pytest.raises(TaskError):
        task.fanout = 0


@with_task
async def test_the_background_is_stopped_when_all_else_is_done(task: Task, log: Log) -> None:
    task.submit(job("sleep 600", "b1"), log, background=True)
    task.submit(job("true", "n1"), log)
    await task.join()
    assert "b1" not in log.ends
    await task.stop()
    assert log.ends["b1"] == (Status.CANCELLED, None)


@with_task
async def test_join_waits_for_what_is_held(task: Task, log: Log) -> None:
    task.hold(log)
    with pytest.raises(TaskTimeoutError):
        await task.join(timeout=0.02)
    task.hold(log)
    task.timer(0.01, lambda: task.release(log), background=True)
    await asyncio.wait_for(task.join(), 20)


@pytest.mark.parametrize("how", ["stop", "error", "timeout"])
def test_nothing_more_begins_while_all_is_stopped(how: str) -> None:
    """Sinks that answer each end with another job, or a timer, must not keep the task."""

    async def main() -> Log:
        log = Log()
        after = Log()

        def sink(event: Event) -> None:
            if isinstance(event, Started) and how == "error":
                raise ValueError
            if isinstance(event, Ended):
                task.submit(job("true", f"{event.node}x"), after).start_now()
                task.timer(600, log.arrived.set)

        async with Task() as task:
            task.submit(job("sleep 600", "n[1-2]"), sink)
            if how == "error":
                with pytest.raises(ValueError):
                    await task.join()
            elif how == "timeout":
                with pytest.raises(TaskTimeoutError):
                    await task.join(timeout=0.1)
            else:
                task.submit(job("true", "first"), log)
                await log.until(Ended)
                await task.stop()
            assert {status for status, _ in after.ends.values()} == {Status.NOT_STARTED}
            task.submit(job("true", "usable"), log)
            await task.join()
        return log

    assert run_blocking(main).ends["usable"] == (Status.OK, 0)


@with_task
async def test_input_written_at_the_start_comes_after_what_was_written_before(
    task: Task, log: Log
) -> None:
    def sink(event: Event) -> None:
        log(event)
        if isinstance(event, Started) and event.node == "n1":
            run.write(b"second\n")
            run.write_eof()

    run = task.submit(job("cat", "n[1-2]", stdin=True, fanout=1), sink)
    run.write(b"first\n")
    await task.join()
    assert log.said == dict.fromkeys(["n1", "n2"], b"first\nsecond\n")


@with_task
async def test_input_that_is_not_taken_is_told(task: Task, log: Log) -> None:
    lost = []
    run = task.submit(job("exec <&-; echo closed; sleep 0.1", stdin=True), log)
    run.on_input_lost = lambda nodes, size: lost.append((nodes, size))
    await log.until(Output)
    run.write(b"nobody reads this")
    await task.join()
    assert lost == [(("n1",), 17)]


@with_task
async def test_an_end_does_not_come_before_its_beginning(task: Task, log: Log) -> None:
    """One process for all nodes, stopped when the first of them is said to start."""

    def sink(event: Event) -> None:
        log(event)
        if isinstance(event, Started):
            run.abort()

    run = task.submit(job("echo %hosts", "n[1-3]"), sink)
    await task.join()
    kinds = [type(event) for event in log.events if not isinstance(event, Output)]
    assert kinds == [Started] * 3 + [Ended] * 3


class Drawn(Exec):
    """A transport whose third launch cannot be made."""

    def launches(self, job: Job):
        for node in job.nodes:
            if node == "n3":
                raise ValueError("cannot make this one")
            yield Launch((node,), ["/bin/sleep", "600"])


@with_task
async def test_an_error_of_a_launch_that_is_drawn_stops_the_task(task: Task, log: Log) -> None:
    task.submit(Job(NodeSet("n[1-5]"), "x", Drawn()), log)
    with pytest.raises(ValueError, match="cannot make this one"):
        await task.join()
    assert [event.node for event in log.of(Started)] == ["n1", "n2"]
    assert set(log.ends.values()) == {(Status.CANCELLED, None)}


@with_task
async def test_who_retries_for_ever_can_be_stopped(task: Task, log: Log) -> None:
    """Each end without a beginning is told in a turn of its own: no recursion."""

    def sink(event: Event) -> None:
        log(event)
        if len(log.events) < 2000:
            task.submit(Job(NodeSet("n1"), "x", Missing()), sink).start_now()

    task.submit(Job(NodeSet("n1"), "x", Missing()), sink)
    await task.join()
    assert len(log.events) == 2000


@with_task
async def test_a_null_byte_in_a_command_is_an_end_too(task: Task, log: Log) -> None:
    task.submit(job("echo \0"), log)
    await task.join()
    assert log.ends == {"n1": (Status.NOT_STARTED, 126)}
    assert "null" in log.of(Ended)[0].detail


def test_the_select_engine_says_what_it_cannot_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> Log:
        log = Log()
        free = os.dup(0)  # the lowest that is not in use
        os.close(free)
        monkeypatch.setattr(loop_module, "SELECT_LIMIT", free + 10)
        async with Task() as task:
            task.submit(job("sleep 600", "n[1-20]"), log)
            with pytest.raises(ResourceLimitError, match="select engine cannot watch"):
                await task.join()
        return log

    before = len(os.listdir("/proc/self/fd"))
    ends = run_blocking(main, "select").ends
    assert len(ends) == 20
    assert {status for status, _ in ends.values()} == {Status.CANCELLED, Status.NOT_STARTED}
    assert len(os.listdir("/proc/self/fd")) == before
