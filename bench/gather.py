"""Gathering: many nodes that say the same large output.

100 nodes, each the same 20 000 lines (77 MB in all), through the library, `clush -b`, plain
`clush` and `clubak -b`, beside ClusterShell and pdsh with dshbak.  ``--quick`` takes 20 nodes and
5 000 lines: to try the script, not to judge the bars.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import _measure
import peers
from _table import Row, compare, failed, show, skipped, within

if TYPE_CHECKING:
    from collections.abc import Iterator

REPEAT = 3  # our side is short: the best of some runs
MEMORY = 60  # MB, interpreter and all


class Load(NamedTuple):
    """What every node says, in the file ``path``; and all of it labelled: in ``labelled`` node by
    node, in ``mixed`` line by line, as where nodes speak at the same time."""

    nodes: int
    lines: int
    path: str
    labelled: str
    mixed: str

    @property
    def nodeset(self) -> str:
        return f"n[1-{self.nodes}]"

    @property
    def text(self) -> bytes:
        return b"".join(b"%05d this is one of many equal lines\n" % n for n in range(self.lines))

    def write(self) -> None:
        text = self.text
        Path(self.path).write_bytes(text)
        with open(self.labelled, "wb") as out:
            for number in range(1, self.nodes + 1):
                out.write(b"n%d: " % number + text[:-1].replace(b"\n", b"\nn%d: " % number) + b"\n")
        fronts = [b"n%d: " % number for number in range(1, self.nodes + 1)]
        with open(self.mixed, "wb") as out:
            for line in text.splitlines(keepends=True):
                out.writelines([front + line for front in fronts])


# Both print the seconds from the first byte fed to the last group walked.
FEED_OURS = """
import sys, time
from clush.gather import Gatherer
text = open(sys.argv[1], "rb").read()
chunks = [text[start : start + 65536] for start in range(0, len(text), 65536)]
start = time.perf_counter()
gatherer = Gatherer()
for chunk in chunks:
    for node in range(int(sys.argv[2])):
        gatherer.feed(node, chunk)
groups = list(gatherer.outputs())
seconds = time.perf_counter() - start
assert [bytes(output) for output, nodes in groups] == [text]
print(seconds)
"""
FEED_LINES = """
import sys, time
from ClusterShell.MsgTree import MsgTree
text = open(sys.argv[1], "rb").read()
lines = text.splitlines()
start = time.perf_counter()
tree = MsgTree()
for node in range(int(sys.argv[2])):
    for line in lines:
        tree.add(node, line)
groups = list(tree.walk())
seconds = time.perf_counter() - start
assert [bytes(message) + b"\\n" for message, nodes in groups] == [text]
print(seconds)
"""


def ours(tool: str) -> list[str] | None:
    """How our ``tool`` is started, or None if it is not there."""
    module = f"clush.cli.{tool}"
    if importlib.util.find_spec(module) is None:
        return None
    return [sys.executable, "-c", f"from {module} import main; main()"]


def checked(measure: _measure.Measure, least: int, most: int) -> _measure.Measure:
    """``measure``, if what was printed has the right size: speed without the work is no merit."""
    if not least <= measure.printed <= most:
        raise _measure.MeasureError(f"printed {measure.printed} bytes, not {least} to {most}")
    return measure


def library(load: Load) -> Iterator[Row]:
    arguments = [load.path, str(load.nodes)]
    feed = min(_measure.figure([sys.executable, "-c", FEED_OURS, *arguments]) for _ in range(3))
    lines = min(_measure.figure([sys.executable, "-c", FEED_LINES, *arguments]) for _ in range(3))
    python = peers.clustershell("python")
    if python is None:
        yield within("Gatherer.feed", feed, limit=0.1)
        yield skipped("MsgTree.add, line by line", peers.ABSENT)
        return
    peer = min(_measure.figure([python, "-c", FEED_LINES, *arguments]) for _ in range(2))
    yield within("Gatherer.feed v MsgTree.add of ClusterShell", feed, limit=0.1, peer=peer)
    yield compare("MsgTree.add, line by line, v ClusterShell", lines, peer, bar=1)


class Rival(NamedTuple):
    """A peer of one of our tools: ``command`` for a shell, or None if it is not installed."""

    name: str
    command: str | None
    bar: float


def tool(
    claim: str, argv: list[str] | None, rivals: list[Rival], stdin: str, sizes: tuple[int, int]
) -> Iterator[Row]:
    """Ours (``argv``, None if there is no such tool) beside each rival; then our memory."""
    if argv is None:
        yield skipped(claim, "our tool is not there")
        return
    try:
        runs = [checked(_measure.run(argv, stdin), *sizes) for _ in range(REPEAT)]
        mine = _measure.best(runs)
        yield within(f"{claim}: peak memory", mine.megabytes, limit=MEMORY, unit="MB")
        for name, command, bar in rivals:
            if command is None:
                yield skipped(f"{claim} v {name}", peers.ABSENT)
            else:
                peer = checked(_measure.shell(command, stdin), *sizes)
                yield compare(f"{claim} v {name}", mine.seconds, peer.seconds, bar=bar)
    except _measure.MeasureError as error:
        yield failed(claim, str(error))


def rows(load: Load) -> Iterator[Row]:
    yield from library(load)
    text, everything = Path(load.path).stat().st_size, Path(load.labelled).stat().st_size
    job = f"-R exec -w {load.nodeset}"
    cat = f"cat {load.path}"
    clush, theirs = ours("clush"), peers.clustershell("clush")
    pdsh, dshbak = peers.system("pdsh"), peers.system("dshbak")
    yield from tool(
        "clush -b",
        clush and [*clush, *job.split(), "-b", cat],
        [
            Rival("ClusterShell", theirs and f"{theirs} {job} -b '{cat}'", 1 / 60),
            Rival(
                "pdsh and dshbak -c", pdsh and dshbak and f"{pdsh} {job} {cat} | dshbak -c", 1 / 15
            ),
        ],
        "/dev/null",
        (text + 30, text + 60),  # and a header of three lines
    )
    yield from tool(
        "clush, labelled lines",
        clush and [*clush, *job.split(), cat],
        [
            Rival("ClusterShell", theirs and f"{theirs} {job} '{cat}'", 1 / 40),
            Rival("pdsh", pdsh and f"{pdsh} {job} {cat}", 1),
        ],
        "/dev/null",
        (everything, everything),
    )
    clubak, theirs = ours("clubak"), peers.clustershell("clubak")
    yield from tool(
        "clubak -b",
        clubak and [*clubak, "-b"],
        [
            Rival("ClusterShell", theirs and f"{theirs} -b", 1 / 15),
            Rival("dshbak -c", dshbak and f"{dshbak} -c", 1 / 1.8),
        ],
        load.labelled,
        (text, text + load.lines + 60),  # the blank after the colon may belong to the text
    )
    yield from tool(
        "clubak -b, nodes in turns",
        clubak and [*clubak, "-b"],
        [Rival("dshbak -c", dshbak and f"{dshbak} -c", 1 / 1.8)],
        load.mixed,
        (text, text + load.lines + 60),
    )


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    nodes, lines = (20, 5_000) if parser.parse_args(argv).quick else (100, 20_000)
    with tempfile.TemporaryDirectory() as folder:
        load = Load(nodes, lines, *(f"{folder}/{name}" for name in ("text", "labelled", "mixed")))
        load.write()
        return show(rows(load))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
