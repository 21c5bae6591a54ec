"""How long the tools take to start, as whole processes, beside bare Python.

Their programs are run as they are installed, in turns, and the quickest of each is taken.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import _measure
import peers
from _table import Row, compare, show, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

BIN = Path(sys.executable).parent
BARE = [sys.executable, "-c", "pass"]
ROUNDS = 15
BAR = 2.5

TOOLS = (
    ("nodeset", "-f", "a1", "a2"),
    ("clush", "--version"),
    ("clubak", "-b"),
)


def rows() -> Iterator[Row]:
    for program, *words in TOOLS:
        claim = " ".join((program, *words))
        theirs = peers.clustershell(program)
        sides = [[str(BIN / program), *words], BARE, *([[theirs, *words]] if theirs else [])]
        for side in sides:  # what is read from the disk is read now
            _measure.run(side)
        times = [min(runs) for runs in zip(*([_seconds(s) for s in sides] for _ in range(ROUNDS)))]
        yield compare(f"{claim} v python -c pass", times[0], times[1], bar=BAR)
        if theirs is None:
            yield skipped(f"{claim} v ClusterShell", peers.ABSENT)
        else:
            yield compare(f"{claim} v ClusterShell", times[0], times[2], bar=1)


def _seconds(argv: list[str]) -> float:
    return _measure.run(argv).seconds


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="changes nothing: it is quick")
    parser.parse_args(argv)
    return show(rows())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
