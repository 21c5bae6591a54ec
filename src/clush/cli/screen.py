"""The whole screen of a terminal, taken for a while and given back as it was.

What is written to standard error meanwhile is held back until then.  Ctrl-Z gives the screen
back, too, for as long as we are stopped.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Sequence

from clush.cli.console import Console
from clush.runtime.task import Task

# The other screen, where nothing of the user's is overwritten, and no cursor on it.
_TAKE = "\x1b[?1049h\x1b[?25l"
_GIVE_BACK = "\x1b[?25h\x1b[?1049l"

# Line by line over what stands there, then nothing below: no flicker.
_HOME = "\x1b[H"
_LINE_END = "\x1b[K\r\n"
_END = "\x1b[K\x1b[J\x1b[H"


class Screen:
    """The screen of the terminal of ``console``, from the first :meth:`show` on.

    ``held`` is what was written to standard error since it was made.
    """

    def __init__(self, task: Task, console: Console) -> None:
        self._loop = task.loop
        self._console = console
        self._taken = False
        self._stoppable = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN
        )
        self.held = console.hold()
        if self._stoppable:
            self._loop.add_signal_handler(signal.SIGTSTP, self._stopped_by_user)

    def show(self, lines: Sequence[str]) -> None:
        """Show ``lines``, which are narrower than the screen and not more than fit."""
        take = "" if self._taken else _TAKE
        self._taken = True
        self._console.draw(f"{take}{_HOME}{_LINE_END.join(lines)}{_END}")

    def close(self) -> None:
        """Give the screen back, then write what was held."""
        if self._stoppable:
            self._loop.remove_signal_handler(signal.SIGTSTP)
        self._give_back()
        self._console.release()

    def _give_back(self) -> None:
        if self._taken:
            self._taken = False
            self._console.restore(_GIVE_BACK)

    def _stopped_by_user(self) -> None:
        self._give_back()
        os.kill(os.getpid(), signal.SIGSTOP)
