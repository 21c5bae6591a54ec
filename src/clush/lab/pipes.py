"""A command's three streams, and moving bytes between them and coroutines.

Byte pumps on non-blocking descriptors of the running loop, used where logins are served
in the keeper itself.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

CHUNK = 65536  # bytes moved at once: what a pipe holds


class Stream:
    """Our end of one stream, and whether it is still open."""

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self.fd = fd
        self._is_open = True

    def close(self) -> None:
        """Close it; does nothing the second time."""
        if self._is_open:
            self._is_open = False
            os.close(self.fd)


class Ends:
    """Both ends of a command's streams.

    ``its`` is what a child gets as descriptors 0, 1 and 2; ``stdin``, ``stdout`` and
    ``stderr`` are ours, the last None with a terminal, which has only one way out.
    """

    def __init__(self, its: Sequence[int | str], held: Sequence[int], ours: Sequence[int]) -> None:
        self.its = its
        self._held = held
        streams = [Stream(fd) for fd in ours]
        self.stdin, self.stdout = streams[:2]
        self.stderr = streams[2] if len(streams) > 2 else None
        self._ours = streams

    @classmethod
    def of_pipes(cls) -> Ends:
        """Streams without a terminal."""
        its_in, our_in = os.pipe()
        our_out, its_out = os.pipe()
        our_err, its_err = os.pipe()
        its = (its_in, its_out, its_err)
        return cls(its, its, (our_in, our_out, our_err))

    @classmethod
    def of_terminal(cls) -> Ends:
        """A terminal, given by its path: the session leader who opens that owns it."""
        ours, its = os.openpty()
        return cls([os.ttyname(its)] * 3, [its], (ours, os.dup(ours)))

    def hand_over(self) -> None:
        """Close the command's ends here, once it has them."""
        for fd in self._held:
            os.close(fd)

    def close(self) -> None:
        """Close our ends."""
        for stream in self._ours:
            stream.close()


async def pull(
    stream: Stream, write: Callable[[bytes], None], drain: Callable[[], Awaitable[None]]
) -> None:
    """Hand all that comes out of ``stream`` to ``write``, no faster than ``drain`` lets."""
    loop = asyncio.get_running_loop()
    while True:
        await _ready(stream.fd, loop.add_reader, loop.remove_reader)
        try:
            data = os.read(stream.fd, CHUNK)
        except BlockingIOError:
            continue
        except OSError:
            return  # a terminal that everybody has left
        if not data:
            return
        write(data)
        await drain()


async def push(read: Callable[[], Awaitable[bytes]], stream: Stream) -> None:
    """Write what ``read`` gives to ``stream``, and close that at the end of either."""
    loop = asyncio.get_running_loop()
    try:
        while data := memoryview(await read()):
            while data:
                await _ready(stream.fd, loop.add_writer, loop.remove_writer)
                try:
                    data = data[os.write(stream.fd, data) :]
                except BlockingIOError:
                    continue
    except BrokenPipeError:
        pass  # the command does not read any more
    finally:
        stream.close()


async def _ready(fd: int, add: Callable[..., None], remove: Callable[[int], object]) -> None:
    """Until ``fd`` can be read or written, whichever ``add`` and ``remove`` are about."""
    ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def tell() -> None:
        if not ready.done():
            ready.set_result(None)

    add(fd, tell)
    try:
        await ready
    finally:
        remove(fd)
