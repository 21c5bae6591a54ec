"""Descriptors of the caller's in a task: read and written beside the commands.

Streams are one target of the window.  They end when all that keeps them has come to its
end; what is left in the others is taken then.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Optional

from clush.engine.inlets import NO_CLOSERS, Closer, Inlets
from clush.engine.outlet import Outlet
from clush.errors import ResourceLimitError
from clush.events import Ended, Output, Started, Status, Written
from clush.lines import LineBuffer
from clush.runtime.activity import Activity, Sink
from clush.transport.base import Launch

if TYPE_CHECKING:
    from clush.runtime.task import Task


class Streams(NamedTuple):
    """Descriptors to be read and written, by the names of their streams.

    ``name`` is what their events have for a node.  The streams in ``passive`` do not keep
    the others open.  Each descriptor is closed at the end of its stream, with its function
    in ``closers`` if it has one there.  ``timeout`` (seconds) counts from the start;
    ``fanout`` is that of a job.
    """

    name: str
    readers: Mapping[str, int] = {}
    writers: Mapping[str, int] = {}
    passive: frozenset[str] = frozenset()
    closers: Mapping[int, Closer] = NO_CLOSERS
    timeout: Optional[float] = None
    fanout: Optional[int] = None


class StreamRun(Activity["_Open"]):
    """Made by :meth:`clush.runtime.task.Task.attach`."""

    def __init__(self, task: Task, streams: Streams, sink: Sink, background: bool) -> None:
        launches = iter((Launch((streams.name,), []),))
        super().__init__(task, sink, launches, streams.fanout, background)
        self.streams = streams
        self._input: dict[str, list[bytes]] = {name: [] for name in streams.writers}
        self._ended_inputs: set[str] = set()
        self._watched: Optional[_Open] = None

    def write(self, data: bytes, name: str) -> None:
        """Send ``data`` to stream ``name``; ignored if it is closed or was never there."""
        if self._watched is not None:
            self._watched.write(data, name)
        elif name in self._input:
            self._input[name].append(data)

    def write_eof(self, name: str) -> None:
        """Close stream ``name`` when it has taken what was written."""
        if self._watched is not None:
            self._watched.write_eof(name)
        else:
            self._ended_inputs.add(name)

    def start(self, launch: Launch) -> None:
        """Watch the descriptors, and write what there is so far."""
        try:
            self._watched = _Open(self, self._task.loop)
        except ResourceLimitError as exc:
            self._not_started(launch, None, str(exc))
            self._task.fail(exc)
            return
        self._live.add(self._watched)
        if self._task.paused:
            self._watched.pause()
        self._watched.begin()
        for name, pieces in self._input.items():
            for data in pieces:
                self._watched.write(data, name)
        for name in self._ended_inputs:
            self._watched.write_eof(name)
        self._input.clear()


class _Open:
    """Streams that are being read and written."""

    def __init__(self, run: StreamRun, loop: asyncio.AbstractEventLoop) -> None:
        streams = run.streams
        self._run = run
        self._started = time.time()
        self._buffers = {name: LineBuffer() for name in streams.readers}
        self._keeping = {*streams.readers, *streams.writers} - streams.passive
        self._begun = self._over = False
        self._status = Status.OK
        readers = {fd: name for name, fd in streams.readers.items()}
        self._inlets = Inlets(loop, readers, self._got, self._closed, streams.closers)
        self._outlets = {name: self._outlet(loop, name, fd) for name, fd in streams.writers.items()}
        self._deadline: Optional[asyncio.TimerHandle] = None
        if streams.timeout is not None:
            self._deadline = loop.call_later(streams.timeout, self._time_out)

    def _outlet(self, loop: asyncio.AbstractEventLoop, name: str, fd: int) -> Outlet:
        streams = self._run.streams
        closer = streams.closers.get(fd)
        if fd in streams.readers.values():  # a socket: each end is closed in its own time
            fd = os.dup(fd)
            closer = partial(os.close, fd)
        blocking = os.get_blocking(fd)
        os.set_blocking(fd, False)

        def close() -> None:
            if blocking:
                os.set_blocking(fd, True)
            assert closer is not None
            closer()

        def taken(size: int) -> None:
            self._taken(name, size)

        def closed(_lost: int) -> None:
            self._closed(name)

        return Outlet(loop, fd, taken, closed, close if closer else None)

    def begin(self) -> None:
        """Tell that they have started; who hears it may have them stopped."""
        self._run.emit(Started(self._run.streams.name, self._started))
        self._begun = True
        self._check()

    def write(self, data: bytes, name: str) -> None:
        if name in self._outlets:
            self._outlets[name].write(data)

    def write_eof(self, name: str) -> None:
        if name in self._outlets:
            self._outlets[name].write_eof()

    def pause(self) -> None:
        self._inlets.pause()

    def resume(self) -> None:
        self._inlets.resume()

    def stop(self, grace: float = 0, *, timed_out: bool = False) -> None:
        """Close them at once; there is nobody who would need a grace time."""
        if self._status is Status.OK:
            self._status = Status.TIMED_OUT if timed_out else Status.CANCELLED
        self._keeping.clear()
        self._check()

    def _time_out(self) -> None:
        self.stop(timed_out=True)

    # -- told by the descriptors ------------------------------------------------------

    def _got(self, name: str, data: bytes) -> None:
        self._say(name, self._buffers[name].feed(data))

    def _taken(self, name: str, size: int) -> None:
        self._run.emit(Written(self._run.streams.name, size, name))

    def _closed(self, name: str) -> None:
        self._keeping.discard(name)
        self._check()

    def _check(self) -> None:
        if self._begun and not (self._keeping or self._over):
            self._over = True
            self._finish()

    def _finish(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._inlets.drain()
        for outlet in self._outlets.values():
            outlet.close()
        for name, buffer in self._buffers.items():
            self._say(name, buffer.flush())
        self._run.place_free()
        name, status = self._run.streams.name, self._status
        self._run.emit(Ended(name, status, None, _DETAILS[status], self._started, time.time()))
        self._run.ended(self)

    def _say(self, name: str, lines: bytes) -> None:
        if lines:
            self._run.emit(Output(self._run.streams.name, name, lines))


_DETAILS = {
    Status.OK: "",
    Status.TIMED_OUT: "still open when their time was over",
    Status.CANCELLED: "closed before their end",
}
