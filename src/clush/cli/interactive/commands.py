"""What may be typed at the prompt: a few special commands; all else is for the nodes.

Two tables and a pure step from a line to a reply: what changes is the state, what is shown
and run is for others.  Only to parse a node set may mean to ask for groups.
"""

from __future__ import annotations

from typing import Callable, NamedTuple

from clush.cli.targets import whys
from clush.errors import NodeSetParseError
from clush.sets.nodeset import NodeSet

QUIT = "quit"


class State:
    """What is worked with: the nodes, never none, and whether their output is gathered."""

    def __init__(self, nodes: NodeSet, gathered: bool) -> None:
        self.nodes = nodes
        self.gathered = gathered


class Reply(NamedTuple):
    """What comes of a line, in this order: a complaint, an answer, and a command to be run.

    A ``notice`` is an answer that is left out when only the essential is wanted.  A
    ``local`` command is not for the nodes.  ``over`` ends the session.
    """

    complaint: str = ""
    answer: str = ""
    notice: str = ""
    command: str = ""
    local: bool = False
    over: bool = False


def reply(line: str, state: State) -> Reply:
    """Carry out what ``line`` says about the state; what is left to do.

    Errors of group sources are raised as they are; then the state is as it was.
    """
    if line in WHOLE:
        return WHOLE[line](state)
    if not line.strip():
        return Reply()
    if line[0] in FIRST:
        return FIRST[line[0]](state, line[1:])
    return Reply(command=line)


def working_with(state: State) -> str:
    """The answer that tells the nodes."""
    return f"Working with nodes: {state.nodes}"


def _quit(state: State) -> Reply:
    return Reply(over=True)


def _toggle(state: State) -> Reply:
    state.gathered = not state.gathered
    form = "gathered" if state.gathered else "standard"
    return Reply(notice=f"Switching to {form} output format")


def _show(state: State, text: str) -> Reply:
    return Reply(answer=working_with(state))


def _run_here(state: State, text: str) -> Reply:
    if not text.strip():
        return Reply(complaint="no command after '!' (ignoring)")
    return Reply(command=text, local=True)


def _add(state: State, text: str) -> Reply:
    return _changed(state, text, NodeSet.union)


def _remove(state: State, text: str) -> Reply:
    return _changed(state, text, NodeSet.difference)


def _replace(state: State, text: str) -> Reply:
    return _changed(state, text, lambda nodes, given: given)


def _changed(state: State, text: str, change: Callable[[NodeSet, NodeSet], NodeSet]) -> Reply:
    """The reply to a change by the node set in ``text``, which is made if it leaves nodes."""
    complaint = ""
    try:
        given = NodeSet(text)
    except NodeSetParseError as error:
        complaint = f"nodeset parse error (ignoring): {error}"
    else:
        nodes = change(state.nodes, given)
        if not given and text.strip():
            complaint = " ".join(["empty node set (ignoring)", *whys([text])])
        elif not nodes:
            complaint = "no node would be left (ignoring)"
        else:
            state.nodes = nodes
    return Reply(complaint, working_with(state))


# Whole lines, and lines that begin with a character.
WHOLE: dict[str, Callable[[State], Reply]] = {QUIT: _quit, "=": _toggle}
FIRST: dict[str, Callable[[State, str], Reply]] = {
    "?": _show,
    "+": _add,
    "-": _remove,
    "@": _replace,
    "!": _run_here,
}
