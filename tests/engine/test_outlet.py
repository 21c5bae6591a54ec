"""Bytes on their way into a descriptor."""

from __future__ import annotations

import asyncio
import os
from fcntl import fcntl

import pytest

from clush.engine.loop import run_blocking
from clush.engine.outlet import PIPE, WIDE, Outlet

F_GETPIPE_SZ = 1032  # of Linux


class Writing:
    """An outlet into a pipe, and what was told of it."""

    def __init__(self, **options: object) -> None:
        self.reader, self.fd = os.pipe()
        os.set_blocking(self.fd, False)
        self.taken: list[int] = []
        self.closed: list[int] = []
        self.outlet = Outlet(
            asyncio.get_running_loop(), self.fd, self.taken.append, self.closed.append, **options
        )

    async def read(self) -> bytes:
        """All that comes, in a thread: the loop has to write it."""
        with os.fdopen(self.reader, "rb") as pipe:
            return await asyncio.get_running_loop().run_in_executor(None, pipe.read)


def test_all_is_written_before_the_end() -> None:
    async def main() -> None:
        writing = Writing()
        writing.outlet.write(b"x" * 300_000)
        writing.outlet.write(b"end")
        assert writing.outlet.pending > 0
        writing.outlet.write_eof()
        writing.outlet.write(b"too late")
        assert await asyncio.wait_for(writing.read(), 20) == b"x" * 300_000 + b"end"
        assert sum(writing.taken) == 300_003
        assert writing.closed == [0]
        assert writing.outlet.pending == 0

    run_blocking(main)


def test_a_reader_that_goes_away_loses_the_rest() -> None:
    async def main() -> None:
        writing = Writing()
        os.close(writing.reader)
        writing.outlet.write(b"nobody reads this")
        assert writing.closed == [17]
        writing.outlet.write(b"nor this")
        writing.outlet.close()
        assert writing.closed == [17]

    run_blocking(main)


def test_who_is_told_may_write_and_end() -> None:
    async def main() -> None:
        reader, fd = os.pipe()
        os.set_blocking(fd, False)
        pieces = [b"second", b"third"]

        def taken(_size: int) -> None:
            if pieces:
                outlet.write(pieces.pop(0))
            else:
                outlet.write_eof()

        outlet = Outlet(asyncio.get_running_loop(), fd, taken, lambda lost: None)
        outlet.write(b"first")
        with os.fdopen(reader, "rb") as pipe:
            assert pipe.read() == b"firstsecondthird"

    run_blocking(main)


@pytest.mark.parametrize("keep", [False, True])
def test_the_descriptor_is_closed_unless_it_is_to_be_kept(keep: bool) -> None:
    async def main() -> None:
        writing = Writing(closer=(lambda: None) if keep else None)
        writing.outlet.write_eof()
        if keep:
            os.close(writing.fd)
        else:
            with pytest.raises(OSError):
                os.fstat(writing.fd)
        os.close(writing.reader)

    run_blocking(main)


def test_few_pipes_are_made_larger_for_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only while there is much for them; what a closed one gave back, another may take."""
    monkeypatch.setattr("clush.engine.outlet.WIDE_MOST", 2)

    def taken_at_once(size: int) -> tuple[Writing, int]:
        writing = Writing()
        writing.outlet.write(b"x" * size)
        return writing, sum(writing.taken)

    async def main() -> None:
        little, _ = taken_at_once(PIPE)
        assert fcntl(little.fd, F_GETPIPE_SZ) == PIPE
        first, second, third = (taken_at_once(WIDE + PIPE) for _ in range(3))
        assert [taken for _, taken in (first, second, third)] == [WIDE, WIDE, PIPE]
        first[0].outlet.close()
        again, taken = taken_at_once(WIDE + PIPE)
        assert taken == WIDE
        for writing in (little, second[0], third[0], again):
            writing.outlet.close()
        for writing in (little, first[0], second[0], third[0], again):
            os.close(writing.reader)

    run_blocking(main)
