"""How nodes ended according to pdsh, pdcp or rpdcp, from their words about them.

::

    ssh exited with exit code 3            after "pdsh@head: node1: "
    sh killed by signal 9
    command timeout
    connect: Connection refused            a complaint
    fatal: /x: No such file or directory

Of a node that ended with return code 0 nothing is said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Optional

from clush.events import Status
from clush.job import Copy
from clush.transport.base import Closing, Verdict, exit_verdict
from clush.transport.causes import last_line, network_cause, text
from clush.transport.ssh import SSH_FAILED, command_verdict

if TYPE_CHECKING:
    from clush.job import Work

_END = re.compile(rb"(.+) (exited with exit code|killed by signal) (\d+)")
_OVERDUE = b"command timeout"

# What a node counts as that was complained about without a word on its return code.
_COPY_FAILED = 2
_NOT_REACHED = 255

# What `pdsh -S` exits with when a node could not be reached.
_SUMMARY_NOT_REACHED = 254


class _End(NamedTuple):
    """How the client that pdsh ran for a node ended; -N for signal N."""

    client: bytes
    returncode: int


class Ends:
    """What is known about the ends of the nodes of ``work``."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._ends: dict[str, _End] = {}
        self._codes: set[int] = set()  # exit codes of `pdsh -S` that tell of nodes
        self._overdue: set[str] = set()
        self._complaints: dict[str, bytes] = {}
        self._of_all = b""
        self._spoke: set[str] = set()
        self._last_words: dict[str, bytes] = {}

    # -- what is heard ----------------------------------------------------------------

    def spoke(self, node: str) -> None:
        """``node`` said something on standard output."""
        self._spoke.add(node)

    def complained(self, node: str, lines: bytes) -> None:
        """``node`` said ``lines`` on standard error."""
        self._last_words[node] = last_line(lines)

    def told(self, node: str, words: bytes) -> bool:
        """pdsh said ``words`` about ``node``; true if it has nothing else to say than its end."""
        if words == _OVERDUE:
            self._overdue.add(node)
            return True
        end = _END.fullmatch(words)
        if end is None:
            self._complaints.setdefault(node, words)
            self._codes.add(_SUMMARY_NOT_REACHED)
            return False
        number = int(end[3])
        self._ends[node] = _End(end[1], -number if end[2] == b"killed by signal" else number)
        self._codes.add(number)
        return True

    def told_of_all(self, line: bytes) -> None:
        """pdsh said something that is about no node; the first such line is kept."""
        self._of_all = self._of_all or line

    # -- what it means ----------------------------------------------------------------

    def verdict(self, node: str, closing: Optional[Closing]) -> Optional[Verdict]:
        """See :meth:`clush.transport.base.Interpreter.verdict`."""
        if node in self._overdue:
            return Verdict(Status.TIMED_OUT, None, _OVERDUE.decode())
        if node in self._ends:
            return self._of_client(node)
        if node in self._complaints:
            return self._of_complaint(self._complaints[node])
        return None if closing is None else self._of_pdsh(closing)

    def _of_client(self, node: str) -> Verdict:
        end = self._ends[node]
        words = self._last_words.get(node, b"")
        if end == (b"ssh", SSH_FAILED):
            command = "" if isinstance(self._work, Copy) else self._work.command
            return command_verdict(command, Closing(SSH_FAILED, node in self._spoke, words))
        verdict = exit_verdict(end.returncode)
        complaint = text(self._complaints.get(node, b""))
        return verdict._replace(detail=verdict.detail or complaint)

    def _of_complaint(self, complaint: bytes) -> Verdict:
        cause = network_cause(complaint)
        if cause is not None:
            return Verdict(cause, _NOT_REACHED, text(complaint))
        rc = _COPY_FAILED if isinstance(self._work, Copy) else _NOT_REACHED
        return Verdict(Status.FAILED, rc, text(complaint))

    def _of_pdsh(self, closing: Closing) -> Verdict:
        """Of a node that nothing was said about: if pdsh fared well, so did the node."""
        if closing.returncode == 0 or closing.returncode in self._codes:
            return Verdict(Status.OK, 0)
        verdict = exit_verdict(closing.returncode)
        why = verdict.detail or f"exited with exit code {verdict.rc}"
        return verdict._replace(detail=text(self._of_all) or f"pdsh {why}")
