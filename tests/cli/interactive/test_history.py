"""The file of lines that were typed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from clush.cli.interactive.history import History, default_path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "clush" / "history"


def opened(path: Path, size: int = 100, classic: str = "/nonexistent") -> History:
    return History(str(path), size, ["quit"], classic)


def test_lines_come_back_in_the_next_session(path: Path) -> None:
    history = opened(path)
    assert [history.add(line) for line in ("a", "b", "b", "a", "quit", "", "  ")] == [
        True, True, False, True, False, False, False,
    ]  # fmt: skip
    assert history.lines == opened(path).lines == ["a", "b", "a"]
    assert path.read_text() == "a\nb\na\n"
    assert history.take_problem() == ""


def test_nobody_else_can_read_it(path: Path) -> None:
    opened(path).add("secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_last_ones_are_kept(path: Path) -> None:
    history = opened(path, size=3)
    for number in range(5):
        history.add(str(number))
    assert opened(path, size=3).lines == ["2", "3", "4"]
    assert path.read_text() == "2\n3\n4\n"
    assert [entry.name for entry in path.parent.iterdir()] == ["history"]


@pytest.mark.parametrize(("size", "kept"), [(0, False), (-1, True)])
def test_none_are_kept_or_all(path: Path, size: int, kept: bool) -> None:
    history = opened(path, size)
    for number in range(200):
        history.add(str(number))
    assert path.exists() == kept
    assert len(opened(path, size).lines) == 200 * kept


def test_sessions_at_the_same_time_add_to_it(path: Path) -> None:
    one, other = opened(path), opened(path)
    one.add("a")
    other.add("b")
    one.add("c")
    assert opened(path).lines == ["a", "b", "c"]


def test_that_of_clustershell_is_the_beginning(path: Path, tmp_path: Path) -> None:
    classic = tmp_path / "classic"
    classic.write_text("old\nolder\n")
    opened(path, classic=str(classic)).add("new")
    assert opened(path, classic=str(classic)).lines == ["old", "older", "new"]
    assert classic.read_text() == "old\nolder\n"


def test_a_line_of_any_text_is_kept(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\n")
    history = opened(path)
    history.add("caf\u00e9 \udcff")
    assert path.read_bytes() == b"\xff\ncaf\xc3\xa9 \xff\n"


def test_what_cannot_be_written_is_told_once(path: Path, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no directory")
    history = opened(path)
    assert history.add("a") and history.add("b")
    assert history.lines == ["a", "b"]
    assert "File exists" in history.take_problem()
    assert history.take_problem() == ""


def test_nothing_is_made_in_the_home_of_somebody_else(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    history = opened(path)
    history.add("a")
    assert history.take_problem() == f"not the owner of {path.parents[2]}"
    assert not path.parents[1].exists()


PLACES = [
    ({"XDG_STATE_HOME": "/var/me", "HOME": "/home/me"}, "/var/me/clush/history"),
    ({"HOME": "/home/me"}, "/home/me/.local/state/clush/history"),
    ({"XDG_STATE_HOME": "relative", "HOME": "/home/me"}, "/home/me/.local/state/clush/history"),
    ({"XDG_STATE_HOME": "", "HOME": "relative"}, ""),
]


@pytest.mark.parametrize(("environ", "place"), PLACES)
def test_where_it_is(environ: dict[str, str], place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", environ["HOME"])
    assert default_path(environ) == place
