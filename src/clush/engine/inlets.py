"""Descriptors that are read as data comes, each under a name.

At most ``READ_SIZE`` bytes are read per descriptor and turn of the loop, so that none
starves the others.  What cannot be waited for (a regular file) is read turn by turn.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Callable

READ_SIZE = 65536  # the capacity of a pipe: more never comes in one read

# Called in place of `os.close`: of a file object, or to leave the descriptor open.
Closer = Callable[[], object]
NO_CLOSERS: Mapping[int, Closer] = {}


class Inlets:
    """Reads ``names`` (descriptor: name) on ``loop`` until each has come to its end.

    ``got(name, data)`` is given 1 to ``READ_SIZE`` bytes at a time, ``ended(name)`` comes
    after the last of them.  A descriptor is closed when it ended, by its function in
    ``closers`` if it has one.  True while something is left to be read.

    Raises :class:`clush.errors.ResourceLimitError` if the engine cannot watch them; the
    descriptors are closed then, too.
    """

    __slots__ = ("_closers", "_ended", "_got", "_loop", "_names", "_paused", "_unwatched")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        names: Mapping[int, str],
        got: Callable[[str, bytes], object],
        ended: Callable[[str], object],
        closers: Mapping[int, Closer] = NO_CLOSERS,
    ) -> None:
        self._loop = loop
        self._names = dict(names)
        self._got = got
        self._ended = ended
        self._closers = closers
        self._paused = False
        self._unwatched: set[int] = set()
        try:
            self._watch_all()
        except Exception:
            self.close()
            raise

    def __bool__(self) -> bool:
        return bool(self._names)

    def pause(self) -> None:
        """Stop reading; the pipes fill and their writers wait."""
        if not self._paused:
            self._paused = True
            for fd in self._names:
                self._loop.remove_reader(fd)

    def resume(self) -> None:
        """Read again after :meth:`pause`."""
        if self._paused:
            self._paused = False
            self._watch_all()

    def drain(self) -> None:
        """Take what is there without waiting for more, and close.

        One pipe's worth at most: somebody may still be writing.
        """
        for fd in tuple(self._names):
            name = self._names.get(fd)
            if name is None:
                continue  # closed meanwhile, by who was given the data of another
            data = self._read_at_once(fd)
            self._close(fd)
            if data:
                self._got(name, data)

    def close(self) -> None:
        """Read no more."""
        for fd in tuple(self._names):
            self._close(fd)

    def _watch_all(self) -> None:
        for fd in self._names:
            try:
                self._loop.add_reader(fd, self._readable, fd)
            except PermissionError:  # epoll's word for a regular file: it never has to wait
                self._unwatched.add(fd)
                self._loop.call_soon(self._read_unwatched, fd)

    def _read_unwatched(self, fd: int) -> None:
        if fd in self._names and not self._paused:
            self._loop.call_soon(self._read_unwatched, fd)
            self._readable(fd)

    def _readable(self, fd: int) -> None:
        data = self._read(fd)
        if data:
            self._got(self._names[fd], data)
        elif data is not None:
            name = self._names[fd]
            self._close(fd)
            self._ended(name)

    @staticmethod
    def _read(fd: int) -> bytes | None:
        """What is there: ``b""`` at the end, None if there is nothing yet."""
        try:
            return os.read(fd, READ_SIZE)
        except BlockingIOError:
            return None
        except OSError:
            return b""  # a terminal or a connection whose other end is gone

    def _read_at_once(self, fd: int) -> bytes | None:
        blocking = os.get_blocking(fd)  # of a descriptor that may be somebody else's, too
        if not blocking:
            return self._read(fd)
        os.set_blocking(fd, False)
        try:
            return self._read(fd)
        finally:
            os.set_blocking(fd, True)

    def _close(self, fd: int) -> None:
        del self._names[fd]
        if fd not in self._unwatched:
            self._loop.remove_reader(fd)
        closer = self._closers.get(fd)
        if closer is None:
            os.close(fd)
        else:
            closer()
