"""The editor of Python itself: readline, or libedit in its place, or none of them."""

from __future__ import annotations

from typing import Any, Optional

from clush.cli.completion.sets import OPERATORS
from clush.cli.interactive.editors import Propose
from clush.cli.interactive.history import History

readline: Any
try:
    import readline
except ImportError:  # Python can be built without
    readline = None

# Where the part of a line begins that is shown when there is a choice.
DELIMITERS = " \t\n" + OPERATORS


class LineEditor:
    """An :class:`clush.cli.interactive.editors.Editor`."""

    def __init__(self, history: History, propose: Propose) -> None:
        self._history = history
        self._propose = propose
        self._texts: list[str] = []
        if readline is None:
            return
        readline.set_auto_history(False)
        for line in history.lines:
            readline.add_history(line)
        readline.set_completer_delims(DELIMITERS)
        readline.set_completer(self._complete)
        is_libedit = "libedit" in (readline.__doc__ or "")
        readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")

    def read(self, prompt: str) -> str:
        try:
            line = input(prompt)
        except (EOFError, KeyboardInterrupt):
            print()
            raise
        if self._history.add(line) and readline is not None:
            readline.add_history(line)
        return line

    def _complete(self, word: str, number: int) -> Optional[str]:
        """Readline asks for one text after the other that may stand in place of ``word``."""
        if number == 0:
            begin, end = readline.get_begidx(), readline.get_endidx()
            line = readline.get_line_buffer()
            start, texts = self._propose(line[:end])
            self._texts = [(line[:start] + text)[begin:] for text in texts]
        return self._texts[number] if number < len(self._texts) else None
