"""Tasks: the commands of one thread, run in parallel, and their results.

A task schedules workers and runs them when told to; while it runs, handlers may schedule
more.  Results stay until the next run.
"""

from __future__ import annotations

import threading

from clush.engine.loop import run_blocking
from clush.errors import TaskTimeoutError
from clush.runtime.task import DEFAULT_FANOUT
from clush.runtime.task import Task as NativeTask
from ClusterShell._results import Results
from ClusterShell.Event import EventHandler
from ClusterShell.NodeSet import NodeSet
from ClusterShell.Worker.Exec import ExecWorker
from ClusterShell.Worker.Ssh import WorkerSsh
from ClusterShell.Worker.Worker import WorkerError

__all__ = [
    "AlreadyRunningError",
    "EventHandler",
    "NodeSet",
    "Task",
    "TaskError",
    "TaskException",
    "TimeoutError",
    "task_self",
]


class TaskException(Exception):
    """Root of the errors about tasks."""


class TaskError(TaskException):
    """A task used in a way it cannot be."""


class TimeoutError(TaskError, TaskTimeoutError):
    """A run did not end in the time it was given."""


class AlreadyRunningError(TaskError):
    """``run`` or ``resume`` called from within a run of the same task."""


class Task:
    """The commands of one thread; obtained with :func:`task_self`."""

    def __init__(self):
        self.results = Results()
        self._defaults = {
            "stderr": False,
            "local_worker": ExecWorker,
            "distant_worker": WorkerSsh,
        }
        self._info = {"fanout": DEFAULT_FANOUT, "connect_timeout": 10}
        self._scheduled = []
        self._native = None

    # -- settings ---------------------------------------------------------------------

    def default(self, key, def_val=None):
        """The default of workers called ``key``."""
        return self._defaults.get(key, def_val)

    def set_default(self, key, value):
        """Change a default of the workers made from now on."""
        self._defaults[key] = value

    def info(self, key, def_val=None):
        """The setting called ``key``."""
        return self._info.get(key, def_val)

    def set_info(self, key, value):
        """Change a setting, from the next command on."""
        self._info[key] = value

    # -- running ----------------------------------------------------------------------

    def shell(self, command, nodes, handler=None, timeout=None, stderr=None, remote=True):
        """Schedule ``command`` for ``nodes``; returns the worker.

        On a running task it starts as soon as the fanout allows.
        """
        worker_class = self.default("distant_worker" if remote else "local_worker")
        worker = worker_class(
            NodeSet(nodes),
            command=command,
            handler=handler,
            stderr=self.default("stderr") if stderr is None else stderr,
            timeout=timeout,
        )
        self.schedule(worker)
        return worker

    def schedule(self, worker):
        """Bind ``worker`` to this task and queue it."""
        if worker.task is not None:
            raise WorkerError("worker has already been scheduled")
        worker.task = self
        if self._native is None:
            self._scheduled.append(worker)
        else:
            self._submit(worker)

    def run(self, command=None, **kwargs):
        """Run ``command`` (see :meth:`shell`) and all that is scheduled; returns its worker."""
        if command is None:
            return self.resume(kwargs.get("timeout"))
        worker = self.shell(command, **kwargs)
        self.resume()
        return worker

    def resume(self, timeout=None):
        """Run what is scheduled to its end; results of the run before are cleared.

        ``timeout`` seconds bound the run; :class:`TimeoutError` is raised when they are over.
        """
        if self._native is not None:
            raise AlreadyRunningError("task is already running")
        self.results = Results()
        try:
            run_blocking(lambda: self._main(timeout if timeout and timeout > 0 else None))
        except TaskTimeoutError as exc:
            raise TimeoutError(str(exc)) from None

    async def _main(self, timeout):
        async with NativeTask(fanout=self.info("fanout")) as self._native:
            try:
                scheduled, self._scheduled = self._scheduled, []
                for worker in scheduled:
                    self._submit(worker)
                await self._native.join(timeout)
            finally:
                self._native = None

    def _submit(self, worker):
        run = self._native.submit(worker.job(self), worker.sink)
        worker.begin(run, len(worker.nodes))

    # -- results ----------------------------------------------------------------------

    def iter_buffers(self, match_keys=None):
        """Pairs of (message, keys), one per distinct output."""
        return self.results.iter_buffers("stdout", match_keys=match_keys)

    def iter_errors(self, match_keys=None):
        """As :meth:`iter_buffers`, of standard error."""
        return self.results.iter_buffers("stderr", match_keys=match_keys)

    def key_buffer(self, key):
        """What ``key`` said, ``b""`` if nothing."""
        return self.results.buffers(key, "stdout")

    node_buffer = key_buffer

    def key_error(self, key):
        """What ``key`` said on standard error, ``b""`` if nothing."""
        return self.results.buffers(key, "stderr")

    node_error = key_error

    def key_retcode(self, key):
        """The largest return code of ``key``; ``KeyError`` if it has none."""
        return self.results.retcode(None, key)

    node_retcode = key_retcode

    def iter_retcodes(self, match_keys=None):
        """Pairs of (return code, keys)."""
        return self.results.iter_retcodes(match_keys=match_keys)

    def max_retcode(self):
        """The largest return code of the run, ``None`` if there is none."""
        return self.results.max_retcode()

    def num_timeout(self):
        """How many sources ran out of time."""
        return len(list(self.iter_keys_timeout()))

    def iter_keys_timeout(self):
        """The keys that ran out of time."""
        return self.results.timed_out()


_OF_THREAD = threading.local()


def task_self():
    """The task of the calling thread, made at the first call."""
    if not hasattr(_OF_THREAD, "task"):
        _OF_THREAD.task = Task()
    return _OF_THREAD.task
