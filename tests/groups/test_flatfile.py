"""Flat files of groups, and sources that read files."""

from __future__ import annotations

import os

import pytest

from clush.errors import GroupSourceNoUpcall, GroupSourceQueryFailed
from clush.groups.files import FileSource
from clush.groups.flatfile import read

SITE = """\
# The site
oss: node[3-4]

mds: node1  node2
 oss : node9
rack[1-2]: x1
void:
"""


@pytest.fixture
def path(tmp_path) -> str:
    (tmp_path / "local.cfg").write_text(SITE)
    return str(tmp_path / "local.cfg")


def test_lines_of_a_group_add_up(path: str) -> None:
    source = FileSource("local", [path], read)
    assert source.list_groups() == ["oss", "mds", "rack[1-2]", "void"]
    groups = ("oss", "mds", "void", "rack2", "nosuch")
    nodes = ["node[3-4],node9", "node1,node2", "", "x1", ""]
    assert [source.map_group(group) for group in groups] == nodes
    with pytest.raises(GroupSourceNoUpcall):
        source.all_nodes()


def test_files_add_up(path: str, tmp_path) -> None:
    (tmp_path / "more.cfg").write_text("oss: node10\nall: node[1-10]\n")
    source = FileSource("local", [path, str(tmp_path / "more.cfg")], read)
    assert source.map_group("oss") == "node[3-4],node9,node10"
    assert source.all_nodes() == source.map_group("all") == "node[1-10]"


@pytest.mark.parametrize("line", ["oss node1", "two words: x", ": x"])
def test_a_bad_line_is_named(path: str, line: str) -> None:
    with open(path, "a") as file:
        file.write(line)
    for _ in range(2):
        with pytest.raises(GroupSourceQueryFailed) as caught:
            FileSource("local", [path], read).list_groups()
        assert str(caught.value) == f"{path}: not a line 'group: nodes' (line 8)"


def test_a_file_that_is_not_there(path: str) -> None:
    source = FileSource("local", [path + "x"], read)
    with pytest.raises(GroupSourceQueryFailed) as caught:
        source.map_group("oss")
    assert str(caught.value) == f"{path}x (No such file or directory)"
    os.rename(path, path + "x")
    assert source.map_group("mds") == "node1,node2"


def test_changes_are_seen_in_time(path: str) -> None:
    later, now = FileSource("l", [path], read), FileSource("n", [path], read, cache_time=0)
    assert later.map_group("mds") == now.map_group("mds") == "node1,node2"
    with open(path, "a") as file:
        file.write("mds: node3\n")
    assert now.map_group("mds") == "node1,node2,node3"
    assert later.map_group("mds") == "node1,node2"
    later.clear_cache()
    assert later.map_group("mds") == "node1,node2,node3"
