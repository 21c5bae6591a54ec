"""The calls most programs need: run a command on nodes and hold the result.

``run`` blocks, ``arun`` is awaited, ``stream`` gives the events as they happen.  All take
the same arguments::

    clush.run("uname -r", nodes="node[36-65]")
    await clush.arun("uname -r", nodes="node[36-65]", timeout=30)
    async for event in clush.stream("uname -r", nodes="node[36-65]"): ...

An empty node set runs nothing, anywhere.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Optional, Union

from clush.engine.loop import run_blocking
from clush.errors import JobError
from clush.events import Event, Output
from clush.job import Job
from clush.result import Collector, Result
from clush.runtime.activity import Sink
from clush.runtime.task import DEFAULT_FANOUT, Task
from clush.sets.nodeset import NodeSet
from clush.transport.base import Transport

# Seconds that ssh may take to connect, unless a transport of the caller's says otherwise.
CONNECT_TIMEOUT = 10.0


def _ssh() -> Transport:
    from clush.transport.ssh import Ssh

    return Ssh(connect_timeout=CONNECT_TIMEOUT)


def _exec() -> Transport:
    from clush.transport.exec import Exec

    return Exec()


# Each is imported only where it is used: a short run notices.
_TRANSPORTS = {"ssh": _ssh, "exec": _exec}

# Output held for a slow consumer of `stream` before the commands have to wait, and the
# level at which they go on.
STREAM_HIGH = 4 * 1024 * 1024
STREAM_LOW = 1024 * 1024


def run(
    command: str,
    nodes: Union[str, NodeSet],
    *,
    transport: Union[str, Transport] = "ssh",
    fanout: int = DEFAULT_FANOUT,
    timeout: Optional[float] = None,
    stdin: Optional[bytes] = None,
    merge_stderr: bool = False,
) -> Result:
    """Run ``command`` on ``nodes`` in parallel and return how each of them ended.

    ``nodes`` is a node set or its text.  ``transport`` is ``"ssh"``, ``"exec"`` (locally,
    once per node) or a transport object such as ``Ssh(user="root", options="-i key")``.
    At most ``fanout`` commands run at a time; ``timeout`` (seconds) bounds each of them.
    ``stdin`` is given to every node.  May be called from any thread, inside a running
    event loop too; there it blocks the loop, so ``await arun(...)`` instead.

    Raises :class:`clush.errors.NodeSetParseError` for a bad node set and
    :class:`clush.errors.JobError` for a job that cannot be run.  Nodes that fail, in
    whatever way, are no error: they are in the result.
    """
    return run_blocking(
        lambda: arun(
            command,
            nodes,
            transport=transport,
            fanout=fanout,
            timeout=timeout,
            stdin=stdin,
            merge_stderr=merge_stderr,
        )
    )


async def arun(
    command: str,
    nodes: Union[str, NodeSet],
    *,
    transport: Union[str, Transport] = "ssh",
    fanout: int = DEFAULT_FANOUT,
    timeout: Optional[float] = None,
    stdin: Optional[bytes] = None,
    merge_stderr: bool = False,
) -> Result:
    """:func:`run` for a running event loop; cancelling it stops what was started."""
    job = _job(command, nodes, transport, timeout, stdin, merge_stderr)
    collector = Collector()
    async with Task(fanout=fanout) as task:
        _submit(task, job, collector, stdin)
        await task.join()
    return collector.result()


async def stream(
    command: str,
    nodes: Union[str, NodeSet],
    *,
    transport: Union[str, Transport] = "ssh",
    fanout: int = DEFAULT_FANOUT,
    timeout: Optional[float] = None,
    stdin: Optional[bytes] = None,
    merge_stderr: bool = False,
) -> AsyncIterator[Event]:
    """The events of :func:`run` as they happen; each node's last one is ``Ended``.

    A consumer that is slow makes the commands wait: little is held in memory.  Leaving
    the loop early stops what was started (at once with ``contextlib.aclosing``).
    """
    job = _job(command, nodes, transport, timeout, stdin, merge_stderr)
    async with Task(fanout=fanout) as task:
        mailbox = _Mailbox(task)
        _submit(task, job, mailbox.put, stdin)
        ending = asyncio.ensure_future(task.join())
        ending.add_done_callback(mailbox.close)
        while True:
            event = await mailbox.get()
            if event is None:
                break
            yield event
        await ending


def _job(
    command: str,
    nodes: Union[str, NodeSet],
    transport: Union[str, Transport],
    timeout: Optional[float],
    stdin: Optional[bytes],
    merge_stderr: bool,
) -> Job:
    if isinstance(transport, str):
        if transport not in _TRANSPORTS:
            known = ", ".join(_TRANSPORTS)
            raise JobError(f"unknown transport '{transport}' (choose from {known})")
        transport = _TRANSPORTS[transport]()
    return Job(
        nodes=NodeSet(nodes),
        command=command,
        transport=transport,
        timeout=timeout,
        stdin=stdin is not None,
        merge_stderr=merge_stderr,
    )


def _submit(task: Task, job: Job, sink: Sink, stdin: Optional[bytes]) -> None:
    run = task.submit(job, sink)
    if stdin is not None:
        run.write(stdin)
        run.write_eof()


class _Mailbox:
    """Events between a task and a consumer, which pauses the task when it lags behind."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._events: deque[Event] = deque()
        self._size = 0
        self._closed = False
        self._arrived = asyncio.Event()

    def put(self, event: Event) -> None:
        self._events.append(event)
        if isinstance(event, Output):
            self._size += len(event.data)
            if self._size > STREAM_HIGH and not self._task.paused:
                self._task.pause()
        self._arrived.set()

    def close(self, _ending: object) -> None:
        self._closed = True
        self._arrived.set()

    async def get(self) -> Optional[Event]:
        """The next event; ``None`` after the last."""
        while not self._events:
            if self._closed:
                return None
            self._arrived.clear()
            await self._arrived.wait()
        event = self._events.popleft()
        if isinstance(event, Output):
            self._size -= len(event.data)
            if self._size <= STREAM_LOW and self._task.paused:
                self._task.resume()
        return event
