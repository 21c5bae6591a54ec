"""What a target does with an archive: real tar, real shells, and scp itself as the measure."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clush.tree.archive import Archive
from clush.tree.landing import fetch, land
from clush.tree.unpack import Unpacker

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
    command: str, archive: bytes, cwd: Path, shell: str = "sh", **env: str
) -> subprocess.CompletedProcess[bytes]:
    """Run ``command`` as a target does, and look whether it leaves something behind."""
    done = subprocess.run(
        [*shell.split(), "-c", command],
        input=archive,
        cwd=cwd,
        capture_output=True,
        env={**os.environ, "HOME": str(cwd), "LC_ALL": "C.UTF-8", **env},
        timeout=60,
    )
    assert list(cwd.rglob(".clush*")) == []
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
    if not ours.returncode:
        assert times(target) == times(twin)


def times(top: Path) -> set[str]:
    """What is below ``top`` and comes from long ago."""
    return {
        str(path.relative_to(top))
        for path in top.rglob("*")
        if path.exists() and path.stat().st_mtime == LONG_AGO
    }


@pytest.mark.parametrize("name", ["file", "link"])
@pytest.mark.parametrize(("preserve", "mode"), [(False, 0o600), (True, 0o666)], ids=["", "-p"])
def test_what_is_there_keeps_its_owner_and_its_mode(
    source: Path, target: Path, name: str, preserve: bool, mode: int
) -> None:
    (target / "file").chmod(0o600)
    if not os.geteuid():
        os.chown(target / "file", 1, 2)
    assert copied(source / "f", name, target, preserve).returncode == 0
    assert (target / "link").is_symlink()
    status = (target / "file").stat()
    assert (target / "file").read_text() == "f\n"
    assert stat.S_IMODE(status.st_mode) == mode
    if not os.geteuid():
        assert (status.st_uid, status.st_gid) == (1, 2)


def test_directories_that_nobody_may_write_to(source: Path, target: Path) -> None:
    (source / "d/sub").chmod(0o555)
    assert copied(source / "d", "kept", target, preserve=True).returncode == 0
    assert tree_of(target / "kept") == tree_of(source / "d")
    assert copied(source / "d", "new", target).returncode == 0
    assert tree_of(target / "new/sub/deep") == tree_of(source / "d/sub/deep")
    for made in (source / "d", target / "kept", target / "new"):
        (made / "sub").chmod(0o755)  # so that somebody can clean up


def test_many_files_where_there_are_many(source: Path, target: Path) -> None:
    for number in range(200):
        (source / f"d/sub/{number}").write_text("new\n")
        if number % 2:
            (target / f"have/d/sub/{number}").write_text("older\n")
        if number > 100:
            (target / f"have/d/sub/{number}").touch(0o600)
    assert copied(source / "d", "have", target).returncode == 0
    for number in range(200):
        path = target / f"have/d/sub/{number}"
        assert path.read_text() == "new\n"
        new = number <= 100 or number % 2
        assert stat.S_IMODE(path.stat().st_mode) == (0o644 if new else 0o600)


def test_a_pipe_stays_a_pipe(source: Path, target: Path) -> None:
    os.mkfifo(target / "pipe")
    reader = os.open(target / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert copied(source / "f", "pipe", target).returncode == 0
        assert os.read(reader, 100) == b"f\n"
    finally:
        os.close(reader)
    refused = f"clush: {target}/pipe: Not a directory\n".encode()
    assert copied(source / "d", "pipe", target).stderr == refused
    assert stat.S_ISFIFO((target / "pipe").stat().st_mode)


@pytest.mark.skipif(not os.geteuid(), reason="root may write to anything")
def test_what_may_not_be_written_stays(source: Path, target: Path) -> None:
    (target / "have/d/a").chmod(0o444)
    done = copied(source / "d", "have", target)
    refused = f"clush: {target}/have/d/a: Permission denied\n".encode()
    assert (done.returncode, done.stderr) == (1, refused)
    assert (target / "have/d/a").read_text() == "older\n"
    assert (target / "have/d/old-x").exists()
    (target / "have").chmod(0o555)
    done = copied(source / "f", "have/new", target)
    refused = f"clush: {target}/have: Permission denied\n".encode()
    assert (done.returncode, done.stderr) == (1, refused)
    (target / "have").chmod(0o755)


# What comes on the way


@pytest.mark.parametrize("name", ["f", "d"])
def test_any_cut_is_told_and_leaves_nothing(source: Path, target: Path, name: str) -> None:
    archive = Archive(str(source / name), name)
    text = whole(archive)
    # Behind the marker there are only zeros.
    end = text.rindex(f"{name}.end".encode())
    end -= end % 512
    cuts = [*range(0, end, 512), *range(100, end, 1111), end]
    command = land("new", name, directory=name == "d")
    before = tree_of(target)
    for cut in cuts if name == "f" else cuts[::4]:
        done = run(command, text[:cut], target)
        assert done.returncode == 1
        assert done.stderr
        assert tree_of(target) == before
    assert run(command, text[: end + 512], target).returncode == 0


def test_a_cut_between_two_members_is_told_in_one_line(source: Path, target: Path) -> None:
    done = run(
        land("new", "f", directory=False), whole(Archive(str(source / "f"), "f"))[:1024], target
    )
    assert (done.returncode, done.stderr) == (1, b"clush: ./new: the copy was cut short\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_nothing(source: Path, target: Path, number: int) -> None:
    (source / "d/b").write_bytes(bytes(300_000))  # tar waits for more than a little
    archive = whole(Archive(str(source / "d"), "d"))
    before = tree_of(target)
    command = land("have", "d", directory=True)
    process = subprocess.Popen(
        ["sh", "-c", command], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=target,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(archive[:150_000])
    process.stdin.flush()
    deadline = time.monotonic() + 20
    while not list(target.glob("have/.clush*/d/*")):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, number)
    assert process.wait(20) != 0
    process.stdin.close()
    assert tree_of(target) == before


def test_a_signal_at_once_leaves_nothing(source: Path, target: Path, tmp_path: Path) -> None:
    """It comes when the directory for what is to land has just been made."""
    mkdir = tmp_path / "bin/mkdir"
    mkdir.parent.mkdir()
    mkdir.write_text(f'#!/bin/sh\n{shutil.which("mkdir")} "$@"; kill -TERM 0\n')
    mkdir.chmod(0o755)
    before = tree_of(target)
    process = subprocess.Popen(
        ["sh", "-c", land("have", "d", directory=True)], stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, cwd=target, start_new_session=True,
        env={**os.environ, "PATH": f"{mkdir.parent}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert process.wait(20) != 0
    assert tree_of(target) == before


# Shells and tars

LOGIN_SHELLS = [
    "sh", "bash", "dash", "ksh", "mksh", "zsh", "csh", "tcsh", "fish", "busybox sh",
]  # fmt: skip
STRANGE = [
    "it's $HOME `id` *[a]{b,c}? %h;# \"=ü\\n\\\\!d<e>|&()^",
    "ends\\", "!", "-rf", "*",
]  # fmt: skip


def needs(program: str) -> str:
    if shutil.which(program.split()[0]) is None:
        pytest.skip(f"{program} is not there")
    return program


@pytest.mark.parametrize("shell", LOGIN_SHELLS)
def test_any_login_shell_takes_any_name(shell: str, source: Path, target: Path) -> None:
    needs(shell)
    archive = whole(Archive(str(source / "d"), "d", True))
    for name in STRANGE:
        command = land(f"have/{name}", "d", directory=True, preserve=True)
        done = run(command, archive, target, shell)
        assert (name, done.returncode, done.stderr) == (name, 0, b"")
        assert tree_of(target / "have" / name) == tree_of(source / "d")


@pytest.mark.parametrize("shell", LOGIN_SHELLS)
def test_home_is_found(shell: str, source: Path, target: Path) -> None:
    needs(shell)
    archive = whole(Archive(str(source / "f"), "f"))
    for dest, where in (
        ("~", "f"),
        ("~/new", "new"),
        ("~/have/", "have/f"),
        ("~/have/n w", "have/n w"),
    ):
        command = land(dest, "f", directory=False)
        assert run(command, archive, target, shell).returncode == 0
        assert (target / where).read_text() == "f\n"


def wrapped(folder: Path, **programs: str) -> str:
    """A PATH on which these programs are others."""
    folder.mkdir()
    for name, program in programs.items():
        words = program.split()
        path = shutil.which(needs(program).split()[0])
        (folder / name).write_text(f'#!/bin/sh\nexec {" ".join([str(path), *words[1:]])} "$@"\n')
        (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@pytest.mark.parametrize("shell", ["bash --posix", "dash", "ksh", "mksh", "busybox sh"])
def test_any_posix_shell_lets_it_land(
    shell: str, source: Path, target: Path, tmp_path: Path
) -> None:
    path = wrapped(tmp_path / "bin", sh=shell)
    assert copied(source / "d", "have", target, PATH=path).stderr == b""
    assert (target / "have/kept").exists()
    assert (target / "have/d/sub/kept").exists()
    assert tree_of(source / "d").keys() <= tree_of(target / "have/d").keys()


BUSYBOX = {name: f"busybox {name}" for name in (
    "tar", "mkdir", "mv", "rm", "cat", "cp", "ls", "uname", "readlink", "chown", "tr", "dirname",
)}  # fmt: skip


@pytest.mark.parametrize("preserve", [False, True], ids=["", "-p"])
@pytest.mark.parametrize("tools", [{"tar": "bsdtar"}, BUSYBOX], ids=["bsdtar", "busybox"])
def test_other_tools_do_as_those_of_gnu(
    tools: dict[str, str], preserve: bool, source: Path, target: Path, tmp_path: Path
) -> None:
    path = wrapped(tmp_path / "bin", **tools)
    twin = target.with_name("twin")
    shutil.copytree(target, twin, symlinks=True)
    for name, dest in COPIES:
        ours = copied(source / name, dest, target, preserve, PATH=path)
        theirs = copied(source / name, dest, twin, preserve)
        assert (name, dest, ours.returncode) == (name, dest, theirs.returncode)
        assert tree_of(target) == tree_of(twin)
        assert times(target) == times(twin)


@pytest.mark.parametrize("tar", ["tar", "bsdtar", "busybox tar"])
def test_the_umask_holds_for_root(tar: str, source: Path, target: Path, tmp_path: Path) -> None:
    path = wrapped(tmp_path / "bin", tar=tar)
    archive = whole(Archive(str(source / "d"), "d"))
    command = "umask 077; " + land("new", "d", directory=True)
    assert run(command, archive, target, PATH=path).returncode == 0
    modes = {mode for mode, _ in tree_of(target / "new").values()}
    assert modes == {"-rw-------", "-rwx------", "drwx------"}


# And back


@pytest.mark.parametrize("tar", ["tar", "bsdtar", "busybox tar"])
@pytest.mark.parametrize("name", ["f", "d", "d/", "./d", "d/sub/../sub"])
def test_what_is_fetched_is_an_archive(
    name: str, tar: str, source: Path, target: Path, tmp_path: Path
) -> None:
    path = wrapped(tmp_path / "bin", tar=tar)
    for place in (name, f"{source}/{name}", f"~/{name}"):
        done = run(fetch(place), b"", source, PATH=path)
        assert (done.returncode, done.stderr) == (0, b"")
        last = os.path.basename(name.rstrip("/"))
        unpacker = Unpacker(str(target), "came", last, preserve=True)
        unpacker.feed(done.stdout)
        unpacker.close()
        assert unpacker.problems == []
        if (source / name).is_dir():
            assert tree_of(target / "came") == tree_of(source / name)
            shutil.rmtree(target / "came")
        else:
            assert (target / "came").read_text() == "f\n"


@pytest.mark.parametrize("shell", LOGIN_SHELLS)
def test_any_name_is_fetched_through_any_login_shell(
    shell: str, source: Path, target: Path
) -> None:
    needs(shell)
    for name in STRANGE:
        (source / name).write_text(f"text of {name}\n")
        done = run(fetch(name), b"", source, shell)
        assert (name, done.returncode, done.stderr) == (name, 0, b"")
        unpacker = Unpacker(str(target), "came", name)
        unpacker.feed(done.stdout)
        unpacker.close()
        assert unpacker.problems == []
        assert (target / "came").read_text() == f"text of {name}\n"


def test_links_are_followed_on_the_way_back(source: Path, target: Path) -> None:
    (source / "d/to-f").symlink_to("../f")
    (source / "d/to-sub").symlink_to("sub")
    (source / "link").symlink_to("d")
    done = run(fetch("link"), b"", source)
    assert done.returncode == 0
    unpacker = Unpacker(str(target), "came", "link")
    unpacker.feed(done.stdout)
    unpacker.close()
    assert unpacker.problems == []
    assert not (target / "came/to-f").is_symlink()
    assert (target / "came/to-f").read_text() == "f\n"
    assert (target / "came/to-sub/deep/b").read_text() == "text of sub/deep/b\n"


@pytest.mark.parametrize("name", ["none", "no/none", "/none", "~/none", "d/none"])
def test_what_is_not_there_is_told(name: str, source: Path) -> None:
    done = run(fetch(name), b"", source)
    where = name.replace("~", str(source)) if name[0] in "/~" else f"./{name}"
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == f"clush: {where}: No such file or directory\n".encode()


def test_what_cannot_be_read_is_told(source: Path) -> None:
    (source / "d/broken").symlink_to("nothing")
    assert run(fetch("d"), b"", source).returncode != 0
