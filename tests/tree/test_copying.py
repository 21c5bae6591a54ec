"""Copies and fetches over trees on this machine: what arrives is what was sent, or it is told."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from clush.errors import JobError
from clush.events import GatewayNews, Status
from clush.job import Copy
from clush.plan.routes import Pool, Ways
from clush.result import Collector, Result
from clush.runtime.task import Task
from clush.sets.nodeset import NodeSet
from clush.transport.exec import Exec
from clush.transport.ssh import Ssh
from clush.tree.feed import PIECE
from clush.tree.head import Plan, submit
from clush.tree.link import PENDING_HIGH, PENDING_LOW, Link, Via

TWO: Ways = {"gw1": {}, "gw2": {}}
LEVELS: Ways = {"gw1": {"gw11": {}}, "gw2": {"gw21": {}}}


def carry_out(nodes: str, copy: Copy, ways: Ways, fanout: int = 64) -> Result:
    names = list(NodeSet(nodes))
    plan = Plan([Pool(list(range(len(names))), names, ways)], Via(Exec()), 0.05)
    collector = Collector()

    def sink(event: Any) -> None:
        if not isinstance(event, GatewayNews):
            collector(event)

    async def main() -> None:
        async with Task(fanout=fanout) as task:
            submit(task, copy, sink, plan)
            await asyncio.wait_for(task.join(), 60)

    asyncio.run(main())
    return collector.result()


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_why_a_node_is_not_reached_is_told(tmp_path: Path, merged: bool, reverse: bool) -> None:
    """As without gateways, also where its complaints go with standard output."""
    refused = "ssh: connect to host node1 port 22: Connection refused"
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\nprintf '{refused}\\r\\n' >&2\nexit 255\n")
    ssh.chmod(0o755)
    copy = Copy(
        "/etc/hosts", str(tmp_path), NodeSet("node1"), Ssh(path=str(ssh)),
        reverse=reverse, merge_stderr=merged,
    )  # fmt: skip
    (node,) = carry_out("node1", copy, TWO).values()
    assert (node.status, node.rc) == (Status.REFUSED, 255)
    assert (node.stdout if merged else node.stderr) == f"{refused}\r\n".encode()


def copying(source: Path, dest: str, nodes: str = "node[1-6]", **more: Any) -> Copy:
    return Copy(str(source), dest, NodeSet(nodes), Exec(), **more)


@pytest.mark.parametrize("ways", [TWO, LEVELS], ids=["one level", "two levels"])
@pytest.mark.parametrize("size", [0, 11, 12_000_000])
def test_a_file_arrives_whole(tmp_path: Path, ways: Ways, size: int) -> None:
    """With a small window, so that a large one takes more passes."""
    source = tmp_path / "source"
    source.write_bytes(os.urandom(size))
    copy = copying(source, f"{tmp_path}/%h")
    assert carry_out("node[1-6]", copy, ways, fanout=2).ok
    for rank in range(1, 7):
        assert (tmp_path / f"node{rank}").read_bytes() == source.read_bytes()
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


def test_what_gateways_have_not_read_is_in_the_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = []
    send = Link.send

    def sent(link: Link, message: Any) -> None:
        send(link, message)
        waiting.append(link.child.pending)

    monkeypatch.setattr(Link, "send", sent)
    source = tmp_path / "source"
    source.write_bytes(bytes(6_000_000))
    assert carry_out("node[1-6]", copying(source, f"{tmp_path}/%h"), TWO).ok
    assert PENDING_LOW < max(waiting) < PENDING_HIGH + PIECE + 1000


def test_a_directory_is_entered_and_never_replaced(tmp_path: Path) -> None:
    source = tmp_path / "tool"
    (source / "bin").mkdir(parents=True)
    (source / "bin" / "run").write_text("new")
    there = tmp_path / "node1" / "tool" / "bin"
    there.mkdir(parents=True)
    (there / "own").write_text("old")
    copy = copying(source, f"{tmp_path}/%h", "node1")
    assert carry_out("node1", copy, TWO).ok
    assert (there / "run").read_text() == "new"
    assert (there / "own").read_text() == "old"


def test_what_cannot_land_is_a_failure_of_that_node(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("text")
    (tmp_path / "node1").mkdir()
    result = carry_out("node[1-2]", copying(source, f"{tmp_path}/%h/name", "node[1-2]"), TWO)
    assert str(result.failed) == "node2"
    assert result["node2"].rc == 1
    assert b"No such file or directory" in result["node2"].stderr
    assert (tmp_path / "node1" / "name").read_text() == "text"


def test_a_missing_source_is_told_before_anything_starts(tmp_path: Path) -> None:
    class Far(Exec):
        name = "ssh"

    copy = Copy(str(tmp_path / "none"), "/x", NodeSet("node1"), Far())
    with pytest.raises(JobError, match="not found"):
        carry_out("node1", copy, TWO)


def test_a_file_that_changes_arrives_nowhere(tmp_path: Path, monkeypatch: Any) -> None:
    from clush.tree.archive import Archive

    source = tmp_path / "source"
    source.write_bytes(bytes(20_000_000))
    read = Archive.read

    def touching(self: Archive, offset: int, size: int) -> bytes:
        if offset > 5_000_000:
            os.utime(source, (1, 1))
        return read(self, offset, size)

    monkeypatch.setattr(Archive, "read", touching)
    result = carry_out("node[1-3]", copying(source, f"{tmp_path}/%h", "node[1-3]"), TWO)
    assert {node.status for node in result.values()} == {Status.FAILED}
    assert "changed while it was copied" in result["node1"].detail
    assert sorted(os.listdir(tmp_path)) == ["source"]


@pytest.mark.parametrize("ways", [TWO, LEVELS], ids=["one level", "two levels"])
def test_files_come_back_under_the_names_of_nodes(tmp_path: Path, ways: Ways) -> None:
    for rank in range(1, 4):
        (tmp_path / f"node{rank}").mkdir()
        (tmp_path / f"node{rank}" / "data").write_bytes(os.urandom(3_000_000))
    back = tmp_path / "back"
    back.mkdir()
    copy = Copy(f"{tmp_path}/%h/data", str(back), NodeSet("node[1-3]"), Exec(), reverse=True)
    assert carry_out("node[1-3]", copy, ways).ok
    assert sorted(os.listdir(back)) == ["data.node1", "data.node2", "data.node3"]
    for rank in range(1, 4):
        sent = (tmp_path / f"node{rank}" / "data").read_bytes()
        assert (back / f"data.node{rank}").read_bytes() == sent


def test_a_missing_file_there_is_a_failure(tmp_path: Path) -> None:
    copy = Copy(f"{tmp_path}/none", str(tmp_path), NodeSet("node[1-2]"), Exec(), reverse=True)
    result = carry_out("node[1-2]", copy, TWO)
    assert {node.rc for node in result.values()} == {1}
    assert b"No such file" in result["node1"].stderr
    assert os.listdir(tmp_path) == []
