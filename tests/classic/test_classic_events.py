"""What handlers are told, in which order, and what they may do meanwhile."""

from __future__ import annotations

import functools
import os
import time
from pathlib import Path

import pytest
from classic_recorder import Recorder

from ClusterShell._handlers import Line
from ClusterShell.Event import EventHandler
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


class Handler(EventHandler):
    """Nobody is interested."""


# -- order ------------------------------------------------------------------------------


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


# -- attributes -------------------------------------------------------------------------


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


# -- time -------------------------------------------------------------------------------


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


# -- abort ------------------------------------------------------------------------------

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


# -- errors -----------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["start", "pickup", "read", "hup", "close"])
@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_an_error_of_a_handler_comes_out_and_leaves_the_task_usable(
    task: Task, event: str, error: type
) -> None:
    def fail(worker) -> None:
        raise error

    broken, other = Recorder(**{event: fail}), Recorder()
    task.shell("echo 1; echo 2", nodes="n[1-2]", handler=broken)
    task.shell("echo up; sleep 600", nodes="m1", handler=other)
    with pytest.raises(error):
        task.resume()
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


# -- more work --------------------------------------------------------------------------


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


# -- the older forms --------------------------------------------------------------------


def test_older_forms(task: Task) -> None:
    seen = []

    class Older(EventHandler):
        def ev_start(self, worker):
            seen.append("start")

        def ev_pickup(self, worker):
            seen.append(("pickup", worker.current_node))

        def ev_read(self, worker):
            seen.append(("read", worker.current_node, worker.current_msg))

        def ev_error(self, worker):
            seen.append(("error", worker.current_node, worker.current_errmsg))

        def ev_hup(self, worker):
            seen.append(("hup", worker.current_node, worker.current_rc))

        def ev_timeout(self, worker):
            seen.append(("timeout", worker.current_node))

        def ev_close(self, worker):
            seen.append("close")

    with pytest.warns(DeprecationWarning, match="should use new ev_"):
        task.run(
            "echo out; sleep 0.05; echo err >&2; exit 2", nodes="n1", handler=Older(), stderr=True
        )
    assert seen == [
        "start", ("pickup", "n1"), ("read", "n1", b"out"), ("error", "n1", b"err"),
        ("hup", "n1", 2), "close",
    ]  # fmt: skip
    seen.clear()
    with pytest.warns(DeprecationWarning):
        task.run("echo both >&2; sleep 600", nodes="n1", handler=Older(), timeout=0.2)
    assert seen == [
        "start", ("pickup", "n1"), ("read", "n1", b"both"), ("timeout", "n1"), "close",
    ]  # fmt: skip


def test_both_forms_of_standard_error(task: Task) -> None:
    seen = []

    class Both(EventHandler):
        def ev_read(self, worker, node, sname, msg):
            seen.append((sname, msg))

        def ev_error(self, worker):
            seen.append(worker.current_errmsg)

    task.run("echo 1 >&2; echo 2 >&2", nodes="n1", handler=Both(), stderr=True)
    assert seen == [b"1", ("stderr", b"1"), b"2", ("stderr", b"2")]


def noted(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


class Forms:
    """One class for each way of writing a method; True if it is the older form."""

    class Modern(Recorder):
        older = False

        def ev_hup(self, worker, node, rc):
            self.given = 3

    class Older(Recorder):
        older = True

        def ev_hup(self, worker):
            self.given = 1

    class OlderWithMore(Recorder):
        older = True

        def ev_hup(self, worker, *rest):
            self.given = 1 + len(rest)

    class AnyNumber(Recorder):
        older = False

        def ev_hup(self, *rest):
            self.given = len(rest)

    class WithDefaults(Recorder):
        older = False

        def ev_hup(self, worker, node=None, rc=None, more=5):
            self.given = 3

    class Static(Recorder):
        older = False
        given = 3

        @staticmethod
        def ev_hup(worker, node, rc):
            pass

    class StaticOlder(Recorder):
        older = True
        given = 1

        @staticmethod
        def ev_hup(worker):
            pass

    class Decorated(Recorder):
        older = False

        @noted
        def ev_hup(self, worker, node, rc):
            self.given = 3

    class DecoratedOlder(Recorder):
        older = True

        @noted
        def ev_hup(self, worker):
            self.given = 1


@pytest.mark.parametrize("form", [each for each in vars(Forms).values() if isinstance(each, type)])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_which_form_a_method_has(task: Task, form: type) -> None:
    handler = form()
    task.run("true", nodes="n1", handler=handler)
    assert handler.given == (1 if form.older else 3)


def test_a_method_with_too_few_parameters_is_an_error(task: Task) -> None:
    class Broken(EventHandler):
        def ev_read(self, worker, node):
            pass

    with pytest.raises(TypeError):
        task.run("echo x", nodes="n1", handler=Broken())


def test_a_line_of_an_older_handler_equals_its_text_and_its_bytes() -> None:
    line = Line(b"2.0a")
    assert line == "2.0a"
    assert line == b"2.0a"
    assert line != "2.0b"
    assert line != b"2.0b"
    assert line != 7
    assert {line: 1}[b"2.0a"] == 1
    assert isinstance(line, bytes)


# -- autoclose --------------------------------------------------------------------------


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


# -- children ---------------------------------------------------------------------------


def test_children_have_default_signals(task: Task) -> None:
    worker = task.run("yes | head -1", stderr=True)
    assert worker.error() is None
    assert worker.read() == b"y"


def test_children_of_children_may_not_hold_the_run_for_ever(task: Task) -> None:
    task.run("sleep 600 >/dev/null 2>&1 & echo $!", key="k")
    os.kill(int(task.key_buffer("k")), 9)
