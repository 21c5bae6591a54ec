"""The standard streams, whatever stands in their place."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from clush.cli import standard

NAMES = ("stdin", "stdout", "stderr")


@pytest.mark.parametrize(("number", "name"), [*enumerate(NAMES)])
def test_a_stream_with_a_descriptor(
    number: int, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(tmp_path / "file", "w+") as file:
        monkeypatch.setattr(sys, name, file)
        assert standard.descriptor(number) == file.fileno()
        assert not standard.is_terminal(number)


@pytest.mark.parametrize("stream", [None, io.StringIO(), object()], ids=["closed", "text", "odd"])
@pytest.mark.parametrize(("number", "name"), [*enumerate(NAMES)])
def test_a_stream_without_one(
    number: int, name: str, stream: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, name, stream)
    assert standard.descriptor(number) == number


def test_what_was_written_before_comes_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(tmp_path / "file", "w") as file:
        monkeypatch.setattr(sys, "stdout", file)
        file.write("first")
        os.write(standard.descriptor(standard.STDOUT), b", then")
    assert (tmp_path / "file").read_text() == "first, then"
