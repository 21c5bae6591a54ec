"""The life of a task in its own thread: schedule, run, look, run again."""

from __future__ import annotations

import pytest
from classic_recorder import Recorder

from ClusterShell.Task import Task, TimeoutError
from ClusterShell.Worker.Exec import ExecWorker
from ClusterShell.Worker.Popen import WorkerPopen


def test_run_schedules_and_runs_all_there_is(task: Task) -> None:
    before = task.shell("exit 1", nodes="n1")
    worker = task.run("exit 2", nodes="n2")
    assert isinstance(worker, ExecWorker)
    assert (before.node_retcode("n1"), worker.node_retcode("n2")) == (1, 2)
    assert isinstance(task.run("exit 3"), WorkerPopen)
    assert task.max_retcode() == 3


def test_resume_with_nothing_to_do_clears_results(task: Task) -> None:
    task.run("exit 2")
    assert task.resume() is None
    assert task.max_retcode() is None


@pytest.mark.parametrize(
    "run",
    [
        lambda task: task.resume(0.05),
        lambda task: task.resume(timeout=0.05),
        lambda task: task.run(0.05),
        lambda task: task.run(timeout=0.05),
        lambda task: task.run(timeout=0.05, stdin=False),
    ],
)
def test_a_run_can_be_bounded(task: Task, run) -> None:
    task.shell("sleep 600", nodes="n1")
    with pytest.raises(TimeoutError):
        run(task)
    assert task.timeout == 0.05
    task.run("echo usable", nodes="n1")
    assert task.node_buffer("n1") == b"usable"


@pytest.mark.parametrize("limit", [None, 0, 0.0, -1])
def test_no_limit(task: Task, limit) -> None:
    task.shell("sleep 0.05; exit 3")
    assert task.resume(limit) is None
    task.run(limit)
    task.run(timeout=limit)
    task.shell("sleep 0.05; exit 4")
    if limit is not None:
        assert task.run(limit) is None
        assert task.max_retcode() == 4


def test_the_timeout_of_a_command_is_no_error(task: Task) -> None:
    worker = task.run("sleep 600", nodes="n[1-2]", timeout=0.05)
    assert task.num_timeout() == worker.num_timeout() == 2


def test_running(task: Task) -> None:
    seen = []
    assert task.running() is False
    task.run("echo x", handler=Recorder(read=lambda worker: seen.append(task.running())))
    assert seen == [True]
    assert task.running() is False


def test_abort_of_an_idle_task_forgets_all(task: Task) -> None:
    task.run("exit 2")
    handler = Recorder()
    task.shell("true", handler=handler)
    task.timer(0, handler)
    task.abort()
    assert task.max_retcode() is None
    task.resume()
    assert handler.seen == []


def test_a_worker_may_be_scheduled_by_hand(task: Task) -> None:
    handler = Recorder()
    worker = ExecWorker(nodes="n1", handler=handler, timeout=10, command="exit 4")
    task.schedule(worker)
    assert worker.task is task
    task.resume()
    assert handler.names == ["start", "pickup", "hup", "close"]
    assert task.max_retcode() == 4


def test_only_none_means_this_machine(task: Task) -> None:
    assert isinstance(task.shell("true", nodes=None), WorkerPopen)
    assert isinstance(task.shell("true", nodes=""), ExecWorker)


def test_remote_false_takes_the_local_worker(task: Task) -> None:
    class Local(ExecWorker):
        """Another kind."""

    task.set_default("local_worker", Local)
    task.set_default("distant_workername", "ssh")
    worker = task.run("echo %h", nodes="n1", remote=False)
    assert type(worker) is Local
    assert worker.node_buffer("n1") == b"n1"
    assert task.default("local_workername") == "exec"
