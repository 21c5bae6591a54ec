"""``clush`` as a process: what it reads, who reads it, what it cannot have, what stops it."""

from __future__ import annotations

import os
import resource
import select
import signal
import socket
import subprocess
import sys

import pytest
from clush_runs import LOCALLY, NO_INPUT, PATIENCE, Ran, gone, in_order, read_until, run, started

RULE = "-" * 15 + "\n"

# More than the pipes and the queue of a node hold together, and no text.
BINARY = bytes(range(256)) * 20_000


# -- standard input ---------------------------------------------------------------------


@pytest.fixture(params=["file", "pipe", "socket"])
def source(request, tmp_path):
    """Something to read ``BINARY`` from, as a descriptor."""
    if request.param == "file":
        path = tmp_path / "input"
        path.write_bytes(BINARY)
        with path.open("rb") as file:
            yield file.fileno()
        return
    writer = "import sys; sys.stdout.buffer.write(bytes(range(256)) * 20_000)"
    if request.param == "pipe":
        with subprocess.Popen([sys.executable, "-c", writer], stdout=subprocess.PIPE) as feeder:
            assert feeder.stdout is not None
            yield feeder.stdout.fileno()
        return
    ours, theirs = socket.socketpair()
    with theirs, subprocess.Popen([sys.executable, "-c", writer], stdout=theirs):
        theirs.close()
        with ours:
            yield ours.fileno()


@pytest.mark.parametrize("fanout", ["1", "64"], ids="fanout {}".format)
def test_input_goes_to_every_node_as_it_is(source: int, fanout: str) -> None:
    ran = run(*LOCALLY, "-w", "n[1-3]", "-f", fanout, "-b", "cksum", stdin=source)
    expected = subprocess.run(["cksum"], input=BINARY, stdout=subprocess.PIPE, check=True)
    assert ran == Ran(f"{RULE}n[1-3] (3)\n{RULE}{expected.stdout.decode()}", "", 0)


def test_input_that_does_not_end_is_not_waited_for() -> None:
    reader, writer = os.pipe()
    try:
        assert run(*LOCALLY, "-w", "n1", "echo ok", stdin=reader).out == "n1: ok\n"
        assert run(*LOCALLY, "-w", "n1", "exec <&-; echo ok", stdin=reader).out == "n1: ok\n"
    finally:
        os.close(reader)
        os.close(writer)


def test_input_arrives_while_it_is_written() -> None:
    with started(*LOCALLY, "-w", "n1", "cat", stdin=subprocess.PIPE) as process:
        for text in (b"one\n", b"two\n"):
            process.stdin.write(text)
            process.stdin.flush()
            assert read_until(process.stdout.fileno(), b"\n") == b"n1: " + text
        assert process.communicate(timeout=PATIENCE) == (b"", b"")


def test_input_faster_than_its_readers_has_to_wait() -> None:
    words = (*LOCALLY, "-w", "n[1-2]", "-b", "head -c 3000000 | tail -c 2")
    with started("yes") as endless:
        ran = run(*words, stdin=endless.stdout)
    assert ran == Ran(f"{RULE}n[1-2] (2)\n{RULE}y\n", "", 0)


def test_input_is_left_alone_on_demand() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"mine\n")
    try:
        assert run(*NO_INPUT, "-w", "n1", "cat; echo end", stdin=reader).out == "n1: end\n"
        assert os.read(reader, 9) == b"mine\n"
    finally:
        os.close(reader)
        os.close(writer)


# -- standard descriptors that are closed, full, or not read -----------------------------


NO_INPUT_AT_ALL = "Warning: standard input is closed, nodes read nothing (-n says so)\n"
BOTH = ("n1: out\n", "n1: err\n", 0)

# Options, redirections, what is said on both outputs and the status.
CLOSED = [
    ("", "<&-", ("n1: out\n", NO_INPUT_AT_ALL + "n1: err\n", 0)),
    ("-q", "<&-", BOTH),
    ("-n", "<&-", BOTH),
    ("", ">&-", ("", "ERROR: standard output is closed\n", 1)),
    ("-b", ">&-", ("", "ERROR: standard output is closed\n", 1)),
    ("", "2>&-", ("n1: out\n", "", 0)),
    ("", "<&- >&- 2>&-", ("", "", 1)),
    ("", "0>/dev/null", BOTH),
]


@pytest.mark.parametrize(("options", "redirections", "expected"), CLOSED)
def test_descriptors_that_are_closed(options: str, redirections: str, expected: tuple) -> None:
    words = (*LOCALLY, *options.split(), "-w", "n1", "cat; echo out; echo err >&2")
    ran = run("sh", "-c", f'exec "$@" {redirections}', "sh", *words)
    assert ran == expected


def test_input_that_fails() -> None:
    with open("/proc/self/mem", "rb") as memory:  # there is nothing at its beginning
        ran = run(*LOCALLY, "-w", "n[1-2]", "-b", "cat; exec sleep 60", stdin=memory)
    assert ran == (
        "",
        "clush: did not complete (2): n[1-2]\n"
        "ERROR: cannot read standard input: Input/output error\n",
        1,
    )


@pytest.mark.parametrize("mode", ["", "-b", "-L", "-bL"])
def test_a_reader_that_leaves_ends_the_run_silently(mode: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        words = (*NO_INPUT, *mode.split(), "-w", "n[1-3]", "echo ok")
        assert run(*words, stdout=writer) == Ran("", "", 1)
    finally:
        os.close(writer)


def test_a_reader_that_leaves_stops_the_commands() -> None:
    with started(*NO_INPUT, "-w", "n1", "echo $$; exec yes") as process:
        pid = int(read_until(process.stdout.fileno(), b"\n").split()[1])
        process.stdout.close()
        assert process.wait(PATIENCE) == 1
        assert process.stderr.read() == b""
        assert gone(pid)


@pytest.mark.parametrize("mode", ["", "-b"])
def test_a_full_disk_is_told_once(mode: str) -> None:
    with open("/dev/full", "wb") as full:
        words = (*NO_INPUT, *mode.split(), "-w", "n[1-3]", "echo ok")
        assert run(*words, stdout=full) == Ran("", "ERROR: [Errno 28] No space left on device\n", 1)


def test_output_is_shown_as_it_comes() -> None:
    with started(*NO_INPUT, "-w", "n1", "echo first; exec sleep 60") as process:
        assert read_until(process.stdout.fileno(), b"\n") == b"n1: first\n"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)


# -- what the system does not give --------------------------------------------------------


def few_descriptors(soft: int, hard: int):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_soft_limit_of_descriptors_is_raised() -> None:
    words = (*NO_INPUT, "-w", "n[1-50]", "-b", "echo ok")
    ran = run(*words, preexec_fn=few_descriptors(40, 1000))
    assert ran == Ran(f"{RULE}n[1-50] (50)\n{RULE}ok\n", "", 0)


def test_a_fanout_beyond_the_hard_limit_is_refused_before_anything_runs(tmp_path) -> None:
    words = (*NO_INPUT, "-w", "n[1-50]", f"echo >> {tmp_path}/ran")
    ran = run(*words, preexec_fn=few_descriptors(40, 100))
    assert (ran.out, ran.rc) == ("", 1)
    message, advice = ran.err.split(": use ")
    assert message.startswith("clush: 50 commands at a time need ")
    assert message.endswith(" file descriptors, the hard limit is 100")
    assert not any(tmp_path.iterdir())
    fanout = advice.split(" or ")[0].split()
    ran = run(
        *NO_INPUT, *fanout, "-w", "n[1-50]", "-b", "echo ok", preexec_fn=few_descriptors(40, 100)
    )
    assert ran.out == f"{RULE}n[1-50] (50)\n{RULE}ok\n"


def test_a_limit_that_allows_nothing_says_so() -> None:
    ran = run(*NO_INPUT, "-w", "n1", "true", preexec_fn=few_descriptors(30, 30))
    assert ran.err.endswith(" file descriptors, the hard limit is 30: raise the limit\n")
    assert ran.rc == 1


@pytest.mark.parametrize(
    ("mode", "err"),
    [
        ("", "".join(f"clush: n{i}: exited with exit code 127\n" for i in (1, 2))),
        ("-b", "clush: n[1-2] (2): exited with exit code 127\n"),
    ],
)
def test_a_missing_ssh_is_told_with_its_reason(tmp_path, mode: str, err: str) -> None:
    words = (*LOCALLY, "-R", "ssh", "-n", "-S", *mode.split(), "-w", "n[1-2]", "true")
    ran = run(*words, env={**os.environ, "PATH": str(tmp_path)})
    reason = "clush: cannot start ssh: No such file or directory (2): n[1-2]\n"
    assert ran == Ran("", err + reason, 127)


def test_an_ssh_that_cannot_be_executed_is_126(tmp_path) -> None:
    (tmp_path / "ssh").write_text("#!/bin/sh\n")
    words = (*LOCALLY, "-R", "ssh", "-n", "-S", "-q", "-w", "n1", "true")
    assert run(*words, env={**os.environ, "PATH": str(tmp_path)}) == Ran("", "", 126)


# -- signals -------------------------------------------------------------------------------

# Two nodes of three run until they are stopped.
STARTED = (*NO_INPUT, "-w", "n[1-3]", "-f", "2")
HANGS = "echo out; echo $$ up >&2; exec sleep 60"


def pids(text: bytes) -> list[int]:
    return [int(line.split()[1]) for line in text.splitlines() if line.endswith(b" up")]


def up(process: subprocess.Popen[bytes]) -> list[int]:
    """Wait until the commands say that they are there, and give their processes."""
    said = b""
    while said.count(b" up\n") < 2:
        said += read_until(process.stderr.fileno(), b"\n")
    return pids(said)


SUMMARY = b"Warning: Caught keyboard interrupt!\nKeyboard interrupt (n[1-3] did not complete).\n"

INTERRUPTS = [
    ("", b"n1: out\nn2: out\n", b"Keyboard interrupt.\n"),
    ("-S", b"n1: out\nn2: out\n", b"Keyboard interrupt.\n"),
    ("-v", b"n1: out\nn2: out\n", b"Keyboard interrupt (n[1-3] did not complete).\n"),
    ("-b", b"---------------\nn[1-2] (2)\n---------------\nout\n", SUMMARY),
    ("-bq", b"---------------\nn[1-2]\n---------------\nout\n", SUMMARY.split(b"\n", 1)[1]),
    ("-L", b"n1: out\nn2: out\n", SUMMARY),
    ("-bL", b"n[1-2]: out\n", SUMMARY),
]


@pytest.mark.parametrize(("mode", "out", "err"), INTERRUPTS)
def test_an_interrupt_stops_the_run_and_says_what_is_missing(
    mode: str, out: bytes, err: bytes
) -> None:
    with started(*STARTED, *mode.split(), HANGS) as process:
        running = up(process)
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=PATIENCE)
        assert in_order(said.decode()) == in_order(out.decode())
        assert complained == err
        assert process.returncode == 130
        assert all(map(gone, running))


def test_an_interrupt_tells_what_had_ended_before() -> None:
    command = "[ %n = 0 ] && exit 7; echo $$ up >&2; exec sleep 60"
    with started(*STARTED, "-b", command) as process:
        running = up(process)
        process.send_signal(signal.SIGINT)
        _, complained = process.communicate(timeout=PATIENCE)
        assert complained == (
            b"Warning: Caught keyboard interrupt!\n"
            b"clush: n1: exited with exit code 7\n"
            b"Keyboard interrupt (n[2-3] did not complete).\n"
        )
        assert all(map(gone, running))


# Its sleep is in the group of the shell and does not hear TERM either.
STUBBORN = "trap '' TERM; echo said; echo $$ up >&2; while :; do sleep 60; done"


@pytest.mark.parametrize("count", [1, 2])
def test_a_command_that_does_not_listen_is_killed(count: int) -> None:
    """By the second interrupt, too, what it said is shown."""
    with started(*STARTED, "-b", STUBBORN) as process:
        running = up(process)
        process.send_signal(signal.SIGINT)
        read_until(process.stderr.fileno(), b"Caught keyboard interrupt!\n")
        if count == 2:
            process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
        assert b"said\n" in said
        assert complained.endswith(b"Keyboard interrupt (n[1-3] did not complete).\n")
        assert all(map(gone, running))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
@pytest.mark.parametrize("mode", ["", "-b"])
def test_a_fatal_signal_stops_the_commands_first(number: int, mode: str) -> None:
    with started(*STARTED, *mode.split(), HANGS, preexec_fn=no_core) as process:
        running = up(process)
        process.send_signal(number)
        said, complained = process.communicate(timeout=PATIENCE)
        assert process.returncode == -number
        assert complained == b""
        assert mode == "" or said == b""
        assert all(map(gone, running))


def no_core() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def test_what_the_caller_ignores_stays_ignored() -> None:
    words = (*STARTED, HANGS)
    with started("sh", "-c", "trap '' HUP INT; exec \"$@\"", "sh", *words) as process:
        running = up(process)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == -signal.SIGTERM
        assert all(map(gone, running))


@pytest.fixture
def blocked(tmp_path):
    """A run that waits for the reader of its output, its command, and the reader's end."""
    reader, writer = os.pipe()
    flood = f"echo $$ > {tmp_path}/pid; exec yes"  # said aside it might wait for the reader, too
    with started(*NO_INPUT, "-w", "n1", flood, stdout=writer) as process:
        room = select.poll()
        room.register(writer, select.POLLOUT)
        while room.poll(0):
            assert process.poll() is None
        os.close(writer)
        command = os.pidfd_open(int((tmp_path / "pid").read_text()))
        yield process, command, reader
    os.close(command)
    os.close(reader)


def has_ended(pidfd: int) -> bool:
    return bool(select.select([pidfd], [], [], PATIENCE)[0])


needs_pidfd = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs pidfd")


@needs_pidfd
def test_an_interrupt_stops_commands_while_nobody_reads_and_loses_nothing(blocked) -> None:
    process, command, reader = blocked
    process.send_signal(signal.SIGINT)
    assert has_ended(command)
    with open(reader, "rb", closefd=False) as file:
        said = file.read()
    assert process.wait(PATIENCE) == 130
    assert process.stderr.read() == b"Keyboard interrupt.\n"
    assert said == b"n1: y\n" * (len(said) // 6)


@needs_pidfd
def test_a_second_interrupt_gets_out_while_nobody_reads(blocked) -> None:
    process, command, _ = blocked
    process.send_signal(signal.SIGINT)
    assert has_ended(command)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130


@needs_pidfd
def test_a_fatal_signal_needs_no_reader(blocked) -> None:
    process, command, _ = blocked
    process.send_signal(signal.SIGTERM)
    assert has_ended(command)
    assert process.wait(PATIENCE) == -signal.SIGTERM
