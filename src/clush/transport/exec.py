"""Local execution: one shell command per node, the nodes only lending their names.

Placeholders: ``%h`` or ``%host`` the node, ``%n`` or ``%rank`` its 0-based rank in the
set, ``%hosts`` the folded set, which makes one process stand for all nodes; each also
in braces, and ``%%`` for a percent sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from clush.errors import JobError
from clush.transport.base import Closing, Launch, Verdict, exit_verdict

if TYPE_CHECKING:
    from clush.job import Job

_PLACEHOLDER = re.compile(r"%(?:(%)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\}|)", re.ASCII)
_FIELDS = {"h": "node", "host": "node", "n": "rank", "rank": "rank", "hosts": "hosts"}


class Template:
    """A command with placeholders, taken apart once and filled in for each node."""

    def __init__(self, text: str) -> None:
        """Raises ``JobError`` for a ``%`` that starts no placeholder."""
        self._literals: list[str] = []  # one more than fields
        self._fields: list[str] = []
        literal, end = "", 0
        for match in _PLACEHOLDER.finditer(text):
            literal += text[end : match.start()]
            end = match.end()
            if match[1]:
                literal += "%"
                continue
            word = match[2] or match[3] or ""
            if word not in _FIELDS:
                raise JobError(f"'{word}' is not a valid pattern, use '%%' to escape '%'")
            self._literals.append(literal)
            self._fields.append(_FIELDS[word])
            literal = ""
        self._literals.append(literal + text[end:])

    @property
    def for_all(self) -> bool:
        """True if the command names the whole set, so that it is run once."""
        return "hosts" in self._fields

    def fill(self, node: str, rank: int) -> str:
        """The command for one node; for :attr:`for_all`, ``node`` is the folded set."""
        parts = [self._literals[0]]
        for field, literal in zip(self._fields, self._literals[1:]):
            parts.append(str(rank) if field == "rank" else node)
            parts.append(literal)
        return "".join(parts)


class Exec:
    """Runs the command with ``/bin/sh -c`` on this machine, once per node."""

    name = "exec"

    def launches(self, job: Job) -> Iterator[Launch]:
        template = Template(job.command)
        if template.for_all:
            return self._for_all(job, template)
        return (
            Launch((node,), ["/bin/sh", "-c", template.fill(node, rank)])
            for rank, node in enumerate(job.nodes)
        )

    def verdict(self, job: Job, closing: Closing) -> Verdict:
        return exit_verdict(closing.returncode)

    @staticmethod
    def _for_all(job: Job, template: Template) -> Iterator[Launch]:
        if job.nodes:
            command = template.fill(str(job.nodes), 0)
            yield Launch(tuple(job.nodes), ["/bin/sh", "-c", command])
