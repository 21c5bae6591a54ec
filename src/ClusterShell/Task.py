"""Tasks: the commands of one thread, run in parallel, and their results.

A task schedules workers, timers and ports and runs them when told to; while it runs,
handlers may schedule more.  Results stay until the next run.  A task is the face of its
parts: `_settings`, `_results`, `_threads` (its thread and its life), `_execution` (one run)
and the inbox that calls of other threads go through.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import traceback
from time import monotonic, sleep

from clush.engine.loop import run_blocking
from clush.runtime.inbox import Inbox
from ClusterShell import _threads
from ClusterShell._commands import Commands, check_shell_keywords
from ClusterShell._errors import (
    AlreadyRunningError,
    DeletedTaskError,
    TaskError,
    TaskException,
    TaskMsgTreeError,
    TimeoutError,
)
from ClusterShell._execution import Execution, native_fanout
from ClusterShell._getters import Getters
from ClusterShell._results import Results
from ClusterShell._settings import Settings, check_info
from ClusterShell.Defaults import DEFAULTS, config_paths
from ClusterShell.Engine.Engine import (
    FANOUT_UNLIMITED,
    EngineAbortException,
    EngineAlreadyRunningError,
    EngineTimeoutException,
    EngineTimer,
)
from ClusterShell.Engine.Factory import PreferredEngine
from ClusterShell.Event import EventHandler
from ClusterShell.MsgTree import MsgTree
from ClusterShell.NodeSet import NodeSet
from ClusterShell.Topology import TopologyError, TopologyParser
from ClusterShell.Worker.EngineClient import (
    EngineClientError,
    EngineClientNotSupportedError,
    EnginePort,
)
from ClusterShell.Worker.Popen import WorkerPopen
from ClusterShell.Worker.Worker import WorkerError

# What a star import gives: the names of this module, and those that programs came to use
# through it.
__all__ = [
    "DEFAULTS",
    "FANOUT_UNLIMITED",
    "AlreadyRunningError",
    "EngineAbortException",
    "EngineAlreadyRunningError",
    "EngineClientError",
    "EnginePort",
    "EngineTimeoutException",
    "EngineTimer",
    "EventHandler",
    "MsgTree",
    "NodeSet",
    "PreferredEngine",
    "Task",
    "TaskError",
    "TaskException",
    "TaskMsgTreeError",
    "TimeoutError",
    "TopologyError",
    "TopologyParser",
    "WorkerPopen",
    "config_paths",
    "logging",
    "os",
    "sleep",
    "socket",
    "sys",
    "task_cleanup",
    "task_self",
    "task_terminate",
    "task_wait",
    "threading",
    "traceback",
]


class Task(Commands, Getters):
    """The commands of one thread.

    :func:`task_self` gives the task of the calling thread and ``Task(thread=thr)`` that of
    another one; both make it if it is not there.  ``Task()`` makes a task with a thread of
    its own, which runs when :meth:`resume` is called and lives until :meth:`abort`.
    """

    TOPOLOGY_CONFIGS = config_paths("topology.conf")

    def __new__(cls, thread=None, defaults=None):
        found = None if thread is None else _threads.task_of(thread)
        return super().__new__(cls) if found is None else found

    def __init__(self, thread=None, defaults=None):
        if hasattr(self, "_lifecycle"):
            return  # it was there before
        self.topology = None
        self.router = None
        self.gateways = {}
        self._settings = Settings(DEFAULTS if defaults is None else defaults)
        self._engine = PreferredEngine(self.default("engine"), self)
        self._settings.set_info("engine", self._engine.identifier)
        self._results = Results(self._records)
        self._inbox = Inbox()
        self._execution = None
        self._scheduled = []
        self._timers = {}  # a dictionary for its order
        self._ports = {}
        self._abort_kill = None  # of an abort that is to be carried out
        self._excepthook = None
        own = self._run if thread is None else None
        self._lifecycle = _threads.Lifecycle(thread, own, self._thread_failed)
        _threads.bind(self, self.thread)
        if thread is None:
            self.thread.start()

    @property
    def thread(self):
        """The thread of this task."""
        return self._lifecycle.thread

    @property
    def timeout(self):
        """The limit of the last :meth:`resume`, in seconds or ``None``."""
        return self._lifecycle.timeout

    # -- settings ---------------------------------------------------------------------

    def default(self, default_key, def_val=None):
        """A value that workers are made with."""
        return self._settings.default(default_key, def_val)

    def set_default(self, default_key, value):
        """Change a value that workers are made with, from now on."""
        if default_key.endswith("_msgtree"):
            self._results.settle()
        self._settings.set_default(default_key, value)

    def info(self, info_key, def_val=None):
        """A value that holds for the whole task."""
        return self._settings.info(info_key, def_val)

    def set_info(self, info_key, value):
        """Change a value that holds for the whole task; ``ValueError`` if it cannot work."""
        check_info(info_key, value)
        self._in_owner(self._set_info, info_key, value)

    def _records(self, sname):
        return bool(self.default(f"{sname}_msgtree"))

    def _set_info(self, key, value):
        self._settings.set_info(key, value)
        if key == "fanout" and self._execution is not None:
            self._execution.native.fanout = native_fanout(value)

    def _print_debug(self, text):
        self.info("print_debug")(self, text)

    # -- scheduling -------------------------------------------------------------------

    def schedule(self, worker):
        """Bind a worker to this task and queue it; ``WorkerError`` if it was before."""
        self._in_owner(self._schedule, worker)

    def _schedule(self, worker):
        if worker.task is not None:
            raise WorkerError("worker has already been scheduled")
        worker.task = self
        if self._execution is None:
            self._scheduled.append(worker)
        else:
            self._execution.begin(worker, now=True)

    def _unschedule(self, worker):
        if worker in self._scheduled:
            self._scheduled.remove(worker)

    def timer(self, fire, handler, interval=-1.0, autoclose=False):
        """A timer that calls ``ev_timer`` of ``handler`` in ``fire`` seconds.

        It does so again every ``interval`` seconds.  A run waits for it, unless ``autoclose``.
        """
        assert fire >= 0, "timer's relative fire time must not be negative"
        assert handler is not None, "a timer needs a handler"
        timer = EngineTimer(fire, interval, autoclose, handler)
        self._in_owner(self._add_timer, timer)
        return timer

    def _add_timer(self, timer):
        timer._bind(self._timers.pop)
        self._timers[timer] = None
        if self._execution is not None:
            timer._start(self._execution, monotonic())

    def port(self, handler=None, autoclose=False):
        """A port, through which other threads send messages to ``handler``.

        A run lasts until it is removed, unless ``autoclose``.
        """
        port = EnginePort(handler, autoclose)
        self._in_owner(self._add_port, port)
        return port

    def _add_port(self, port):
        self._ports[port] = None
        port._bind(self._inbox.call, self._is_owner)
        if self._execution is not None:
            self._start_port(port)

    def _start_port(self, port):
        if not port.autoclose:
            self._execution.native.hold(port)
        port._start(self._execution)

    def remove_port(self, port):
        """Close a port; ``KeyError`` if it is not one of this task."""
        self._in_owner(self._remove_port, port)

    def _remove_port(self, port):
        del self._ports[port]
        port._close()
        if self._execution is not None:
            self._execution.native.release(port)

    def _let_ports_go(self):
        self._lifecycle.wait_served()
        self._inbox.interrupt(lambda: self._execution and self._execution.let_ports_go())

    # -- running ----------------------------------------------------------------------

    def run(self, command=None, **kwargs):
        """Schedule ``command`` as :meth:`shell` does, run all there is, return its worker.

        Without a command, ``run(timeout)`` is :meth:`resume`; what else is for a command
        has no effect then.
        """
        if type(command) in (int, float):
            command, kwargs["timeout"] = None, command
        if command is None:
            check_shell_keywords(kwargs)
            return self.resume(kwargs.get("timeout"))
        worker = self.shell(command, **kwargs)
        self.resume()
        return worker

    def resume(self, timeout=None):
        """Run what is scheduled to its end; results of the run before are cleared.

        ``timeout`` seconds bound the run, 0 and less do not; :class:`TimeoutError` is raised
        when they are over.  From another thread it only wakes the task, which may also be
        suspended; a task that runs goes on.
        """
        self._check_alive()
        if not self._is_owner():
            self._wake(timeout)
        elif self._execution is not None:
            raise AlreadyRunningError("task is already running")
        else:
            self._lifecycle.timeout = timeout
            self._lifecycle.enter()
            try:
                self._run(timeout)
            finally:
                self._lifecycle.leave()

    def _wake(self, timeout):
        if self._lifecycle.own_thread and not self._inbox.serving:
            self._lifecycle.wake(timeout)
        self._inbox.let_go()

    def _run(self, timeout):
        """One run, in the thread of the task."""
        self._results = Results(self._records)
        idle = not (self._scheduled or self._timers or self._ports) and self._inbox.empty
        try:
            if idle and self._abort_kill is None:
                self._lifecycle.served()
            else:
                execution = Execution(self)
                limit = timeout if timeout and timeout > 0 else None
                error = run_blocking(
                    lambda: execution.carry_out(limit),
                    self._engine.identifier,
                    interrupted=self._inbox.let_go,
                )
                if error is not None and not isinstance(error, EngineAbortException):
                    raise error
        finally:
            self._execution = None
            if self._abort_kill is not None:
                self._carry_out_abort()

    def _begin(self, execution):
        """The native task is there: start what is scheduled."""
        self._execution = execution
        for port in list(self._ports):
            self._start_port(port)
        scheduled, self._scheduled = self._scheduled, []
        for worker in scheduled:
            execution.begin(worker)
        now = monotonic()
        for timer in list(self._timers):
            timer._start(execution, now)

    def _served(self, execution):
        """What other threads have asked for until now is under way."""
        self._lifecycle.served()
        if self._abort_kill is not None:
            execution.abort(self._abort_kill)

    def _end(self):
        """Leave nothing behind that belongs to the run."""
        self._execution = None
        for timer in list(self._timers):
            timer.invalidate()
        for port in self._ports:
            port._stop()

    def running(self):
        """True while the task runs or is suspended in a run; ``None`` once it is dead."""
        return None if self._lifecycle.dead else self._lifecycle.running

    def suspend(self):
        """Stop a task of another thread between two events, until :meth:`resume`.

        True when it stands still, false if it does not run.
        """
        if self._is_owner():
            raise TaskError("a task cannot suspend itself")
        self._lifecycle.wait_served()
        return self._inbox.hold()

    def join(self):
        """Wait until the present run of a task of another thread is over."""
        if self._is_owner() and self._lifecycle.running:
            raise AlreadyRunningError("a task cannot wait for its own run")
        self._lifecycle.wait_idle()

    @classmethod
    def wait(cls, from_thread):
        """Join all tasks but that of ``from_thread``."""
        for task in _threads.all_tasks():
            if task.thread is not from_thread:
                task.join()

    def abort(self, kill=False):
        """Stop everything and clear all results; with ``kill``, the task is no more.

        Ports stay unless ``kill``.  In a handler it does not return: the run ends, without
        an error.  From another thread, it returns when the run is over.  A task with a thread
        of its own is always killed.
        """
        if self._lifecycle.dead:
            return
        kill = kill or self._lifecycle.own_thread
        self._abort_kill = kill or bool(self._abort_kill)
        if not self._is_owner():
            self._abort_from_outside()
        elif self._execution is not None:
            raise self._execution.abort(kill)
        else:
            self._carry_out_abort()

    def _abort_from_outside(self):
        self._inbox.interrupt(self._abort_execution)
        self._inbox.let_go()
        self._lifecycle.served()
        self._lifecycle.wait_idle()
        if self._abort_kill is not None:
            self._carry_out_abort()
        if self._lifecycle.own_thread:
            self.thread.join()

    def _abort_execution(self):
        if self._execution is not None:
            self._execution.abort(self._abort_kill)

    def _carry_out_abort(self):
        """Clear everything; no run is on."""
        kill, self._abort_kill = self._abort_kill, None
        for call in self._inbox.take():
            try:
                call()
            except (WorkerError, KeyError):
                pass  # it was about something that is being thrown away
        self._scheduled.clear()
        for timer in list(self._timers):
            timer.invalidate()
        self._results = Results(self._records)
        if kill:
            self._die()

    def _die(self):
        for port in list(self._ports):
            self._remove_port(port)
        self._lifecycle.die()
        _threads.unbind(self, self.thread)

    # -- thread -----------------------------------------------------------------------

    def _is_owner(self):
        return _threads.task_of(threading.current_thread()) is self

    def _check_alive(self):
        if self._lifecycle.dead:
            raise DeletedTaskError

    def _in_owner(self, function, *arguments):
        """Have a call made in the thread of the task: now, or when it runs."""
        self._check_alive()
        if self._is_owner():
            function(*arguments)
        else:
            self._inbox.call(function, *arguments)

    def _after_fork(self):
        """In a child: locks may be held by threads that are no more."""
        self._inbox = Inbox()
        self._lifecycle.changed = threading.Condition()

    def _thread_failed(self, *exc_info):
        try:
            self.excepthook(*exc_info)
        finally:
            self._abort_kill = True
            self._carry_out_abort()

    @property
    def excepthook(self):
        """Called as ``sys.excepthook`` for what is not caught in the thread of a ``Task()``."""
        return self._excepthook or self.default_excepthook

    @excepthook.setter
    def excepthook(self, hook):
        self._excepthook = hook
        if not self._lifecycle.own_thread:
            sys.excepthook = hook

    def default_excepthook(self, exc_type, exc_value, tb):
        """Print the traceback on standard error."""
        traceback.print_exception(exc_type, exc_value, tb)

    # -- topology ---------------------------------------------------------------------

    def load_topology(self, topology_file):
        """Read gateways from a file; a ``TopologyError`` leaves the topology as it was."""
        here = socket.gethostname().partition(".")[0]
        self.topology = TopologyParser(topology_file).tree(here)

    def _finds_topology(self):
        """True if there are gateways to go through; looks for the file the first time."""
        if not self.default("auto_tree"):
            return False
        if self.topology is None:
            for file in reversed(self.TOPOLOGY_CONFIGS):
                if os.path.exists(file):
                    self.load_topology(file)
                    break
        return self.topology is not None

    # -- for the engine's face --------------------------------------------------------

    def _workers(self):
        running = () if self._execution is None else self._execution.sinks
        return {*self._scheduled, *running}

    def _ports_and_inbox(self):
        return {self._inbox, *self._ports}


def task_self(defaults=None):
    """The task of the calling thread; one that must be made takes ``defaults``."""
    return Task(thread=threading.current_thread(), defaults=defaults)


def task_wait():
    """Wait for the runs of all tasks of other threads."""
    Task.wait(threading.current_thread())


def task_terminate():
    """Kill the task of the calling thread; the next :func:`task_self` makes a new one."""
    task = _threads.task_of(threading.current_thread())
    if task is not None:
        task.abort(kill=True)


def task_cleanup():
    """Kill all tasks; not for signal handlers."""
    mine = _threads.task_of(threading.current_thread())
    while True:
        tasks = _threads.all_tasks()
        if not tasks:
            return
        for task in sorted(tasks, key=lambda each: each is mine):  # that may not return
            task.abort(kill=True)
