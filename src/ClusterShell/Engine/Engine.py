"""Timers, engines and their errors.

The event loop itself is native; an engine here is what a task shows of it.
"""

from __future__ import annotations

import time

# Of a worker's window: no limit, and the limit of the task.
FANOUT_UNLIMITED = -1
FANOUT_DEFAULT = None

# A timer with a shorter interval (seconds) fires once.
EPSILON = 0.001


class EngineException(Exception):
    """Root of the errors about engines."""


class EngineAbortException(EngineException):
    """What a handler that aborts its task is left with; ``kill`` is how it was asked for.

    The abort takes place even where a handler catches this.
    """

    def __init__(self, kill):
        super().__init__(kill)
        self.kill = kill


class EngineTimeoutException(EngineException):
    """A run took too long."""


class EngineIllegalOperationError(EngineException):
    """An operation that makes no sense in this state."""


class EngineAlreadyRunningError(EngineIllegalOperationError):
    """The engine runs already."""


class EngineNotSupportedError(EngineException):
    """The engine ``engineid`` does not exist on this system."""

    def __init__(self, engineid):
        super().__init__(engineid)
        self.engineid = engineid


class EngineBaseTimer:
    """Fires ``fire_delay`` seconds after it was made, then every ``interval`` seconds.

    A run waits for it unless it is ``autoclose``.  It is bound to a task with
    ``Task.timer``; what it does when it fires is up to :meth:`_fire`.
    """

    def __init__(self, fire_delay, interval=-1.0, autoclose=False):
        self.fire_delay = fire_delay
        self.interval = interval
        self.autoclose = autoclose
        self._due = time.monotonic() + fire_delay
        self._forget = None  # how to leave the task it is bound to
        self._native = None

    def is_valid(self):
        """True if it is bound and will fire, or is doing so."""
        return self._forget is not None

    def invalidate(self):
        """Never fire again; legal at any time."""
        forget, self._forget = self._forget, None
        native, self._native = self._native, None
        if native is not None:
            native.cancel()
        if forget is not None:
            forget(self)

    def set_nextfire(self, fire_delay, interval=-1):
        """Fire ``fire_delay`` seconds from now, then every ``interval`` (by default: no more)."""
        if not self.is_valid():
            raise EngineIllegalOperationError("attempt to reset the fire time of an invalid timer")
        self.fire_delay = fire_delay
        self.interval = interval
        self._due = time.monotonic() + fire_delay
        if self._native is not None:
            self._native.restart(fire_delay, _interval(interval))

    def _bind(self, forget):
        """Belong to a task, which ``forget(timer)`` takes the timer out of."""
        if self.is_valid():
            raise EngineIllegalOperationError("timer is already bound")
        self._forget = forget

    def _start(self, execution, now):
        """Run with the task; what was due meanwhile fires at once.

        ``now`` is the monotonic time, the same for all that start together: so they keep
        their order.
        """
        self._native = execution.native.timer(
            self._due - now,
            execution.guarded(self._fired),
            interval=_interval(self.interval),
            background=self.autoclose,
        )

    def _fired(self):
        self._fire()
        if self._native is not None and not self._native.active:
            self.invalidate()

    def _fire(self):
        raise NotImplementedError


class EngineTimer(EngineBaseTimer):
    """Calls ``ev_timer`` of ``handler``."""

    def __init__(self, fire_delay, interval, autoclose, handler):
        super().__init__(fire_delay, interval, autoclose)
        self.eh = handler

    def _fire(self):
        self.eh.ev_timer(self)


def _interval(seconds):
    return seconds if seconds > EPSILON else None


class Engine:
    """What a task shows of its event loop."""

    identifier = "(none)"

    def __init__(self, task):
        self._task = task

    @property
    def running(self):
        """True while the task runs."""
        return bool(self._task.running())

    def exited(self):
        """True while it does not."""
        return not self.running

    def clients(self):
        """A copy of the set of workers that run or wait."""
        return self._task._workers()

    def ports(self):
        """A copy of the set of ports, and the inbox that each task has for other threads."""
        return self._task._ports_and_inbox()

    def add_timer(self, timer):
        """Bind a timer to the task; ``EngineIllegalOperationError`` if it is bound already."""
        self._task._add_timer(timer)

    def remove_timer(self, timer):
        """Have a timer never fire again."""
        timer.invalidate()
