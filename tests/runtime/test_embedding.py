"""The library inside other programs: threads, forks, notebooks, long lives."""

from __future__ import annotations

import ast
import asyncio
import gc
import inspect
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

import clush


def run_nodes(command: str, nodes: str = "n[1-2]", **options: object) -> clush.Result:
    return clush.run(command, nodes, transport="exec", **options)


def test_runs_in_two_threads_go_on_at_the_same_time(tmp_path: Path) -> None:
    """Each waits for a word of the other."""
    results = {}

    def work(mine: str, other: str) -> None:
        results[mine] = run_nodes(
            f"touch {tmp_path}/{mine}-%h; until test -e {tmp_path}/{other}-%h; do sleep 0.01; done",
            timeout=60,
        )

    threads = [threading.Thread(target=work, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results["a"].ok
    assert results["b"].ok


def test_a_fork_after_use_is_safe() -> None:
    program = """
        import os, clush
        def use():
            return clush.run("exit %n", "n[1-2]", transport="exec")["n2"].rc
        first = use()
        pid = os.fork()
        if pid == 0:
            os._exit(40 + use())
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        print(first, status, use())
        """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("1 41 1\n", "")


# -- notebooks --------------------------------------------------------------------------


class Notebook:
    """Cells share names, and are run within a loop that runs, as Jupyter has it."""

    def __init__(self) -> None:
        self.names: dict[str, object] = {}

    async def cell(self, source: str) -> object:
        """Run a cell, ``await`` included, and return the value of its name ``out``."""
        code = compile(
            textwrap.dedent(source), "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        )
        outcome = eval(code, self.names)
        if inspect.isawaitable(outcome):
            await outcome
        return self.names.get("out")


def test_in_a_notebook() -> None:
    async def main() -> None:
        notebook = Notebook()
        await notebook.cell("import clush")
        await notebook.cell('result = clush.run("echo %h", "n[1-3]", transport="exec")')
        assert await notebook.cell('out = result["n3"].stdout') == b"n3\n"
        assert (
            await notebook.cell(
                """
                result = await clush.arun("exit 3", "n1", transport="exec")
                out = result["n1"].rc
                """
            )
            == 3
        )
        with pytest.raises(clush.JobError):
            await notebook.cell('clush.run("date +%s", "n1", transport="exec")')
        assert (
            await notebook.cell(
                """
                async with clush.Task() as task:
                    found = clush.Collector()
                    task.submit(clush.Job(clush.NodeSet("n[1-2]"), "echo x", clush.Exec()), found)
                    await task.join()
                out = found.result().ok
                """
            )
            is True
        )

    asyncio.run(main())


# -- long lives -------------------------------------------------------------------------


class Held:
    """What this process holds."""

    def __init__(self) -> None:
        gc.collect()
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
        self.what = (len(os.listdir("/proc/self/fd")), threading.active_count(), children)
        self.objects = len(gc.get_objects())


async def within_a_loop(times: int) -> None:
    for _ in range(times):
        run_nodes("echo x", timeout=60)


async def awaited(times: int) -> None:
    for _ in range(times):
        await clush.arun("echo x", "n[1-2]", transport="exec", timeout=60)


async def cancelled(times: int) -> None:
    for _ in range(times):
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(clush.arun("sleep 60", "n1", transport="exec"), 0.001)


async def streamed(times: int) -> None:
    for _ in range(times):
        async for _ in clush.stream("echo x", "n[1-2]", transport="exec"):
            pass


def blocking(times: int) -> None:
    for _ in range(times):
        run_nodes("echo x; exit %n", timeout=60)
        run_nodes("exec sleep 60", "n1", timeout=0)


@pytest.mark.parametrize("use", [blocking, within_a_loop, awaited, cancelled, streamed])
def test_hundreds_of_runs_leave_nothing(use) -> None:
    def lives(times: int) -> None:
        outcome = use(times)
        if outcome is not None:
            asyncio.run(outcome)
        deadline = time.monotonic() + 20
        while threading.active_count() > threads and time.monotonic() < deadline:
            time.sleep(0.001)  # the last thread of a loop within a loop is on its way out

    threads = threading.active_count()
    lives(20)
    before = Held()
    lives(150)
    after = Held()
    assert after.what == before.what
    assert after.objects - before.objects < 150
