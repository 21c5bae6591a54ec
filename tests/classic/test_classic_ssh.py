"""The classic API over real ssh and scp."""

from __future__ import annotations

from pathlib import Path

import pytest
from classic_recorder import Recorder

from clush.lab import Lab
from ClusterShell.Task import Task


@pytest.fixture
def remote(in_lab: Lab, task: Task) -> Task:
    """A task whose commands go through ssh to the nodes of the lab."""
    task.set_default("distant_workername", "ssh")
    return task


def test_a_command_on_nodes(remote: Task) -> None:
    handler = Recorder()
    worker = remote.shell("cat; echo out; echo err >&2; exit 3", nodes="node[1-3]", stderr=True,
                          handler=handler)  # fmt: skip
    worker.write(b"in\n")
    worker.set_write_eof()
    remote.resume()
    assert [(bytes(text), keys) for text, keys in remote.iter_buffers()] == [
        (b"in\nout", ["node1", "node2", "node3"])
    ]
    assert b"err" in worker.node_error("node2")
    assert [(rc, str(nodes)) for rc, nodes in worker.iter_retcodes()] == [(3, "node[1-3]")]
    assert handler.names.count("hup") == 3
    assert handler.seen[-1] == ("close", False)


def test_a_node_that_cannot_be_reached(remote: Task) -> None:
    worker = remote.run("echo out", nodes="node1,refuse")
    assert (worker.node_retcode("node1"), worker.node_retcode("refuse")) == (0, 255)
    assert b"Connection refused" in worker.node_buffer("refuse")


def test_files_there_and_back(remote: Task, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    (tmp_path / "back").mkdir()
    there = remote.copy(str(tmp_path / "file"), f"{tmp_path}/there", nodes="node1")
    remote.resume()
    assert there.node_retcode("node1") == 0
    assert (tmp_path / "there").read_text() == "content"
    handler = Recorder()
    remote.rcopy(f"{tmp_path}/there", str(tmp_path / "back"), nodes="node[1-2]", handler=handler)
    remote.resume()
    assert sorted(path.name for path in (tmp_path / "back").iterdir()) == [
        "there.node1", "there.node2",
    ]  # fmt: skip
    assert sorted(handler.of("hup")) == [("node1", 0), ("node2", 0)]
    missing = remote.copy("/no/such/file", str(tmp_path), nodes="node1")
    remote.resume()
    assert missing.node_retcode("node1") > 0
    assert b"No such file" in missing.node_buffer("node1")
