"""Which processes belong to a leader, and that a reused pid is never mistaken for one."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from clush.lab import processes

if TYPE_CHECKING:
    from collections.abc import Iterator

# A leader with a child that left for a session of its own, and a grandchild below that.
TREE = "setsid sh -c 'sleep 60 & echo $! $$; wait' & echo $!; wait"


@contextmanager
def leader(script: str) -> Iterator[tuple[processes.Process, set[int]]]:
    """A running session leader, and the pids that its script prints on its two lines."""
    process = subprocess.Popen(
        ["sh", "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    pids = {int(pid) for _ in range(2) for pid in process.stdout.readline().split()}
    look = processes.look(process.pid)
    assert look is not None
    try:
        yield look, pids
    finally:
        processes.end(lambda: processes.family(look.pid, look.birth))
        process.wait()
        process.stdout.close()


def test_a_process_is_itself_as_long_as_it_lives() -> None:
    me = processes.look(os.getpid())
    assert me is not None
    assert me.parent == os.getppid()
    assert processes.is_alive(me.pid, me.birth)
    assert not processes.is_alive(me.pid, me.birth + "0")


def test_nothing_has_the_pid_of_a_process_that_is_gone() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    assert processes.look(process.pid) is None


def test_family_reaches_into_other_sessions() -> None:
    with leader(TREE) as (first, pids):
        assert len(pids) >= 2
        assert pids <= processes.family(first.pid, first.birth)


def test_a_reused_pid_has_no_family() -> None:
    with leader(TREE) as (first, _):
        assert processes.family(first.pid, first.birth + "0") == set()


def test_end_leaves_nobody_even_if_they_ignore_it() -> None:
    script = "trap '' TERM; sleep 60 & echo $!; echo; wait; sleep 60; wait"
    with leader(script) as (first, pids):
        processes.end(lambda: processes.family(first.pid, first.birth), patience=0.05)
        assert processes.family(first.pid, first.birth) == set()
        assert all(process is None or process.zombie for process in map(processes.look, pids))
