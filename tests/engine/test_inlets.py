"""Descriptors read as data comes: pipes, files, and what is left at the end."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from clush.engine import loop as loop_module
from clush.engine.inlets import READ_SIZE, Inlets
from clush.engine.loop import ENGINES, run_blocking
from clush.errors import ResourceLimitError


class Heard:
    """What was got, by name, and which names have ended."""

    def __init__(self) -> None:
        self.got: dict[str, bytes] = {}
        self.ended: list[str] = []
        self.changed = asyncio.Event()

    def data(self, name: str, data: bytes) -> None:
        assert 0 < len(data) <= READ_SIZE
        self.got[name] = self.got.get(name, b"") + data
        self.changed.set()

    def end(self, name: str) -> None:
        self.ended.append(name)
        self.changed.set()

    async def until(self, condition) -> None:
        while not condition(self):
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 20)


def reading(names: dict[int, str], **options: object) -> tuple[Inlets, Heard]:
    heard = Heard()
    return Inlets(asyncio.get_running_loop(), names, heard.data, heard.end, **options), heard


@pytest.mark.parametrize("engine", ENGINES)
def test_pipes_and_files(engine: str, tmp_path: Path) -> None:
    """A regular file never has to wait, and epoll will not watch it."""
    (tmp_path / "file").write_bytes(b"x" * 200_000)

    async def main() -> Heard:
        reader, writer = os.pipe()
        file = os.open(tmp_path / "file", os.O_RDONLY)
        inlets, heard = reading({reader: "pipe", file: "file"})
        os.write(writer, b"said")
        os.close(writer)
        await heard.until(lambda h: len(h.ended) == 2)
        assert not inlets
        for fd in (reader, file):
            with pytest.raises(OSError):
                os.fstat(fd)
        return heard

    heard = run_blocking(main, engine)
    assert heard.got == {"pipe": b"said", "file": b"x" * 200_000}


def test_pause(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100)

    async def main() -> None:
        reader, writer = os.pipe()
        file = os.open(tmp_path / "file", os.O_RDONLY)
        inlets, heard = reading({reader: "pipe", file: "file"})
        inlets.pause()
        os.write(writer, b"said")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert heard.got == {}
        inlets.resume()
        os.close(writer)
        await heard.until(lambda h: len(h.ended) == 2)
        assert heard.got == {"pipe": b"said", "file": b"x" * 100}

    run_blocking(main)


def test_drain_takes_what_is_there_without_waiting_and_leaves_flags_as_they_were() -> None:
    async def main() -> None:
        full, writer = os.pipe()
        empty, other = os.pipe()
        kept = dict.fromkeys((full, empty), lambda: None)
        inlets, heard = reading({full: "full", empty: "empty"}, closers=kept)
        os.write(writer, b"rest")
        inlets.drain()
        assert heard.got == {"full": b"rest"}
        assert not inlets
        assert os.get_blocking(full)
        for fd in (full, writer, empty, other):
            os.close(fd)

    run_blocking(main)


def test_select_refuses_what_it_cannot_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        reader, writer = os.pipe()
        monkeypatch.setattr(loop_module, "SELECT_LIMIT", reader)
        try:
            with pytest.raises(ResourceLimitError, match=r"lower the fanout or use the epoll"):
                reading({reader: "pipe"})
            with pytest.raises(OSError):
                os.fstat(reader)
        finally:
            monkeypatch.undo()
            os.close(writer)

    run_blocking(main, "select")
