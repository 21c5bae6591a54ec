"""A task of its own for each test of the classic API."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ClusterShell.Task import Task, task_cleanup, task_self
from ClusterShell.Worker.Exec import ExecWorker


@pytest.fixture
def task() -> Iterator[Task]:
    """The task of this thread, running what is for nodes on this machine."""
    task_cleanup()
    task = task_self()
    task.set_default("distant_worker", ExecWorker)
    yield task
    task_cleanup()


@pytest.fixture
def no_leaks() -> Iterator[None]:
    """The test leaves no descriptor and no child behind."""
    before = _held()
    yield
    assert _held() == before


def _held() -> tuple[int, str]:
    """How many descriptors this process has, and its children."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    return len(os.listdir("/proc/self/fd")), children
