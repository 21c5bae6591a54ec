"""A file tree as bytes by their place: the same for all who read, and no more than there is."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.errors import CopyError
from clush.tree.archive import CHUNK, KEPT, OPEN, Archive


def whole(archive: Archive, size: int = 1 << 20) -> bytes:
    found = bytearray()
    while piece := archive.read(len(found), size):
        found += piece
    return bytes(found)


def members(text: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(text)) as tar:
        return {info.name: info for info in tar}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "d/sub").mkdir(parents=True)
    (tmp_path / "d/big").write_bytes(os.urandom(3 * CHUNK + 17))
    (tmp_path / "d/empty").touch()
    (tmp_path / "d/sub/a").write_text("a")
    (tmp_path / "d/z").write_bytes(b"z" * 512)
    return tmp_path / "d"


def test_what_is_in_it(files: Path) -> None:
    text = whole(Archive(str(files), "top"))
    with tarfile.open(fileobj=io.BytesIO(text)) as tar:
        names = ["top", "top/big", "top/empty", "top/sub", "top/sub/a", "top/z", "top.end"]
        assert tar.getnames() == names
        for name in names[1:-1]:
            path = files.parent / name.replace("top", "d")
            if path.is_file():
                assert tar.extractfile(name).read() == path.read_bytes()  # type: ignore[union-attr]


def test_a_file_alone(files: Path) -> None:
    archive = Archive(str(files / "sub/a"), "b")
    assert list(members(whole(archive))) == ["b", "b.end"]
    assert archive.size == 10240


def test_the_size_is_known_before_anything_is_read(files: Path) -> None:
    archive = Archive(str(files), "top", preserve=True)
    assert len(whole(archive)) == archive.size
    assert archive.size % 10240 == 0
    assert archive.read(archive.size, 1) == archive.read(archive.size + 10**9, 1) == b""


def test_it_is_always_the_same(files: Path) -> None:
    text = whole(Archive(str(files), "top"))
    assert whole(Archive(str(files), "top"), 1000) == text
    other = files.with_name("other")
    other.mkdir()
    for path in sorted(files.iterdir(), reverse=True):
        path.rename(other / path.name)
    os.utime(other, ns=(0, files.stat().st_mtime_ns))
    os.utime(other, (files.stat().st_mtime, int(members(text)["top"].mtime)))
    assert whole(Archive(str(other), "top")) == text


@given(st.lists(st.tuples(st.integers(0, 5 * CHUNK), st.integers(1, 2 * CHUNK)), max_size=30))
def test_any_place_may_be_read_at_any_time(places: list[tuple[int, int]]) -> None:
    archive, text = _SHARED
    for offset, size in places:
        piece = archive.read(offset, size)
        assert len(piece) <= size
        assert piece == text[offset : offset + len(piece)]
        assert bool(piece) == (offset < len(text))


@pytest.fixture(autouse=True, scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> None:
    global _SHARED
    folder = tmp_path_factory.mktemp("shared")
    for number in range(40):
        (folder / str(number)).write_bytes(bytes([number]) * (number * 611))
    (folder / "big").write_bytes(os.urandom(3 * CHUNK + 1))
    archive = Archive(str(folder), "top", preserve=True)
    _SHARED = archive, whole(archive)


_SHARED: tuple[Archive, bytes]


def test_readers_that_are_close_share_what_was_read(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = []
    pread = os.pread

    def noted(descriptor: int, size: int, offset: int) -> bytes:
        reads.append((offset, size))
        return pread(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", noted)
    archive = Archive(str(files), "top")
    for offset in range(0, archive.size, CHUNK):
        for _ in range(10):
            archive.read(offset, CHUNK)
    assert sum(size for _, size in reads) == 3 * CHUNK + 17 + 1 + 512


def test_what_is_kept_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(bytes(3 * KEPT * CHUNK))
    for number in range(2 * OPEN):
        (tmp_path / str(number)).write_text("text")
    archive = Archive(str(tmp_path), "top")
    before = len(os.listdir("/proc/self/fd"))
    for offset in range(0, archive.size, CHUNK):
        archive.read(offset, CHUNK)
    assert len(archive._chunks) <= KEPT
    assert len(os.listdir("/proc/self/fd")) <= before + OPEN
    archive.close()
    assert len(os.listdir("/proc/self/fd")) == before


IN_PLACE = {
    "empty": lambda path: path.write_bytes(b""),
    "shorter": lambda path: os.truncate(path, path.stat().st_size - 1),
    "longer": lambda path: os.truncate(path, path.stat().st_size + 1),
    "other": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "touched": lambda path: os.utime(path, (1, 1)),
}
IN_ITS_PLACE = {
    "replaced": lambda path: (path.rename(f"{path}.old"), path.write_bytes(b"other")),
    "gone": lambda path: path.unlink(),
    "directory": lambda path: (path.unlink(), path.mkdir()),
    "pipe": lambda path: (path.unlink(), os.mkfifo(path)),
}


@pytest.mark.parametrize("change", [*IN_PLACE, *IN_ITS_PLACE])
def test_a_file_that_changes_is_named(files: Path, change: str) -> None:
    path = files / "big"
    os.utime(path, (1_000_000_000, 1_000_000_000))
    archive = Archive(str(files), "top")
    (IN_PLACE.get(change) or IN_ITS_PLACE[change])(path)
    with pytest.raises(CopyError, match=r'^".*/d/big"(: .*| changed while it was copied)$'):
        whole(archive)


@pytest.mark.parametrize("change", IN_PLACE)
def test_a_file_that_changes_while_it_is_read_is_named(files: Path, change: str) -> None:
    path = files / "big"
    os.utime(path, (1_000_000_000, 1_000_000_000))
    archive = Archive(str(files), "top")
    archive.read(0, CHUNK)
    IN_PLACE[change](path)
    with pytest.raises(CopyError, match=r'^".*/d/big" changed while it was copied$'):
        whole(archive)


@pytest.mark.parametrize("change", IN_ITS_PLACE)
def test_a_file_that_is_read_may_be_replaced(files: Path, change: str) -> None:
    text = whole(Archive(str(files), "top"))
    archive = Archive(str(files), "top")
    archive.read(0, CHUNK)
    IN_ITS_PLACE[change](files / "big")
    assert whole(archive) == text


def test_links_are_followed(files: Path) -> None:
    (files / "link").symlink_to("sub/a")
    (files / "folder").symlink_to("sub")
    archive = Archive(str(files), "top")
    found = members(whole(archive))
    assert archive.skipped == []
    assert found["top/link"].isreg()
    assert found["top/folder"].isdir()
    assert found["top/folder/a"].size == 1


def test_what_cannot_be_copied_is_skipped_and_told(files: Path) -> None:
    (files / "broken").symlink_to("nothing")
    (files / "self").symlink_to("self")
    (files / "sub/up").symlink_to("..")
    os.mkfifo(files / "pipe")
    archive = Archive(str(files), "top")
    assert [line.replace(str(files), "D") for line in archive.skipped] == [
        '"D/broken": No such file or directory',
        '"D/pipe": not a file that can be copied',
        '"D/self": Too many levels of symbolic links',
        '"D/sub/up": leads back to a directory above it',
    ]
    assert list(members(whole(archive))) == [
        "top", "top/big", "top/empty", "top/sub", "top/sub/a", "top/z", "top.end",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["none", "pipe", "broken"])
def test_nothing_to_copy_is_an_error(files: Path, name: str) -> None:
    os.mkfifo(files / "pipe")
    (files / "broken").symlink_to("nothing")
    with pytest.raises(CopyError, match=f'^".*/d/{name}": '):
        Archive(str(files / name), "top")


def test_headers_tell_modes_and_times_and_nothing_of_the_owner(files: Path) -> None:
    (files / "z").chmod(0o6754)
    (files / "sub").chmod(0o555)
    os.utime(files / "z", (1, 1_000_000_000.9))
    found = members(whole(Archive(str(files), "top")))
    z = found["top/z"]
    assert (z.mode, z.mtime) == (0o754, 1_000_000_000)
    assert {(one.uid, one.gid, one.uname, one.gname) for one in found.values()} == {(0, 0, "", "")}
    assert found["top/sub"].mode == 0o755
    assert found["top.end"].mtime == int(files.stat().st_mtime)
    (files / "sub").chmod(0o755)


def test_with_preserve_there_are_the_directories_once_more(files: Path) -> None:
    (files / "sub").chmod(0o555)
    os.utime(files / "sub", (1_000_000_000, 1_000_000_000))
    text = whole(Archive(str(files), "top", preserve=True))
    with tarfile.open(fileobj=io.BytesIO(text)) as tar:
        assert tar.getnames()[-2:] == ["top.dirs", "top.end"]
        inner = members(tar.extractfile("top.dirs").read())  # type: ignore[union-attr]
    assert list(inner) == ["./sub", "."]
    assert (inner["./sub"].mode, inner["./sub"].mtime) == (0o555, 1_000_000_000)
    (files / "sub").chmod(0o755)


def test_long_and_strange_names(tmp_path: Path) -> None:
    deep = tmp_path / "d" / "/".join(["x" * 200] * 4)
    deep.mkdir(parents=True)
    (deep / "new\nline").write_text("text")
    with open(os.fsencode(deep) + b"/\xff", "w"):
        pass
    found = members(whole(Archive(str(tmp_path / "d"), "top")))
    names = {os.path.basename(name) for name in found}
    assert {"new\nline", "\udcff"} <= names
