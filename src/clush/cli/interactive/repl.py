"""The interactive session: read a line, do what it says, until the user leaves.

Nothing that a command does ends the session, and neither does Ctrl-C: during a command it
stops the command, at the prompt it gives up the line.
"""

from __future__ import annotations

import os
from typing import Callable, Optional, Protocol

from clush.cli import program
from clush.cli.conf import QUIET
from clush.cli.console import Console
from clush.cli.interactive.commands import QUIT, Reply, State, reply, working_with
from clush.cli.interactive.editors import Editor, make_editor
from clush.cli.interactive.guard import Guard
from clush.cli.interactive.history import History, default_path
from clush.cli.interactive.proposals import Proposals
from clush.cli.standard import STDIN, descriptor
from clush.config.settings import Settings
from clush.errors import ClushError
from clush.groups import ConfiguredResolver
from clush.sets.nodeset import NodeSet

PROMPT = "clush> "


class Runner(Protocol):
    """Runs commands and shows what comes of them; returns their exit status."""

    def on_nodes(self, nodes: NodeSet, command: str, gathered: bool) -> int:
        """Run ``command`` on ``nodes``, with their output ``gathered`` or as it comes."""

    def here(self, command: str) -> int:
        """Run ``command`` on this machine."""


class Repl:
    """A session with the user, on the nodes of ``state``.

    ``quiet`` leaves out what is not essential, ``max_rc`` makes the status of the last
    command the exit status.
    """

    def __init__(
        self,
        editor: Editor,
        history: History,
        state: State,
        runner: Runner,
        console: Console,
        quiet: bool = False,
        max_rc: bool = False,
    ) -> None:
        self._editor = editor
        self._history = history
        self._state = state
        self._runner = runner
        self._console = console
        self._quiet = quiet
        self._max_rc = max_rc
        self._guard = Guard(descriptor(STDIN))
        self._status = program.OK
        self._over = False

    def run(self) -> int:
        """Talk until the user leaves; the exit status."""
        if not self._quiet:
            self._show("Enter 'quit' to leave this interactive mode")
        self._show(working_with(self._state))
        while not self._over:
            try:
                self._talk()
            except KeyboardInterrupt:
                # No command was running, as they see to it themselves: a group was waited for.
                program.complain("Keyboard interrupt.")
        return self._status if self._max_rc else program.OK

    def _talk(self) -> None:
        while not self._over:
            try:
                self._over = not self._turn()
            except (ClushError, OSError) as error:
                program.report(error)

    def _turn(self) -> bool:
        """Read a line and do what it says; false if it was the last."""
        self._tell_problem()
        try:
            with self._guard:
                line = self._editor.read(PROMPT)
        except KeyboardInterrupt:
            return True
        except (EOFError, OSError):  # the latter from a terminal that is gone
            return False
        return self._obey(reply(line, self._state))

    def _obey(self, what: Reply) -> bool:
        if what.complaint:
            self._console.say(f"{program.name()}: {what.complaint}")
        if what.answer or (what.notice and not self._quiet):
            self._show(what.answer or what.notice)
        if what.command:
            self._status = self._run(what)
        return not what.over

    def _run(self, what: Reply) -> int:
        if what.local:
            return self._runner.here(what.command)
        return self._runner.on_nodes(self._state.nodes, what.command, self._state.gathered)

    def _tell_problem(self) -> None:
        problem = self._history.take_problem()
        if problem and not self._quiet:
            self._console.say(f"Warning: the history of commands is not kept: {problem}")

    def _show(self, line: str) -> None:
        self._console.out(os.fsencode(line + "\n"))


def interactive(
    nodes: NodeSet,
    gathered: bool,
    runner: Runner,
    resolver: Callable[[], ConfiguredResolver],
    source: Optional[str],
    settings: Settings,
    console: Console,
) -> Repl:
    """A session on standard input and output, as ``settings`` want it.

    ``resolver`` and ``source`` are for proposals; see :class:`Proposals`.
    """
    state = State(nodes, gathered)
    history = History(default_path(os.environ), settings.history_size, [QUIT])
    editor = make_editor(history, Proposals(state, resolver, source))
    quiet = settings.verbosity <= QUIET
    return Repl(editor, history, state, runner, console, quiet, settings.maxrc)
