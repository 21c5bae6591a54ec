"""One run of a task: it lends the task's workers, timers and ports to a native task.

It begins what is scheduled, waits until only the autoclose ones are left, ends those, and
leaves a task behind that has nothing running and no timer bound, whatever went wrong.
"""

from __future__ import annotations

import asyncio
import time
from errno import EMFILE
from functools import wraps

from clush.errors import JobError, ResourceLimitError, TaskTimeoutError
from clush.runtime.task import UNLIMITED
from clush.runtime.task import Task as NativeTask
from ClusterShell._errors import TaskResourceError, TimeoutError
from ClusterShell._sink import Sink
from ClusterShell._threads import lent
from ClusterShell.Engine.Engine import FANOUT_UNLIMITED, EngineAbortException
from ClusterShell.Worker._base import WorkerError


class Execution:
    """The present run of ``task``; all calls belong to its thread.

    ``muted`` tells that it is being ended early: only ``ev_close`` is told from now on,
    and how that ended which was over by itself.
    """

    def __init__(self, task):
        self.muted = False
        self.native = None
        self.sinks = {}  # of the workers that have not closed
        self._task = task
        self._error = None
        self._background = []  # autoclose workers

    async def carry_out(self, limit):
        """Run what is scheduled in the task; ``limit`` seconds bound it if not ``None``.

        Returns the first error, of a handler or the system, as ``Task.resume`` is to raise
        it.  It is not raised here because some that a handler may raise mean something
        else to a coroutine.
        """
        fanout = native_fanout(self._task.info("fanout"))
        async with NativeTask(fanout=fanout) as self.native:
            with lent(self._task):
                try:
                    await self._carry_out(limit)
                except BaseException:
                    if self._error is None:  # an interrupt
                        raise
        return self._error

    async def _carry_out(self, limit):
        inbox = self._task._inbox
        try:
            self._task._begin(self)
            inbox.open(self.native)
            self._task._served(self)
            await self._until_done(inbox, limit)
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError):
                self.mute()
            else:
                # What a handler raised is noted already, and stays what it is.
                self._failed(self._error or _classic(error, limit))
            await self.native.stop()
            raise
        finally:
            inbox.close(now=True)
            self._task._end()
            self._close_all()

    async def _until_done(self, inbox, limit):
        deadline = None if limit is None else time.monotonic() + limit
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            await self.native.join(left)
            if self._abort_background():
                continue
            if inbox.close():
                return

    def _abort_background(self):
        """Have autoclose workers aborted and their end awaited; true if there are any."""
        workers, self._background = self._background, []
        for worker in workers:
            sink = self.sinks.get(worker)
            if sink is not None:
                self.native.hold(sink.run)
                sink.abort()
        return bool(workers)

    def _close_all(self):
        """Close what could not even be accounted for, such as a command that cannot be made."""
        for sink in tuple(self.sinks.values()):
            try:
                sink.close()
            except BaseException as error:
                self._failed(error)

    # -- for the task -----------------------------------------------------------------

    def begin(self, worker, now=False):
        """Start a worker, as far as the fanout allows before this returns if ``now``."""
        task = self._task
        debug = task._print_debug if task.info("debug") else None
        sink = Sink(worker, task._results, debug, self._failed, self._closed)
        try:
            sink.run = worker._submit(self.native, sink)
        except JobError as error:
            raise WorkerError(str(error)) from None
        self.sinks[worker] = sink
        worker._sink = sink
        if worker._autoclose:
            self._background.append(worker)
        if now:
            sink.run.start_now()

    def let_ports_go(self):
        """Do not let the run last because of ports."""
        for port in self._task._ports:
            self.native.release(port)

    def abort(self, kill):
        """End the run without an error; returns the exception that unwinds the caller."""
        self.mute()
        error = EngineAbortException(kill)
        self.native.fail(error)
        return error

    def mute(self):
        """Tell nothing more but how things end."""
        self.muted = True
        for sink in self.sinks.values():
            sink.muted = True

    def guarded(self, call):
        """``call``, muting everything when it raises."""

        @wraps(call)
        def guarded(*arguments):
            try:
                call(*arguments)
            except BaseException as error:
                self._failed(error)
                raise

        return guarded

    def _failed(self, error):
        """Remember the first error, and tell nothing more but how things end."""
        if self._error is None:
            self._error = error
        self.mute()

    def _closed(self, worker):
        worker._sink = None
        self.sinks.pop(worker, None)


def _classic(error, limit):
    """The classic error for a native one; others are what they are."""
    if isinstance(error, TaskTimeoutError):
        return TimeoutError(f"not all done within {limit:g} s")
    if isinstance(error, ResourceLimitError):
        return TaskResourceError(EMFILE, str(error))
    return WorkerError(str(error)) if isinstance(error, JobError) else error


def native_fanout(fanout):
    """The native value of a fanout that may be unlimited."""
    return UNLIMITED if fanout == FANOUT_UNLIMITED else fanout
