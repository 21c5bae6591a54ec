"""The classic API through gateways, in a lab with a real sshd."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from classic_recorder import Recorder

from clush.lab import Lab
from ClusterShell.Task import Task, TaskError
from ClusterShell.Topology import TopologyError
from ClusterShell.Worker.Tree import TreeWorker

HERE = os.uname().nodename.partition(".")[0]


def topology(folder: Path, *routes: str) -> str:
    path = folder / "topology.conf"
    path.write_text("\n".join(["[routes]", *routes, ""]).replace("HERE", HERE))
    return str(path)


@pytest.fixture
def remote(in_lab: Lab, task: Task, tmp_path: Path) -> Task:
    """A task with two gateways, node1 and node2."""
    task.set_default("distant_workername", "ssh")
    task.set_info("grooming_delay", 0.05)
    task.load_topology(topology(tmp_path, "HERE: node[1-2]", "node[1-2]: node[3-100]"))
    return task


def test_a_command_goes_through_gateways(remote: Task) -> None:
    handler = Recorder()
    worker = remote.shell("cat; echo $SSH_CLIENT | wc -w; exit 3", nodes="node[3-6]",
                          handler=handler)  # fmt: skip
    assert isinstance(worker, TreeWorker)
    worker.write(b"in\n")
    worker.set_write_eof()
    remote.resume()
    assert [(bytes(text), sorted(keys)) for text, keys in remote.iter_buffers()] == [
        (b"in\n3", ["node3", "node4", "node5", "node6"])
    ]
    assert [(rc, str(nodes)) for rc, nodes in worker.iter_retcodes()] == [(3, "node[3-6]")]
    assert remote.max_retcode() == 3
    assert handler.names[0] == "start"
    assert handler.names.count("start") == handler.names.count("close") == 1
    assert sorted(handler.of("pickup")) == [(f"node{n}",) for n in range(3, 7)]
    assert sorted(handler.of("hup")) == [(f"node{n}", 3) for n in range(3, 7)]
    assert handler.seen[-1] == ("close", False)


def test_the_last_hop_runs_it_where_it_is_not_to_be_remote(remote: Task) -> None:
    worker = remote.shell("echo %h $LAB_NODE", nodes="node[3-4]", remote=False)
    remote.resume()
    words = [bytes(text).split() for text, _ in worker.iter_buffers()]
    assert sorted(node for node, _ in words) == [b"node3", b"node4"]
    assert {gateway for _, gateway in words} <= {b"node1", b"node2"}


def test_flat_on_request(remote: Task) -> None:
    assert not isinstance(remote.shell("true", nodes="node3", tree=False), TreeWorker)
    remote.resume()


def test_a_timeout_is_told(remote: Task) -> None:
    handler = Recorder()
    remote.shell("exec sleep 60", nodes="node[3-4]", timeout=1, handler=handler)
    remote.resume()
    assert remote.num_timeout() == 2
    assert sorted(remote.iter_keys_timeout()) == ["node3", "node4"]
    assert handler.names.count("hup") == 0
    assert handler.seen[-1] == ("close", True)


def test_a_gateway_that_cannot_be_reached_is_told_and_done_without(
    remote: Task, tmp_path: Path
) -> None:
    remote.load_topology(topology(tmp_path, "HERE: node1,refuse", "node1,refuse: node[3-100]"))
    handler = Recorder()
    worker = remote.shell("echo out", nodes="node[3-12]", handler=handler)
    remote.resume()
    assert [(rc, str(nodes)) for rc, nodes in worker.iter_retcodes()] == [(0, "node[3-12]")]
    said = [event for event in handler.of("read") if event[0] == "refuse"]
    assert {sname for _, sname, _ in said} == {"stderr"}
    assert any(b"Connection refused" in line for _, _, line in said)
    assert b"Connection refused" in worker.node_error("refuse")
    assert b"Connection refused" in remote.node_error("refuse")
    for errors in (worker.iter_errors(), remote.iter_errors()):
        [(text, names)] = errors
        assert b"Connection refused" in bytes(text)
        assert list(names) == ["refuse"]
    assert list(remote.iter_retcodes()) == [(0, [f"node{n}" for n in range(3, 13)])]


def test_without_a_gateway_nodes_end_with_76(remote: Task, tmp_path: Path) -> None:
    remote.load_topology(topology(tmp_path, "HERE: refuse", "refuse: node[3-100]"))
    worker = remote.shell("echo out", nodes="node3,node200")
    remote.resume()
    assert (worker.node_retcode("node3"), worker.node_retcode("node200")) == (76, 0)


def test_copies_there_and_back(remote: Task, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    (tmp_path / "back").mkdir()
    there = remote.copy(str(tmp_path / "file"), "there", nodes="node[3-4]")
    assert isinstance(there, TreeWorker)
    remote.resume()
    assert [(rc, str(nodes)) for rc, nodes in there.iter_retcodes()] == [(0, "node[3-4]")]
    back = remote.rcopy("there", str(tmp_path / "back"), nodes="node[3-4]")
    remote.resume()
    assert [(rc, str(nodes)) for rc, nodes in back.iter_retcodes()] == [(0, "node[3-4]")]
    assert (tmp_path / "back" / "there.node4").read_text() == "content"


def test_an_abort_from_a_handler_ends_it(remote: Task) -> None:
    handler = Recorder(read=lambda worker: worker.abort())
    remote.shell("echo out; exec sleep 60", nodes="node[3-6]", handler=handler)
    remote.resume()
    assert handler.names.count("read") == 1
    assert handler.names[-1] == "close"


def test_two_jobs_with_input_do_not_meet(remote: Task) -> None:
    first = remote.shell("cat", nodes="node3")
    second = remote.shell("cat", nodes="node4")
    for worker, text in ((first, b"first"), (second, b"second")):
        worker.write(text)
        worker.set_write_eof()
    remote.resume()
    assert bytes(first.node_buffer("node3")) == b"first"
    assert bytes(second.node_buffer("node4")) == b"second"


def test_trees_that_are_asked_for_in_vain(task: Task) -> None:
    with pytest.raises(TaskError, match="there is no topology"):
        task.shell("true", nodes="node1", tree=True)


def test_a_file_that_is_wrong_leaves_the_topology(remote: Task, tmp_path: Path) -> None:
    before = remote.topology
    with pytest.raises(TopologyError):
        remote.load_topology(topology(tmp_path, "other: node[1-2]"))
    assert remote.topology is before


def test_the_default_file_is_found(
    in_lab: Lab, task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = topology(tmp_path, "HERE: node[1-2]", "node[1-2]: node[3-100]")
    monkeypatch.setattr(Task, "TOPOLOGY_CONFIGS", [path])
    task.set_default("distant_workername", "ssh")
    assert isinstance(task.shell("true", nodes="node3"), TreeWorker)
    task.set_default("auto_tree", False)
    assert not isinstance(task.shell("true", nodes="node3"), TreeWorker)
    task.resume()
    assert task.max_retcode() == 0
