"""What handlers are told, in which order, and what they may start meanwhile."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from classic_recorder import Recorder

from ClusterShell.Event import EventHandler
from ClusterShell.Task import Task
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


class Handler(EventHandler):
    """Nobody is interested."""


# -- order -------------------------------------------------------------------------------


def test_the_events_of_a_node(task: Task) -> None:
    handler = Recorder()
    task.run("echo out; printf end; exit 3", nodes="n1", handler=handler)
    assert handler.seen == [
        ("start",),
        ("pickup", "n1"),
        ("read", "n1", "stdout", b"out"),
        ("read", "n1", "stdout", b"end"),
        ("hup", "n1", 3),
        ("close", False),
    ]


def test_the_events_of_a_local_command(task: Task) -> None:
    handler = Recorder()
    worker = task.run("echo out; exit 3", handler=handler)
    assert handler.seen == [
        ("start",),
        ("pickup", worker),
        ("read", worker, "stdout", b"out"),
        ("hup", worker, 3),
        ("close", False),
    ]
    assert worker.current_node is None
    with_key = Recorder()
    assert task.run("true", key="k", handler=with_key).current_node is None
    assert with_key.seen[-2:] == [("hup", "k", 0), ("close", False)]


def test_one_start_and_one_close_around_all_nodes(task: Task) -> None:
    handler = Recorder()
    task.set_info("fanout", 2)
    task.run("echo %h", nodes="n[1-9]", handler=handler)
    assert handler.names[:2] == ["start", "pickup"]
    assert handler.names[-1] == "close"
    assert handler.names.count("start") == handler.names.count("close") == 1
    for number in range(1, 10):
        mine = [event for event in handler.seen if event[1:2] == (f"n{number}",)]
        assert [event[0] for event in mine] == ["pickup", "read", "hup"]


def test_nodes_start_in_their_order(task: Task) -> None:
    handler = Recorder()
    task.set_info("fanout", 1)
    task.run("true", nodes="n[9-11,1-3]", handler=handler)
    assert [node for (node,) in handler.of("pickup")] == ["n1", "n2", "n3", "n9", "n10", "n11"]


def test_the_hang_up_comes_after_the_last_line_of_every_stream(task: Task) -> None:
    handler = Recorder()
    task.run("echo a; echo b >&2; printf c; printf d >&2", nodes="n1", handler=handler, stderr=True)
    assert handler.names == ["start", "pickup"] + ["read"] * 4 + ["hup", "close"]
    assert sorted(handler.of("read")) == [
        ("n1", "stderr", b"b"),
        ("n1", "stderr", b"d"),
        ("n1", "stdout", b"a"),
        ("n1", "stdout", b"c"),
    ]


def test_lines_end_with_newlines_only_and_may_have_a_return_before(task: Task) -> None:
    handler = Recorder()
    task.run("printf '1\\r2\\r3\\r4\\nnext\\r\\n\\n\\377\\n'", nodes="n1", handler=handler)
    lines = [msg for _, _, msg in handler.of("read")]
    assert lines == [b"1\r2\r3\r4", b"next", b"", b"\xff"]
    assert task.key_buffer("n1") == b"1\r2\r3\r4\nnext\n\n\xff"


def test_input_is_told_as_it_is_taken(task: Task) -> None:
    handler = Recorder()
    worker = task.shell("wc -c", nodes="n1", handler=handler)
    worker.write(b"x" * 300_000)
    worker.set_write_eof()
    task.resume()
    written = handler.of("written")
    assert {(node, sname) for node, sname, _ in written} == {("n1", "stdin")}
    assert sum(size for *_, size in written) == 300_000
    assert task.key_buffer("n1").strip() == b"300000"


def test_one_process_for_all_nodes(task: Task) -> None:
    handler = Recorder()
    task.run("echo $$ %hosts; exit 2", nodes="n[1-3]", handler=handler)
    assert handler.names == ["start"] + ["pickup"] * 3 + ["read"] * 3 + ["hup"] * 3 + ["close"]
    assert len({msg for *_, msg in handler.of("read")}) == 1
    assert handler.of("hup") == [("n1", 2), ("n2", 2), ("n3", 2)]


def test_no_nodes_no_events(task: Task) -> None:
    for nodes in ("", task.shell("true", nodes="x").nodes - task.shell("true", nodes="x").nodes):
        handler = Recorder()
        worker = task.run("touch /should/not/run", nodes=nodes, handler=handler)
        assert isinstance(worker, ExecWorker)
        assert handler.seen == []


# -- attributes --------------------------------------------------------------------------


def test_attributes_are_set_just_before_their_event(task: Task) -> None:
    values = []

    def look(worker) -> None:
        values.append(
            (
                worker.started,
                worker.current_node,
                worker.current_sname,
                worker.current_msg,
                worker.current_errmsg,
                worker.current_rc,
            )
        )

    events = ("start", "pickup", "read", "hup", "close")
    handler = Recorder(**dict.fromkeys(events, look))
    task.run(
        "echo out; exec >&-; sleep 0.05; echo err >&2; exit 7",
        nodes="n1", handler=handler, stderr=True,
    )  # fmt: skip
    assert values == [
        (True, "n1", None, None, None, 0),
        (True, "n1", None, None, None, 0),
        (True, "n1", "stdout", b"out", None, 0),
        (True, "n1", "stderr", b"out", b"err", 0),
        (True, "n1", "stderr", b"out", b"err", 7),
        (True, "n1", "stderr", b"out", b"err", 7),
    ]


@pytest.mark.parametrize("handler", [None, Handler()])
def test_attributes_without_anybody_who_reads(task: Task, handler) -> None:
    worker = task.run("echo 1; echo last", nodes="n1", handler=handler)
    assert (worker.current_node, worker.current_msg, worker.current_rc) == ("n1", b"last", 0)


def test_attributes_stay_right_when_a_handler_causes_other_events(task: Task) -> None:
    """A write within ``ev_read`` is told before it returns, of whichever node."""
    seen = []

    def write(worker) -> None:
        seen.append((worker.current_node, worker.current_sname))
        worker.write(b"x")
        if len(seen) == 6:
            worker.set_write_eof()

    handler = Recorder(read=write)
    task.run("echo 1; echo 2; echo 3; cat >/dev/null", nodes="n[1-2]", handler=handler)
    assert sorted(seen) == [("n1", "stdout")] * 3 + [("n2", "stdout")] * 3


def test_the_handler_may_be_replaced_before_the_start(task: Task) -> None:
    first, second = Recorder(), Recorder()
    worker = task.shell("true", handler=first)
    worker.eh = second
    task.resume()
    assert first.seen == []
    assert second.names == ["start", "pickup", "hup", "close"]


# -- more work ---------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["start", "pickup", "read", "hup", "close"])
@pytest.mark.parametrize("nodes", ["m[1-2]", None])
def test_a_handler_may_schedule_more(task: Task, event: str, nodes) -> None:
    more = Recorder()
    started = []

    def schedule(worker) -> None:
        task.shell("echo more", nodes=nodes, handler=more)
        started.append(list(more.names))

    task.run("echo x", nodes="n1", handler=Recorder(**{event: schedule}))
    expected = ["start", *(["pickup"] * (2 if nodes else 1))]
    assert started == [expected]  # it starts within the call
    assert more.names[-1] == "close"


def test_without_room_it_starts_when_there_is_some(task: Task) -> None:
    task.set_info("fanout", 1)
    more = Recorder()
    started = []

    def schedule(worker) -> None:
        task.shell("true", handler=more)
        started.append(list(more.names))

    task.run("echo x", nodes="n1", handler=Recorder(read=schedule))
    assert started == [[]]
    assert more.names == ["start", "pickup", "hup", "close"]


def test_the_place_of_what_ended_is_free_for_what_its_handler_starts(task: Task) -> None:
    task.set_info("fanout", 1)
    more = Recorder()
    started = []

    def schedule(worker) -> None:
        task.shell("true", nodes="m1", handler=more)
        started.append(more.names.count("start"))

    task.run("true", nodes="n[1-2]", handler=Recorder(hup=schedule))
    assert started == [1, 2]


def test_a_chain_of_commands_each_started_by_the_end_of_the_one_before(task: Task) -> None:
    done = []

    def again(worker) -> None:
        done.append(worker)
        if len(done) < 300:
            task.shell("true", handler=Recorder(close=again))

    task.run("true", handler=Recorder(close=again))
    assert len(done) == 300


def test_a_missing_program_may_be_tried_again_for_ever(task: Task) -> None:
    """Each try fails at once: no recursion, and it can be stopped."""
    task.set_default("distant_workername", "ssh")
    task.set_info("ssh_path", "/no/such/ssh")
    tries = []

    def again(worker) -> None:
        tries.append(worker)
        if len(tries) < 1500:
            task.shell("true", nodes="n1", handler=Recorder(close=again))

    task.run("true", nodes="n1", handler=Recorder(close=again))
    assert len(tries) == 1500


# -- autoclose ---------------------------------------------------------------------------


@pytest.mark.parametrize("nodes", ["n1", None])
def test_autoclose_workers_are_aborted_when_the_run_ends(task: Task, nodes) -> None:
    handler = Recorder()
    task.shell("echo $$; sleep 600", nodes=nodes, handler=handler, autoclose=True)
    task.run("sleep 0.1")
    assert handler.names == ["start", "pickup", "read", "close"]
    assert handler.seen[-1] == ("close", False)
    assert gone(int(handler.of("read")[0][2]))
    handler.seen.clear()
    task.run("true")
    assert handler.seen == []


def test_the_close_of_an_autoclose_worker_may_extend_the_run(task: Task) -> None:
    more = Recorder()
    handler = Recorder(close=lambda worker: task.shell("echo more", handler=more))
    task.shell("echo up; sleep 600", handler=handler, autoclose=True)
    task.run("sleep 0.1")
    assert more.names == ["start", "pickup", "read", "hup", "close"]


def test_a_run_of_autoclose_workers_only_returns_at_once(task: Task) -> None:
    task.shell("sleep 600", autoclose=True)
    task.timer(600, Recorder(), autoclose=True)
    begun = time.monotonic()
    task.resume()
    assert time.monotonic() - begun < 5
