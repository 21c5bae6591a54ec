"""Timeouts, aborts and errors: how things end before their end, and what is left then."""

from __future__ import annotations

import os
import time
from asyncio import CancelledError
from pathlib import Path

import pytest
from classic_recorder import Recorder

from clush.errors import JobError
from ClusterShell.Task import AlreadyRunningError, Task, TimeoutError, WorkerError
from ClusterShell.Worker.Exec import ExecWorker

pytestmark = pytest.mark.usefixtures("no_leaks")


def gone(pid: int) -> bool:
    """True soon if the process is over; it may be a zombie that is not ours to reap."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.005)
    return False


# -- time --------------------------------------------------------------------------------


def test_a_timeout_of_some_nodes(task: Task) -> None:
    handler = Recorder()
    worker = task.run(
        "test %n = 0 || { printf partial; sleep 600; }",
        nodes="n[1-3]", handler=handler, timeout=0.3,
    )  # fmt: skip
    assert handler.of("hup") == [("n1", 0)]
    said = sorted(handler.of("read"))
    assert said == [("n2", "stdout", b"partial"), ("n3", "stdout", b"partial")]
    assert handler.seen[-1] == ("close", True)
    assert sorted(worker.iter_keys_timeout()) == ["n2", "n3"]
    assert worker.num_timeout() == task.num_timeout() == 2
    assert worker.did_timeout()
    assert task.max_retcode() == 0
    assert worker.current_node in ("n2", "n3")


def test_a_timeout_counts_from_the_own_start_and_zero_is_one(task: Task) -> None:
    task.set_info("fanout", 1)
    waiting = task.shell("sleep 0.15", nodes="n[1-4]", timeout=0.4)
    none = task.shell("true", nodes="n1", timeout=-1)
    at_once = task.shell("sleep 600", nodes="n1", timeout=0)
    task.resume()
    assert not waiting.did_timeout()
    assert not none.did_timeout()
    assert at_once.did_timeout()


@pytest.mark.parametrize("nodes", ["n1", None])
def test_a_command_that_is_over_in_time_but_leaves_its_pipe_open(task: Task, nodes) -> None:
    handler = Recorder()
    worker = task.run("sleep 600 & exit 4", nodes=nodes, handler=handler, timeout=0.3)
    assert [rc for _, rc in handler.of("hup")] == [4]
    assert handler.seen[-1] == ("close", False)
    assert not worker.did_timeout()


def test_a_bounded_run(task: Task) -> None:
    task.set_info("fanout", 4)
    handler, waiting = Recorder(), Recorder()
    task.shell("exit 3", key="q")
    task.shell("echo said; sleep 600", nodes="n[1-2]", handler=handler)
    task.shell("sleep 600", key="k")
    never = task.shell("true", nodes="m[1-9]", handler=waiting)
    never._fanout = 1
    task.shell("sleep 600", nodes="w[1-9]", handler=Recorder())
    with pytest.raises(TimeoutError) as caught:
        task.resume(0.4)
    assert str(caught.value) == "not all done within 0.4 s"
    assert isinstance(caught.value, __builtins__["TimeoutError"])
    assert handler.seen[-1] == ("close", True)
    assert handler.of("hup") == []
    assert {"n1", "n2", "k"} < set(task.iter_keys_timeout())
    assert task.max_retcode() == 3
    assert task.key_buffer("n1") == b"said"
    assert task.run("echo usable") is not None


def test_a_bounded_run_ends_in_time_whatever_happens_meanwhile(task: Task) -> None:
    ticks = Recorder()
    task.timer(0.1, ticks, interval=0.1)
    task.shell("sleep 600", key="short", timeout=0.2)
    task.shell("sleep 600", key="long")
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        task.resume(0.35)
    assert 0.35 <= time.monotonic() - begun < 0.39 + 1
    assert len(ticks.seen) == 3


def test_a_closed_output_freezes_nothing(task: Task) -> None:
    ticks = Recorder()
    task.timer(0.05, ticks, interval=0.05, autoclose=True)
    handler = Recorder()
    task.run("exec >&- 2>&-; sleep 600", nodes="n1", handler=handler, timeout=0.3)
    assert handler.seen[-1] == ("close", True)
    assert len(ticks.seen) >= 4


# -- abort -------------------------------------------------------------------------------

STOPS = ["start", "pickup", "read", "written", "hup", "close"]


@pytest.mark.parametrize("event", STOPS)
@pytest.mark.parametrize("nodes", ["n1", "n[1-3]", None])
@pytest.mark.parametrize("whole", [False, True], ids=["worker", "task"])
def test_abort_in_every_event(task: Task, event: str, nodes, whole: bool) -> None:
    def abort(worker) -> None:
        worker.abort()
        worker.abort()
        if whole:
            task.abort()

    handler = Recorder(**{event: abort})
    worker = task.shell("cat; echo 1; echo 2; echo 3", nodes=nodes, handler=handler)
    worker.write(b"input\n")
    worker.set_write_eof()
    task.resume()
    assert handler.names[0] == "start"
    assert handler.seen[-1] == ("close", False)
    assert handler.names.count("start") == handler.names.count("close") == 1
    if event in ("start", "pickup", "written", "read"):
        after = handler.names[handler.names.index(event) + 1 :]
        assert set(after) <= {"hup", "close"}
    if whole:
        assert task.max_retcode() is None
        assert worker.read("n1") is None
    assert task.run("echo usable", key="k") is not None
    assert task.key_buffer("k") == b"usable"


def test_abort_stops_what_the_command_has_started(task: Task) -> None:
    for nodes in ("n1", None):
        handler = Recorder(read=lambda worker: worker.abort())
        task.run("sleep 600 & echo $!; wait", nodes=nodes, handler=handler)
        assert handler.names == ["start", "pickup", "read", "close"]
        assert gone(int(handler.of("read")[0][2]))


def test_a_timeout_stops_what_the_command_has_started(task: Task) -> None:
    handler = Recorder()
    task.run("sleep 600 & echo $!; wait", nodes="n1", handler=handler, timeout=0.2)
    assert gone(int(handler.of("read")[0][2]))


def test_no_line_comes_after_an_abort(task: Task) -> None:
    handler = Recorder(read=lambda worker: worker.abort())
    worker = task.run("printf '1\\n2\\n3\\n'; sleep 600", nodes="n1", handler=handler)
    assert handler.names == ["start", "pickup", "read", "close"]
    assert worker.node_buffer("n1") == b"1"


def test_the_close_of_an_aborted_worker_comes_at_once(task: Task) -> None:
    order = []

    def abort(worker) -> None:
        worker.abort()
        order.append("after")

    handler = Recorder(read=abort, close=lambda worker: order.append("close"))
    task.run("echo 1; sleep 600", nodes="n1", handler=handler)
    assert order == ["close", "after"]


def test_abort_of_what_waits_starts_nothing(task: Task, tmp_path: Path) -> None:
    handler = Recorder()
    doomed = task.shell(f"touch {tmp_path}/%h", nodes="n[1-3]", handler=handler)
    local = task.shell(f"touch {tmp_path}/local", handler=handler)
    doomed.abort()
    local.abort()
    task.shell("true")
    task.resume()
    assert handler.seen == []
    assert list(tmp_path.iterdir()) == []


def test_abort_of_one_worker_leaves_the_others(task: Task, tmp_path: Path) -> None:
    task.set_info("fanout", 1)
    other = Recorder()
    doomed = task.shell(
        f"echo up; sleep 600; touch {tmp_path}/%h", nodes="n[1-3]",
        handler=Recorder(read=lambda worker: worker.abort()),
    )  # fmt: skip
    task.shell("echo fine", nodes="m[1-2]", handler=other)
    task.resume()
    assert list(doomed.iter_node_retcodes()) == []
    assert other.of("hup") == [("m1", 0), ("m2", 0)]
    assert list(tmp_path.iterdir()) == []


def test_abort_of_what_is_over_or_was_never_scheduled(task: Task) -> None:
    worker = task.run("exit 2", nodes="n1")
    worker.abort()
    assert worker.node_retcode("n1") == 2
    ExecWorker("n1", None, command="true").abort()


def test_a_handler_cannot_keep_its_task_from_aborting(task: Task) -> None:
    after = []

    def abort(worker) -> None:
        try:
            task.abort()
        except Exception:
            after.append(worker)

    handler = Recorder(read=abort)
    task.run("echo 1; sleep 0.1; echo 2; sleep 600", nodes="n[1-3]", handler=handler)
    assert len(handler.of("read")) == len(after) == 1
    assert handler.seen[-1] == ("close", False)
    assert task.max_retcode() is None


def test_nothing_runs_behind_an_abort_in_a_handler(task: Task) -> None:
    behind = []

    def abort(worker) -> None:
        task.abort()
        behind.append(worker)

    task.run("echo 1", nodes="n1", handler=Recorder(read=abort))
    assert behind == []


def test_a_worker_that_never_ended_starting_still_closes(task: Task) -> None:
    task.set_info("fanout", 1)
    handler = Recorder(hup=lambda worker: task.abort())
    task.run("true", nodes="n[1-3]", handler=handler)
    assert handler.names == ["start", "pickup", "hup", "close"]
    late = Recorder()
    task.shell("sleep 600", nodes="n[1-3]", handler=late)
    with pytest.raises(TimeoutError):
        task.resume(0.1)
    assert late.names == ["start", "pickup", "close"]


def test_what_is_scheduled_while_all_is_stopped_is_dropped(task: Task) -> None:
    late = Recorder()

    def again(worker) -> None:
        task.shell("echo late", handler=late)

    task.shell("sleep 600", handler=Recorder(close=again))
    with pytest.raises(TimeoutError):
        task.resume(0.1)
    task.run("echo read", handler=Recorder(read=lambda worker: task.abort(), close=again))
    task.resume()
    assert late.seen == []


# -- errors ------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["start", "pickup", "read", "hup", "close"])
@pytest.mark.parametrize(
    "error",
    [ZeroDivisionError, KeyboardInterrupt, SystemExit, TimeoutError, JobError, CancelledError],
)
def test_an_error_of_a_handler_comes_out_and_leaves_the_task_usable(
    task: Task, event: str, error: type
) -> None:
    raised = error("of a handler")

    def fail(worker) -> None:
        raise raised

    broken, other = Recorder(**{event: fail}), Recorder()
    task.shell("echo 1; echo 2", nodes="n[1-2]", handler=broken)
    task.shell("echo up; sleep 600", nodes="m1", handler=other)
    with pytest.raises(error) as caught:
        task.resume()
    assert caught.value is raised
    assert broken.names.count("close") == 1
    if other.seen:
        assert other.seen[-1] == ("close", False)
    handler = Recorder()
    task.run("echo usable", nodes="n1", handler=handler)
    assert handler.names == ["start", "pickup", "read", "hup", "close"]


def test_the_first_of_many_errors_is_raised_and_the_run_is_cleaned_up(task: Task) -> None:
    errors = iter([ValueError("first"), ValueError("second"), ValueError("third")])

    def fail(worker) -> None:
        raise next(errors)

    handler = Recorder(hup=fail, close=fail)
    with pytest.raises(ValueError, match="first"):
        task.run("true", nodes="n[1-3]", handler=handler)
    task.run("true", nodes="n1")
    assert task.max_retcode() == 0


def test_an_error_in_a_timer_leaves_nothing_behind(task: Task) -> None:
    def fail(timer) -> None:
        raise ZeroDivisionError

    task.timer(0.01, Recorder(timer=fail))
    task.shell("sleep 600")
    with pytest.raises(ZeroDivisionError):
        task.resume()
    task.run("true", nodes="n1")
    task.run("sleep 600", nodes="n[1-2]", handler=Recorder(), timeout=0.05)
    task.run("echo %hosts; sleep 600", nodes="n[1-2]", timeout=0.05)
    assert list(task.iter_keys_timeout()) == ["n1", "n2"]
    task.run("true")
    assert task.max_retcode() == 0


def test_no_run_within_a_run(task: Task) -> None:
    caught = []

    def nested(worker) -> None:
        try:
            task.run("echo nested", key="nested")
        except AlreadyRunningError as error:
            caught.append(error)

    task.run("echo x", nodes="n1", handler=Recorder(read=nested))
    assert len(caught) == 1
    assert task.key_buffer("nested") == b"nested"
    with pytest.raises(AlreadyRunningError):
        task.run("echo x", nodes="n1", handler=Recorder(read=lambda worker: task.resume()))


def test_what_cannot_be_made_is_an_error_when_it_starts(task: Task) -> None:
    other = Recorder()
    task.shell("true", nodes="n1", handler=other)
    task.shell("date +%s", nodes="n1")
    with pytest.raises(WorkerError, match="'s' is not a valid pattern"):
        task.resume()
    assert other.names in ([], ["start", "pickup", "close"])
    task.run("date +%%s >/dev/null", nodes="n1")
    assert task.max_retcode() == 0


# -- children ----------------------------------------------------------------------------


def test_children_have_default_signals(task: Task) -> None:
    worker = task.run("yes | head -1", stderr=True)
    assert worker.error() is None
    assert worker.read() == b"y"


def test_children_of_children_may_not_hold_the_run_for_ever(task: Task) -> None:
    task.run("sleep 600 >/dev/null 2>&1 & echo $!", key="k")
    os.kill(int(task.key_buffer("k")), 9)
