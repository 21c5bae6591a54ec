"""What is left of a run: outputs, return codes, timeouts, and whether they are recorded."""

from __future__ import annotations

import pytest
from classic_recorder import Recorder

from ClusterShell.NodeSet import NodeSet
from ClusterShell.Task import Task, TaskMsgTreeError
from ClusterShell.Worker.Exec import ExecWorker
from ClusterShell.Worker.Popen import WorkerPopen
from ClusterShell.Worker.Worker import WorkerError

ODD = "test $((%n %% 2)) = 0 && echo even || echo odd; exit %n"


def texts(pairs) -> list[tuple[bytes, object]]:
    return [(bytes(message), keys) for message, keys in pairs]


def strings(pairs) -> list[tuple[object, str]]:
    return [(first, str(nodes)) for first, nodes in pairs]


def test_equal_output_is_merged(task: Task) -> None:
    worker = task.run(ODD, nodes="n[1-4]")
    assert texts(task.iter_buffers()) == [(b"even", ["n1", "n3"]), (b"odd", ["n2", "n4"])]
    assert strings(texts(worker.iter_buffers())) == [(b"even", "n[1,3]"), (b"odd", "n[2,4]")]
    assert all(type(nodes) is NodeSet for _, nodes in worker.iter_buffers())
    assert [(node, bytes(text)) for node, text in worker.iter_node_buffers()] == [
        ("n1", b"even"), ("n2", b"odd"), ("n3", b"even"), ("n4", b"odd"),
    ]  # fmt: skip
    assert list(task.iter_retcodes()) == [(0, ["n1"]), (1, ["n2"]), (2, ["n3"]), (3, ["n4"])]
    assert strings(worker.iter_retcodes()) == [(0, "n1"), (1, "n2"), (2, "n3"), (3, "n4")]
    assert list(worker.iter_node_retcodes()) == [("n1", 0), ("n2", 1), ("n3", 2), ("n4", 3)]
    assert task.max_retcode() == 3


def test_results_are_in_node_order_whoever_ends_first(task: Task) -> None:
    worker = task.run("sleep 0.$((9 - %n * 3)); echo %h", nodes="n[9-11]")
    assert [bytes(text) for text, _ in worker.iter_buffers()] == [b"n9", b"n10", b"n11"]
    assert [keys for _, keys in task.iter_buffers()] == [["n9"], ["n10"], ["n11"]]
    assert [node for node, _ in worker.iter_node_retcodes()] == ["n9", "n10", "n11"]
    slow_to_stop = "test %n = 0 && trap 'sleep 0.1; exit' TERM; sleep 600 & wait"
    late = task.run(slow_to_stop, nodes="n[9-11]", timeout=0.3)
    assert list(late.iter_keys_timeout()) == list(task.iter_keys_timeout()) == ["n9", "n10", "n11"]


@pytest.mark.parametrize(
    ("keys", "of_task", "of_worker", "codes_of_task", "codes_of_worker"),
    [
        (None, ["n1", "n2", "n3"], ["n1", "n2", "n3"], 3, "n[1-3]"),
        (["n1", "n3"], ["n1", "n3"], ["n1", "n3"], 3, "n[1,3]"),
        (NodeSet("n[2-9]"), ["n2", "n3"], ["n2", "n3"], 3, "n[2-3]"),
        ({"zz"}, [], [], 3, ""),
        ([], ["n1", "n2", "n3"], [], 3, "n[1-3]"),
    ],
)
def test_match_keys(task: Task, keys, of_task, of_worker, codes_of_task, codes_of_worker) -> None:
    worker = task.run("echo %h; exit %n", nodes="n[1-3]")
    assert [key for _, (key,) in task.iter_buffers(keys)] == of_task
    assert [str(nodes) for _, nodes in worker.iter_buffers(keys)] == of_worker
    assert [node for node, _ in worker.iter_node_buffers(keys)] == of_worker
    assert len(list(task.iter_retcodes(keys))) == codes_of_task
    matched = NodeSet.fromlist(nodes for _, nodes in worker.iter_retcodes(keys))
    assert str(matched) == codes_of_worker


def test_a_string_is_no_container_of_keys(task: Task) -> None:
    worker = task.run("echo x", nodes="n[1,10]")
    for getter in (task.iter_buffers, task.iter_errors, task.iter_retcodes):
        with pytest.raises(TypeError):
            getter("n10")
    for getter in (worker.iter_buffers, worker.iter_errors, worker.iter_retcodes):
        with pytest.raises(TypeError):
            next(getter("n10"))


def test_keys_that_are_no_names_do_not_match_a_node_set(task: Task) -> None:
    local = task.shell("echo local")
    task.shell("echo node", nodes="n1")
    task.shell("echo number", key=7)
    task.resume()
    assert texts(task.iter_buffers(NodeSet("n1"))) == [(b"node", ["n1"])]
    assert [(rc, keys) for rc, keys in task.iter_retcodes(NodeSet("n1"))] == [(0, ["n1"])]
    assert task.key_buffer(local) == b"local"
    assert task.key_buffer(7) == b"number"


def test_one_key_in_several_workers(task: Task) -> None:
    task.shell("echo 1; exit 1", nodes="n1")
    task.shell("echo 2; exit 5", nodes="n1")
    task.shell("echo 1; sleep 600", nodes="n1", timeout=0.2)
    task.shell("sleep 600", nodes="n1", timeout=0)
    task.resume()
    assert task.key_buffer("n1") == b"12"
    assert texts(task.iter_buffers()) == [(b"1", ["n1", "n1"]), (b"2", ["n1"])]
    assert task.key_retcode("n1") == task.node_retcode("n1") == 5
    assert list(task.iter_keys_timeout()) == ["n1", "n1"]
    assert task.num_timeout() == 2


def test_what_is_not_there(task: Task) -> None:
    worker = task.run("test %n = 0 || echo said; sleep 600", nodes="n[1-2]", timeout=0.2)
    assert task.key_buffer("n1") == task.key_buffer("zz") == b""
    assert task.key_error("n1") == b""
    assert worker.node_buffer("n1") is worker.node_buffer("zz") is worker.node_error("n1") is None
    assert task.max_retcode() is None
    for ask in (task.key_retcode, worker.node_retcode, worker.node_rc):
        for key in ("n1", "zz"):
            with pytest.raises(KeyError):
                ask(key)


def test_a_last_newline_is_lost_and_a_blank_line_is_a_message(task: Task) -> None:
    task.shell("printf 'a\\nb\\n'", key="ended")
    task.shell("printf 'a\\nb'", key="open")
    task.shell("echo", key="blank")
    task.shell("printf 'x\\r\\n'", key="return")
    task.resume()
    assert texts(task.iter_buffers()) == [
        (b"a\nb", ["ended", "open"]), (b"", ["blank"]), (b"x", ["return"]),
    ]  # fmt: skip


def test_standard_error_apart(task: Task) -> None:
    worker = task.run("echo out; echo err >&2", nodes="n[1-2]", stderr=True)
    assert texts(task.iter_errors()) == [(b"err", ["n1", "n2"])]
    assert strings(texts(worker.iter_errors())) == [(b"err", "n[1-2]")]
    assert [node for node, _ in worker.iter_node_errors()] == ["n1", "n2"]
    assert task.key_error("n1") == task.node_error("n1") == worker.node_error("n1") == b"err"
    assert worker.node_error_buffer("n2") == b"err"
    assert worker.read("n1", "stderr") == b"err"
    task.set_default("stderr", True)
    local = task.run("echo out; echo err >&2")
    assert (local.read(), local.error()) == (b"out", b"err")


def test_results_last_until_the_next_run(task: Task) -> None:
    worker = task.run("echo 1; exit 2", nodes="n1")
    local = task.run("exit 3")
    assert worker.node_buffer("n1") is None
    assert local.retcode() == 3
    with pytest.raises(KeyError):
        worker.node_retcode("n1")
    task.abort()
    assert task.max_retcode() is None
    assert local.retcode() == 3
    assert WorkerPopen("x").retcode() is None


def test_flushing(task: Task) -> None:
    first = task.shell("echo 1; echo e >&2; exit 1", nodes="n1", stderr=True)
    second = task.shell("echo 2", nodes="n1")
    task.resume()
    first.flush_buffers()
    assert task.key_buffer("n1") == b"2"
    assert first.node_error("n1") == b"e"
    first.flush_errors()
    assert first.node_error("n1") is None
    task.flush_buffers()
    task.flush_errors()
    assert second.node_buffer("n1") is None
    assert task.max_retcode() == 1


def test_looking_from_a_handler_shows_the_lines_that_were_told(task: Task) -> None:
    looks = []

    def look(worker) -> None:
        looks.append(
            (worker.node_buffer("n1"), task.key_buffer("n1"), texts(task.iter_buffers())[0][0])
        )

    worker = task.run("printf '1\\n2\\n3'", nodes="n1", handler=Recorder(read=look))
    assert looks == [(b"1",) * 3, (b"1\n2",) * 3, (b"1\n2\n3",) * 3]
    assert worker.node_buffer("n1") == b"1\n2\n3"


def test_flushing_from_a_handler(task: Task) -> None:
    def flush(worker) -> None:
        if worker.current_msg == b"2":
            worker.flush_buffers()

    worker = task.run("printf '1\\n2\\n3\\n4\\n'", nodes="n1", handler=Recorder(read=flush))
    assert worker.node_buffer("n1") == b"3\n4"


# -- recording --------------------------------------------------------------------------


def test_nothing_recorded(task: Task) -> None:
    handler = Recorder()
    task.set_default("stdout_msgtree", False)
    worker = task.run("echo x; echo y >&2", nodes="n1", stderr=True, handler=handler)
    assert len(handler.of("read")) == 2
    for getter in (task.iter_buffers, lambda: task.key_buffer("n1"), lambda: worker.read("n1")):
        with pytest.raises(TaskMsgTreeError, match="stdout_msgtree not set"):
            getter()
    for iterator in (worker.iter_buffers(), worker.iter_node_buffers()):
        with pytest.raises(TaskMsgTreeError):
            next(iterator)
    task.flush_buffers()
    worker.flush_buffers()
    assert task.key_error("n1") == b"y"
    task.set_default("stderr_msgtree", False)
    task.run("true", nodes="n1")
    with pytest.raises(TaskMsgTreeError, match="stderr_msgtree not set"):
        task.iter_errors()


def test_recording_may_change_at_any_line(task: Task) -> None:
    def switch(worker) -> None:
        task.set_default("stdout_msgtree", worker.current_msg in (b"2", b"5"))

    handler = Recorder(read=switch)
    worker = task.run("seq 7", nodes="n1", handler=handler)
    assert len(handler.of("read")) == 7
    assert worker.node_buffer("n1") == b"1\n3\n6"  # the line after that which switches it on


def test_streams_of_other_names(task: Task) -> None:
    handler = Recorder()
    worker = task.shell("echo out; echo err >&2", nodes="n1", handler=handler, stderr=True)
    worker.SNAME_STDOUT = "mine"
    worker.SNAME_STDERR = "complaints"
    task.set_default("mine_msgtree", True)
    task.resume()
    assert sorted(handler.of("read")) == [("n1", "complaints", b"err"), ("n1", "mine", b"out")]
    assert (worker.current_msg, worker.current_errmsg) == (b"out", b"err")
    assert list(task.iter_buffers()) == []
    assert worker.node_buffer("n1") == worker.read("n1", sname="mine") == b"out"
    with pytest.raises(TaskMsgTreeError, match="complaints_msgtree not set"):
        worker.node_error("n1")


def test_streams_of_other_names_of_a_local_command(task: Task) -> None:
    worker = task.shell("echo out; echo err >&2", stderr=True)
    worker.SNAME_STDERR = "complaints"
    task.resume()
    assert (worker.current_msg, worker.current_errmsg) == (b"out", b"err")


# -- before and after -------------------------------------------------------------------


def test_a_worker_without_a_task_has_no_results() -> None:
    worker = ExecWorker("n1", None, command="x")
    for ask in (worker.node_buffer, worker.node_error, worker.node_retcode, worker.read):
        with pytest.raises(WorkerError, match="not task bound"):
            ask("n1")
    for ask in (worker.did_timeout, worker.num_timeout, worker.flush_buffers, worker.flush_errors):
        with pytest.raises(WorkerError):
            ask()
    for iterator in (worker.iter_buffers(), worker.iter_retcodes(), worker.iter_keys_timeout()):
        with pytest.raises(WorkerError):
            next(iterator)


def test_many_nodes_cost_little(task: Task) -> None:
    """A getter per node must not look at all the others."""
    task.set_info("fanout", 200)
    worker = task.run("echo %hosts", nodes="n[1-2000]")
    for number in range(1, 2001):
        assert worker.node_retcode(f"n{number}") == task.key_retcode(f"n{number}") == 0
        assert worker.node_buffer(f"n{number}") == task.key_buffer(f"n{number}") == b"n[1-2000]"
