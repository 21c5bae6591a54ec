"""Real processes on a real loop: pipes, ends, and the stopping of whole groups."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from clush.engine import child as child_module
from clush.engine.child import Child
from clush.engine.inlets import READ_SIZE
from clush.engine.loop import run_blocking
from clush.engine.spawn import spawn
from clush.errors import ResourceLimitError, SpawnError

SH = "/bin/sh"


class Record:
    """Remembers what a child told, and wakes those who wait for it."""

    def __init__(self) -> None:
        self.output = {"stdout": b"", "stderr": b""}
        self.written = 0
        self.lost = 0
        self.largest = 0
        self.returncode: object = "running"
        self.changed = asyncio.Event()

    def child_output(self, stream: str, data: bytes) -> None:
        self.output[stream] += data
        self.largest = max(self.largest, len(data))
        self.changed.set()

    def child_written(self, size: int) -> None:
        self.written += size

    def child_input_lost(self, size: int) -> None:
        self.lost += size

    def child_ended(self, returncode: object) -> None:
        assert self.returncode == "running", "told the end twice"
        self.returncode = returncode
        self.changed.set()

    async def until(self, condition) -> None:
        async def wait() -> None:
            while not condition(self):
                self.changed.clear()
                await self.changed.wait()

        await asyncio.wait_for(wait(), 20)

    async def end(self) -> object:
        await self.until(lambda record: record.returncode != "running")
        return self.returncode


def start(script: str, **options: bool) -> tuple[Child, Record]:
    record = Record()
    spawned = spawn([SH, "-c", script], os.environb.copy(), **options)
    return Child(asyncio.get_running_loop(), spawned, record), record


def on_loop(test):
    """Make a plain test of an async one."""

    def run() -> None:
        run_blocking(test)

    run.__doc__ = test.__doc__
    return run


def gone(pid: int) -> bool:
    """True if the process is over (a zombie that nobody reaped yet counts as over)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


async def until_true(condition) -> None:
    """Wait for what nobody tells us of: a process that is not our child, say."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


async def until_gone(pid: int) -> None:
    await until_true(lambda: gone(pid))


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("exit 0", 0),
        ("exit 3", 3),
        ("kill -9 $$", -9),
        ("kill -TERM $$", -15),
        ("exec >&- 2>&-; exit 5", 5),
    ],
)
def test_return_codes(script: str, expected: int) -> None:
    async def main() -> None:
        _, record = start(script)
        assert await record.end() == expected

    run_blocking(main)


@on_loop
async def test_streams_are_apart_or_merged() -> None:
    _, apart = start("echo out; echo err >&2")
    _, merged = start("echo out; echo err >&2; echo more", merge_stderr=True)
    await apart.end()
    await merged.end()
    assert apart.output == {"stdout": b"out\n", "stderr": b"err\n"}
    assert merged.output == {"stdout": b"out\nerr\nmore\n", "stderr": b""}


@on_loop
async def test_much_output_comes_whole_and_in_bounded_reads() -> None:
    _, record = start("head -c 3000000 /dev/zero | tr '\\0' x; printf end")
    assert await record.end() == 0
    assert record.output["stdout"] == b"x" * 3000000 + b"end"
    assert record.largest <= READ_SIZE


@on_loop
async def test_no_input_means_end_of_file_at_once() -> None:
    _, record = start("cat; echo done")
    assert await record.end() == 0
    assert record.output["stdout"] == b"done\n"


@on_loop
async def test_input_is_written_as_it_is_taken() -> None:
    child, record = start("wc -c", stdin=True)
    child.write(b"x" * 1_000_000)
    assert child.pending > 0
    child.write(b"y" * 10)
    child.write_eof()
    assert await record.end() == 0
    assert record.output["stdout"].strip() == b"1000010"
    assert record.written == 1_000_010
    assert child.pending == 0


@on_loop
async def test_a_program_that_closes_its_input_goes_on() -> None:
    child, record = start("exec <&-; echo closed; sleep 0.2; echo ok", stdin=True)
    await record.until(lambda r: b"closed" in r.output["stdout"])
    child.write(b"x" * 200_000)
    child.write(b"more")
    assert await record.end() == 0
    assert record.output["stdout"] == b"closed\nok\n"
    assert child.pending == 0
    assert record.written + record.lost >= 200_000


@on_loop
async def test_a_paused_child_waits_and_loses_nothing() -> None:
    child, record = start("head -c 500000 /dev/zero; echo end >&2")
    child.pause()
    _, beside = start("echo other")
    assert await beside.end() == 0
    assert record.output["stdout"] == b""
    child.resume()
    assert await record.end() == 0
    assert len(record.output["stdout"]) == 500000


@on_loop
async def test_stop_reaches_the_whole_group() -> None:
    child, record = start("sleep 600 & echo $!; wait")
    await record.until(lambda r: b"\n" in r.output["stdout"])
    child.stop()
    assert await record.end() == -signal.SIGTERM
    await until_gone(int(record.output["stdout"]))


@on_loop
async def test_what_ignores_term_is_killed_after_the_grace_time() -> None:
    child, record = start("trap '' TERM; echo ready; while :; do sleep 600; done")
    await record.until(lambda r: b"ready" in r.output["stdout"])
    begun = time.monotonic()
    child.stop(grace=0.2)
    assert await record.end() == -signal.SIGKILL
    assert time.monotonic() - begun >= 0.2


@on_loop
async def test_grandchildren_that_ignore_term_are_killed_too() -> None:
    child, record = start("(trap '' TERM; sleep 600 & echo $!; wait; sleep 600) & wait")
    await record.until(lambda r: b"\n" in r.output["stdout"])
    child.stop(grace=0.2)
    await record.end()
    await until_gone(int(record.output["stdout"]))


@on_loop
async def test_a_stopped_program_can_be_ended() -> None:
    child, record = start("echo ready; kill -STOP $$; sleep 600")
    await record.until(lambda r: b"ready" in r.output["stdout"])
    child.stop()
    assert await record.end() == -signal.SIGTERM


@on_loop
async def test_stop_of_what_has_exited_keeps_its_code_and_output() -> None:
    """The command is over; something it left behind holds the pipe open."""
    child, record = start("echo said; sleep 600 & exit 4")
    await record.until(lambda r: b"said" in r.output["stdout"])
    await until_true(child.has_exited)
    child.stop()
    assert await record.end() == 4


@on_loop
async def test_a_second_stop_kills() -> None:
    child, record = start("trap '' TERM; echo ready; while :; do sleep 600; done")
    await record.until(lambda r: b"ready" in r.output["stdout"])
    child.stop(grace=60)
    child.stop(grace=0)
    assert await record.end() == -signal.SIGKILL
    child.stop()  # nothing left to do


@on_loop
async def test_a_later_stop_may_shorten_the_grace_time() -> None:
    child, record = start("trap '' TERM; echo ready; while :; do sleep 600; done")
    await record.until(lambda r: b"ready" in r.output["stdout"])
    child.stop(grace=60)
    begun = time.monotonic()
    child.stop(grace=0.2)
    child.stop(grace=60)  # which is no reason to wait longer
    assert await record.end() == -signal.SIGKILL
    assert time.monotonic() - begun >= 0.2


@on_loop
async def test_exit_is_seen_where_the_kernel_has_no_pidfd() -> None:
    before, child_module._HAS_PIDFD = child_module._HAS_PIDFD, False
    try:
        _, record = start("exec >&- 2>&-; sleep 0.1; exit 6")
        assert await record.end() == 6
    finally:
        child_module._HAS_PIDFD = before


@on_loop
async def test_a_closed_output_does_not_freeze_the_loop() -> None:
    child, record = start("exec >&- 2>&-; sleep 600")
    _, beside = start("echo other")
    assert await beside.end() == 0
    assert record.returncode == "running"
    child.stop()
    assert await record.end() == -signal.SIGTERM


@on_loop
async def test_children_die_of_a_broken_pipe_silently() -> None:
    _, record = start("yes | head -n 1")
    assert await record.end() == 0
    assert record.output == {"stdout": b"y\n", "stderr": b""}


@on_loop
async def test_children_have_no_terminal_and_a_session_of_their_own() -> None:
    _, record = start("ps -o sid= -p $$; echo $$; : </dev/tty && echo has a terminal")
    await record.end()
    sid, pid = record.output["stdout"].split()
    assert sid == pid


@on_loop
async def test_nothing_of_ours_is_inherited() -> None:
    _, alone = start("ls /proc/self/fd", stdin=True)
    await alone.end()
    other, first = start("cat", stdin=True)
    _, record = start("ls /proc/self/fd", stdin=True)
    await record.end()
    assert record.output == alone.output
    other.write_eof()
    await first.end()


@on_loop
async def test_no_descriptor_is_left_behind() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for script in ("true", "echo x; exit 3", "exec >&-; sleep 0.01"):
        child, record = start(script, stdin=True)
        await record.end()
    child, record = start("sleep 600", stdin=True)
    child.stop(grace=0)
    await record.end()
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize(
    ("make", "code", "reason"),
    [
        (lambda path: None, 127, "No such file or directory"),
        (lambda path: path.write_text("#!/bin/sh\n"), 126, "Permission denied"),
    ],
)
def test_a_program_that_cannot_be_executed(tmp_path: Path, make, code: int, reason: str) -> None:
    program = tmp_path / "prog"
    make(program)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(SpawnError) as caught:
        spawn([str(program)], {})
    assert str(caught.value) == f"{program}: {reason}"
    assert caught.value.returncode == code
    assert len(os.listdir("/proc/self/fd")) == before


def test_out_of_descriptors_names_the_limits() -> None:
    script = (
        "import os, resource\n"
        "from clush.engine.spawn import spawn\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))\n"
        "taken = []\n"
        "try:\n"
        "    while True: taken.append(os.dup(0))\n"
        "except OSError: pass\n"
        "try: spawn(['true'], {})\n"
        "except Exception as exc:\n"
        "    for fd in taken: os.close(fd)\n"
        "    print(type(exc).__name__, exc)\n"
    )
    read, write = os.pipe()
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", script],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, write, 1), (os.POSIX_SPAWN_DUP2, write, 2)],
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    assert said.startswith(ResourceLimitError.__name__)
    assert "soft limit 16, hard limit 16" in said
    assert "lower the fanout" in said


def test_started_with_standard_descriptors_closed() -> None:
    """A cron job or a daemon may have closed them; the child's must not be mixed up."""
    script = (
        "import os, asyncio\n"
        "from clush.engine.spawn import spawn\n"
        "out = os.dup(1)\n"
        "for fd in (0, 1, 2): os.close(fd)\n"
        "command = ['/bin/sh', '-c', 'cat; echo out; echo err >&2']\n"
        "s = spawn(command, dict(os.environb), stdin=True)\n"
        "os.write(s.stdin, b'in '); os.close(s.stdin)\n"
        "os.waitpid(s.pid, 0)\n"
        "os.write(out, os.read(s.stdout, 99) + os.read(s.stderr, 99))\n"
    )
    read, write = os.pipe()
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", script],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, write, 1)],
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    assert said == "in out\nerr\n"
