"""What a connection meets: one listening port per kind of door.

Doors are sockets of the keeper, bound to ports the system picks: nobody else can take
a port in between, and all of them close with the process.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from clush.lab.cluster import CLOSED, OFF, OPEN, SILENT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handler = Callable[[socket.socket], Awaitable[None]]

LOOPBACK = "127.0.0.1"
BACKLOG = 1024  # logins that may wait to be accepted: more than any fanout


class Door:
    """One port and what happens behind it; ``serve`` gets the connections of an open one."""

    def __init__(self, kind: str, delay: float, serve: Handler) -> None:
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._listener.setblocking(False)
        self._listener.bind((LOOPBACK, 0))
        self._delay = delay
        self._serve = serve
        self._fillers: list[socket.socket] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.port: int = self._listener.getsockname()[1]
        _OPENERS[kind](self)

    def close(self) -> None:
        """Close the port and what stands in it."""
        for task in self._tasks:
            task.cancel()
        for one in (self._listener, *self._fillers):
            one.close()

    def _open(self) -> None:
        self._listener.listen(BACKLOG)
        self._keep(self._accept(self._answer))

    def _silence(self) -> None:
        self._listener.listen(BACKLOG)
        self._keep(self._accept(_hold))

    def _darken(self) -> None:
        # The queue of a listener that never accepts is full with two: Linux drops the rest.
        self._listener.listen(0)
        for _ in range(2):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((LOOPBACK, self.port))
            self._fillers.append(filler)

    def _refuse(self) -> None:
        """Bound and not listening: the port is taken, and refuses."""

    async def _accept(self, handler: Handler) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(self._listener)
            self._keep(_closing(connection, handler))

    async def _answer(self, connection: socket.socket) -> None:
        await asyncio.sleep(self._delay)
        # ssh waits for small answers: else loopback delays each by 40 ms
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await self._serve(connection)

    def _keep(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _hold(connection: socket.socket) -> None:
    """Listen to what the client has to say, and say nothing."""
    loop = asyncio.get_running_loop()
    while await loop.sock_recv(connection, 4096):
        pass


async def _closing(connection: socket.socket, handler: Handler) -> None:
    try:
        await handler(connection)
    except OSError:
        pass  # the client is gone: a reset is as good as an end here
    finally:
        connection.close()


_OPENERS: dict[str, Callable[[Door], None]] = {
    OPEN: Door._open,
    SILENT: Door._silence,
    OFF: Door._darken,
    CLOSED: Door._refuse,
}
