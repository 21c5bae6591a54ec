"""A long life: 20 000 short commands in one process that uses the classic API.

Some run one by one, some together, some are aborted, time out or are written to; timers
and ports come and go.  After a warm-up, the number of descriptors, threads and zombies must
stay what it was, and memory must not grow with the number of commands.  ``--quick`` takes a
tenth of them.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from _table import Row, show, within
from ClusterShell.Event import EventHandler
from ClusterShell.Task import Task, task_self

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMANDS = 20_000
ROUND = 100  # commands
WARM_UP = 50  # rounds until caches and free lists have their size
# What the interpreter's own allocator may come to hold more, whatever the number of commands.
GROWTH = 2  # MB


class State(NamedTuple):
    """What a process holds."""

    descriptors: int
    threads: int
    zombies: int
    megabytes: float


def state() -> State:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return State(
        descriptors=len(os.listdir("/proc/self/fd")),
        threads=threading.active_count(),
        zombies=len(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()),
        megabytes=pages * os.sysconf("SC_PAGESIZE") / 1e6,
    )


class Handler(EventHandler):
    """Counts the ends, and aborts what says so."""

    def __init__(self) -> None:
        self.closed = 0

    def ev_read(self, worker: object, node: object, sname: str, msg: bytes) -> None:
        if msg == b"abort":
            worker.abort()  # type: ignore[attr-defined]

    def ev_close(self, worker: object, timedout: bool) -> None:
        self.closed += 1


def one_round(task: Task) -> int:
    """``ROUND`` commands, and whatever belongs to them; how many workers were closed."""
    handler = Handler()
    for _ in range(5):
        task.run("echo ok", handler=handler)
    task.shell("echo %h; echo %h >&2", nodes="n[1-80]", remote=False, handler=handler, stderr=True)
    for key in range(5):
        task.shell("echo abort; exec sleep 60", key=key, handler=handler)
        task.shell("exec sleep 60", key=-key, handler=handler, timeout=0.01)
        writing = task.shell("cat", handler=handler)
        writing.write(b"text\n")
        writing.set_write_eof()
    task.timer(0, handler)
    port = task.port(handler, autoclose=True)
    port.msg_send("hello")
    task.resume()
    task.remove_port(port)
    return handler.closed


def rows(commands: int) -> Iterator[Row]:
    task = task_self()
    rounds = commands // ROUND
    begun = time.perf_counter()
    before = State(0, 0, 0, 0)
    for number in range(rounds):
        if number == min(WARM_UP, rounds // 2):
            before = state()
        closed = one_round(task)
        assert closed == 21, closed
    seconds = time.perf_counter() - begun
    after = state()
    claim = f"{commands} commands in one process: "
    for name in ("descriptors", "threads", "zombies"):
        more = getattr(after, name) - getattr(before, name)
        yield within(f"{claim}{name} more than before", more, limit=0, unit="")
    growth = after.megabytes - before.megabytes
    yield within(f"{claim}memory more than before", growth, limit=GROWTH, unit="MB")
    yield within(f"{claim}time for each", seconds / commands, limit=0.005)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    return show(rows(COMMANDS // 10 if parser.parse_args(argv).quick else COMMANDS))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
