"""Calls from other threads, made in the thread of a task, and a gate to hold that thread at.

An inbox outlives tasks and their loops: what is put into it while no task runs waits for
the next one.  It is not bounded, because nobody can wait for room in it without the risk
that the thread which would make room waits for him.
"""

from __future__ import annotations

import threading
from collections import deque
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Callable, Optional

if TYPE_CHECKING:
    from clush.runtime.task import Task

# Seconds.  A signal that comes just before the wait at a gate does not cut it short; its
# handler, which may open the gate, is run by Python when the wait is begun anew.
_SIGNAL_CHECK = 0.1


class Inbox:
    """Serves one task after the other: :meth:`open`, then :meth:`close` in its thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Callable[[], object]] = deque()
        self._task: Optional[Task] = None
        self._woken = False
        self._gate: Optional[_Gate] = None  # shut, or being shut
        self._asked: list[_Gate] = []  # the task is not there yet

    # -- from any thread --------------------------------------------------------------

    def call(self, function: Callable[..., object], *args: object) -> None:
        """Have ``function(*args)`` made by the running task, else by the next one.

        Calls are made in the order in which they came.  An error that one raises stops
        the task; those behind it wait for the next.
        """
        with self._lock:
            self._calls.append(partial(function, *args))
            self._wake()

    def interrupt(self, function: Callable[..., object], *args: object) -> bool:
        """Have the call made by the running task ahead of all others; false if there is none.

        It is dropped if the task comes to its end before.
        """
        with self._lock:
            if self._task is None:
                return False
            self._task.call_threadsafe(function, *args)
            return True

    def hold(self) -> bool:
        """Stop the thread of the running task between two events.

        Returns true when it stands still, false when no task runs (any more).  It is for
        other threads than that of the task.
        """
        with self._lock:
            if self._task is None:
                return False
            gate = self._gate
            if gate is None:
                gate = self._gate = _Gate()
                self._asked.append(gate)
                self._task.call_threadsafe(self._stand, gate)
        return gate.answer()

    def let_go(self) -> None:
        """End what :meth:`hold` began.  May be called from a signal handler."""
        gate, self._gate = self._gate, None
        if gate is not None:
            gate.open()

    @property
    def serving(self) -> bool:
        """True while a task is served: what is put in now is not left for the next one."""
        return self._task is not None

    @property
    def empty(self) -> bool:
        """True if no call waits."""
        return not self._calls

    def take(self) -> list[Callable[[], object]]:
        """The calls that wait; they will not be made."""
        with self._lock:
            calls = list(self._calls)
            self._calls.clear()
        return calls

    # -- from the thread of the task --------------------------------------------------

    def open(self, task: Task) -> None:
        """Serve ``task``, which is about to run, and make the calls that wait."""
        with self._lock:
            self._task = task
        self._make_calls()

    def close(self, *, now: bool = False) -> bool:
        """Serve the task no longer; false if calls came meanwhile, which are made instead.

        ``now`` leaves them for the next task.
        """
        with self._lock:
            closed = now or not self._calls
            if closed:
                self._task = self._gate = None
                asked, self._asked = self._asked, []
        if not closed:
            self._make_calls()
            return False
        for gate in asked:
            gate.refuse()
        return True

    def _wake(self) -> None:
        if self._task is not None and not self._woken:
            self._woken = True
            self._task.call_threadsafe(self._make_calls)

    def _make_calls(self) -> None:
        self._woken = False
        task = self._task
        for _ in range(len(self._calls)):  # not those that these calls themselves put in
            if task is None or task.closing:
                return
            try:
                self._calls.popleft()()
            except BaseException as exc:
                task.fail(exc)
        with self._lock:
            if self._calls:
                self._wake()

    def _stand(self, gate: _Gate) -> None:
        with self._lock:
            if gate in self._asked:
                self._asked.remove(gate)
        gate.stand()


class _Gate:
    """One stay of the task's thread."""

    def __init__(self) -> None:
        self._answered = threading.Event()
        self._stands = False
        # Of all that threads can wait with, only this may be used in a signal handler.
        self._opened: SimpleQueue[None] = SimpleQueue()

    def answer(self) -> bool:
        """Wait until it is known whether the thread stands here."""
        self._answered.wait()
        return self._stands

    def stand(self) -> None:
        self._stands = True
        self._answered.set()
        while True:
            try:
                return self._opened.get(timeout=_SIGNAL_CHECK)
            except Empty:
                pass

    def refuse(self) -> None:
        self._answered.set()

    def open(self) -> None:
        self._opened.put(None)
