"""``password_prompt``: asked for on the terminal, sent before all other input."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from clush_runs import NO_INPUT, run
from terminals import terminal

WORDS = ("-w", "n[1-2]", "-b", "cat; echo end")


@pytest.fixture(autouse=True)
def asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clush.conf").write_text("[mode:ask]\npassword_prompt: yes\n")
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", str(tmp_path))


def block(text: str) -> str:
    return f"{'-' * 15}\nn[1-2] (2)\n{'-' * 15}\n{text}end\n"


@pytest.mark.parametrize("options", [(), ("-n",)])
def test_each_command_gets_it_as_its_input(options: tuple[str, ...]) -> None:
    with terminal(*options, "-m", "ask", *WORDS) as screen:
        screen.wait_for("Password: ")
        screen.type("secret\n")
        assert screen.end() == 0
    assert screen.shown == "Password: \n" + block("secret\n")


def test_standard_input_comes_after_it(tmp_path: Path) -> None:
    (tmp_path / "input").write_text("more\nlines")
    words = ("-v", "-m", "ask", "-N", *WORDS[:2], "cat")
    with (tmp_path / "input").open() as file, terminal(*words, stdin=file) as screen:
        screen.wait_for("Password: ")
        screen.type("secret\n")
        assert screen.end() == 0
    assert screen.shown.startswith(
        "[ask] run mode activated\n[ask] password prompt enabled\nPassword: \n"
    )
    assert sorted(screen.shown.split("\n")[3:-1]) == ["lines"] * 2 + ["more"] * 2 + ["secret"] * 2


@pytest.mark.parametrize(
    ("typed", "said", "rc"),
    [("\x03", "Keyboard interrupt.\n", 130), ("\x04", "ERROR: no password given\n", 1)],
)
def test_nothing_runs_without_it(typed: str, said: str, rc: int) -> None:
    with terminal("-m", "ask", *WORDS) as screen:
        screen.wait_for("Password: ")
        screen.type(typed)
        assert screen.end() == rc
    assert screen.shown == f"Password: \n{said}"


def test_without_a_terminal_there_is_nobody_to_ask() -> None:
    ran = run(*NO_INPUT, "-m", "ask", *WORDS, start_new_session=True, stdin=subprocess.DEVNULL)
    assert (ran.out, ran.rc) == ("", 1)
    assert ran.err.startswith("ERROR: no terminal to ask for a password on: ")


def test_what_cannot_run_is_refused_before_it_is_asked_for() -> None:
    with terminal("-m", "ask", "-R", "exec", "-w", "n1", "-x", "n1", "true") as screen:
        assert screen.end() == 2
    assert "Password" not in screen.shown
