"""The classic API beside the native one, which does the work for both.

2 000 times ``echo ok`` at fanout 64, and 100 nodes that each say the same 20 000 lines (77 MB in
all), gathered: each a process of its own, in turn.  ``--quick`` takes a tenth of each.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import _measure
from _table import Row, compare, show

if TYPE_CHECKING:
    from collections.abc import Iterator

FANOUT = 64
REPEAT = 7  # in turn, so that a busy machine hits both
BAR = 1.15

NATIVE = """
import sys, clush
command, count, fanout = sys.argv[1], *map(int, sys.argv[2:])
result = clush.run(
    command, nodes=f"n[1-{count}]", transport="exec", fanout=fanout, merge_stderr=True
)
groups = result.by_output()
assert result.ok and [len(nodes) for nodes, output in groups] == [count], groups
"""
CLASSIC = """
import sys
from ClusterShell.Task import task_self
command, count, fanout = sys.argv[1], *map(int, sys.argv[2:])
task = task_self()
task.set_info("fanout", fanout)
task.run(command, nodes=f"n[1-{count}]", remote=False, stdin=False)
groups = list(task.iter_buffers())
assert task.max_retcode() == 0 and [len(nodes) for output, nodes in groups] == [count], groups
"""


def beside(claim: str, command: str, count: int) -> Row:
    arguments = [command, str(count), str(FANOUT)]
    runs = [
        [_measure.run([sys.executable, "-c", text, *arguments]) for text in (CLASSIC, NATIVE)]
        for _ in range(REPEAT)
    ]
    classic, native = (_measure.best(measures) for measures in zip(*runs))
    return compare(f"{claim}, v native", classic.seconds, native.seconds, bar=BAR)


def rows(part: int) -> Iterator[Row]:
    count, lines = 2_000 // part, 20_000 // part
    yield beside(f"classic: {count} x echo ok, fanout {FANOUT}", "echo ok", count)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text"
        text = b"".join(b"%05d this is one of many equal lines\n" % n for n in range(lines))
        path.write_bytes(text)
        yield beside(f"classic: 100 x {lines} lines gathered", f"cat {path}", 100)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    return show(rows(10 if parser.parse_args(argv).quick else 1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
