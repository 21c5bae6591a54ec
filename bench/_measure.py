"""Run a program to its end: how long it took, how much memory it needed, what it printed.

The memory of a child is the most that it, or a child it waited for, ever held.  A child is
counted with what its parent held when it started it: a benchmark should stay small itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

MEGABYTE = 1_000_000

# An installed program has its bytecode; measured without, a tool spends its time compiling.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


class Measure(NamedTuple):
    seconds: float
    megabytes: float
    printed: int  # bytes on standard output


class MeasureError(Exception):
    """A measured program failed, or did not print what it should."""


def run(argv: list[str], stdin: str = os.devnull) -> Measure:
    """Run ``argv``, input from a file and output into one; MeasureError if it fails."""
    temporary = tempfile.TemporaryFile
    with open(stdin, "rb") as given, temporary() as out, temporary() as complaints:
        start = time.perf_counter()
        child = subprocess.Popen(argv, stdin=given, stdout=out, stderr=complaints, env=ENVIRONMENT)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            complaints.seek(0)
            last = complaints.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise MeasureError(f"exit code {child.returncode}: {last}")
        # Linux counts in KiB, macOS in bytes.
        unit = 1 if sys.platform == "darwin" else 1024
        return Measure(seconds, usage.ru_maxrss * unit / MEGABYTE, os.fstat(out.fileno()).st_size)


def shell(command: str, stdin: str = os.devnull) -> Measure:
    """The same for a shell command."""
    return run(["sh", "-c", command], stdin)


def figure(argv: list[str]) -> float:
    """The number that ``argv`` prints last: what a program measured by itself."""
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True, env=ENVIRONMENT)
    return float(done.stdout.split()[-1])


def best(measures: list[Measure]) -> Measure:
    """The quickest, with the most memory of all."""
    return min(measures)._replace(megabytes=max(measure.megabytes for measure in measures))
