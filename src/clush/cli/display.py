"""How a run is shown: one small class per mode, each told what happens as it happens.

A display gets every chunk of output and every end, and has the last word when all nodes
are done.  It writes through a :class:`View`, which knows how nodes are named and what
the user wants to see; how a block or a label looks is the business of ``blocks``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from clush.cli.account import Account, code
from clush.cli.blocks import (
    block_order,
    counted,
    header,
    readable,
    tag,
    tagged,
    unified_diff,
)
from clush.cli.console import Console
from clush.cli.speakers import Names
from clush.events import STDOUT, Ended
from clush.gather import Gatherer, Output, normalize
from clush.linegather import LineGatherer
from clush.runtime.activity import Sink

# The same few groups of nodes say line after line; to fold a large one takes a millisecond.
LABELS_KEPT = 64


class View(NamedTuple):
    """What all displays share.

    ``prog`` is our name in messages.  ``out_colour`` and ``err_colour`` are empty where
    there is none.  ``bare`` leaves labels and headers out, ``counts`` says how many nodes
    a message is about, ``node_count`` how many a title stands for, ``codes`` whether return
    codes are told, ``live`` whether output that is gathered is also shown as it comes.
    """

    prog: str
    console: Console
    account: Account
    names: Names
    out_colour: bytes = b""
    err_colour: bytes = b""
    bare: bool = False
    counts: bool = True
    node_count: bool = True
    codes: bool = True
    live: bool = False

    def title(self, nodes: list[str]) -> str:
        """``nodes`` as they stand over what they said, and how many they are."""
        return counted(self.names.title(nodes), len(nodes) if self.node_count else 0)

    def label(self, nodes: list[str]) -> str:
        """``nodes`` folded, and how many they are."""
        return self.counted(self.names.label(nodes), nodes)

    def counted(self, text: str, nodes: list[str]) -> str:
        """``text`` about ``nodes``, and how many they are."""
        return counted(text, len(nodes) if self.counts else 0)

    def lines(self, label: str, stream: str, lines: bytes) -> None:
        """Show a chunk of whole lines on its stream, each with its label."""
        if stream == STDOUT:
            write, colour = self.console.out, self.out_colour
        else:
            write, colour = self.console.err, self.err_colour
        text = lines if lines.isascii() else lines.decode(errors="replace").encode()
        if not self.bare:
            text = b"".join(tagged(tag(label, colour), (text,)))
        write(text)

    def tell_codes(self) -> None:
        """One line per return code other than 0."""
        if self.codes:
            for rc, nodes in self.account.failures_by_code():
                self.tell_code(self.label(nodes), rc)

    def tell_code(self, label: str, rc: int) -> None:
        self.console.say(f"{self.prog}: {label}: exited with exit code {rc}")


class Display:
    """A mode of display; :meth:`finish` comes once, after the last event."""

    # Whether output is held back until the end, so that there is a progress to be shown.
    gathers = True

    # Who hears, besides the display, what happens to each work of the run.
    sinks: Sequence[Sink] = ()

    def __init__(self, view: View) -> None:
        self.view = view

    def begin(self) -> None:
        """The run begins."""

    def output(self, node: str, stream: str, data: bytes) -> None:
        """``node`` said ``data``: whole lines, the last one perhaps without its end."""
        raise NotImplementedError

    def alike(self, nodes: Sequence[str], stream: str, data: bytes) -> None:
        """Each of ``nodes`` said ``data``: whole lines."""
        for node in nodes:
            self.output(node, stream, data)

    def ended(self, end: Ended) -> None:
        """A node ended: it says nothing more."""

    def finish(self) -> None:
        """Show what was held back."""
        self.view.tell_codes()


class Labelled(Display):
    """Every line at once, with the name of its node."""

    gathers = False

    def output(self, node: str, stream: str, data: bytes) -> None:
        self.view.lines(node, stream, normalize(data))

    def ended(self, end: Ended) -> None:
        if end.rc and self.view.codes:
            self.view.tell_code(end.node, end.rc)

    def finish(self) -> None:
        """Everything has been shown."""


class Block(NamedTuple):
    """Nodes that said the same and ended the same way; ``rc`` is the code that counts."""

    output: Output
    nodes: list[str]
    rc: int


class Gathered(Display):
    """One block per distinct output, when all nodes are done."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._gatherer: Gatherer[str] = Gatherer()
        self._open: set[str] = set()  # nodes whose last line has no end so far

    def output(self, node: str, stream: str, data: bytes) -> None:
        if stream != STDOUT or self.view.live:
            self.view.lines(node, stream, normalize(data))
        if stream != STDOUT:
            return
        # A piece may be a part of a very long line: only the end of the stream ends it.
        self._gatherer.feed(node, _with_newlines(data))
        if data.endswith(b"\n"):
            self._open.discard(node)
        else:
            self._open.add(node)

    def alike(self, nodes: Sequence[str], stream: str, data: bytes) -> None:
        if stream != STDOUT or self.view.live:
            super().alike(nodes, stream, data)
        else:
            self._gatherer.feed_all(nodes, _with_newlines(data))
            self._open.difference_update(nodes)

    def ended(self, end: Ended) -> None:
        if end.node in self._open:
            self._gatherer.feed(end.node, b"\n")

    def finish(self) -> None:
        self.show(self.view, self.blocks())
        super().finish()

    def outputs(self) -> Iterator[tuple[Output, list[str]]]:
        """What was gathered so far, and who said it."""
        return self._gatherer.outputs()

    def blocks(self) -> list[Block]:
        """What was gathered, in the order in which blocks are shown."""
        rank = self.view.names.rank
        blocks = [
            Block(output, sorted(alike, key=rank.__getitem__), rc)
            for output, nodes in self._gatherer.outputs()
            for rc, alike in self._alike(nodes)
        ]
        return sorted(blocks, key=lambda b: block_order(len(b.nodes), b.nodes[0], b.rc))

    def _alike(self, nodes: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        """``nodes`` by how they ended; a timeout is not the same as its code."""
        groups: dict[tuple[int, object], list[str]] = {}
        for node in nodes:
            end = self.view.account.end(node)
            if end is not None:
                how = code(end), end.status if end.rc is None else None
                groups.setdefault(how, []).append(node)
        for (rc, _), alike in groups.items():
            yield rc, alike

    def show(self, view: View, blocks: list[Block]) -> None:
        for block in blocks:
            if not view.bare:
                view.console.out(header(view.title(block.nodes), view.out_colour))
            for chunk in readable(block.output.chunks()):
                view.console.out(chunk)


class SortedLines(Gathered):
    """Every line with the name of its node, in node order, when all nodes are done."""

    def show(self, view: View, blocks: list[Block]) -> None:
        rank = view.names.rank
        singles = [(block.rc, rank[node], node, block) for block in blocks for node in block.nodes]
        for _, _, node, block in sorted(singles, key=lambda single: single[:2]):
            front = b"" if view.bare else tag(node, view.out_colour)
            for chunk in tagged(front, readable(block.output.chunks())):
                view.console.out(chunk)


class Differences(Gathered):
    """How each distinct output differs from the first block, which most nodes said."""

    def blocks(self) -> list[Block]:
        # Nothing said is a text like any other.
        for end in self.view.account.ends:
            self._gatherer.feed(end.node, b"")
        return super().blocks()

    def show(self, view: View, blocks: list[Block]) -> None:
        if not blocks:
            return
        reference, *others = blocks
        old = _lines(reference.output)
        for other in others:
            if other.output == reference.output:
                continue
            labels = view.title(reference.nodes), view.title(other.nodes)
            for line in unified_diff(old, _lines(other.output), labels, bool(view.out_colour)):
                view.console.out(line)


class LiveLines(Display):
    """Each line once all nodes have said theirs, equal ones together."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._gatherer = LineGatherer(view.names.rank, self._order)
        self._label = lru_cache(LABELS_KEPT)(self._fold)

    def output(self, node: str, stream: str, data: bytes) -> None:
        lines = normalize(data)
        if stream == STDOUT:
            self._show(self._gatherer.feed(node, lines))
        else:
            self.view.lines(node, stream, lines)

    def ended(self, end: Ended) -> None:
        self._show(self._gatherer.close(end.node))

    def _show(self, ready: Iterable[tuple[bytes, list[str]]]) -> None:
        for lines, nodes in ready:
            self.view.lines(self._label(frozenset(nodes)), STDOUT, lines)

    def _order(self, nodes: list[str]) -> tuple[int, int, str]:
        return block_order(len(nodes), min(nodes, key=self.view.names.rank.__getitem__))

    def _fold(self, nodes: frozenset[str]) -> str:
        return self.view.names.title(list(nodes))


# By whether lines keep their labels (-L) and whether equal output is gathered (-b, -B).
DISPLAYS: dict[tuple[bool, bool], Callable[[View], Display]] = {
    (False, False): Labelled,
    (False, True): Gathered,
    (True, False): SortedLines,
    (True, True): LiveLines,
}


def _with_newlines(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n") if b"\r" in data else data


def _lines(output: Output) -> list[bytes]:
    return b"".join(readable(output.chunks())).split(b"\n")[:-1]
