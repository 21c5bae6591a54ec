"""What the user says while a run lasts: Ctrl-C, a signal to end, the Enter key.

A handler never raises, because an exception between any two instructions could lose a
child that was just started: it calls off the waiting of the console and asks the event
loop to stop.  The second signal means it: what runs is killed, and nothing more is written
if nobody reads; the third one does not even wait for what was killed.
"""

from __future__ import annotations

import os
import signal
from asyncio import TimerHandle
from types import FrameType
from typing import Callable, Optional

from clush.cli.console import Console
from clush.engine.child import KILL_GRACE
from clush.runtime.task import Task

# Signals to die of, once the children are stopped: they would leave them behind.
FATAL = (
    signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM,
)  # fmt: skip

# Seconds for which a terminal is left alone that has nothing to read for us now.
_REST = 1.0

# More than a line of typing; what it says does not matter.
_TYPED = 4096


class Signals:
    """While entered, SIGINT and the signals that end a process stop the task they find.

    Without a task they end the writing, which is all that is left to do then.  What the
    caller has set to be ignored (``nohup``, a background job) stays ignored.  Leaving
    dies of a fatal signal that came, for the parent to see.
    """

    def __init__(self, console: Console, on_interrupt: Callable[[], None]) -> None:
        self._console = console
        self._on_interrupt = on_interrupt
        self._handlers: dict[int, object] = {}
        self._task: Optional[Task] = None
        self._count = 0
        self.fatal: Optional[int] = None

    @property
    def received(self) -> bool:
        """True if any signal came."""
        return self._count > 0

    def __enter__(self) -> Signals:
        for number in (signal.SIGINT, *FATAL):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._handlers[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_exc: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what it was before
        if self.fatal is not None:
            signal.signal(self.fatal, signal.SIG_DFL)
            os.kill(os.getpid(), self.fatal)

    def watch(self, task: Optional[Task]) -> None:
        """From now on signals stop ``task``."""
        self._task = task

    def _handle(self, number: int, _frame: Optional[FrameType]) -> None:
        self._count += 1
        if number != signal.SIGINT:
            self.fatal = number
        self._console.defer()
        task = self._task
        if task is None or self._count > (1 if self._console.stalled else 2):
            self._console.abandon()
        if task is not None:
            task.call_threadsafe(self._stop, task, self._count)

    def _stop(self, task: Task, count: int) -> None:
        if count == 1 and self.fatal is None:
            self._on_interrupt()
        task.abort(KILL_GRACE if count == 1 else 0)


class EnterKey:
    """Calls ``report()`` each time a line is typed on the terminal ``fd``."""

    def __init__(self, task: Task, report: Callable[[], None], fd: int = 0) -> None:
        self._task = task
        self._report = report
        self._fd = fd
        self._later: Optional[TimerHandle] = None
        self._watch()

    def stop(self) -> None:
        self._task.loop.remove_reader(self._fd)
        if self._later is not None:
            self._later.cancel()

    def _watch(self) -> None:
        self._task.loop.add_reader(self._fd, self._typed)

    def _typed(self) -> None:
        try:
            # In the background the line is meant for somebody else, and to read it would
            # stop us.
            typed = os.tcgetpgrp(self._fd) == os.getpgrp() and os.read(self._fd, _TYPED)
        except OSError:
            self.stop()  # not a terminal of ours, or not any more
            return
        if typed:
            self._report()
        else:
            # Ctrl-D is no reason to end, but a terminal that is gone looks the same.
            self.stop()
            self._later = self._task.loop.call_later(_REST, self._watch)
