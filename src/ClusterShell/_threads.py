"""Tasks and threads: which task belongs to which thread, and how a task's own one lives.

A thread carries its task as an attribute, so that both go together.  The threads that
tasks make for themselves do not keep the interpreter from exiting, but what runs then is
waited for.
"""

from __future__ import annotations

import atexit
import itertools
import os
import sys
import threading
from contextlib import contextmanager
from weakref import WeakSet

_ATTRIBUTE = "_clustershell_task"

_lock = threading.Lock()
_tasks = WeakSet()
_numbers = itertools.count(1)


def task_of(thread):
    """The task of a thread, or ``None``."""
    return getattr(thread, _ATTRIBUTE, None)


def bind(task, thread):
    """Let ``thread`` have ``task``."""
    with _lock:
        _tasks.add(task)
    setattr(thread, _ATTRIBUTE, task)


def unbind(task, thread):
    """Let ``thread`` have no task if it has this one."""
    with _lock:
        _tasks.discard(task)
    if task_of(thread) is task:
        delattr(thread, _ATTRIBUTE)


def all_tasks():
    """All live tasks."""
    with _lock:
        return list(_tasks)


@contextmanager
def lent(task):
    """While it lasts, the calling thread has ``task``, whatever it had before."""
    thread = threading.current_thread()
    before = task_of(thread)
    setattr(thread, _ATTRIBUTE, task)
    try:
        yield
    finally:
        if task_of(thread) is task:  # it was not killed meanwhile
            if before is None:
                delattr(thread, _ATTRIBUTE)
            else:
                setattr(thread, _ATTRIBUTE, before)


class Lifecycle:
    """Whether a task runs, is wanted to, or is dead; ``changed`` is told of each change.

    ``main`` is what the task's own thread does each time it is woken, ``None`` for a task
    of a thread that exists already.
    """

    def __init__(self, thread, main, on_error):
        self.changed = threading.Condition()
        self.running = False
        self.dead = False
        self.timeout = None
        self._wanted = False
        self._main = main
        self._on_error = on_error
        number = next(_numbers)  # of a task, whether its thread is named after it or not
        self.thread = thread or threading.Thread(
            target=self._live, name=f"Task-{number}", daemon=True
        )

    @property
    def own_thread(self):
        """True if the thread was made for the task."""
        return self._main is not None

    def wake(self, timeout):
        """Have the own thread run once, soon; more wishes at a time are one."""
        with self.changed:
            if not self._wanted:
                self._wanted = True
                self.timeout = timeout
            self.changed.notify_all()

    def served(self):
        """What was wanted is being run, or not any more: a new wish is for another run."""
        with self.changed:
            self._wanted = False
            self.changed.notify_all()

    def wait_served(self):
        """Wait until what is wanted is being run."""
        with self.changed:
            self.changed.wait_for(lambda: not self._wanted)

    def enter(self):
        """A run begins."""
        with self.changed:
            self.running = True

    def leave(self):
        """A run is over."""
        with self.changed:
            self.running = False
            self.changed.notify_all()

    def die(self):
        """No run will begin any more."""
        with self.changed:
            self.dead = True
            self._wanted = False
            self.changed.notify_all()

    def wait_idle(self):
        """Wait until no run is on or to come."""
        with self.changed:
            self.changed.wait_for(lambda: not (self.running or self._wanted))

    def _live(self):
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self._wanted or self.dead)
                if self.dead:
                    return
                self.running = True
            try:
                self._main(self.timeout)
            except BaseException:
                self._on_error(*sys.exc_info())
                self.die()
            finally:
                self.leave()


@atexit.register
def _finish():
    """Wait for what runs in threads of tasks, which are no longer waited for otherwise.

    Nobody is left who would send a message, so ports are nothing to wait for.
    """
    for task in all_tasks():
        if task._lifecycle.own_thread:
            task._let_ports_go()
            task.join()
            task.abort()


def _after_fork():
    """In a child there is one thread: the tasks of the others are gone with them."""
    global _lock, _tasks
    _lock = threading.Lock()
    mine = task_of(threading.current_thread())
    _tasks = WeakSet(() if mine is None else (mine,))
    if mine is not None:
        mine._after_fork()


os.register_at_fork(after_in_child=_after_fork)
