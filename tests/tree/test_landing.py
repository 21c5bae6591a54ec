"""What a target does with an archive: real tar, real shells, and scp itself as the measure."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clush.tree.archive import Archive
from clush.tree.landing import land

if TYPE_CHECKING:
    from clush.lab import Lab

LONG_AGO = 1_000_000_000

Tree = dict[str, tuple[str, str]]


def whole(archive: Archive) -> bytes:
    pieces = []
    while piece := archive.read(sum(map(len, pieces)), 1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def tree_of(top: Path) -> Tree:
    """All that is below ``top``: mode, and contents or where a link leads."""
    found = {}
    for folder, folders, files in os.walk(top):
        for name in (*folders, *files):
            path = Path(folder, name)
            status = path.lstat()
            what = "directory"
            if path.is_symlink():
                what = f"-> {os.readlink(path)}"
            elif path.is_file():
                what = path.read_text()
            found[str(path.relative_to(top))] = (stat.filemode(status.st_mode), what)
    return found


def old(top: Path) -> None:
    """Make all below ``top``, and itself, come from long ago."""
    for folder, _, files in os.walk(top, topdown=False):
        for name in files:
            os.utime(Path(folder, name), (LONG_AGO, LONG_AGO))
        os.utime(folder, (LONG_AGO, LONG_AGO))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """``f``, a file; ``d``, a directory with what is strange in one."""
    source = tmp_path / "src"
    (source / "d/sub/deep").mkdir(parents=True)
    (source / "d/empty").mkdir()
    (source / "f").write_text("f\n")
    names = ["a", ".hidden", "..two", "-rf", "with space", "quote'", 'dquote"', "back\\slash",
             "*", "ümlaut", "x" * 200, "sub/deep/b"]  # fmt: skip
    for name in names:
        (source / "d" / name).write_text(f"text of {name}\n")
    (source / "d/old-x").write_text("#!/bin/sh\n")
    (source / "d/old-x").chmod(0o755)
    (source / "d/sub").chmod(0o750)
    (source / "d/a").chmod(0o640)
    (source / "f").chmod(0o666)
    old(source)
    return source


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A directory with what may stand in the way."""
    target = tmp_path / "target"
    (target / "have/d/sub").mkdir(parents=True)
    (target / "have/kept").write_text("kept\n")
    (target / "have/d/a").write_text("older\n")
    (target / "have/d/sub/kept").write_text("kept\n")
    (target / "file").write_text("older\n")
    (target / "link").symlink_to("file")
    (target / "dangling").symlink_to("nothing")
    (target / "way").symlink_to("have")
    (target / "clash/d/a/sub").mkdir(parents=True)
    (target / "clash/d/sub").write_text("a file\n")
    return target


def run(
    command: str, archive: bytes, cwd: Path, shell: list[str] | None = None, **env: str
) -> subprocess.CompletedProcess[bytes]:
    """Run ``command`` as a target does, and look whether it leaves something behind."""
    done = subprocess.run(
        [*(shell or ["sh"]), "-c", command],
        input=archive,
        cwd=cwd,
        capture_output=True,
        env={**os.environ, "HOME": str(cwd), "LC_ALL": "C.UTF-8", **env},
        timeout=60,
    )
    assert [path for path in cwd.rglob(".clush*")] == []
    return done


def copied(
    source: Path, dest: str, target: Path, preserve: bool = False, **env: str
) -> subprocess.CompletedProcess[bytes]:
    archive = whole(Archive(str(source), source.name, preserve))
    command = land(dest, source.name, directory=source.is_dir(), preserve=preserve)
    return run(command, archive, target, **env)


def by_scp(
    lab: Lab, source: Path, dest: str, target: Path, preserve: bool
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        # The old protocol of scp follows links to directories, and takes a slash for what it is.
        ["scp", "-rqO", *["-p"] * preserve, str(source), f"node1:{target}/{dest}"],
        env=lab.environ(),
        capture_output=True,
        timeout=60,
    )


# scp is the measure: what is copied, and the destination.
COPIES = [
    ("f", "."),
    ("f", "have"),
    ("f", "have/"),
    ("f", "new"),
    ("f", "new/"),
    ("f", "no/new"),
    ("f", "file"),
    ("f", "file/"),
    ("f", "link"),
    ("f", "dangling"),
    ("f", "way"),
    ("f", "have/d"),
    ("f", "file/new"),
    ("d", "new"),
    ("d", "have"),
    ("d", "have/"),
    ("d", "way"),
    ("d", "file"),
    ("d", "link"),
    ("d", "clash"),
    ("d", "no/new"),
    ("d", "have/d/"),
]


@pytest.mark.sshd
@pytest.mark.parametrize("preserve", [False, True], ids=["", "-p"])
@pytest.mark.parametrize(("name", "dest"), COPIES)
def test_a_copy_lands_as_with_scp(
    lab: Lab, source: Path, target: Path, name: str, dest: str, preserve: bool
) -> None:
    twin = target.with_name("twin")
    shutil.copytree(target, twin, symlinks=True)
    ours = copied(source / name, dest, target, preserve)
    theirs = by_scp(lab, source / name, dest, twin, preserve)
    assert ours.returncode == theirs.returncode
    assert bool(ours.stderr) == bool(theirs.stderr)
    assert len(ours.stderr.splitlines()) == len(theirs.stderr.splitlines())
    assert tree_of(target) == tree_of(twin)
    assert times(target, source) == times(twin, source)


def times(top: Path, source: Path) -> set[str]:
    """What is below ``top`` and comes from long ago."""
    return {
        str(path.relative_to(top))
        for path in top.rglob("*")
        if path.exists() and path.stat().st_mtime == LONG_AGO
    }
