"""What a transport is, and what all of them share.

A transport turns a job into launches, each one process for one or more nodes, and
afterwards says what the end of a launch means for them.  It does no I/O itself.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from os.path import expanduser
from signal import Signals
from typing import TYPE_CHECKING, NamedTuple, Optional, Protocol

from clush.events import Status

if TYPE_CHECKING:
    from clush.job import Job

# How much of the end of its error output a transport is shown to explain a failure.
LAST_WORDS = 2048


class Launch(NamedTuple):
    """One process to start for ``nodes``; ``env`` is added to the caller's environment."""

    nodes: tuple[str, ...]
    argv: list[str]
    env: Optional[Mapping[str, str]] = None


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


class Transport(Protocol):
    """One way to reach nodes."""

    @property
    def name(self) -> str:
        """The name it is chosen by: ``ssh``, ``exec``."""

    def launches(self, job: Job) -> Iterator[Launch]:
        """The processes that carry out ``job``, in node order, made as they are drawn.

        Raises :class:`clush.errors.JobError` at the call, before anything starts, for a
        job that this transport cannot carry out.
        """

    def verdict(self, job: Job, closing: Closing) -> Verdict:
        """What the end of a launch means."""


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


def split_words(text: str) -> list[str]:
    """The words of an option such as ``ssh_options``, split as a shell would, ``~`` expanded."""
    return [expanduser(word) for word in shlex.split(text)]
