"""Tasks and handlers of the classic API, with local commands."""

from __future__ import annotations

import threading

import pytest

import ClusterShell.Task as classic
from ClusterShell._handlers import Line
from ClusterShell.Event import EventHandler
from ClusterShell.Task import AlreadyRunningError, TimeoutError, task_self
from ClusterShell.Worker.Exec import ExecWorker
from ClusterShell.Worker.Worker import WorkerError


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> classic.Task:
    """A fresh task for this test, running its commands locally."""
    classic.task_terminate()
    task = task_self()
    task.set_default("distant_worker", ExecWorker)
    return task


class Recorder(EventHandler):
    def __init__(self) -> None:
        self.seen: list[tuple] = []

    def ev_start(self, worker):
        self.seen.append(("start",))

    def ev_pickup(self, worker, node):
        self.seen.append(("pickup", node))

    def ev_read(self, worker, node, sname, msg):
        self.seen.append(("read", node, sname, msg))

    def ev_hup(self, worker, node, rc):
        self.seen.append(("hup", node, rc))

    def ev_close(self, worker, timedout):
        self.seen.append(("close", timedout))


def test_events_and_results(task: classic.Task) -> None:
    handler = Recorder()
    worker = task.run("echo out; printf end; exit 3", nodes="n1", handler=handler)
    assert handler.seen == [
        ("start",),
        ("pickup", "n1"),
        ("read", "n1", "stdout", b"out"),
        ("read", "n1", "stdout", b"end"),
        ("hup", "n1", 3),
        ("close", False),
    ]
    assert task.node_buffer("n1") == worker.node_buffer("n1") == b"out\nend"
    assert worker.node_retcode("n1") == task.max_retcode() == 3
    assert task.node_buffer("n2") == b""
    assert worker.node_buffer("n2") is None
    with pytest.raises(KeyError):
        task.node_retcode("n2")


def test_streams_apart(task: classic.Task) -> None:
    handler = Recorder()
    task.run("echo out; echo err >&2", nodes="n1", handler=handler, stderr=True)
    reads = {event[2:] for event in handler.seen if event[0] == "read"}
    assert reads == {("stdout", b"out"), ("stderr", b"err")}
    assert [(bytes(text), keys) for text, keys in task.iter_errors()] == [(b"err", ["n1"])]


def test_equal_output_is_merged(task: classic.Task) -> None:
    worker = task.run("test %n = 0 && echo odd || echo even; exit %n", nodes="n[1-4]")
    merged = {bytes(text): str(nodes) for text, nodes in worker.iter_buffers()}
    assert merged == {b"odd": "n1", b"even": "n[2-4]"}
    assert [(rc, str(nodes)) for rc, nodes in worker.iter_retcodes()] == [
        (0, "n1"), (1, "n2"), (2, "n3"), (3, "n4"),
    ]  # fmt: skip
    assert [keys for _, keys in task.iter_buffers(match_keys=["n1", "n3"])] == [["n1"], ["n3"]]
    with pytest.raises(TypeError):
        list(task.iter_buffers(match_keys="n1"))


def test_timeouts(task: classic.Task) -> None:
    handler = Recorder()
    worker = task.run("test %n = 0 || sleep 600", nodes="n[1-2]", handler=handler, timeout=0.3)
    assert handler.seen[-1] == ("close", True)
    assert ("hup", "n1", 0) in handler.seen
    assert not any(event[:2] == ("hup", "n2") for event in handler.seen)
    assert list(worker.iter_keys_timeout()) == ["n2"]
    assert task.num_timeout() == 1
    assert worker.did_timeout()


def test_a_run_can_be_bounded(task: classic.Task) -> None:
    task.shell("sleep 600", nodes="n1")
    with pytest.raises(TimeoutError):
        task.run(timeout=0.1)
    task.run("echo usable", nodes="n1")
    assert task.node_buffer("n1") == b"usable"


def test_older_handlers(task: classic.Task) -> None:
    seen = []

    class Older(EventHandler):
        def ev_read(self, worker):
            seen.append((worker.current_node, worker.current_msg))

        def ev_error(self, worker):
            seen.append((worker.current_node, worker.current_errmsg))

        def ev_hup(self, worker):
            seen.append((worker.current_node, worker.current_rc))

        def ev_timeout(self, worker):
            seen.append("timeout")

        def ev_close(self, worker):
            seen.append("close")

    with pytest.warns(DeprecationWarning, match="should use new ev_"):
        task.run("echo out; sleep 0.05; echo err >&2; exit 2", nodes="n1", handler=Older(),
                 stderr=True)  # fmt: skip
    assert seen == [("n1", b"out"), ("n1", b"err"), ("n1", 2), "close"]


def test_a_handler_that_fails_ends_the_run_and_leaves_the_task_usable(
    task: classic.Task,
) -> None:
    class Broken(EventHandler):
        def ev_read(self, worker, node, sname, msg):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        task.run("echo x; sleep 600", nodes="n[1-3]", handler=Broken())
    task.run("echo usable", nodes="n1")
    assert task.node_buffer("n1") == b"usable"


def test_no_run_within_a_run(task: classic.Task) -> None:
    class Nested(EventHandler):
        def ev_read(self, worker, node, sname, msg):
            worker.task.resume()

    with pytest.raises(AlreadyRunningError):
        task.run("echo x", nodes="n1", handler=Nested())


def test_a_worker_is_scheduled_once(task: classic.Task) -> None:
    worker = task.shell("true", nodes="n1")
    with pytest.raises(WorkerError):
        task.schedule(worker)


def test_an_empty_set_runs_nothing(task: classic.Task) -> None:
    handler = Recorder()
    task.run("echo LOCAL", nodes="", handler=handler)
    assert handler.seen == []
    assert task.max_retcode() is None


def test_each_thread_has_its_task(task: classic.Task) -> None:
    others = []
    thread = threading.Thread(target=lambda: others.append(task_self()))
    thread.start()
    thread.join()
    assert task_self() is task
    assert others[0] is not task


def test_a_line_of_an_older_handler_equals_its_text_and_its_bytes() -> None:
    line = Line(b"2.0a")
    assert line == "2.0a"
    assert line == b"2.0a"
    assert line != "2.0b"
    assert line != b"2.0b"
    assert line != 7
    assert {line: 1}[b"2.0a"] == 1
    assert isinstance(line, bytes)
