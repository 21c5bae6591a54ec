"""Answers on disk: who may read and write them, and how long they are good."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys

import pytest

from clush.groups import store as module
from clush.groups.store import Store, clear, default_directory


@pytest.fixture
def directory(tmp_path):
    return str(tmp_path / "cache" / "clush")


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

    monkeypatch.setattr(module, "time", lambda: Clock.now)
    return Clock


def make(directory: str, lifetime: float = 60, identity: tuple[str, ...] = ("echo",)) -> Store:
    return Store("lab", identity, lifetime, directory)


def test_another_process_finds_the_answers(directory: str) -> None:
    make(directory).put("map", {"g1": "n[1-2]", "g\udcff": "né,n\udcff"})
    make(directory).put("list", {"": "g1"})
    other = make(directory)
    assert other.get("map", "g1")[0] == "n[1-2]"
    assert other.get("map", "g\udcff")[0] == "né,n\udcff"
    assert other.get("list", "")[0] == "g1"
    assert other.get("list", "g1") is None
    assert other.get("all", "") is None


def test_answers_end(directory: str, clock) -> None:
    make(directory).put("map", {"g1": "n1"})
    clock.now += 59
    assert make(directory).get("map", "g1") == ("n1", 1)
    assert make(directory, lifetime=10).get("map", "g1") is None
    clock.now += 1
    assert make(directory).get("map", "g1") is None
    clock.now = 900
    assert make(directory).get("map", "g1") is None


def test_old_answers_are_dropped_when_new_ones_come(directory: str, clock) -> None:
    make(directory).put("map", {"g1": "n1"})
    clock.now += 61
    make(directory).put("map", {"g2": "n2"})
    with open(make(directory).path) as file:
        assert list(json.load(file)["map"]) == ["g2"]


def test_another_configuration_has_another_file(directory: str) -> None:
    paths = {make(directory, identity=i).path for i in (("a",), ("b",), ("a", ""), ("a", "b"))}
    assert len(paths) == 4
    names = {os.path.basename(Store(name, (), 1, directory).path) for name in ("../x", "..", "é")}
    assert len(names) == 3
    assert all(name.startswith("groups-_") and "/" not in name for name in names)


def test_only_the_owner_can_read(directory: str) -> None:
    kept = make(directory)
    old = os.umask(0)
    try:
        kept.put("map", {"g1": "n1"})
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(directory).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(kept.path).st_mode) == 0o600
    assert os.listdir(directory) == [os.path.basename(kept.path)]


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_directory_that_others_can_write_to_is_refused(directory: str, mode: int) -> None:
    kept = make(directory)
    kept.put("map", {"g1": "n1"})
    os.chmod(directory, mode)
    assert make(directory).get("map", "g1") is None
    kept.put("map", {"g2": "n2"})
    clear(directory)
    os.chmod(directory, 0o700)
    assert make(directory).get("map", "g1")[0] == "n1"
    assert make(directory).get("map", "g2") is None


def test_a_file_that_others_can_write_to_is_refused_and_replaced(directory: str) -> None:
    kept = make(directory)
    kept.put("map", {"g1": "n1"})
    os.chmod(kept.path, 0o620)
    assert make(directory).get("map", "g1") is None
    make(directory).put("map", {"g2": "n2"})
    assert make(directory).get("map", "g1") is None
    assert make(directory).get("map", "g2")[0] == "n2"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_belongs_to_others_is_refused(directory: str) -> None:
    kept = make(directory)
    kept.put("map", {"g1": "n1"})
    os.chown(kept.path, 12345, -1)
    assert make(directory).get("map", "g1") is None
    os.chown(kept.path, 0, -1)
    os.chown(directory, 12345, -1)
    assert make(directory).get("map", "g1") is None
    # sudo: root finds the home of a user, and leaves no directory there.
    os.chown(os.path.dirname(directory), 12345, -1)
    make(directory + "2").put("map", {"g1": "n1"})
    assert not os.path.exists(directory + "2")


def test_links_are_not_followed(directory: str, tmp_path) -> None:
    kept = make(directory)
    kept.put("map", {"g1": "n1"})
    elsewhere = tmp_path / "elsewhere"
    os.rename(kept.path, elsewhere)
    os.symlink(elsewhere, kept.path)
    assert make(directory).get("map", "g1") is None
    os.symlink(directory, directory + "-link")
    os.unlink(kept.path)
    os.rename(elsewhere, kept.path)
    assert make(directory + "-link").get("map", "g1") is None


def test_a_pipe_in_place_of_the_file_does_not_block(directory: str) -> None:
    kept = make(directory)
    kept.put("map", {"g1": "n1"})
    os.unlink(kept.path)
    os.mkfifo(kept.path, 0o600)
    assert make(directory).get("map", "g1") is None


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"\xff", b"[]", b"null", b"[" * 100000),
        *(b'{"map": 1}', b'{"map": {"g1": 1}}', b'{"map": {"g1": ["x", "n1"]}}'),
        b'{"map": {"g1": [1, "n1", 3]}}',
    ],
)
def test_nonsense_is_no_answer(directory: str, content: bytes) -> None:
    kept = make(directory)
    kept.put("map", {"g1": "n1"})
    with open(kept.path, "wb") as file:
        file.write(content)
    assert make(directory).get("map", "g1") is None
    kept.put("map", {"g1": "n2"})
    assert make(directory).get("map", "g1")[0] == "n2"


def test_no_place_for_it_is_no_error(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    for directory in ("", str(tmp_path / "file"), str(tmp_path / "file" / "x"), "/proc/nosuch/x"):
        make(directory).put("map", {"g1": "n1"})
        assert make(directory).get("map", "g1") is None
        make(directory).clear()


def test_clearing(directory: str) -> None:
    make(directory).put("map", {"g1": "n1"})
    make(directory, identity=("other",)).put("map", {"g1": "n1"})
    make(directory).clear()
    assert make(directory).get("map", "g1") is None
    assert make(directory, identity=("other",)).get("map", "g1") is not None
    with open(os.path.join(directory, "others.json"), "w"):
        pass
    clear(directory)
    assert os.listdir(directory) == ["others.json"]


def test_files_of_forgotten_configurations_are_removed(directory: str) -> None:
    old = make(directory, identity=("old",))
    old.put("map", {"g1": "n1"})
    os.utime(old.path, (0, 0))
    make(directory).put("map", {"g1": "n1"})
    assert not os.path.exists(old.path)


def test_many_writers_keep_what_others_wrote(directory: str) -> None:
    code = (
        "import sys; from clush.groups.store import Store; "
        "s = Store('lab', ['echo'], 60, sys.argv[1]); "
        "[s.put('map', {f'{sys.argv[2]}-{i}': 'x' * 99}) for i in range(10)]"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, directory, str(number)])
        for number in range(4)
    ]
    assert [writer.wait() for writer in writers] == [0] * 4
    kept = make(directory)
    assert all(kept.get("map", f"{n}-{i}") for n in range(4) for i in range(10))


def test_the_default_directory(monkeypatch) -> None:
    monkeypatch.setenv("HOME", "/home/x")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/c")
    assert default_directory() == "/var/c/clush"
    for unusable in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", unusable)
        assert default_directory() == "/home/x/.cache/clush"
