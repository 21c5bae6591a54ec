"""Running a tool inside the test process: its words, what it reads and writes, its status."""

from __future__ import annotations

import io
import resource
import sys
from collections.abc import Iterator
from typing import Callable, NamedTuple, NoReturn

import pytest

from clush.cli.clush import main
from clush.config import paths
from clush.sets import resolver


@pytest.fixture(autouse=True)
def no_site(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration is found: neither that of this machine nor that of its user."""
    nowhere = str(tmp_path_factory.getbasetemp() / "nowhere")
    monkeypatch.setattr(paths, "SYSTEM", nowhere)
    monkeypatch.setenv("HOME", nowhere)
    for name in ("CLUSTERSHELL_CFGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def groups_left_alone() -> Iterator[None]:
    """What a tool does about groups is not seen by the next test."""
    kept = resolver.slot()
    yield
    resolver.refill(kept)


class Ran(NamedTuple):
    """What one run left behind."""

    out: str
    err: str
    rc: int


Tool = Callable[..., Ran]


@pytest.fixture
def clush(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Tool]:
    """``clush(*words)`` runs it in this process, at the level of descriptors."""
    for name in ("NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def call(*words: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["/usr/bin/clush", *words])
        with pytest.raises(SystemExit) as left:
            main()
        return Ran(*capfd.readouterr(), left.value.code)

    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield call
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Tool:
    """``tool(main, "PROG", *words, stdin=...)`` runs a program as its script would."""
    for name in ("NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def call(main: Callable[[], NoReturn], *argv: str, stdin: str | bytes = "") -> Ran:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        out, err = io.BytesIO(), io.BytesIO()
        monkeypatch.setattr(sys, "argv", list(argv))
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out))
        monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(err, write_through=True))
        with pytest.raises(SystemExit) as left:
            main()
        sys.stdout.flush()
        return Ran(out.getvalue().decode(), err.getvalue().decode(), left.value.code)

    return call
