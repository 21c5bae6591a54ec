"""Local execution: a shell command or a copy per node, the nodes only lending their names.

Placeholders: ``%h`` or ``%host`` the node, ``%n`` or ``%rank`` its 0-based rank in the
set, ``%hosts`` the folded set, which makes one process stand for all nodes; each also
in braces, and ``%%`` for a percent sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from clush.errors import JobError
from clush.job import Copy
from clush.transport.base import Closing, Launch, Verdict, exit_verdict
from clush.transport.files import flags, local

if TYPE_CHECKING:
    from clush.job import Work

_PLACEHOLDER = re.compile(r"%(?:(%)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\}|)", re.ASCII)
_FIELDS = {"h": "node", "host": "node", "n": "rank", "rank": "rank", "hosts": "hosts"}


class Template:
    """A text with placeholders, taken apart once and filled in for each node."""

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
        """True if the text names the whole set, so that what it is for is done once."""
        return "hosts" in self._fields

    def fill(self, node: str, rank: int) -> str:
        """The text for one node; for :attr:`for_all`, ``node`` is the folded set."""
        parts = [self._literals[0]]
        for field, literal in zip(self._fields, self._literals[1:]):
            parts.append(str(rank) if field == "rank" else node)
            parts.append(literal)
        return "".join(parts)


class Exec:
    """Runs commands with ``/bin/sh -c`` on this machine, and copies with ``cp``.

    Placeholders are filled in both the source and the destination of a copy.
    """

    name = "exec"

    def launches(self, work: Work) -> Iterator[Launch]:
        argv, texts = _copying(work) if isinstance(work, Copy) else _running(work.command)
        templates = [Template(text) for text in texts]

        def launch(nodes: tuple[str, ...], name: str, rank: int) -> Launch:
            return Launch(nodes, argv + [template.fill(name, rank) for template in templates])

        nodes = work.nodes
        first = 0 if isinstance(work, Copy) else work.rank
        if any(template.for_all for template in templates):
            return iter([launch(tuple(nodes), str(nodes), first)] if nodes else [])
        return (launch((node,), node, rank) for rank, node in enumerate(nodes, first))

    def verdict(self, work: Work, closing: Closing) -> Verdict:
        return exit_verdict(closing.returncode)


def _running(command: str) -> tuple[list[str], list[str]]:
    """The fixed words of the command line, and those that hold placeholders."""
    return ["/bin/sh", "-c"], [command]


def _copying(copy: Copy) -> tuple[list[str], list[str]]:
    """As :func:`_running`, for a copy; what is fetched takes the name of its node."""
    dest = copy.landing("%{host}") if copy.reverse else copy.dest
    return ["cp", *flags(copy)], [local(copy.source), local(dest)]
