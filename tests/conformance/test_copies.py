"""What every transport does with files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clush.events import Status

NODES = ("node1", "node2")
BOTH = "node[1-2]"


@pytest.fixture
def name(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A name for files on the nodes that no other test has: their homes may be shared."""
    return f"{tmp_path.name}-{os.getpid()}"


def test_a_file_is_copied_to_all(kit, name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text\xff\n")
    told = kit.told(kit.copy(f"{tmp_path}/file", kit.place(name), BOTH))
    assert told.result.ok, told.ends
    assert [(kit.home(node) / name).read_bytes() for node in NODES] == [b"text\xff\n"] * 2


def test_a_directory_is_copied_with_all_that_is_in_it(kit, name: str, tmp_path: Path) -> None:
    (tmp_path / name / "sub").mkdir(parents=True)
    (tmp_path / name / "sub" / "file").write_text("text\n")
    dest = kit.place(".")
    told = kit.told(kit.copy(f"{tmp_path}/{name}", dest, BOTH))
    assert told.result.ok, told.ends
    assert [(kit.home(node) / name / "sub/file").read_text() for node in NODES] == ["text\n"] * 2


def test_times_are_kept_on_request(kit, name: str, tmp_path: Path) -> None:
    (tmp_path / "old").write_text("text\n")
    os.utime(tmp_path / "old", (1_000_000_000, 1_000_000_000))
    kit.told(kit.copy(f"{tmp_path}/old", kit.place(name), "node1", preserve=True))
    assert (kit.home("node1") / name).stat().st_mtime == 1_000_000_000


@pytest.mark.parametrize("slash", ["", "/"])
def test_what_is_fetched_is_called_after_its_node(
    kit, name: str, slash: str, tmp_path: Path
) -> None:
    for node in NODES:
        (kit.home(node) / name).mkdir()
        (kit.home(node) / name / "file").write_text(node)
    (tmp_path / "got").mkdir()
    copy = kit.copy(kit.place(name) + slash, f"{tmp_path}/got{slash}", BOTH, reverse=True)
    told = kit.told(copy)
    assert told.result.ok, told.ends
    assert sorted(os.listdir(tmp_path / "got")) == [f"{name}.{node}" for node in NODES]
    assert [(tmp_path / f"got/{name}.{node}/file").read_text() for node in NODES] == list(NODES)


def test_a_file_that_one_node_does_not_have(kit, name: str, tmp_path: Path) -> None:
    (kit.home("node1") / name).write_text("text\n")
    (tmp_path / "got").mkdir()
    told = kit.told(kit.copy(kit.place(name), f"{tmp_path}/got", BOTH, reverse=True))
    assert (told.ends["node1"].status, told.ends["node2"].status) == (Status.OK, Status.FAILED)
    assert told.ends["node2"].rc
    assert told.said("node2", "stderr")
    assert os.listdir(tmp_path / "got") == [f"{name}.node1"]


def test_a_place_that_is_not_there(kit, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = kit.told(kit.copy(f"{tmp_path}/file", "/no/such/place/file", BOTH))
    assert {end.status for end in told.ends.values()} == {Status.FAILED}
    assert all(end.rc for end in told.ends.values())
    assert b"/no/such/place" in told.said("node1", "stderr")


def test_no_nodes(kit, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert kit.told(kit.copy(f"{tmp_path}/file", "/no/such/place/file", "")).events == []
