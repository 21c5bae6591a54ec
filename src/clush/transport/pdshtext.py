"""What pdsh, pdcp and rpdcp say: lines of the nodes, each with its label, and their own.

::

    node1: some output                              a line of a node
    pdsh@head: node1: ssh exited with exit code 3   what it has to say about a node
    pdsh@head: no remote hosts specified            ... and about none
    sending SIGTERM to ssh node1

Lines are told apart here; what the words about nodes mean is for ``pdshends``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Optional

from clush.events import STDERR, STDOUT, Output
from clush.transport.pdshends import Ends

if TYPE_CHECKING:
    from clush.job import Work
    from clush.transport.base import Closing, Verdict


class PdshText:
    """Reads one pdsh that carries out ``work`` for ``nodes``."""

    def __init__(self, nodes: Iterable[str], work: Work) -> None:
        self._ends = Ends(work)
        self._nodes = by_label(nodes)
        self._stderr = STDOUT if work.merge_stderr else STDERR
        self._unended: dict[str, bytes] = {}  # by stream: the label of what goes on
        self._glued = _glued_end()

    def feed(self, stream: str, lines: bytes) -> Iterator[Output]:
        *whole, rest = (self._unended.pop(stream, b"") + lines).split(b"\n")
        said: dict[bytes, list[bytes]] = {}
        for line in whole:
            label, _, words = line.partition(b": ")
            said.setdefault(label, []).append(words + b"\n")
        if rest:
            label, _, words = rest.partition(b": ")
            said.setdefault(label, []).append(words)
            self._unended[stream] = label + b": "
        for label, texts in said.items():
            node = self._nodes.get(label)
            if node is not None:
                yield self._of_node(node, stream, texts)
            elif stream == STDERR:
                yield from self._of_pdsh(label, texts)

    def close(self) -> Iterable[Output]:
        return ()

    def verdict(self, node: str, closing: Optional[Closing]) -> Optional[Verdict]:
        return self._ends.verdict(node, closing)

    def _of_node(self, node: str, stream: str, texts: list[bytes]) -> Output:
        if stream == STDOUT:
            self._ends.spoke(node)
            return Output(node, STDOUT, b"".join(texts))
        words = b"".join(map(self._without_end, texts))
        self._ends.complained(node, words)
        return Output(node, self._stderr, words)

    def _of_pdsh(self, speaker: bytes, texts: list[bytes]) -> Iterator[Output]:
        for words in texts:
            label, _, about = words.partition(b": ")
            node = self._nodes.get(label)
            if node is None:
                self._ends.told_of_all(speaker + b": " + words if words.strip() else speaker)
            elif not self._ends.told(node, about.rstrip()):
                yield Output(node, self._stderr, speaker + b": " + about)

    def _without_end(self, line: bytes) -> bytes:
        """A line of a node, without what pdsh said behind it: the node did not end its line."""
        glued = self._glued.fullmatch(line) if b"@" in line else None
        if glued is None or glued[2] not in self._nodes:
            return line
        self._ends.told(self._nodes[glued[2]], glued[3])
        return glued[1]


def by_label(nodes: Iterable[str]) -> dict[bytes, str]:
    """The nodes by what pdsh calls them: it leaves the domain away where all have the same."""
    labels = {os.fsencode(node): node for node in nodes}
    short: dict[bytes, list[str]] = {}
    for name, node in labels.items():
        short.setdefault(name.partition(b".")[0], []).append(node)
    return {**{name: same[0] for name, same in short.items() if len(same) == 1}, **labels}


def _glued_end() -> re.Pattern[bytes]:
    """Output, then the end of a command as the pdsh of this machine tells it.

    A node may run a pdsh of its own: that one speaks from elsewhere, or begins a line.
    """
    host = re.escape(os.fsencode(os.uname().nodename.partition(".")[0]))
    speaker = rb"(?:pdsh|r?pdcp)@%s[^\s:]*: " % host
    end = rb"[^\n]+ (?:exited with exit code|killed by signal) \d+"
    return re.compile(rb"([^\n]+?)%s([^\s:]+): (%s)\s*" % (speaker, end))
