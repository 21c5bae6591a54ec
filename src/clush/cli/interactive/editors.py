"""Reading a line from the user, with the best editor there is.

That is prompt_toolkit where it is installed, else readline, else what the terminal itself
can do.  An editor records what is typed in the history and asks for proposals when the
user does.
"""

from __future__ import annotations

import os
from typing import Callable, Protocol

from clush.cli.interactive.history import History
from clush.cli.interactive.proposals import Proposed

Propose = Callable[[str], Proposed]

# Terminals that cannot move the cursor.
PLAIN_TERMINALS = ("", "dumb", "unknown")


class Editor(Protocol):
    """Asks for one line after the other."""

    def read(self, prompt: str) -> str:
        """The next line, without its end; afterwards the cursor begins a new one.

        Raises ``EOFError`` when there are no more, ``KeyboardInterrupt`` when the user
        gives up the line that was begun.
        """


def make_editor(history: History, propose: Propose) -> Editor:
    """The editor for this terminal."""
    if os.environ.get("TERM", "") not in PLAIN_TERMINALS:
        try:
            from clush.cli.interactive.toolkit import ToolkitEditor
        except ImportError:  # of prompt_toolkit, which few have
            pass
        else:
            return ToolkitEditor(history, propose)
    from clush.cli.interactive.lineedit import LineEditor

    return LineEditor(history, propose)
