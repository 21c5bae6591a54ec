"""The installed programs, interrupted at any moment."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "programs"

# An interpreter that is sent SIGINT when it imports its Nth module for the tool.
INTERRUPTED = """\
import _signal, os, sys

class Interrupting:
    imports = 0

    def find_spec(self, name, path, target=None):
        self.imports += 1
        if self.imports == {at}:
            os.kill(os.getpid(), _signal.SIGINT)
            for _ in range(100):  # where Python looks for signals
                pass
        return None

with open({path!r}) as file:
    program = compile(file.read(), {path!r}, "exec")
sys.argv = {words!r}
_signal.signal(_signal.SIGINT, _signal.{before})
hook = Interrupting()
sys.meta_path.insert(0, hook)
try:
    exec(program)
finally:
    os.write(2, b"imports %d" % hook.imports)
"""

PROGRAMS = [
    ("clush", ["-n", "-R", "exec", "-w", "n1", "echo ok"], "n1: ok\n"),
    ("nodeset", ["-f", "a1", "a2"], "a[1-2]\n"),
    ("cluset", ["-f", "a1", "a2"], "a[1-2]\n"),
    ("clubak", ["-b"], ""),
]


def interrupted(program: str, words: list[str], at: int, before: str = "default_int_handler"):
    path = str(FOLDER / program)
    script = INTERRUPTED.format(path=path, words=[program, *words], at=at, before=before)
    return subprocess.run(
        [sys.executable, "-c", script],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("program", "words", "out"), PROGRAMS)
def test_an_interrupt_during_the_imports_is_no_traceback(
    program: str, words: list[str], out: str
) -> None:
    undisturbed = interrupted(program, words, 0)
    assert undisturbed.stdout == out
    count = int(undisturbed.stderr.rpartition(" ")[2])
    assert count > 6
    for at in {*range(1, 7), *range(7, count, max(1, count // 8))}:
        ran = interrupted(program, words, at)
        assert "Traceback" not in ran.stderr, ran.stderr
        assert ran.returncode in (-signal.SIGINT, 130)


@pytest.mark.parametrize(("program", "words", "out"), PROGRAMS)
def test_an_interrupt_that_is_ignored_stays_so(program: str, words: list[str], out: str) -> None:
    ran = interrupted(program, words, 5, before="SIG_IGN")
    assert (ran.stdout, ran.returncode) == (out, 0)
