"""What a user sees: programs in a real terminal, made by tmux, and its screen as text."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from clush_runs import PATIENCE

_numbers = count(1)


class Screen:
    """One terminal of tmux."""

    def __init__(self, socket: str) -> None:
        self._socket = socket

    def tmux(self, *words: str) -> str:
        command = ["tmux", "-f", "/dev/null", "-S", self._socket, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    @property
    def lines(self) -> list[str]:
        """What stands there now, without the empty lines at the end."""
        return self.tmux("capture-pane", "-p").rstrip("\n").split("\n")

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, mark: str | Callable[[str], object]) -> str:
        """The text of the screen as soon as ``mark`` stands there, or is true of it."""
        found = mark if callable(mark) else lambda text: mark in text
        end = time.monotonic() + PATIENCE
        while not found(text := self.text):
            assert time.monotonic() < end, f"no {mark!r} in:\n{text}"
            time.sleep(0.05)
        return text

    def type(self, *keys: str) -> None:
        """Press keys, in tmux's words: ``Enter``, ``C-c``, or text."""
        self.tmux("send-keys", *keys)

    def resize(self, columns: int, rows: int) -> None:
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))


@contextmanager
def screen(
    tmp_path: os.PathLike[str], *words: str, columns: int = 80, rows: int = 24
) -> Iterator[Screen]:
    """A terminal in which a shell has run ``words``, and then says ``status: N``."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    # The server of an earlier screen may still be on its way out.
    seen = Screen(os.path.join(tmp_path, f"tmux{next(_numbers)}"))
    # Ctrl-C is for the program alone.
    command = f"trap : INT; {shlex.join(words)}; echo status: $?; trap '' INT; exec cat >/dev/null"
    size = ("-x", str(columns), "-y", str(rows))
    seen.tmux("new-session", "-d", *size, "sh", "-c", command)
    try:
        yield seen
    finally:
        seen.tmux("kill-server")
