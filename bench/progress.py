"""The progress line: 5 000 local targets on a terminal with it and without it.

The same run in a terminal of its own, in turn with the line and with ``-q``, which takes it
away; and the processor time of both, children included, which a busy machine disturbs less.
The best of each is compared: what disturbs only ever adds.  Where the first few pairs are
not within the bar more are run.  ``--quick`` begins with fewer: a shorter run would be over
before the line comes.
"""

from __future__ import annotations

import argparse
import os
import pty
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from _measure import ENVIRONMENT, MeasureError
from _table import Row, compare, failed, show

if TYPE_CHECKING:
    from collections.abc import Iterator

FANOUT = 64
COUNT = 5_000
LEAST, QUICK_LEAST, MOST = 5, 2, 12  # pairs of runs
BAR = 1.05
CLUSH = [sys.executable, "-c", "import sys; from clush.cli.clush import main; main()"]

# What is on the terminal when the line has been there.
MARK = b"left"


class Run(NamedTuple):
    seconds: float
    processor: float
    shown: bytes


def on_terminal(*words: str) -> Run:
    """Run ``clush`` to its end on a terminal."""
    master, slave = pty.openpty()
    argv = [*CLUSH, "-n", "-R", "exec", "-f", str(FANOUT), *words]
    begun = time.perf_counter()
    child = subprocess.Popen(
        argv, stdin=slave, stdout=slave, stderr=slave, env=ENVIRONMENT, start_new_session=True
    )
    os.close(slave)
    shown = b""
    while True:
        try:
            shown += os.read(master, 65536)
        except OSError:  # nobody has the other end any more
            break
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - begun
    os.close(master)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise MeasureError(f"exit code {child.returncode}: {shown.decode(errors='replace')}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, shown)


def pair() -> tuple[Run, Run]:
    """One run with the line and one without."""
    words = ("-b", "-w", f"n[1-{COUNT}]", "echo ok")
    return on_terminal(*words), on_terminal("-q", *words)


def best(runs: list[tuple[Run, Run]], figure: str) -> list[float]:
    """The least of a figure, with the line and without."""
    return [min(getattr(run, figure) for run in side) for side in zip(*runs)]


def rows(least: int) -> Iterator[Row]:
    claim = f"{COUNT} targets with the progress line, v without"
    try:
        runs = [pair() for _ in range(least)]
        while len(runs) < MOST and any(
            mine > BAR * other for mine, other in (best(runs, "seconds"), best(runs, "processor"))
        ):
            runs.append(pair())
    except MeasureError as error:
        yield failed(claim, str(error))
        return
    if not any(MARK in run.shown for run, _ in runs) or any(MARK in run.shown for _, run in runs):
        yield failed(claim, "the line was not where it should be")
        return
    yield compare(claim, *best(runs, "seconds"), bar=BAR)
    yield compare(f"{claim}: processor time", *best(runs, "processor"), bar=BAR)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    return show(rows(QUICK_LEAST if parser.parse_args(argv).quick else LEAST))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
