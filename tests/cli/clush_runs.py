"""Running ``clush`` for the tests: as a process of its own, on nodes that lend their names."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

# It does not read the configuration of this machine.
CLUSH = [
    sys.executable,
    "-c",
    "import sys; sys.argv[0] = 'clush'; from clush.config import paths; paths.SYSTEM = '/nowhere';"
    " from clush.cli.clush import main; main()",
]
LOCALLY = [*CLUSH, "-R", "exec"]
NO_INPUT = [*LOCALLY, "-n"]

# Seconds in which whatever should happen has happened, on a busy machine too.
PATIENCE = 30

# What we ignore, as a job in the background, our children would ignore, too; what we handle
# is theirs to handle anew.
for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, lambda *_args: None)


class Ran(NamedTuple):
    """What one run left behind."""

    out: str
    err: str
    rc: int


def run(*words: str, **options: object) -> Ran:
    """Run ``words`` as a process to its end; without input, unless options give some."""
    if "input" not in options:
        options = {"stdin": subprocess.DEVNULL, **options}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    done = subprocess.run(words, timeout=PATIENCE, **{**pipes, **options})
    return Ran((done.stdout or b"").decode(), (done.stderr or b"").decode(), done.returncode)


@contextmanager
def started(*words: str, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    """``words`` as a process with pipes on both outputs; it is gone afterwards."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(words, **{**pipes, **options})
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def read_until(fd: int, mark: bytes) -> bytes:
    """What comes from ``fd`` up to ``mark`` and perhaps a little more."""
    data = b""
    while mark not in data:
        assert select.select([fd], [], [], PATIENCE)[0], f"no {mark!r} came: {data!r}"
        piece = os.read(fd, 65536)
        assert piece, f"ended without {mark!r}: {data!r}"
        data += piece
    return data


def in_order(text: str) -> list[str]:
    """The lines of ``text``, where their order means nothing."""
    return sorted(text.split("\n"))


def gone(pid: int) -> bool:
    """True if there is no process ``pid``, or only what its parent has not looked at yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
