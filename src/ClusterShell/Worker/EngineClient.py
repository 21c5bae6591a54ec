"""Clients, of which a worker has one for each process or set of streams; and ports."""

from __future__ import annotations

import logging
import threading
from collections import deque

from ClusterShell.Defaults import DEFAULTS

# Told of input that a command did not take.
LOGGER = logging.getLogger(__name__)


class EngineClientException(Exception):
    """Root of the errors about clients."""


class EngineClientEOF(EngineClientException):
    """The end of a stream."""


class EngineClientError(EngineClientException):
    """A client that cannot do what it should."""


class EngineClientNotSupportedError(EngineClientError):
    """What this kind of worker cannot do."""


class EngineClient:
    """What a worker runs for one ``key``; base of those that say which command that is."""

    def __init__(self, worker, key, stderr, timeout, autoclose):
        self.worker = worker
        self.key = key
        self.autoclose = autoclose
        self._stderr = stderr
        self._timeout = timeout

    def __repr__(self):
        return f"<{type(self).__name__} of {self.key!r}>"

    def abort(self):
        """Stop the worker that this is a client of."""
        self.worker.abort()


class EnginePort:
    """A way into a task for other threads: messages come out at its handler, in order.

    Made by ``Task.port``.  It outlives runs; messages wait while its task does not run.  A
    port without a handler keeps them until they are fetched with :meth:`msg_recv`.
    """

    def __init__(self, handler=None, autoclose=False):
        self.eh = handler
        self.autoclose = autoclose
        self._limit = DEFAULTS.port_qlimit
        self._messages = deque()
        self._changed = threading.Condition()
        self._call = None  # how to have something done by the task it is bound to
        self._is_owner = None
        self._execution = None
        self._announced = False
        self._closed = False

    def __repr__(self):
        return f"<{type(self).__name__} of {self.eh!r}>"

    # -- from any thread --------------------------------------------------------------

    def msg(self, send_msg, send_once=False):
        """Send a message and wait until the task has taken it.

        Returns true then, and false if the port was closed before.  ``send_once`` waits
        only while the queue is full.  The task's own thread never waits.
        """
        with self._changed:
            waits = self._is_owner is None or not self._is_owner()
            self._changed.wait_for(lambda: self._has_room() or not waits)
            if self._closed:
                return False
            message = _Message(send_msg)
            self._messages.append(message)
            if self._call is not None:
                self._call(self._deliver)
            if waits and not send_once:
                self._changed.wait_for(lambda: message.taken or self._closed)
                return message.taken
            return True

    def msg_send(self, send_msg):
        """Send a message; waits only while the queue is full."""
        return self.msg(send_msg, send_once=True)

    def msg_recv(self):
        """The next message that no handler has taken, or ``None``."""
        return self._take()

    def _has_room(self):
        return self._closed or len(self._messages) < max(self._limit, 1)

    def _take(self):
        with self._changed:
            if not self._messages:
                return None
            message = self._messages.popleft()
            message.taken = True
            self._changed.notify_all()
            return message.content

    # -- from the thread of the task --------------------------------------------------

    def _bind(self, call, is_owner):
        with self._changed:
            self._call = call
            self._is_owner = is_owner

    def _start(self, execution):
        """The task runs: hand out what waits."""
        self._execution = execution
        if not self._announced:
            self._announced = True
            if self.eh is not None:
                execution.guarded(self.eh.ev_port_start)(self)
        for _ in range(len(self._messages)):
            self._deliver()

    def _stop(self):
        """The task runs no longer; what comes now waits for its next run."""
        self._execution = None

    def _deliver(self):
        """Hand the next message to the handler, unless the task is coming to its end."""
        execution = self._execution
        if self.eh is not None and self._messages and execution and not execution.muted:
            execution.guarded(self.eh.ev_msg)(self, self._take())

    def _close(self):
        """Take no more messages; those that wait are dropped."""
        with self._changed:
            self._closed = True
            self._messages.clear()
            self._changed.notify_all()


class _Message:
    """What was sent, and whether the task has it."""

    __slots__ = ("content", "taken")

    def __init__(self, content):
        self.content = content
        self.taken = False
