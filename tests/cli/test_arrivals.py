"""What arrives of copies is counted when it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from clush.cli import arrivals
from clush.cli.arrivals import Arrivals, size
from clush.events import Ended, Started, Status
from clush.job import Copy
from clush.sets.nodeset import NodeSet
from clush.transport.exec import Exec

NODES = NodeSet("n[1-2]")


class Counter:
    """A gauge that adds up."""

    def __init__(self) -> None:
        self.total = 0

    def arrived(self, size: int) -> None:
        self.total += size


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "a").write_bytes(b"." * 1000)
    (folder / "below" / "b").write_bytes(b"." * 24)
    (folder / "nowhere").symlink_to("nowhere")
    return folder


def end(node: str, status: Status = Status.OK) -> Ended:
    return Ended(node, status, 0, "", 1.0, 2.0)


def test_sizes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert size(str(folder / "a")) == 1000
    assert size(str(folder)) == 1024 + len("nowhere")
    assert size(str(folder / "nowhere")) == 0
    monkeypatch.setattr(arrivals, "MOST_FILES", 2)
    assert size(str(folder)) == 0


def test_what_was_sent_counts_for_each_node_that_has_it(folder: Path) -> None:
    counter = Counter()
    sink = Arrivals(Copy(str(folder / "a"), "/there", NODES, Exec()), counter)
    for event in (Started("n1", 1.0), end("n1"), end("n2", Status.FAILED)):
        sink(event)
    assert counter.total == 1000


def test_what_was_fetched_counts_as_it_is_here(tmp_path: Path) -> None:
    counter = Counter()
    sink = Arrivals(Copy("/etc/motd", str(tmp_path), NODES, Exec(), reverse=True), counter)
    (tmp_path / "motd.n1").write_bytes(b"." * 3)
    (tmp_path / "motd.n2").write_bytes(b"." * 30)
    sink(end("n1"))
    sink(end("n2"))
    assert counter.total == 33
