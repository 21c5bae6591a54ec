"""Archives written to one place and nowhere else, whatever stands in them."""

from __future__ import annotations

import io
import os
import shutil
import stat
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.errors import CopyError
from clush.tree.archive import Archive
from clush.tree.folder import Drafts
from clush.tree.unpack import MAX_DEPTH, MAX_PROBLEMS, Unpacker

LONG_AGO = 1_000_000_000
FOLDER, LINK, HARD = tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


def info(name: str, text: bytes = b"", **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    one = tarfile.TarInfo(name)
    one.size = len(text)
    one.mtime = LONG_AGO
    for field, value in fields.items():
        setattr(one, field, value)
    if one.type == FOLDER and "mode" not in fields:
        one.mode = 0o755
    return one, text


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for one, text in members:
            tar.addfile(one, io.BytesIO(text))
    return file.getvalue()


TOP = info("top", type=FOLDER)


@pytest.fixture
def dest(tmp_path: Path) -> Iterator[Path]:
    """A directory with a neighbour that nobody may touch."""
    (tmp_path / "dest").mkdir()
    (tmp_path / "outside").write_text("untouched")
    (tmp_path / "neighbour").mkdir()
    yield tmp_path / "dest"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dest", "neighbour", "outside"]
    assert (tmp_path / "outside").read_text() == "untouched"
    assert list((tmp_path / "neighbour").iterdir()) == []
    assert list((tmp_path / "dest").rglob(".clush*")) == []


def unpack(dest: Path, text: bytes, preserve: bool = False, name: str = "top") -> list[str]:
    unpacker = Unpacker(str(dest), "top.n1", name, preserve)
    unpacker.feed(text)
    unpacker.close()
    return unpacker.problems


def tree_of(top: Path) -> dict[str, tuple[str, Any]]:
    found = {}
    for folder, folders, files in os.walk(top):
        for name in (*folders, *files):
            path = Path(folder, name)
            what = os.readlink(path) if path.is_symlink() else path.is_file() and path.read_bytes()
            found[str(path.relative_to(top))] = stat.filemode(path.lstat().st_mode), what
    return found


# A link that stays inside where it is; one level up it would not.
WAY = (TOP, info("top/a", type=FOLDER), info("top/a/way", type=LINK, linkname="../b"))


def test_no_hard_link_moves_a_link(dest: Path) -> None:
    text = archive(*WAY, info("top/way", type=HARD, linkname="top/a/way"))
    assert unpack(dest, text) == [f'"top/way": a link to "../b", {BELOW}']
    assert not os.path.lexists(dest / "top.n1/way")


def test_a_hard_link_to_a_link_is_a_link(dest: Path) -> None:
    text = archive(*WAY, info("top/a/same", type=HARD, linkname="top/a/way"))
    assert unpack(dest, text) == []
    assert os.readlink(dest / "top.n1/a/same") == "../b"
    assert os.lstat(dest / "top.n1/a/way").st_nlink == 1


def test_a_directory_that_keeps_its_mode_is_told_and_nothing_else_suffers(
    dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = os.fchmod

    def only_files(descriptor: int, mode: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(1, "Operation not permitted")
        change(descriptor, mode)

    monkeypatch.setattr(os, "fchmod", only_files)
    text = archive(TOP, info("top/sub", type=FOLDER), info("top/b", b"text"))
    reason = "mode and time not set: Operation not permitted"
    assert unpack(dest, text, preserve=True) == [f'"top/sub": {reason}', f'"top": {reason}']
    assert (dest / "top.n1/b").read_bytes() == b"text"


def test_the_same_hard_link_again_leaves_nothing_beside(dest: Path) -> None:
    again = info("top/b", type=HARD, linkname="top/a")
    assert unpack(dest, archive(TOP, info("top/a", b"text"), again, again)) == []
    assert os.stat(dest / "top.n1/b").st_nlink == 2


def test_a_directory(dest: Path) -> None:
    text = archive(
        TOP,
        info("top/sub", type=FOLDER, mode=0o750),
        info("top/sub/a", b"text", mode=0o6640),
        info("top/b", b"x" * 1000, mode=0o444),
        info("top/to-a", type=LINK, linkname="sub/a"),
        info("top/sub/to-b", type=LINK, linkname="../b"),
        info("top/same", type=HARD, linkname="top/b"),
    )
    assert unpack(dest, text) == []
    assert tree_of(dest) == {
        "top.n1": ("drwxr-xr-x", False),
        "top.n1/sub": ("drwxr-x---", False),
        "top.n1/sub/a": ("-rw-r-----", b"text"),
        "top.n1/b": ("-r--r--r--", b"x" * 1000),
        "top.n1/to-a": ("lrwxrwxrwx", "sub/a"),
        "top.n1/sub/to-b": ("lrwxrwxrwx", "../b"),
        "top.n1/same": ("-r--r--r--", b"x" * 1000),
    }
    assert (dest / "top.n1/same").samefile(dest / "top.n1/b")


def test_a_file(dest: Path) -> None:
    assert unpack(dest, archive(info("./top", b"text"))) == []
    assert tree_of(dest) == {"top.n1": ("-rw-r--r--", b"text")}


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("preserve", [False, True])
def test_modes_and_times(dest: Path, preserve: bool) -> None:
    text = archive(
        info("top", type=FOLDER, mode=0o777),
        info("top/ro", type=FOLDER, mode=0o555),
        info("top/ro/a", b"text", mode=0o666),
        info("top/ro/deep", type=FOLDER, mode=0o500),
        info("top/b", b"text", mode=0o4755),
    )
    assert unpack(dest, text, preserve) == []
    found = {name: mode for name, (mode, _) in tree_of(dest).items()}
    assert found == {
        "top.n1": "drwxrwxrwx" if preserve else "drwxr-x---",
        "top.n1/ro": "dr-xr-xr-x" if preserve else "dr-xr-x---",
        "top.n1/ro/a": "-rw-rw-rw-" if preserve else "-rw-r-----",
        "top.n1/ro/deep": "dr-x------",
        "top.n1/b": "-rwxr-xr-x" if preserve else "-rwxr-x---",
    }
    old = {path for path in found if (dest / path).stat().st_mtime == LONG_AGO}
    assert old == (set(found) if preserve else set())
    (dest / "top.n1/ro").chmod(0o755)


# What is not believed

REFUSED = "leads out of what was asked for"
BELOW = "which is not below it"
HOSTILE: list[tuple[list[tuple[tarfile.TarInfo, bytes]], str]] = [
    ([info("/outside", b"x")], f'"/outside": {REFUSED}'),
    ([info("../outside", b"x")], f'"../outside": {REFUSED}'),
    ([info("top/../../outside", b"x")], f'"top/../../outside": {REFUSED}'),
    ([info("top/..", type=FOLDER)], f'"top/../": {REFUSED}'),
    ([info("..", type=FOLDER)], f'"../": {REFUSED}'),
    ([info(".", type=FOLDER)], f'"./": {REFUSED}'),
    ([info("other", b"x")], f'"other": {REFUSED}'),
    ([info("neighbour/x", b"x")], f'"neighbour/x": {REFUSED}'),
    ([info("top", pax_headers={"path": "top/a\0b"})], f'"top/a?b": {REFUSED}'),
    ([info("top/a\x1b[2Jb\n/../..", b"x")], f'"top/a?[2Jb?/../..": {REFUSED}'),
    ([info("top/null", type=tarfile.CHRTYPE)], '"top/null": a character device is not copied'),
    ([info("top/disk", type=tarfile.BLKTYPE)], '"top/disk": a block device is not copied'),
    ([info("top/pipe", type=tarfile.FIFOTYPE)], '"top/pipe": a pipe is not copied'),
    ([info("top/what", b"x", type=b"Z")], '"top/what": a file of an unknown kind is not copied'),
    ([info("top/to", type=LINK, linkname="/etc")], f'"top/to": a link to "/etc", {BELOW}'),
    ([info("top/to", type=LINK, linkname="..")], f'"top/to": a link to "..", {BELOW}'),
    ([info("top/to", type=LINK, linkname="../x")], f'"top/to": a link to "../x", {BELOW}'),
    ([info("top/x", type=LINK, linkname="a/../../x")], f'"top/x": a link to "a/../../x", {BELOW}'),
    ([info("top/to", type=LINK, linkname="a/..")], f'"top/to": a link to "a/..", {BELOW}'),
    ([info("top/to", type=LINK, linkname="./../x")], f'"top/to": a link to "./../x", {BELOW}'),
    ([info("top/to", type=LINK, linkname="")], f'"top/to": a link to "", {BELOW}'),
    ([info("top/to", type=HARD, linkname="../out")], f'"top/to": a link to "../out", {BELOW}'),
    ([info("top/to", type=HARD, linkname="/outside")], f'"top/to": a link to "/outside", {BELOW}'),
    ([info("top/to", type=HARD, linkname="outside")], f'"top/to": a link to "outside", {BELOW}'),
    ([info("top/to", type=HARD, linkname="top/no")], '"top/to": No such file or directory'),
    ([info("top/to", type=HARD, linkname="top")], '"top/to": Operation not permitted'),
    ([info("top/no/a", b"x")], '"top/no/a": No such file or directory'),
    ([info("top/" + "x" * 256, b"x")], f'"top/{"x" * 196}": File name too long'),
    # What was written first is no way out for what comes then.
    (
        [info("top/sub", type=FOLDER), info("top/to", type=LINK, linkname="sub"),
         info("top/to/a", b"x")],
        '"top/to/a": Not a directory',
    ),
    (
        [info("top/a", b"x"), info("top/a/b", b"x")],
        '"top/a/b": Not a directory',
    ),
    (
        [info("top/to", type=LINK, linkname="sub"), info("top/to", type=FOLDER)],
        '"top/to/": Not a directory',
    ),
    (
        [info("top/sub", type=FOLDER), info("top/sub", type=LINK, linkname="a")],
        '"top/sub": Is a directory',
    ),
    (
        [info("top/sub", type=FOLDER), info("top/sub", b"x")],
        '"top/sub": Is a directory',
    ),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_what_is_hostile_is_refused_by_name_and_the_rest_goes_on(dest: Path, number: int) -> None:
    members, problem = HOSTILE[number]
    assert unpack(dest, archive(TOP, *members, info("top/after", b"text"))) == [problem]
    assert (dest / "top.n1/after").read_bytes() == b"text"
    for path in dest.rglob("*"):
        assert path.resolve().is_relative_to((dest / "top.n1").resolve())


def test_a_link_is_replaced_and_not_written_through(dest: Path) -> None:
    text = archive(TOP, info("top/a", type=LINK, linkname="b"), info("top/a", b"text"))
    assert unpack(dest, text) == []
    assert tree_of(dest) == {
        "top.n1": ("drwxr-xr-x", False),
        "top.n1/a": ("-rw-r--r--", b"text"),
    }


def test_the_place_itself_may_not_be_a_link(dest: Path) -> None:
    (dest / "top.n1").symlink_to("../neighbour")
    assert unpack(dest, archive(TOP, info("top/a", b"x"))) == [
        '"top/": Not a directory',
        '"top/a": Not a directory',
    ]
    assert unpack(dest, archive(info("top", type=LINK, linkname="a"))) != []
    assert unpack(dest, archive(info("top", b"text"))) == []
    assert tree_of(dest) == {"top.n1": ("-rw-r--r--", b"text")}


def test_problems_are_bounded(dest: Path) -> None:
    members = [info(f"/{number}") for number in range(MAX_PROBLEMS + 7)]
    problems = unpack(dest, archive(TOP, *members))
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1] == "and 7 more"


# What is there already


def test_a_directory_is_entered_as_scp_does(dest: Path) -> None:
    text = archive(TOP, info("top/a", b"new"))
    (dest / "top.n1").mkdir()
    (dest / "top.n1/kept").write_text("kept")
    assert unpack(dest, text) == []
    assert unpack(dest, text) == []
    assert set(tree_of(dest)) == {"top.n1", "top.n1/kept", "top.n1/top", "top.n1/top/a"}
    assert unpack(dest, archive(info("top", b"x"))) == ['"top": Is a directory']


def test_a_file_is_replaced_when_the_new_one_is_complete(dest: Path) -> None:
    (dest / "top.n1").write_text("old")
    text = archive(info("top", b"x" * 2000))
    unpacker = Unpacker(str(dest), "top.n1", "top")
    for position in range(0, 2500, 100):
        unpacker.feed(text[position : position + 100])
        assert (dest / "top.n1").read_text() == "old"
    unpacker.feed(text[2500:])
    assert (dest / "top.n1").read_bytes() == b"x" * 2000
    unpacker.close()


def test_a_full_disk_is_told(dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) > 1000:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[: len(data) // 2 + 1])

    monkeypatch.setattr(os, "write", full)
    text = archive(TOP, info("top/big", b"x" * 2000), info("top/small", b"y" * 100))
    assert unpack(dest, text) == ['"top/big": No space left on device']
    assert (dest / "top.n1/small").read_bytes() == b"y" * 100
    assert not (dest / "top.n1/big").exists()


def test_only_some_of_many_files_are_open(dest: Path) -> None:
    text = archive(TOP, info("top/a", b"x" * 3000), info("top/b", b"y" * 3000))
    drafts = Drafts(2)
    unpackers = [Unpacker(str(dest), f"top.n{number}", "top", True, drafts) for number in range(10)]
    before = len(os.listdir("/proc/self/fd"))
    for start in range(0, len(text), 700):
        for unpacker in unpackers:
            unpacker.feed(text[start : start + 700])
        assert len(os.listdir("/proc/self/fd")) <= before + 2
    for number, unpacker in enumerate(unpackers):
        unpacker.close()
        assert unpacker.problems == []
        assert (dest / f"top.n{number}/a").read_bytes() == b"x" * 3000
        assert (dest / f"top.n{number}/b").read_bytes() == b"y" * 3000
        assert (dest / f"top.n{number}/b").stat().st_mtime == LONG_AGO


def test_what_is_told_at_a_close_in_between_is_not_lost(
    dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = os.close

    def full(descriptor: int) -> None:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        close(descriptor)
        if regular:
            raise OSError(28, "No space left on device")

    drafts = Drafts(1)
    first, second = (Unpacker(str(dest), name, "top", False, drafts) for name in ("n1", "n2"))
    text = archive(info("top", b"x" * 2000))
    monkeypatch.setattr(os, "close", full)
    first.feed(text[:2000])
    second.feed(text[:2000])
    first.feed(text[2000:])
    assert first.problems == ['"top": No space left on device']
    second.feed(text[2000:])
    assert second.problems == ['"top": No space left on device']
    assert tree_of(dest) == {}


def test_only_so_many_directories_are_in_each_other(dest: Path) -> None:
    names = ["top" + "/d" * depth for depth in range(MAX_DEPTH + 2)]
    text = archive(*(info(name, type=FOLDER) for name in names), info("top/after", b"text"))
    problems = unpack(dest, text)
    assert len(problems) == 2
    assert all(problem.endswith("is below more than 256 directories") for problem in problems)
    assert (dest / "top.n1/after").read_bytes() == b"text"


# How it ends


def test_a_cut_is_told_and_leaves_no_half_file(dest: Path) -> None:
    text = archive(TOP, info("top/a", b"text"), info("top/b", b"x" * 2000))
    for cut in range(0, 512 * 8 + 1024, 256):
        unpacker = Unpacker(str(dest), "top.n1", "top")
        unpacker.feed(text[:cut])
        with pytest.raises(CopyError, match=r"^the archive was cut$"):
            unpacker.close()
        for path in dest.rglob("b"):
            assert path.read_bytes() == b"x" * 2000
    assert not list(dest.rglob(".clush*"))


def test_nothing_is_told(dest: Path) -> None:
    with pytest.raises(CopyError, match=r"^the archive is empty$"):
        unpack(dest, archive())


def test_no_archive_is_told(dest: Path) -> None:
    with pytest.raises(CopyError, match=r"^what came is no archive$"):
        unpack(dest, b"Last login: yesterday\n" * 100)


def test_descriptors_are_closed(dest: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    text = archive(
        TOP, info("top/a", b"x" * 2000), *(member for many, _ in HOSTILE for member in many)
    )
    unpack(dest, text)
    unpacker = Unpacker(str(dest), "top.n1", "top")
    unpacker.feed(text[:1500])
    with pytest.raises(CopyError):
        unpacker.close()
    assert len(os.listdir("/proc/self/fd")) == before


# There and back

NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40
).filter(lambda name: name not in (".", "..") and len(name.encode()) < 200)
TREES: st.SearchStrategy[Any] = st.recursive(
    st.binary(max_size=2000), lambda inner: st.dictionaries(NAMES, inner, max_size=4), max_leaves=10
)


def plant(path: Path, tree: Any) -> None:
    if isinstance(tree, bytes):
        path.write_bytes(tree)
        path.chmod(0o400 + len(tree) % 0o400)
    else:
        path.mkdir()
        for name, inner in tree.items():
            plant(path / name, inner)
    os.utime(path, (LONG_AGO, LONG_AGO))


@given(TREES, st.integers(1, 3000))
def test_what_is_packed_here_comes_out_the_same(
    tmp_path_factory: pytest.TempPathFactory, tree: Any, size: int
) -> None:
    folder = tmp_path_factory.mktemp("there")
    plant(folder / "top", tree)
    # Without the marker, and what else is for a target that only has tar.
    packed = Archive(str(folder / "top"), "top")
    unpacker = Unpacker(str(folder), "back", "top", preserve=True)
    offset = 0
    while piece := packed.read(offset, size):
        unpacker.feed(piece)
        offset += len(piece)
    unpacker.close()
    assert unpacker.problems == [f'"top.end": {REFUSED}']
    assert tree_of(folder / "back") == tree_of(folder / "top")
    assert {path.stat().st_mtime for path in folder.glob("back/**/*")} <= {LONG_AGO}


TARS = ["tar", "tar --format=pax", "tar --format=ustar", "tar --format=v7", "busybox tar", "bsdtar"]


@pytest.mark.parametrize("tar", TARS)
def test_what_real_tars_write(dest: Path, tar: str) -> None:
    if shutil.which(tar.split()[0]) is None:
        pytest.skip(f"{tar} is not there")
    sources = Path(__file__).resolve().parents[2] / "src/clush/wire"
    command = [*tar.split(), "-cf", "-", "-C", str(sources.parent), "./wire"]
    assert unpack(dest, subprocess.check_output(command), preserve=True, name="wire") == []
    assert tree_of(dest / "top.n1") == tree_of(sources)
    times = [(path / "frame.py").stat().st_mtime // 1 for path in (dest / "top.n1", sources)]
    assert times[0] == times[1]
