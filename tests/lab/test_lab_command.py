"""``python -m clush.lab`` as a user runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clush.lab import folder as folders

LAB = [sys.executable, "-m", "clush.lab"]


def run(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    argv = [*LAB, *map(str, words)]
    return subprocess.run(argv, capture_output=True, text=True, **options)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize(
    ("command", "code", "stdout"),
    [
        (["ssh", "node7", "echo $LAB_NODE"], 0, "node7\n"),
        (["sh", "-c", "exit 9"], 9, ""),
        (["sh", "-c", "kill -15 $$"], 128 + 15, ""),
        (["/nonexistent/program"], 127, ""),
        (["/dev/null"], 126, ""),
    ],
)
def test_exec_gives_the_exit_code_of_its_command(
    command: list[str], code: int, stdout: str
) -> None:
    done = run("exec", "--nodes", "node[1-9]", "--", *command)
    assert (done.returncode, done.stdout) == (code, stdout)


def test_exec_turns_the_knobs() -> None:
    script = 'ssh node1 true; ssh node2 true; echo "$LAB_DIR"'
    done = run("exec", "--nodes", "node[1-2]", "--refuse", "node2", "--", "sh", "-c", script)
    assert done.stderr.count("Connection refused") == 1
    assert not Path(done.stdout.strip()).exists()


@pytest.mark.parametrize(
    ("number", "to_group", "code"),
    [(signal.SIGINT, True, 9), (signal.SIGTERM, False, 128 + signal.SIGTERM)],
)
def test_exec_cleans_up_when_it_is_stopped(number: int, to_group: bool, code: int) -> None:
    script = 'trap "exit 9" INT; echo "$LAB_DIR"; ssh node1 sleep 60 & wait'
    process = subprocess.Popen(
        [*LAB, "exec", "--", "sh", "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    assert folder.is_dir()
    (os.killpg if to_group else os.kill)(process.pid, number)
    process.stdout.close()
    assert process.wait() == code
    assert not folder.exists()


def test_a_lab_stays_up_until_it_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    up = run("up", "--dir", folder, "--nodes", "node[1-3]")
    assert (up.returncode, up.stderr) == (0, "")
    try:
        shell = ["sh", "-c", f"{up.stdout}\nssh node3 'echo $LAB_NODE'"]
        assert subprocess.check_output(shell, text=True) == "node3\n"
        assert str(folder / "ssh_config") in up.stdout
        assert run("up", "--dir", folder).stderr.startswith("clush.lab: a lab is up already")
    finally:
        down = run("down", "--dir", folder)
    assert (down.returncode, down.stderr) == (0, "")
    assert not folder.exists()
    again = run("down", "--dir", folder)
    assert (again.returncode, again.stderr) == (1, f"clush.lab: no lab in {folder}\n")


def test_up_replaces_a_lab_whose_keeper_was_killed(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    for _ in range(2):
        assert run("up", "--dir", folder).returncode == 0
        state = folders.read_state(folder)
        assert state is not None
        os.kill(state.pid, signal.SIGKILL)
    assert run("down", "--dir", folder).returncode == 0
    assert not folder.exists()


def test_status_lists_the_labs(tmp_path: Path) -> None:
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    assert run("status", env=environ).returncode == 1
    try:
        assert run("up", "--nodes", "n[1-3]", env=environ).returncode == 0
        status = run("status", env=environ)
        assert status.returncode == 0
        assert status.stdout.startswith(f"{tmp_path}/clush-lab-{os.getuid()}: up, n[1-3] on port ")
    finally:
        assert run("down", env=environ).returncode == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["exec", "--nodes", "n1"], "exec: which command? put it after --"),
        (["exec", "--nodes", "n[", "--", "true"], "not a node set"),
        (["up", "--dir", "/"], "/ is there already"),
        (["up", "--dir", "/nonexistent/lab"], "/nonexistent/lab: No such file or directory"),
    ],
)
def test_errors_are_one_line(words: list[str], message: str) -> None:
    done = run(*words)
    assert done.returncode == 1
    assert done.stderr.startswith("clush.lab: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_ssh_one_line_says_what_to_install(tmp_path: Path) -> None:
    done = run("exec", "--", "true", env={**os.environ, "PATH": str(tmp_path)})
    assert done.stderr == "clush.lab: no ssh in PATH: install openssh-client\n"
