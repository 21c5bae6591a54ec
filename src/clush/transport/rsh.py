"""The remote shell of old: ``rsh`` and ``rcp``, or whatever a site has under their names.

rsh does not pass on the return code of the command, so the remote shell is asked to say
it in a line of its own after everything else.  That line is taken out of the output,
also where the command's last line has no end; without it (the command ended its shell
by itself, the connection broke) rsh's own exit code has to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Optional

from clush.events import STDOUT, Output, Status
from clush.job import Copy
from clush.transport.base import (
    Closing,
    Launch,
    Verdict,
    check_names,
    exit_verdict,
    no_option,
    words,
)
from clush.transport.causes import last_line, network_cause, text
from clush.transport.files import flags, remote_ends

if TYPE_CHECKING:
    from clush.job import Job, Work

_MARK = "XXRETCODE: "
_MARKED = re.compile(rb"%s(\d{1,3})\r?(?:\n|\Z)" % _MARK.encode())

# What rsh exits with when it has no opinion on the return code.
_NO_OPINION = (0, 1)


class Rsh(NamedTuple):
    """Runs commands on the nodes through ``rsh``, and copies files through ``rcp``.

    ``path`` and ``options`` are words as a shell splits them, ``~`` standing for the home
    in the path only.  rcp is given the options of rsh unless it has some of its own.
    """

    path: str = "rsh"
    options: str = ""
    user: Optional[str] = None
    rcp_path: str = "rcp"
    rcp_options: str = ""

    @property
    def name(self) -> str:
        return "rsh"

    def launches(self, work: Work) -> Iterator[Launch]:
        check_names(work.nodes, "rsh")
        return self._copies(work) if isinstance(work, Copy) else self._commands(work)

    def _commands(self, job: Job) -> Iterator[Launch]:
        argv = words("rsh path", self.path)
        if self.user:
            argv += ["-l", self.user]
        argv += words("rsh options", self.options, home=False)
        command, last = no_option(job.command), f"; echo {_MARK}$?"
        return (
            Launch((node,), [*argv, node, command, last], interpreter=Marker(node))
            for node in job.nodes
        )

    def _copies(self, copy: Copy) -> Iterator[Launch]:
        argv = words("rcp path", self.rcp_path) + flags(copy)
        argv += words("rcp options", self.rcp_options or self.options, home=False)
        login = f"{self.user}@" if self.user else ""
        return (
            Launch((node,), [*argv, *remote_ends(copy, f"{login}{node}", node)])
            for node in copy.nodes
        )

    def verdict(self, work: Work, closing: Closing) -> Verdict:
        verdict = exit_verdict(closing.returncode)
        if verdict.rc == 0 and not isinstance(work, Copy):
            return verdict._replace(detail="rsh passed on no return code")
        if verdict.rc != 1 or closing.spoke:
            return verdict
        line = last_line(closing.last_words)
        status = network_cause(line)
        return Verdict(status, 1, text(line)) if status else verdict


class Marker:
    """Takes the line with the return code out of what one node says."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._rc: Optional[int] = None
        self._unended = b""  # of a line whose end was the line with the return code

    def feed(self, stream: str, lines: bytes) -> Iterator[Output]:
        if stream == STDOUT:
            lines = self._without_mark(lines)
        if lines:
            yield Output(self._node, stream, lines)

    def _without_mark(self, lines: bytes) -> bytes:
        lines, self._unended = self._unended + lines, b""
        if _MARK.encode() not in lines:
            return lines
        codes = _MARKED.findall(lines)
        if not codes:
            return lines
        self._rc = int(codes[-1])
        lines = _MARKED.sub(b"", lines)
        whole = lines.rfind(b"\n") + 1
        self._unended = lines[whole:]
        return lines[:whole]

    def close(self) -> Iterator[Output]:
        if self._unended:
            yield Output(self._node, STDOUT, self._unended)

    def verdict(self, node: str, closing: Optional[Closing]) -> Optional[Verdict]:
        if self._rc is not None and (closing is None or closing.returncode in _NO_OPINION):
            return Verdict(Status.FAILED if self._rc else Status.OK, self._rc)
        return None
