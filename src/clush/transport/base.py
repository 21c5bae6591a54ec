"""What a transport is, and what all of them share.

A transport turns a job or a copy into launches, each one process for one or more nodes,
and afterwards says what the end of a launch means for them.  Where a process says more
than the output of its nodes, its launch brings an interpreter.  None of them starts,
reads or waits for anything itself.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from os.path import expanduser
from signal import Signals
from typing import TYPE_CHECKING, NamedTuple, Optional, Protocol

from clush.errors import JobError
from clush.events import Output, Status

if TYPE_CHECKING:
    from clush.job import Work
    from clush.sets.nodeset import NodeSet

# How much of the end of its error output a transport is shown to explain a failure.
LAST_WORDS = 2048


class Closing(NamedTuple):
    """How a process ended.

    ``returncode`` is -N for signal N and ``None`` if unknown; ``spoke`` tells whether
    anything came on standard output, ``last_words`` is the end of standard error (of
    both, where they share a pipe).
    """

    returncode: Optional[int]
    spoke: bool
    last_words: bytes


class Verdict(NamedTuple):
    """What an end means: the status, the return code (if any), and why in words."""

    status: Status
    rc: Optional[int]
    detail: str = ""


class Interpreter(Protocol):
    """Tells what a process says of its own from what its nodes say; made for one launch.

    Without one, all output belongs to every node of the launch, and the transport's
    verdict holds for all of them.
    """

    def feed(self, stream: str, lines: bytes) -> Iterable[Output]:
        """What the nodes said by these whole lines (an unfinished one is the last)."""

    def close(self) -> Iterable[Output]:
        """What was held back; there is no more to be fed."""

    def verdict(self, node: str, closing: Optional[Closing]) -> Optional[Verdict]:
        """How ``node`` ended as far as the process said; ``None`` if it did not say.

        Then the transport's verdict holds, or, where the process was stopped before its
        end and ``closing`` is ``None``, that it was.
        """


class Launch(NamedTuple):
    """One process to start for ``nodes``; ``env`` is added to the caller's environment.

    ``apart`` keeps its standard error in a pipe of its own even where the streams of the
    nodes are merged: the interpreter needs to tell one from the other.  ``keeps_time``
    says that it bounds the time of each of its nodes itself.
    """

    nodes: tuple[str, ...]
    argv: list[str]
    env: Optional[Mapping[str, str]] = None
    interpreter: Optional[Interpreter] = None
    apart: bool = False
    keeps_time: bool = False


class Transport(Protocol):
    """One way to reach nodes."""

    @property
    def name(self) -> str:
        """The name it is chosen by: ``ssh``, ``exec``."""

    def launches(self, work: Work) -> Iterator[Launch]:
        """The processes that carry out ``work``, in node order, made as they are drawn.

        Raises :class:`clush.errors.JobError` at the call, before anything starts, for
        work that this transport cannot carry out.
        """

    def verdict(self, work: Work, closing: Closing) -> Verdict:
        """What the end of a launch means, for those of whom its interpreter knows no more."""


def exit_verdict(returncode: Optional[int]) -> Verdict:
    """What the exit status of a process says by itself."""
    if returncode == 0:
        return Verdict(Status.OK, 0)
    if returncode is None:
        return Verdict(Status.FAILED, 255, "exit status lost (is SIGCHLD ignored?)")
    if returncode < 0:
        return Verdict(Status.SIGNALLED, 128 - returncode, f"killed by {_signal_name(-returncode)}")
    return Verdict(Status.FAILED, returncode)


def _signal_name(number: int) -> str:
    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"


def words(what: str, text: str, *, home: bool = True) -> list[str]:
    """The words of a setting such as ``ssh options``, split as a shell would.

    ``home`` expands ``~``.  ``JobError`` names ``what`` if the text cannot be split.
    """
    try:
        split = shlex.split(text)
    except ValueError as exc:
        raise JobError(f"{what} {text!r}: {exc}") from exc
    return [expanduser(word) for word in split] if home else split


def whole_seconds(limit: Optional[float]) -> int:
    """A limit for programs that know whole seconds only, and 0 as none."""
    return max(1, int(limit)) if limit is not None and limit > 0 else 0


def no_option(command: str) -> str:
    """A command that is not taken for an option; a blank does it no harm."""
    return f" {command}" if command.startswith("-") else command


def check_names(nodes: NodeSet, client: str, signs: str = "-") -> None:
    """Refuse names of nodes that ``client`` would take for something else by their first sign."""
    refused = tuple(signs)
    for node in nodes:
        if node.startswith(refused):
            raise JobError(f"node '{node}': {client} would take this name for an option")
