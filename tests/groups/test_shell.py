"""Commands and their answers: order, limits, and what is left when one is stopped."""

from __future__ import annotations

import os
import signal
import time

import pytest

from clush.groups import shell
from clush.groups.shell import AT_ONCE, Query, ask


def answers(*commands: str, timeout: float = 20, directory: str | None = None, **variables: str):
    queries = [Query(command, variables) for command in commands]
    return [
        (answer.output, answer.reason)
        for answer in ask(queries, timeout=timeout, directory=directory)
    ]


@pytest.mark.parametrize(
    ("command", "output", "reason"),
    [
        ("echo a b", "a b", ""),
        ("printf ' \\n a\\nb \\n\\n'", "a\nb", ""),
        ("true", "", ""),
        ("echo out; exit 3", "", "exit code 3"),
        ("kill -9 $$", "", "killed by signal 9"),
        ("nosuchcommand-x 2>/dev/null", "", "exit code 127"),
        ("cat", "", ""),
        ("echo $GROUP", "g 1", ""),
        ("printf 'n\\303\\251 n\\377'", "né n\udcff", ""),
        ("(sleep 0; echo late) & exec >&-; wait", "late", ""),
        ("exec >&-; sleep 0.02; exit 4", "", "exit code 4"),
        ("seq 1 50000 | tail -1", "50000", ""),
    ],
)
def test_an_answer(command: str, output: str, reason: str) -> None:
    assert answers(command, GROUP="g 1") == [(output, reason)]


def test_answers_come_in_the_order_of_the_queries(tmp_path) -> None:
    # Each command waits for the next one, so the last one ends first.
    chain = [
        f"cd {tmp_path}; while [ ! -e {n + 1} ]; do sleep 0.01; done; touch {n}; echo {n}"
        for n in range(AT_ONCE - 1)
    ]
    chain.append(f"touch {tmp_path}/{AT_ONCE - 1}; echo {AT_ONCE - 1}")
    assert answers(*chain) == [(str(n), "") for n in range(AT_ONCE)]


def test_only_so_many_run_at_once(tmp_path) -> None:
    counting = f"cd {tmp_path}; mkdir $$; ls | wc -l; sleep 0.02; rmdir $$"
    counts = [int(output) for output, _ in answers(*[counting] * 20)]
    assert max(counts) <= AT_ONCE


def test_a_directory_with_anything_in_its_name(tmp_path) -> None:
    directory = tmp_path / "it's; touch X $(touch Y)"
    directory.mkdir()
    assert answers("pwd", directory=str(directory)) == [(str(directory), "")]
    assert answers("echo $0-$#", directory=str(directory)) == [("/bin/sh-0", "")]
    assert os.listdir(directory) == []


def test_a_directory_that_is_not_there(tmp_path, capfd) -> None:
    [(output, reason)] = answers("echo x", directory=str(tmp_path / "nosuch"))
    assert (output, reason[:9]) == ("", "exit code")
    assert "nosuch" in capfd.readouterr().err


def test_standard_error_is_the_callers(capfd) -> None:
    assert answers("echo why >&2; exit 1") == [("", "exit code 1")]
    assert capfd.readouterr().err == "why\n"


def pid_of(file) -> int:
    return int(file.read_text())


def is_running(pid: int) -> bool:
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"


def assert_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if not is_running(pid):
                return
        except (FileNotFoundError, ProcessLookupError):
            return
        time.sleep(0.005)
    pytest.fail(f"{pid} still runs")


@pytest.mark.parametrize(
    "command", ["sleep 300 & echo $! >{}; wait", "exec >&-; {{ sleep 300 & echo $! >{}; wait; }}"]
)
def test_a_timeout_ends_all_that_was_started(command: str, tmp_path) -> None:
    file = tmp_path / "pid"
    quick = "echo quick"
    assert answers(command.format(file), quick, timeout=0.3) == [
        ("", "no answer within 0.3 s"),
        ("quick", ""),
    ]
    assert_gone(pid_of(file))


def test_who_stops_asking_leaves_nothing_behind(tmp_path) -> None:
    file = tmp_path / "pid"
    waiting = f"sleep 300 & echo $! >{file}.part; mv {file}.part {file}; wait"
    until = f"while [ ! -e {file} ]; do sleep 0.01; done; exit 1"
    asking = ask([Query(until, {}), Query(waiting, {})])
    assert next(asking).reason == "exit code 1"
    asking.close()
    assert_gone(pid_of(file))


def test_output_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(shell, "MOST_OUTPUT", 1 << 20)
    assert answers("yes") == [("", "more than 1 MiB of output")]


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b", "a" * (1 << 20)])
def test_what_the_system_does_not_take_is_no_answer(name: str) -> None:
    [(output, reason)] = answers("echo x", GROUP=name)
    assert output == ""
    assert reason


def test_a_command_dies_of_a_closed_pipe_as_in_a_shell() -> None:
    assert answers("yes | head -n 1; kill -PIPE $$") == [
        ("", f"killed by signal {int(signal.SIGPIPE)}")
    ]
