"""Standard input for all nodes: what a file, a pipe or a socket holds, to each of them.

A thread reads, because a file cannot be watched and a pipe shared with others may block
although it polled as readable.  It reads on when the run has room: the input is as fast
as its fastest reader.
"""

from __future__ import annotations

import asyncio
import os
import select
import threading
from errno import EBADF
from typing import Optional, Protocol

from clush.cli import standard
from clush.errors import CommandError
from clush.runtime.task import Task

# A pipe gives 64 KiB at most; from a file more at a time saves turns of the loop.
_CHUNK = 256 * 1024

# How long the end of the thread is waited for, in seconds.  It comes at once, unless
# somebody else has emptied the pipe between our poll and our read.
_STOP_WAIT = 0.2


class Fed(Protocol):
    """A run that is given input, here or through gateways."""

    @property
    def over(self) -> bool: ...

    def write(self, data: bytes) -> None: ...

    def write_eof(self) -> None: ...

    async def drain(self) -> None: ...


class Broadcast:
    """Gives what ``fd`` holds to ``run`` until its end, or until :meth:`stop`.

    By default that is standard input.
    """

    def __init__(self, task: Task, run: Fed, fd: Optional[int] = None) -> None:
        self._task = task
        self._run = run
        self._fd = standard.descriptor(standard.STDIN) if fd is None else fd
        self._wake_reader, self._wake_writer = os.pipe()
        self._over = asyncio.Event()
        self._abandoned = False
        self._thread = threading.Thread(target=self._read, name="stdin", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Read no more; the input may have no end."""
        os.close(self._wake_writer)
        try:
            await asyncio.wait_for(self._over.wait(), _STOP_WAIT)
        except asyncio.TimeoutError:
            self._abandoned = True
        else:
            os.close(self._wake_reader)

    # -- in the thread ----------------------------------------------------------------

    def _read(self) -> None:
        try:
            while True:
                data = self._next()
                if data is None or self._abandoned:
                    break
                asyncio.run_coroutine_threadsafe(self._give(data), self._task.loop).result()
                if not data:
                    break
        except OSError as exc:
            error = CommandError(f"cannot read standard input: {exc.strerror}")
            self._task.call_threadsafe(self._task.fail, error)
        if not self._abandoned:
            self._task.call_threadsafe(self._over.set)

    def _next(self) -> Optional[bytes]:
        """The next piece, empty at the end; ``None`` when it is time to stop."""
        poll = select.poll()
        poll.register(self._wake_reader, select.POLLIN)
        poll.register(self._fd, select.POLLIN)
        while True:
            if self._wake_reader in dict(poll.poll()):
                return None
            try:
                return os.read(self._fd, _CHUNK)
            except BlockingIOError:
                continue
            except OSError as exc:
                if exc.errno != EBADF:
                    raise
                return b""  # open for writing only, as under nohup: there is nothing to be read

    # -- in the loop ------------------------------------------------------------------

    async def _give(self, data: bytes) -> None:
        if data:
            self._run.write(data)
            await self._run.drain()
        else:
            self._run.write_eof()
