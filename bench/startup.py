"""How long the tools take to start, as whole processes, beside bare Python.

Their programs are run as they are installed, in turns, and the quickest of each is taken.  How
many modules they import is counted, too: it says what has grown, however busy the machine is.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import _measure
import peers
from _table import Row, compare, show, skipped, within

if TYPE_CHECKING:
    from collections.abc import Iterator

BIN = Path(sys.executable).parent
BARE = [sys.executable, "-c", "pass"]
ROUNDS = 15
BAR = 2.5

# Command lines, and how many modules they may import besides those of bare Python: a few more than
# they do.  What is imported on the way to the first line of a tool costs half a millisecond each.
TOOLS = {
    ("nodeset", "-f", "a1", "a2"): 36,
    ("clush", "--version"): 50,
    ("clubak", "-b"): 36,
}


def rows() -> Iterator[Row]:
    for (program, *words), modules in TOOLS.items():
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
        imported = _imports(sides[0]) - _imports(BARE)
        yield within(f"{claim}: imports", imported, limit=modules, unit="modules")


def _imports(argv: list[str]) -> int:
    """How many modules a Python program imports."""
    python, *words = argv if argv[0] == sys.executable else [sys.executable, *argv]
    done = subprocess.run(
        [python, "-X", "importtime", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=_measure.ENVIRONMENT,
        check=True,
    )
    return done.stderr.count("import time:")


def _seconds(argv: list[str]) -> float:
    return _measure.run(argv).seconds


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="changes nothing: it is quick")
    parser.parse_args(argv)
    return show(rows())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
