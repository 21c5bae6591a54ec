"""Which processes belong to a lab, told without trusting a bare pid, and their end.

A pid means something only together with the *birth* of its process: the boot and the
clock tick it was started in. A lab's family is its keeper, what descends from it and
what stayed in its process group, as Linux' ``/proc`` tells.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PROC = Path("/proc")
POLL = 0.01  # seconds between two looks at processes that were told to end
PATIENCE = 1.0  # seconds a process has to end by itself before it is killed
KILLING = 5.0  # seconds a killed process may take: stuck in the kernel, or not ours to signal


class Process(NamedTuple):
    """One line of the process table."""

    pid: int
    parent: int
    group: int
    birth: str
    zombie: bool


def boot() -> str:
    """What tells this run of the kernel from all others."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def look(pid: int, started: str = "") -> Process | None:
    """The process that has this pid now, if any; ``started`` is ``boot()``, to read it once."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # the name comes in parentheses and may itself hold anything
    state, parent, group, *rest = stat[stat.rindex(")") + 2 :].split()
    birth = f"{started or boot()}/{rest[16]}"
    return Process(pid, int(parent), int(group), birth, zombie=state in "ZX")


def table() -> dict[int, Process]:
    """All processes by pid."""
    started = boot()
    found = (look(int(entry), started) for entry in os.listdir(PROC) if entry.isdigit())
    return {process.pid: process for process in found if process is not None}


def is_alive(pid: int, birth: str) -> bool:
    """Is the process that was ``pid`` when it was recorded still there?"""
    process = look(pid)
    return process is not None and process.birth == birth and not process.zombie


def family(pid: int, birth: str) -> set[int]:
    """The live pids below the leader ``pid``, itself excluded; none when the pid was reused."""
    processes = table()
    leader = processes.get(pid)
    if leader is not None and leader.birth != birth:
        return set()
    below: dict[int, list[int]] = {}
    for process in processes.values():
        below.setdefault(process.parent, []).append(process.pid)
    found: set[int] = set()
    waiting = [*below.get(pid, ()), *(one.pid for one in processes.values() if one.group == pid)]
    while waiting:
        member = waiting.pop()
        if member not in found:
            found.add(member)
            waiting.extend(below.get(member, ()))
    return {member for member in found - {pid} if not processes[member].zombie}


def end(
    members: Callable[[], Iterable[int]],
    patience: float = PATIENCE,
    reap: Callable[[], None] = lambda: None,
) -> None:
    """End what ``members()`` names until it names nothing: politely first, then for sure.

    ``members`` is asked again and again, since processes that end may leave others behind;
    ``patience`` is in seconds; ``reap`` is called in between, for the caller's own children.
    """
    deadline = time.monotonic() + patience
    told: set[int] = set()
    while pids := set(members()):
        if time.monotonic() > deadline:
            send(pids, signal.SIGKILL)
        else:
            send(pids - told, signal.SIGTERM)
            told |= pids
        time.sleep(POLL)
        reap()
        if time.monotonic() > deadline + KILLING:
            return  # no reason to hang as well


def send(pids: Iterable[int], number: int) -> None:
    """Signal each process; those that are gone or not ours are left alone."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            pass
