"""Jobs over trees on this machine: results as without, and every target accounted for."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
from math import inf
from pathlib import Path
from typing import Any, Optional
from weakref import ref

import pytest
from local_tree import Local, gateways_of

from clush.errors import JobError, TaskError
from clush.events import Ended, GatewayNews, Output, Status
from clush.job import Job
from clush.plan.router import Take
from clush.plan.routes import Pool, Ways
from clush.result import Collector, Result
from clush.runtime.task import UNLIMITED, Task
from clush.sets.nodeset import NodeSet
from clush.transport.exec import Exec
from clush.transport.ssh import Ssh
from clush.tree import share
from clush.tree.head import Plan, TreeRun, submit
from clush.tree.link import Via
from clush.tree.share import WINDOW_MOST
from clush.wire import message as wire

ONE: Ways = {"gw1": {}}
TWO: Ways = {"gw1": {}, "gw2": {}}
LEVELS: Ways = {"gw1": {"gw11": {}, "gw12": {}}, "gw2": {"gw11": {}, "gw12": {}}}


@pytest.mark.parametrize("ways", [ONE, TWO, LEVELS], ids=["one", "two", "two levels"])
def test_results_are_those_of_a_flat_run(tree: Local, ways: Ways) -> None:
    command = "echo %h; echo err %n >&2; [ %n != 3 ] || exit 7; [ %n != 4 ] || kill -9 $$"
    outcome = tree.run("node[1-40]", command, ways)
    result = outcome.result
    assert len(result) == 40
    for rank, (name, node) in enumerate(result.items()):
        assert node.stdout == f"{name}\n".encode()
        assert node.stderr == f"err {rank}\n".encode()
        assert node.started is not None
        assert node.started <= node.ended
    assert str(result.failed) == "node[4-5]"
    assert (result["node4"].status, result["node4"].rc) == (Status.FAILED, 7)
    assert (result["node5"].status, result["node5"].rc) == (Status.SIGNALLED, 137)


def test_merged_streams_are_in_order(tree: Local) -> None:
    outcome = tree.run("node[1-3]", "echo a; echo b >&2; echo c", ONE, merge_stderr=True)
    assert {node.stdout for node in outcome.result.values()} == {b"a\nb\nc\n"}


@pytest.mark.parametrize("size", [10, 3_000_000, 9_000_000])
def test_output_comes_as_it_was(tree: Local, size: int) -> None:
    """Lines, one without an end, and one that is too long for a message."""
    command = f"head -c {size} /dev/zero | tr '\\0' x; printf '\\nlast'"
    outcome = tree.run("node[1-2]", command, LEVELS)
    assert {node.stdout for node in outcome.result.values()} == {b"x" * size + b"\nlast"}


def test_much_that_differs_comes_through(tree: Local) -> None:
    outcome = tree.run("node[1-20]", "yes %h-0123456789 | head -c 2000000", TWO)
    for name, node in outcome.result.items():
        assert len(node.stdout) == 2_000_000
        assert set(node.stdout.splitlines()[:-1]) == {f"{name}-0123456789".encode()}


@pytest.mark.parametrize("ways", [ONE, LEVELS], ids=["one", "two levels"])
@pytest.mark.parametrize("size", [0, 5, 300_000, 12_000_000])
def test_input_reaches_all(tree: Local, ways: Ways, size: int) -> None:
    """With a small window, so that some start late; what is large takes more passes."""
    small = tree._replace(fanout=3)
    data = os.urandom(size)
    outcome = small.run("node[1-8]", "cksum", ways, stdin=data)
    outputs = outcome.result.by_output()
    assert [str(nodes) for nodes, _ in outputs] == ["node[1-8]"]
    assert outputs[0][1].split()[1] == str(size).encode()


def test_a_reader_that_stops_early_holds_up_nobody(tree: Local) -> None:
    command = "if [ %n = 0 ]; then head -c 5 >/dev/null; else wc -c; fi"
    outcome = tree.run("node[1-4]", command, ONE, stdin=b"x" * 20_000_000)
    assert outcome.result.ok
    assert outcome.result["node2"].stdout.strip() == b"20000000"


def test_input_is_there_for_a_target_that_comes_when_all_others_have_ended(tree: Local) -> None:
    """One at a time: nobody reads any more when the next one comes, and much is gone."""
    data = os.urandom(12_000_000)
    outcome = tree.run("node[1-3]", "cksum", ONE, stdin=data, max_running=1)
    assert outcome.result.ok
    assert len(outcome.result.by_output()) == 1


def test_input_is_there_for_a_target_that_comes_while_others_go_on(
    tree: Local, tmp_path: Path
) -> None:
    """They have read all of it, which is more than is kept; it is sent once for each that comes."""
    passes = 0

    async def count(_task: Task, run: TreeRun) -> None:
        nonlocal passes
        share = run.branch.shares["gw1"]
        while not run.over:
            passes = max(passes, share._next_pass)
            await asyncio.sleep(0.01)

    command = f"""
        cksum; touch {tmp_path}/%n
        while [ %n = 0 ] && ! [ -e {tmp_path}/3 ]; do sleep 0.1; done
        [ %n = 0 ] || sleep 1
    """
    data = os.urandom(12_000_000)
    small = tree._replace(fanout=2)
    outcome = small.run("node[1-4]", command, ONE, stdin=data, during=count, timeout=20)
    assert outcome.result.ok
    assert len(outcome.result.by_output()) == 1
    assert passes == 3


def test_input_that_nobody_needs_any_more_is_not_asked_for(tree: Local, tmp_path: Path) -> None:
    """Who came too late for it has ended, and wanted none, before the last reader is done."""
    command = f"""
        case %h in
        node1) cat >/dev/null;;
        node2) head -c 6000000 >/dev/null; until [ -e {tmp_path}/over ]; do sleep 0.05; done
               sleep 1; cat >/dev/null; sleep 2;;
        node3) touch {tmp_path}/over;;
        esac
    """
    ways: list[Ways] = [{"top": {"gw1": {}}}, {"top": {"gw2": {}}}]
    small = tree._replace(fanout=1)
    outcome = small.run("node[1-3]", command, *ways, stdin=bytes(12_000_000))
    assert outcome.kinds("lost") == []
    assert outcome.result.ok


# Two gateways that have nodes of their own, and so much input that one of them would hold up all.
APART: Any = pytest.mark.parametrize(
    ("ways", "size"),
    [
        ([{"gw1": {}}, {"gw2": {}}], 100_000_000),
        ([{"top": {"gw1": {}}}, {"top": {"gw2": {}}}], 30_000_000),
    ],
    ids=["one level", "two levels"],
)


async def fed(run: TreeRun, size: int) -> None:
    for _ in range(size // 1_000_000):
        await run.drain()
        if not run.over:
            run.write(bytes(1_000_000))
    run.write_eof()


@APART
def test_a_gateway_that_has_none_left_to_read_holds_up_nobody(
    tree: Local, ways: list[Ways], size: int
) -> None:
    async def feed(_task: Task, run: TreeRun) -> None:
        await asyncio.wait_for(fed(run, size), 40)

    command = "[ %h = node1 ] || wc -c"
    outcome = tree.run("node[1-2]", command, *ways, stdin=b"", feed=feed)
    assert outcome.result.ok
    assert int(outcome.result["node2"].stdout) == size


@APART
def test_a_gateway_whose_nodes_have_to_wait_holds_up_nobody(
    tree: Local, ways: list[Ways], size: int, tmp_path: Path
) -> None:
    """Another job has the only place there; the input goes on where it was when that is over."""

    busy = f"echo; until [ -e {tmp_path}/over ]; do sleep 0.05; done"
    names, via, result = ["node1", "node2"], Via(Exec(), sys.executable, 10.0), Collector()
    pools = [Pool([rank], [names[rank]], way) for rank, way in enumerate(ways)]

    async def both() -> None:
        async with Task(fanout=1) as task:
            told: list[Any] = []
            job = Job(NodeSet("node1"), busy, Exec())
            submit(task, job, told.append, Plan(pools[:1], via, 0.05))
            while not any(isinstance(event, Output) for event in told):
                await asyncio.sleep(0.01)
            job = Job(NodeSet("node[1-2]"), f"wc -c; touch {tmp_path}/%h", Exec(), stdin=True)
            run = submit(task, job, result, Plan(pools, via, 0.05))
            assert isinstance(run, TreeRun)
            await asyncio.wait_for(fed(run, size), 40)
            while not (tmp_path / "node2").exists():
                await asyncio.sleep(0.01)
            assert not (tmp_path / "node1").exists()
            (tmp_path / "over").touch()
            await asyncio.wait_for(task.join(), 40)

    asyncio.run(both())
    assert {int(one.stdout) for one in result.result().values()} == {size}


@pytest.mark.parametrize("ways", [ONE, {"gw1": {"gw11": {}}}], ids=["one", "two levels"])
def test_little_of_a_large_input_is_kept(tree: Local, ways: Ways) -> None:
    """A reader that pauses holds up its head, and the gateways hold no more than they may."""
    pieces = [os.urandom(1_000_000)] * 100
    most = 0

    async def feed(_task: Task, run: TreeRun) -> None:
        nonlocal most
        while run.teller.unstarted:
            await asyncio.sleep(0.01)
        for piece in pieces:
            run.write(piece)
            await run.drain()
            source: Any = run.branch.intake and run.branch.intake.source
            most = max(most, source.size - source.base)
        run.write_eof()

    gateway = "peak /proc/$PPID"
    relay = "peak /proc/$(ps -o ppid= -p $(ps -o ppid= -p $PPID) | tr -d ' ')"
    command = f"""
        peak() {{ sed -n 's/^VmHWM: *//p' $1/status; }}
        head -c 1000000 | wc -c; sleep 0.5; wc -c; {gateway}; {relay if ways is not ONE else ""}
    """
    outcome = tree.run("node1", command, ways, stdin=b"", feed=feed)
    begin, rest, *peaks = outcome.result["node1"].stdout.split(b"\n")[:-1]
    assert int(begin) + int(rest) == 100_000_000
    assert peaks
    assert max(int(peak.split()[0]) for peak in peaks) < 60_000
    assert most < 8_000_000


def test_a_reader_that_is_told_of_no_input_has_none(tree: Local) -> None:
    async def write(_task: Task, run: TreeRun) -> None:
        with pytest.raises(TaskError, match="closed"):
            run.write(b"text")

    assert tree.run("node1", "cat", ONE, during=write).result["node1"].stdout == b""


def test_a_timeout_holds_behind_gateways(tree: Local) -> None:
    command = "echo %h; [ %n = 0 ] || exec sleep 60"
    outcome = tree.run("node[1-4]", command, LEVELS, timeout=1.0)
    statuses = {status: str(nodes) for status, nodes in outcome.result.by_status.items()}
    assert statuses == {Status.OK: "node1", Status.TIMED_OUT: "node[2-4]"}
    assert outcome.result["node3"].stdout == b"node3\n"


@pytest.mark.parametrize("ways", [ONE, LEVELS], ids=["one", "two levels"])
def test_a_stop_reaches_all_levels(tree: Local, ways: Ways, tmp_path: Path) -> None:
    async def stop(task: Task, run: TreeRun) -> None:
        while len(list(tmp_path.iterdir())) < 4:
            assert not run.over
            await _turn(task)
        run.abort()

    command = f"touch {tmp_path}/%h; exec sleep 60"
    small = tree._replace(fanout=4)
    outcome = small.run("node[1-12]", command, ways, during=stop)
    statuses = {node.status for node in outcome.result.values()}
    assert len(outcome.result) == 12
    assert statuses <= {Status.CANCELLED, Status.NOT_STARTED}
    touched = {path.name for path in tmp_path.iterdir()}
    cancelled = {name for name, node in outcome.result.items() if node.status is Status.CANCELLED}
    assert touched <= cancelled


HEAD = """
import sys
sys.path[:] = {path}
from local_tree import Local
Local().run("node[1-8]", "touch {folder}/%h; exec sleep 60", {ways})
"""


@pytest.mark.parametrize("ways", [TWO, LEVELS], ids=["one level", "two levels"])
def test_a_head_that_is_killed_leaves_nothing(
    ways: Ways, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Nothing has to be waited for: what is asked to end does so at once."""
    source = HEAD.format(path=sys.path, folder=tmp_path, ways=ways)
    head = subprocess.Popen([sys.executable, "-c", source])
    deadline = time.monotonic() + 30
    while len(list(tmp_path.iterdir())) < 8:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    test = request.node.nodeid
    assert len(gateways_of(test)) >= 2
    head.kill()
    head.wait()
    killed = time.monotonic()
    while gateways_of(test):
        assert time.monotonic() < killed + 1.5
        time.sleep(0.02)


def test_what_is_on_its_way_back_at_a_stop_is_accounted_for(tree: Local) -> None:
    async def stop(_task: Task, run: TreeRun) -> None:
        while len(run.teller.unstarted) > 2:
            await asyncio.sleep(0.01)
        run.branch.shares["gw1"].take(Take("gw1", 0, 1))
        run.abort()

    outcome = tree._replace(fanout=1).run("node[1-3]", "exec sleep 60", ONE, during=stop)
    statuses = {status: len(nodes) for status, nodes in outcome.result.by_status.items()}
    assert statuses == {Status.CANCELLED: 1, Status.NOT_STARTED: 2}


def test_a_stop_needs_nobody_to_read(tree: Local) -> None:
    """What it ended with is told, though the output before that was not wanted any more."""

    async def stop(task: Task, run: TreeRun) -> None:
        task.pause()
        gateway = run.branch.shares["gw1"]
        while gateway._owed < WINDOW_MOST:
            await asyncio.sleep(0.01)
        begin = task.loop.time()
        run.abort()
        while not run.over:
            await asyncio.sleep(0.01)
        assert task.loop.time() - begin < 10
        task.resume()

    outcome = tree.run("node[1-2]", "exec yes %h", ONE, during=stop)
    assert {node.status for node in outcome.result.values()} == {Status.CANCELLED}


def test_a_task_that_was_stopped_may_go_on(tree: Local) -> None:
    """The gateways of what was stopped are on their way out: there are new ones."""

    async def again(task: Task, run: TreeRun) -> None:
        while run.teller.unstarted:
            await asyncio.sleep(0.01)
        task.abort()
        other = Collector()
        assert isinstance(run.job, Job)
        submit(task, run.job._replace(command="echo ok"), other, run._plan)
        while len(other.result()) < 2:
            await asyncio.sleep(0.01)
        assert other.result().ok

    tree.run("node[1-2]", "exec sleep 60", ONE, during=again)


def test_another_way_there_is_another_gateway(tree: Local, tmp_path: Path) -> None:
    """Two jobs of a task reach gw1 as different users, say: each has a gateway of its own."""
    news = []

    async def again(task: Task, run: TreeRun) -> None:
        assert isinstance(run.job, Job)
        for way in ("a", "b", "b"):
            script = tmp_path / way
            script.write_text('#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n')
            script.chmod(0o755)
            via = Via(Ssh(path=str(script)))
            other = submit(
                task, run.job._replace(command="echo"), news.append, run._plan._replace(via=via)
            )
            while not other.over:
                await asyncio.sleep(0.01)

    assert tree.run("node[1-2]", "echo", ONE, during=again).result.ok
    kinds = [event.kind for event in news if isinstance(event, GatewayNews)]
    assert kinds == ["up", "up"]
    assert sum(isinstance(event, Ended) for event in news) == 6


def test_not_more_run_than_are_allowed(tree: Local, tmp_path: Path) -> None:
    """Each counts who runs beside it."""
    command = f"touch {tmp_path}/%h; ls {tmp_path} | wc -l; sleep 0.05; rm {tmp_path}/%h"
    outcome = tree.run("node[1-20]", command, TWO, max_running=3)
    assert outcome.result.ok
    assert max(int(node.stdout) for node in outcome.result.values()) <= 3


@pytest.mark.parametrize("own", [False, True], ids=["the task's", "its own"])
@pytest.mark.parametrize("ways", [ONE, LEVELS], ids=["one", "two levels"])
def test_a_window_that_grows_grows_on_gateways(
    tree: Local, ways: Ways, own: bool, tmp_path: Path
) -> None:
    """All wait for all: two at a time, or four on two gateways, would wait for ever."""
    command = f"touch {tmp_path}/%h; while [ $(ls {tmp_path} | wc -l) -lt 16 ]; do sleep 0.1; done"

    async def grow(task: Task, run: TreeRun) -> None:
        while len(list(tmp_path.iterdir())) < 2:
            await asyncio.sleep(0.02)
        if own:
            run.set_fanout(16)
        else:
            task.fanout = 16

    small = tree._replace(fanout=2)
    assert small.run("node[1-16]", command, ways, during=grow, timeout=30).result.ok


def test_a_command_that_fits_into_no_message_is_refused(tree: Local) -> None:
    with pytest.raises(JobError, match=r"^a command of 1048577 bytes: 1048576 is the most"):
        tree.run("node[1-2]", "x" * 1_048_577, ONE)


async def _submitted(
    task: Task, job: Job, ways: Ways = ONE, via: Optional[Via] = None, grooming: float = 0.0
) -> Result:
    names = list(job.nodes)
    plan = Plan([Pool(list(range(len(names))), names, ways)], via or Via(Exec()), grooming)
    collector = Collector()
    submit(task, job, collector, plan)
    await asyncio.wait_for(task.join(), 30)
    return collector.result()


def test_limits_that_are_none_fit_into_messages() -> None:
    async def main() -> None:
        async with Task() as task:
            job = Job(NodeSet("node1"), "echo", Exec(), timeout=inf, fanout=UNLIMITED)
            assert (await _submitted(task, job, via=Via(Exec(), silence=inf), grooming=inf)).ok

    asyncio.run(main())


# Names of nodes, and the ways to them, that fit into no message.
UNFIT: list[tuple[list[str], Ways]] = [
    (["node\n1"], ONE),
    (["\ud800"], ONE),
    (["x" * 256], ONE),
    (["node1"], {"x" * 256: {}}),
    (["node1"], {"gw1": {"gw\udcff": {}}}),
    (["node1"], {"gw1": {"gw 1\t": {}}}),
]


@pytest.mark.parametrize("names, ways", UNFIT)
def test_names_that_fit_into_no_message_are_refused(names: list[str], ways: Ways) -> None:
    async def main() -> None:
        async with Task() as task:
            with pytest.raises(JobError, match="behind gateways"):
                await _submitted(task, Job(NodeSet.fromnames(names), "echo", Exec()), ways)

    asyncio.run(main())


def test_names_may_have_any_bytes(tree: Local) -> None:
    assert tree.run("node\udcff,\xe9", "echo", {"gw\udcff": {}}).result.ok


def test_a_closed_task_takes_nothing() -> None:
    async def main() -> None:
        async with Task() as task:
            pass
        with pytest.raises(TaskError, match="closed"):
            await _submitted(task, Job(NodeSet("node1"), "echo", Exec()))

    asyncio.run(main())


def test_nothing_is_kept_of_a_task() -> None:
    async def main() -> ref[Task]:
        async with Task() as task:
            assert (await _submitted(task, Job(NodeSet("node1"), "echo", Exec()))).ok
            return ref(task)

    gone = asyncio.run(main())
    gc.collect()
    assert gone() is None


def test_a_killed_gateway_takes_only_what_it_had_started(tree: Local, tmp_path: Path) -> None:
    command = f"echo run >> {tmp_path}/%h; [ %n != 1 ] || kill -9 $(ps -o ppid= -p $$); sleep 0.3"
    small = tree._replace(fanout=2)
    outcome = small.run("node[1-12]", command, TWO)
    result = outcome.result
    assert len(result) == 12
    assert set(result.by_status) == {Status.OK, Status.GATEWAY_LOST}
    assert "node2" in result.by_status[Status.GATEWAY_LOST]
    assert len(result.by_status[Status.GATEWAY_LOST]) <= 2
    runs = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert set(runs) == set(result)
    assert set(runs.values()) == {"run\n"}, "none may run twice"
    [lost] = outcome.kinds("lost")
    assert lost.text == "it was killed by signal 9"
    assert result["node2"].rc == 76


def test_a_relay_that_is_killed_takes_what_it_had_passed_on(tree: Local, tmp_path: Path) -> None:
    """The father of the last gateway is killed: what was under way there may have run."""
    relay = "$(ps -o ppid= -p $(ps -o ppid= -p $(ps -o ppid= -p $$)))"
    command = f"echo run >> {tmp_path}/%h; [ %n != 1 ] || kill -9 {relay}; sleep 0.3"
    small = tree._replace(fanout=2)
    ways: Ways = {"gw1": {"gw11": {}}, "gw2": {"gw21": {}}}
    outcome = small.run("node[1-12]", command, ways)
    assert len(outcome.result) == 12
    assert set(outcome.result.by_status) == {Status.OK, Status.GATEWAY_LOST}
    runs = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert set(runs.values()) == {"run\n"}, "none may run twice"
    assert set(outcome.result.by_status[Status.OK]) <= set(runs)


class Broken(Exec):
    """Reaches only gateways whose name does not begin with `bad`."""

    def launches(self, work: Any) -> Any:
        for launch in super().launches(work):
            bad = launch.nodes[0].startswith("bad")
            yield (
                launch._replace(argv=["/bin/sh", "-c", "echo no way >&2; exit 1"])
                if bad
                else launch
            )


def test_a_gateway_that_does_not_come_up_is_done_without(tree: Local) -> None:
    outcome = tree.run("node[1-20]", "echo ok", {"bad1": {}, "gw1": {}}, via=Broken())
    assert outcome.result.ok
    assert len(outcome.result) == 20
    [lost] = outcome.kinds("lost")
    assert lost.gateway == "bad1"
    assert "no way" in lost.text


def test_without_a_gateway_nothing_is_started(tree: Local) -> None:
    outcome = tree.run("node[1-3]", "echo ok", {"bad1": {}, "bad2": {}}, via=Broken())
    for node in outcome.result.values():
        assert (node.status, node.rc) == (Status.NOT_STARTED, 76)
        assert "bad1" in node.detail
        assert "no way" in node.detail


def test_a_stopped_gateway_is_missed(tree: Local, tmp_path: Path) -> None:
    """It does nothing at all any more: after its time of silence it is given up."""
    command = (
        f"echo run >> {tmp_path}/%h; [ %n != 0 ] || kill -STOP $(ps -o ppid= -p $$); sleep 0.2"
    )
    impatient = tree._replace(fanout=2, silence=1.0)
    outcome = impatient.run("node[1-10]", command, TWO)
    result = outcome.result
    assert len(result) == 10
    assert "node1" in result.by_status[Status.GATEWAY_LOST]
    [lost] = outcome.kinds("lost")
    assert lost.text == "nothing was heard of it for 1 s"
    for path in tmp_path.iterdir():
        assert path.read_text() == "run\n", "none may run twice"


def test_a_gateway_that_never_tells_the_end_is_given_up(
    tree: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on saying other things, so that it is not silent."""
    monkeypatch.setattr(share, "SLACK", 0.3)
    monkeypatch.setitem(share._HEARD, wire.Ended, lambda _share, _message: None)
    impatient = tree._replace(silence=1.0)
    command = "while :; do echo on; sleep 0.05; done"
    outcome = impatient.run("node[1-2]", command, ONE, timeout=0.3)
    assert {node.status for node in outcome.result.values()} == {Status.GATEWAY_LOST}
    [lost] = outcome.kinds("lost")
    assert lost.text == "it does not tell how nodes ended, 0.3 s after their start"


def test_what_waits_for_another_job_is_not_overdue(
    tree: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two jobs have one window on their gateway, and only one of them has a time limit."""
    monkeypatch.setattr(share, "SLACK", 0.3)
    other = Collector()

    async def submit_other(task: Task, run: TreeRun) -> None:
        while run.teller.unstarted:
            await asyncio.sleep(0.01)
        job = Job(NodeSet("node1"), "echo ok", Exec(), timeout=0.1)
        submit(task, job, other, run._plan._replace(pools=[Pool([0], ["node1"], ONE)]))

    small = tree._replace(fanout=1, silence=2.0)
    assert small.run("node1", "sleep 3", ONE, during=submit_other).result.ok
    assert other.result().ok


def test_nothing_is_left_behind(tree: Local) -> None:
    """When the head lets go, gateways stop what they started."""
    seen: list[int] = []

    async def leave(task: Task, run: TreeRun) -> None:
        while not seen:
            assert not run.over
            await _turn(task)
            seen.extend(_with_argument("4711.5"))
        run.abort(0)

    outcome = tree.run("node[1-2]", "exec sleep 4711.5", LEVELS, during=leave)
    assert len(outcome.result) == 2
    deadline = 100
    while _with_argument("4711.5") and deadline:
        deadline -= 1
        signal.sigtimedwait([], 0.05)
    assert not _with_argument("4711.5")


async def _turn(task: Task) -> None:
    await asyncio.sleep(0.01)


def _with_argument(word: str) -> list[int]:
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                words = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[:2] == [b"sleep", word.encode()]:
                found.append(int(entry))
    return found
