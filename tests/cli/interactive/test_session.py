"""The interactive mode as its users see it, in a terminal, with each of the editors."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

import groups_site
import pytest
from clush_runs import CLUSH, LOCALLY, PATIENCE, gone, run
from screens import Screen, screen
from terminals import terminal

PROMPT = "clush>"
BANNER = "Enter 'quit' to leave this interactive mode\n"
RULE = "-" * 15 + "\n"

WITHOUT_TOOLKIT = "import sys; sys.modules['prompt_toolkit'] = None; "


EDITORS = ("prompt_toolkit", "readline")


@pytest.fixture(params=EDITORS)
def editor(request: pytest.FixtureRequest) -> list[str]:
    """The first words of a clush that reads with this editor."""
    name: str = request.param
    pytest.importorskip(name)
    if name == "prompt_toolkit":
        return CLUSH
    return [CLUSH[0], "-c", WITHOUT_TOOLKIT + CLUSH[2]]


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in groups_site.make(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return tmp_path


def enter(seen: Screen, *lines: str) -> None:
    """Type each line when it is asked for, and wait for what comes of the last."""
    for line in lines:
        before = seen.wait_for(lambda text: text.endswith(PROMPT)).count(PROMPT)
        seen.type("-l", "--", line)
        seen.type("Enter")
        seen.wait_for(lambda text, known=before: text.count(PROMPT) > known or "status:" in text)


# What is typed, and all that stands there then, for n[1-4] with the options.
TALKS = [
    (
        "",
        ["?", "-n[3-4]", "echo a", "+n3", "@n[5", "@n1", "@@front", "echo %h", "quit"],
        BANNER + "Working with nodes: n[1-4]\n"
        "clush> ?\nWorking with nodes: n[1-4]\n"
        "clush> -n[3-4]\nWorking with nodes: n[1-2]\n"
        "clush> echo a\nn1: a\nn2: a\n"
        "clush> +n3\nWorking with nodes: n[1-3]\n"
        'clush> @n[5\nclush: nodeset parse error (ignoring): missing bracket: "n[5"\n'
        "Working with nodes: n[1-3]\n"
        "clush> @n1\nWorking with nodes: n1\n"
        "clush> @@front\nWorking with nodes: web[1-2]\n"
        "clush> echo %h\nweb1: web1\nweb2: web2\n"
        "clush> quit\nstatus: 0",
    ),
    (
        "",
        ["", "=", "echo a", "=", "@n1", "exit 4", "!echo %h; exit 3", "!", "date +%s"],
        BANNER + "Working with nodes: n[1-4]\n"
        "clush>\n"
        "clush> =\nSwitching to gathered output format\n"
        f"clush> echo a\n{RULE}n[1-4] (4)\n{RULE}a\n"
        "clush> =\nSwitching to standard output format\n"
        "clush> @n1\nWorking with nodes: n1\n"
        "clush> exit 4\nclush: n1: exited with exit code 4\n"
        "clush> !echo %h; exit 3\nLOCAL: %h\nclush: LOCAL: exited with exit code 3\n"
        "clush> !\nclush: no command after '!' (ignoring)\n"
        "clush> date +%s\nclush: 's' is not a valid pattern, use '%%' to escape '%'\n"
        "clush>",
    ),
    (
        "-q -B -S",
        [
            "echo a; echo b >&2",
            "=",
            "@n1",
            "echo a; echo b >&2",
            "exit 3",
            "true",
            "!exit 5",
            "quit",
        ],
        "Working with nodes: n[1-4]\n"
        f"clush> echo a; echo b >&2\n{RULE}n[1-4]\n{RULE}a\nb\n"
        "clush> =\n"
        "clush> @n1\nWorking with nodes: n1\n"
        "clush> echo a; echo b >&2\nn1: a\nn1: b\n"
        "clush> exit 3\nclush> true\nclush> !exit 5\nclush> quit\nstatus: 5",
    ),
    (
        "-L",
        ["echo a", "=", "echo a", "quit"],
        BANNER + "Working with nodes: n[1-4]\n"
        "clush> echo a\nn1: a\nn2: a\nn3: a\nn4: a\n"
        "clush> =\nSwitching to gathered output format\n"
        "clush> echo a\nn[1-4]: a\n"
        "clush> quit\nstatus: 0",
    ),
    (
        "--diff -u 1",
        ["[ %n = 0 ] || echo a", "=", "@n1", "echo a", "exec sleep 60", "quit"],
        BANNER + "Working with nodes: n[1-4]\n"
        "clush> [ %n = 0 ] || echo a\n--- n[2-4] (3)\n+++ n1\n@@ -1 +0,0 @@\n-a\n"
        "clush> =\nSwitching to standard output format\n"
        "clush> @n1\nWorking with nodes: n1\n"
        "clush> echo a\nn1: a\n"
        "clush> exec sleep 60\nclush: n1: command timeout\n"
        "clush> quit\nstatus: 0",
    ),
]


# What is shown of a command does not depend on the editor: one for all forms will do.
EDITED = [(editor, *TALKS[0]) for editor in EDITORS] + [("readline", *talk) for talk in TALKS[1:]]


@pytest.mark.parametrize(("editor", "options", "lines", "shown"), EDITED, indirect=["editor"])
def test_talks(
    editor: list[str], tmp_path: Path, options: str, lines: list[str], shown: str
) -> None:
    # One node after the other, so that their lines are in order.
    words = [*editor, "-R", "exec", "-f", "1", "-w", "n[1-4]", *options.split()]
    with screen(tmp_path, *words, rows=60) as seen:
        enter(seen, *lines)
        assert seen.text == shown


def test_ctrl_c_stops_a_command_or_gives_up_a_line(editor: list[str], tmp_path: Path) -> None:
    words = (*editor, "-R", "exec", "-bvS", "-w", "n[1-3]", "-f", "2")
    with screen(tmp_path, *words, rows=60) as seen:
        seen.wait_for(PROMPT)
        seen.type("-l", "--", "given up")
        seen.wait_for("given up")
        seen.type("C-c")
        seen.wait_for(lambda text: text.count(PROMPT) == 2)
        command = "echo $$ > %h; [ %n = 1 ] && sleep 0.1; echo up; exec sleep 60"
        seen.type("-l", "--", f"cd {tmp_path}; {command}")
        seen.type("Enter")
        seen.wait_for("n1: up\nn2: up")
        seen.type("Enter")
        seen.wait_for("pending(1): n3")
        seen.type("C-c")
        seen.wait_for(lambda text: text.count(PROMPT) == 3)
        assert all(gone(int((tmp_path / node).read_text())) for node in ("n1", "n2"))
        enter(seen, "?")
        seen.type("C-d")
        text = seen.wait_for("status:").replace("^CW", "W").replace("^D", "")
        assert text.replace("\n\n", "\n").partition("n2: up\n")[2] == (
            "clush: interrupt (^C to abort task)\n"
            "clush: in progress(2): n[1-2]\nclush: pending(1): n3\n"
            "Warning: Caught keyboard interrupt!\n"
            f"{RULE}n[1-2] (2)\n{RULE}up\n"
            "Keyboard interrupt (n[1-3] did not complete).\n"
            "clush> ?\nWorking with nodes: n[1-3]\n"
            "clush>\nstatus: 130"
        )


def test_a_second_ctrl_c_is_meant(editor: list[str], tmp_path: Path) -> None:
    stubborn = "trap '' TERM INT HUP; echo up; while :; do sleep 0.1; done"
    with screen(tmp_path, *editor, "-R", "exec", "-w", "n1", rows=60) as seen:
        seen.wait_for(PROMPT)
        seen.type("-l", "--", stubborn)
        seen.type("Enter")
        seen.wait_for("n1: up")
        seen.type("C-c")
        seen.type("C-c")
        seen.wait_for(lambda text: text.count(PROMPT) == 2)
        enter(seen, "echo again", "quit")
        assert seen.text.endswith("clush> echo again\nn1: again\nclush> quit\nstatus: 0")


def test_ctrl_c_while_a_group_is_asked_for(editor: list[str], tmp_path: Path) -> None:
    conf = tmp_path / "etc" / "groups.conf"
    slow = f"touch {tmp_path}/asked; exec sleep 60"
    conf.write_text(f"[Main]\ndefault: slow\n[slow]\nmap: {slow}\nlist: echo\n")
    with screen(tmp_path, *editor, "-R", "exec", "-w", "n1", rows=60) as seen:
        seen.wait_for(PROMPT)
        seen.type("-l", "--", "+@any")
        seen.type("Enter")
        seen.wait_for(lambda _text: (tmp_path / "asked").exists())
        seen.type("C-c")
        seen.wait_for(lambda text: text.count(PROMPT) == 2)
        enter(seen, "?", "quit")
        assert seen.text.replace("^C", "").endswith(
            "clush> +@any\nKeyboard interrupt.\n"
            "clush> ?\nWorking with nodes: n1\nclush> quit\nstatus: 0"
        )


def test_ctrl_c_while_tab_asks_for_groups(editor: list[str], tmp_path: Path) -> None:
    conf = tmp_path / "etc" / "groups.conf"
    slow = f"echo $$$$ > {tmp_path}/asked; exec sleep 60"
    conf.write_text(f"[Main]\ndefault: slow\n[slow]\nmap: echo n1\nlist: {slow}\n")
    with screen(tmp_path, *editor, "-R", "exec", "-w", "n1", rows=60) as seen:
        seen.wait_for(PROMPT)
        seen.type("-l", "--", "+@")
        seen.wait_for("+@")
        seen.type("Tab")
        seen.wait_for(
            lambda _text: (tmp_path / "asked").exists() and (tmp_path / "asked").read_text()
        )
        seen.type("C-c")
        asked = int((tmp_path / "asked").read_text())
        if editor is not CLUSH:  # readline gives up asking first, and the line then
            seen.wait_for(lambda _text: gone(asked))
            seen.type("C-c")
        seen.wait_for(lambda text: text.count(PROMPT) == 2)
        enter(seen, "?", "quit")
        assert seen.text.endswith("clush> ?\nWorking with nodes: n1\nclush> quit\nstatus: 0")
    if editor is CLUSH:  # prompt_toolkit asks in the background, and nobody waits for that
        assert not gone(asked)
        os.kill(asked, signal.SIGKILL)


# What is typed before the tab, what stands there after it.
COMPLETED = [
    ("+@fr", "+@front"),
    ("+n7,@racks:", "+n7,@racks:r"),
    ("-n[1-2],@ra", "-n[1-2],@racks:"),
    ("@we", "@web"),
    ("zorki", "zorkify "),
    ("!zorki", "!zorkify "),
    ("cat a | zorki", "cat a | zorkify "),
    ("zorkify etc/groups.c", "zorkify etc/groups.conf "),
    ("echo \u00fc | zorki", "echo \u00fc | zorkify "),
    ("quit", "quit "),
]


def test_tab_completes(editor: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "zorkify").touch(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    with screen(tmp_path, *editor, "-R", "exec", "-w", "n[1-4]", rows=60) as seen:
        seen.wait_for(PROMPT)
        for typed, completed in COMPLETED:
            seen.type("-l", "--", typed)
            seen.wait_for(f"> {typed}")
            seen.type("Tab")
            column = len(f"{PROMPT} {completed}")
            seen.wait_for(lambda text, end=column: cursor(seen) == end)
            assert f"{PROMPT} {completed}".rstrip() in seen.lines
            seen.type("C-a", "C-k")
            seen.wait_for(lambda text: text.endswith(PROMPT))


def cursor(seen: Screen) -> int:
    """The column of the cursor, from 0."""
    return int(seen.tmux("display-message", "-p", "#{cursor_x}"))


def test_what_was_typed_comes_back_in_the_next_session(editor: list[str], tmp_path: Path) -> None:
    words = (*editor, "-R", "exec", "-w", "n1")
    with screen(tmp_path, *words) as seen:
        enter(seen, "echo one", "?", "?", "echo two", "quit")
    history = tmp_path / "state" / "clush" / "history"
    assert history.read_text() == "echo one\n?\necho two\n"
    assert history.stat().st_mode & 0o777 == 0o600
    again = tmp_path / "again"
    again.mkdir()
    with screen(again, *words) as seen:
        seen.wait_for(PROMPT)
        for expected in ("echo two", "?", "echo one"):
            seen.type("Up")
            seen.wait_for(lambda text, end=f"{PROMPT} {expected}": text.endswith(end))
        seen.type("Enter")
        seen.wait_for("n1: one\nclush>")
        seen.type("C-r")
        seen.type("-l", "--", "tw")
        seen.wait_for("echo two")
        seen.type("Enter")
        if editor is CLUSH:  # prompt_toolkit
            seen.type("Enter")  # the first one accepts what was found
        seen.wait_for("n1: two\nclush>")


def test_over_ssh(editor: list[str], tmp_path: Path, in_lab) -> None:
    with screen(tmp_path, *editor, "-b", "-w", "node[1-3],refuse", rows=60) as seen:
        enter(seen, "echo a", "-refuse", "echo b", "quit")
        assert seen.text.endswith(
            "clush: refuse: exited with exit code 255\n"
            "clush: connection refused: refuse\n"
            "clush> -refuse\nWorking with nodes: node[1-3]\n"
            f"clush> echo b\n{RULE}node[1-3] (3)\n{RULE}b\n"
            "clush> quit\nstatus: 0"
        )


def test_a_password_is_asked_for_once(editor: list[str], tmp_path: Path) -> None:
    (tmp_path / "etc" / "clush.conf").write_text("[Main]\npassword_prompt: yes\n")
    with screen(tmp_path, *editor, "-R", "exec", "-w", "n1", rows=60) as seen:
        seen.wait_for("Password:")
        seen.type("-l", "--", "secret")
        seen.type("Enter")
        enter(seen, "cat", "cat", "!cat", "quit")
        assert seen.text.partition("n1\n")[2] == (
            "clush> cat\nn1: secret\nclush> cat\nn1: secret\nclush> !cat\nclush> quit\nstatus: 0"
        )


def test_a_signal_leaves_the_terminal_as_it_was(editor: list[str], tmp_path: Path) -> None:
    script = (
        f"cd {tmp_path}; stty -a > before; {shlex.join([*editor, '-R', 'exec', '-w', 'n1'])};"
        " echo ended: $?; stty -a > after; stty sane"
    )
    with screen(tmp_path, "bash", "-c", script) as seen:
        seen.wait_for(PROMPT)
        shell = int(seen.tmux("display-message", "-p", "#{pane_pid}"))
        os.kill(_youngest(shell), signal.SIGTERM)
        seen.wait_for(f"ended: {128 + signal.SIGTERM}")
        seen.wait_for(lambda _text: (tmp_path / "after").exists())
        seen.wait_for("status:")
    assert (tmp_path / "after").read_text() == (tmp_path / "before").read_text()


# The second: as with nohup, the signal for that is ignored.
@pytest.mark.parametrize(
    ("before", "line"), [("", "echo up; exec sleep 60"), ("trap '' HUP; ", "")]
)
def test_it_ends_with_its_terminal(
    editor: list[str], tmp_path: Path, before: str, line: str
) -> None:
    script = f"{before}{shlex.join([*editor, '-R', 'exec', '-w', 'n1'])}"
    with screen(tmp_path, "bash", "-c", script) as seen:
        seen.wait_for(PROMPT)
        last = _youngest(int(seen.tmux("display-message", "-p", "#{pane_pid}")))
        if line:
            seen.type("-l", "--", line)
            seen.type("Enter")
            seen.wait_for("n1: up")
    end = time.monotonic() + PATIENCE
    while not gone(last):
        assert time.monotonic() < end
        time.sleep(0.05)


def _youngest(pid: int) -> int:
    """The last one in a chain of only children."""
    while True:
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            found = children.read().split()
        if not found:
            return pid
        pid = int(found[0])


# Where it is not interactive: options, how stdin is, what is said, the status.
def test_without_a_terminal_nothing_is_run_and_nothing_read() -> None:
    assert run(*LOCALLY, "-w", "n1", input=b"echo a\n") == (
        "", "clush: no command given, nothing was run\n", 0,
    )  # fmt: skip
    assert run(*LOCALLY, "-q", "-w", "n1", input=b"echo a\n") == ("", "", 0)
    assert run(*LOCALLY, "-n", "-w", "n1") == ("", "clush: no command given, nothing was run\n", 0)
    assert run(*LOCALLY, input=b"").rc == 2


def test_what_cannot_be_interactive_is_refused() -> None:
    with terminal("-w", "n1", stdout=subprocess.DEVNULL) as screen:
        assert screen.end() == 1
        assert screen.shown == "ERROR: interactive mode requires a tty\n"
    for words, error in (
        (("-n", "-w", "n1"), "illegal option `--nostdin' in that case"),
        (("-w", "n1", "--json"), "--json: no command given"),
        ((), "No node to run on."),
    ):
        with terminal(*words) as screen:
            assert screen.end() == 2
            assert screen.shown.endswith(f"clush: error: {error}\n")
    with terminal("-R", "zork", "-w", "n1") as screen:
        assert screen.end() == 1
        assert screen.shown.startswith("ERROR: Could not load worker 'zork'")


def test_a_terminal_that_cannot_move_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with terminal("-w", "n1") as screen:
        screen.wait_for("clush> ")
        screen.type("echo a\n")
        screen.wait_for("n1: a\nclush> ")
        screen.type("\x04")
        assert screen.end() == 0
        assert "\x1b[" not in screen.shown.replace("\x1b[?2004h", "").replace("\x1b[?2004l", "")


def test_what_keeps_the_history_from_being_kept_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").write_text("no directory")
    monkeypatch.setenv("TERM", "dumb")
    with terminal("-w", "n1") as screen:
        for answer in ("Warning: the history of commands is not kept: ", "Working with nodes: n1"):
            screen.wait_for("clush> ")
            screen.shown = ""
            screen.type("?\n")
            screen.wait_for(answer)
        screen.type("quit\n")
        assert screen.end() == 0
    assert "Warning" not in screen.shown
