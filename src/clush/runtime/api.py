"""The calls most programs need: work on nodes, and hold the result.

Each kind of work has a call that blocks and a twin that is awaited; a command can also be
followed as it happens.  The twins take the same arguments::

    clush.run("uname -r", nodes="node[36-65]")
    clush.copy("/etc/motd", "/etc/motd", nodes="node[36-65]")
    clush.fetch("/var/log/syslog", "logs/", nodes="node[36-65]")
    await clush.arun("uname -r", nodes="node[36-65]", timeout=30)
    async for event in clush.stream("uname -r", nodes="node[36-65]"): ...

An empty node set runs nothing, anywhere.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, Callable, Optional, Protocol, Union

from clush.engine.loop import run_blocking
from clush.events import Event, Output
from clush.job import Copy, Job, Work
from clush.result import Collector, Result
from clush.runtime.activity import Alike, Sink
from clush.runtime.task import DEFAULT_FANOUT, Task
from clush.sets.nodeset import NodeSet
from clush.transport.base import Transport
from clush.transport.files import check_local_end
from clush.transport.registry import Settings, make_transport

if TYPE_CHECKING:
    from typing_extensions import ParamSpec

    P = ParamSpec("P")

# Seconds that a connection may take, unless a transport of the caller's says otherwise.
CONNECT_TIMEOUT = 10.0

# Output held for a slow consumer of `stream` before the commands have to wait, and the
# level at which they go on.
STREAM_HIGH = 4 * 1024 * 1024
STREAM_LOW = 1024 * 1024


class Through(Protocol):
    """What nodes are reached through, such as :class:`clush.Gateways`."""

    def submit(self, task: Task, work: Work, sink: Sink, *, alike: Optional[Alike] = None) -> Fed:
        """As :meth:`Task.submit`; what nodes have said alike may be told to ``alike``."""


class Fed(Protocol):
    """What was submitted, as far as it takes input."""

    def write(self, data: bytes) -> None: ...

    def write_eof(self) -> None: ...


def blocking(call: Callable[P, Coroutine[Any, Any, Result]]) -> Callable[P, Result]:
    """The twin of ``call`` for programs without an event loop; its name has no leading ``a``.

    It may be called from any thread, inside a running event loop too; there it blocks the
    loop, so await ``call`` instead.
    """

    @wraps(call)
    def twin(*args: P.args, **kwargs: P.kwargs) -> Result:
        return run_blocking(lambda: call(*args, **kwargs))

    twin.__name__ = twin.__qualname__ = call.__name__[1:]
    return twin


async def arun(
    command: str,
    nodes: Union[str, NodeSet],
    *,
    transport: Union[str, Transport] = "ssh",
    fanout: int = DEFAULT_FANOUT,
    timeout: Optional[float] = None,
    stdin: Optional[bytes] = None,
    merge_stderr: bool = False,
    through: Optional[Through] = None,
) -> Result:
    """Run ``command`` on ``nodes`` in parallel and return how each of them ended.

    ``nodes`` is a node set or its text.  ``transport`` is ``"ssh"``, ``"rsh"``, ``"pdsh"``,
    ``"exec"`` (locally, once per node) or a transport object such as
    ``Ssh(user="root", options="-i key")``.  At most ``fanout`` commands run at a time;
    ``timeout`` (seconds) bounds each of them.  ``stdin`` is given to every node.  With
    ``through`` (:class:`clush.Gateways`) nodes are reached through gateways.

    ``run`` blocks until all have ended, from any thread; cancelling ``arun`` stops what
    was started.

    Raises :class:`clush.errors.NodeSetParseError` for a bad node set and
    :class:`clush.errors.JobError` for a job that cannot be run.  Nodes that fail, in
    whatever way, are no error: they are in the result.
    """
    job = _job(command, nodes, transport, fanout, timeout, stdin, merge_stderr)
    return await _carry_out(job, through, stdin)


async def acopy(
    source: str,
    dest: str,
    nodes: Union[str, NodeSet],
    *,
    transport: Union[str, Transport] = "ssh",
    fanout: int = DEFAULT_FANOUT,
    timeout: Optional[float] = None,
    preserve: bool = False,
    merge_stderr: bool = False,
    through: Optional[Through] = None,
) -> Result:
    """Copy the local file or directory ``source`` to ``dest`` on ``nodes``, in parallel.

    Where ``dest`` is a directory of the node, the copy is placed in it; else that is its
    name.  ``preserve`` keeps times and modes.  The other arguments, the twins ``copy`` and
    ``acopy``, and the errors are as with ``run``; a ``source`` that is not there is a
    :class:`clush.errors.JobError`.
    """
    work = Copy(
        source,
        dest,
        NodeSet(nodes),
        _transport(transport),
        preserve=preserve,
        timeout=timeout,
        fanout=fanout,
        merge_stderr=merge_stderr,
    )
    check_local_end(work)
    return await _carry_out(work, through)


async def afetch(
    source: str,
    dest: str,
    nodes: Union[str, NodeSet],
    *,
    transport: Union[str, Transport] = "ssh",
    fanout: int = DEFAULT_FANOUT,
    timeout: Optional[float] = None,
    preserve: bool = False,
    merge_stderr: bool = False,
    through: Optional[Through] = None,
) -> Result:
    """Copy ``source`` of each of ``nodes`` into the local directory ``dest``, in parallel.

    The copies are called after the file and the node: ``logs/syslog.node36``.  ``dest`` has
    to be there, and ``source`` has to name one file or directory, without wildcards: if not
    so, that is a :class:`clush.errors.JobError`.  All else is as with ``copy``.
    """
    work = Copy(
        source,
        dest,
        NodeSet(nodes),
        _transport(transport),
        reverse=True,
        preserve=preserve,
        timeout=timeout,
        fanout=fanout,
        merge_stderr=merge_stderr,
    )
    check_local_end(work)
    return await _carry_out(work, through)


run = blocking(arun)
copy = blocking(acopy)
fetch = blocking(afetch)


async def stream(
    command: str,
    nodes: Union[str, NodeSet],
    *,
    transport: Union[str, Transport] = "ssh",
    fanout: int = DEFAULT_FANOUT,
    timeout: Optional[float] = None,
    stdin: Optional[bytes] = None,
    merge_stderr: bool = False,
    through: Optional[Through] = None,
) -> AsyncIterator[Event]:
    """The events of :func:`run` as they happen; each node's last one is ``Ended``.

    A consumer that is slow makes the commands wait: little is held in memory.  Leaving
    the loop early stops what was started (at once with ``contextlib.aclosing``).
    """
    job = _job(command, nodes, transport, fanout, timeout, stdin, merge_stderr)
    async with Task() as task:
        mailbox = _Mailbox(task)
        _submit(task, job, mailbox.put, None, stdin, through)
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
    fanout: int,
    timeout: Optional[float],
    stdin: Optional[bytes],
    merge_stderr: bool,
) -> Job:
    return Job(
        nodes=NodeSet(nodes),
        command=command,
        transport=_transport(transport),
        timeout=timeout,
        fanout=fanout,
        stdin=stdin is not None,
        merge_stderr=merge_stderr,
    )


def _transport(transport: Union[str, Transport]) -> Transport:
    if isinstance(transport, str):
        return make_transport(transport, Settings(connect_timeout=CONNECT_TIMEOUT))
    return transport


async def _carry_out(
    work: Work, through: Optional[Through], stdin: Optional[bytes] = None
) -> Result:
    collector = Collector()
    async with Task() as task:
        _submit(task, work, collector, collector.alike, stdin, through)
        await task.join()
    return collector.result()


def _submit(
    task: Task,
    work: Work,
    sink: Sink,
    alike: Optional[Alike],
    stdin: Optional[bytes],
    through: Optional[Through],
) -> None:
    run: Fed
    if through is None:
        run = task.submit(work, sink)
    else:
        run = through.submit(task, work, sink, alike=alike)
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
