"""The progress line: 5 000 local targets on a terminal with it and without it.

The same run in a terminal of its own, in turn with the line and with ``-q``, which takes it
away; and the processor time of both, children included, which a busy machine disturbs less.
``--quick`` measures each fewer times: a shorter run would be over before the line comes.
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
REPEAT, QUICK_REPEAT = 7, 3  # of each, in turn, so that a busy machine hits both
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


def rows(repeat: int) -> Iterator[Row]:
    words = ("-b", "-w", f"n[1-{COUNT}]", "echo ok")
    claim = f"{COUNT} targets with the progress line, v without"
    try:
        runs = [(on_terminal(*words), on_terminal("-q", *words)) for _ in range(repeat)]
    except MeasureError as error:
        yield failed(claim, str(error))
        return
    with_it, without = zip(*runs)
    seen = sum(MARK in run.shown for run in with_it)
    if seen == 0 or any(MARK in run.shown for run in without):
        yield failed(claim, f"the line was there {seen} times of {repeat}")
        return
    yield compare(
        claim,
        min(run.seconds for run in with_it),
        min(run.seconds for run in without),
        bar=1.05,
    )
    yield compare(
        f"{claim}: processor time",
        min(run.processor for run in with_it),
        min(run.processor for run in without),
        bar=1.05,
    )


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    return show(rows(QUICK_REPEAT if parser.parse_args(argv).quick else REPEAT))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
