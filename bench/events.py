"""Events of the classic API: lines on their way to a handler, and small runs one after the other.

The same program runs on our classic package and on ClusterShell: a million lines given to
``ev_read``, in the present form and in the older one that reads ``worker.current_msg``; and
many runs of one command each, as programs do that work through a list.  ``--quick`` takes a
tenth of each.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import _measure
import peers
from _table import Row, compare, show, skipped, within

if TYPE_CHECKING:
    from collections.abc import Iterator

REPEAT = 3  # the best of ours; ClusterShell is slow enough to be measured once
LIMIT = 0.5  # seconds for a million lines

PROGRAM = """
import sys, time, warnings
from ClusterShell.Event import EventHandler
from ClusterShell.Task import task_self
what, count = sys.argv[1], int(sys.argv[2])
warnings.simplefilter("ignore")

class Modern(EventHandler):
    count = 0
    def ev_read(self, worker, node, sname, msg):
        self.count += 1

class Older(EventHandler):
    count = 0
    def ev_read(self, worker):
        if worker.current_msg:
            self.count += 1

def lines(handler):
    task_self().run(f"seq {count}", nodes="n1", remote=False, handler=handler)
    assert handler.count == count, handler.count

def runs():
    class Handler(EventHandler):
        closed = 0
        def ev_close(self, worker, timedout):
            self.closed += 1
    handler, task = Handler(), task_self()
    for number in range(count):
        task.run("true", handler=handler)
    assert handler.closed == count

task_self()
begun = time.perf_counter()
{"modern": lambda: lines(Modern()), "older": lambda: lines(Older()), "runs": runs}[what]()
print(time.perf_counter() - begun)
"""


def ours(what: str, count: int) -> float:
    argv = [sys.executable, "-c", PROGRAM, what, str(count)]
    return min(_measure.figure(argv) for _ in range(REPEAT))


def beside(claim: str, what: str, count: int, bar: float) -> Iterator[Row]:
    python = peers.clustershell("python")
    if python is None:
        yield skipped(claim, peers.ABSENT)
        return
    mine = ours(what, count)
    peer = _measure.figure([python, "-c", PROGRAM, what, str(count)])
    yield compare(claim, mine, peer, bar=bar)


def rows(part: int) -> Iterator[Row]:
    lines, runs = 1_000_000 // part, 1_000 // part
    yield within(f"{lines} lines to ev_read", ours("modern", lines), limit=LIMIT / part)
    yield from beside(f"{lines} lines to ev_read, v ClusterShell", "modern", lines, 1 / 25)
    yield from beside(f"{lines} lines to an older ev_read, v ClusterShell", "older", lines, 1 / 5)
    yield from beside(f"{runs} runs of one command, v ClusterShell", "runs", runs, 1 / 2)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    return show(rows(10 if parser.parse_args(argv).quick else 1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
