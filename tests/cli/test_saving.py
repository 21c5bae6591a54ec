"""The output of each node in a file of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clush.cli.saving import Saver
from clush.errors import CommandError


def saved(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_lines_end_as_they_do_here(tmp_path: Path) -> None:
    saver = Saver({"stdout": str(tmp_path)}, ["n1", "n2", "n3"])
    saver.output("n1", "stdout", b"a\r\nb\rc\xff\n")
    saver.output("n2", "stdout", b"no end")
    saver.output("n2", "stderr", b"elsewhere")
    for node in ("n1", "n2", "n3"):
        saver.ended(node)
    assert saved(tmp_path) == {"n1": b"a\nb\rc\xff\n", "n2": b"no end\n", "n3": b""}


def test_a_line_may_come_in_pieces(tmp_path: Path) -> None:
    saver = Saver({"stdout": str(tmp_path)}, ["n1"])
    for piece in (b"one very ", b"long ", b"line\n"):
        saver.output("n1", "stdout", piece)
    saver.ended("n1")
    assert saved(tmp_path) == {"n1": b"one very long line\n"}


def test_two_streams_may_share_a_directory(tmp_path: Path) -> None:
    saver = Saver({"stdout": str(tmp_path), "stderr": str(tmp_path)}, ["n1"])
    saver.output("n1", "stdout", b"out\n")
    saver.output("n1", "stderr", b"err")
    saver.ended("n1")
    assert saved(tmp_path) == {"n1": b"out\nerr\n"}


def test_a_full_disk_says_which_file(tmp_path: Path) -> None:
    saver = Saver({"stdout": str(tmp_path)}, ["n1"])
    (tmp_path / "n1").unlink()
    (tmp_path / "n1").symlink_to("/dev/full")
    with pytest.raises(CommandError, match=r"\[Errno 28\] No space left on device: '.*/n1'"):
        saver.output("n1", "stdout", b"a\n")


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match=r"\[Errno 20\] Not a directory: "):
        Saver({"stdout": os.fspath(tmp_path / "file" / "sub")}, ["n1"])
    assert saved(tmp_path) == {"file": b""}
