"""Gateways come up: in every shell, with every Python, whatever their surroundings."""

from __future__ import annotations

import ast
import marshal
import os
import resource
import shutil
import signal
import subprocess
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Optional

import pytest
from pythons import Python, pythons

from clush.errors import GatewayError
from clush.tree.bundle import bundle
from clush.tree.greeting import NO_MAGIC, OLDEST, Greeting, explain
from clush.tree.stage0 import command_line, delivery
from clush.wire.channel import HEAD, Channel
from clush.wire.message import Bye, Hello

SHELLS = ["sh", "bash", "dash", "zsh", "fish", "csh", "tcsh", "ksh", "mksh", "yash", "busybox sh"]
KEEP_NO_CODE = {"csh", "tcsh"}  # `exit` by itself ends them with 0

SUITABLE = [one for one in pythons() if one.version >= OLDEST]
UNSUITABLE = [one for one in pythons() if one.version < OLDEST]

LINE = command_line(pythons()[-1].path)  # not what is first in PATH: it may be slow


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> list[str]:
    words: list[str] = request.param.split()
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not there")
    return words


STARTED: list[subprocess.Popen[bytes]] = []


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """What a failed test leaves behind is ended, too."""
    yield
    while STARTED:
        process = STARTED.pop()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


class Far:
    """A command line in a shell, as sshd would start it."""

    def __init__(
        self,
        line: str,
        shell: tuple[str, ...] = ("sh",),
        env: Optional[Mapping[str, str]] = None,
        cwd: Optional[Path] = None,
    ) -> None:
        self.process = subprocess.Popen(
            [*shell, "-c", line],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            cwd=cwd,
            start_new_session=True,
        )
        self.greeting = Greeting("gw1")
        STARTED.append(self.process)

    def greet(self) -> Greeting:
        """Wait for the greeting; for the end, if none comes."""
        while self.greeting.interpreter is None and (data := self.read()):
            self.greeting.feed(data)
        return self.greeting

    def read(self) -> bytes:
        assert self.process.stdout is not None
        return os.read(self.process.stdout.fileno(), 65536)

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def end(self) -> tuple[int, bytes, bytes]:
        """Close its input; its code, and the rest of what it says."""
        out, err = self.process.communicate()
        return self.process.returncode, out, err

    def talk(self) -> tuple[Hello, int, bytes]:
        """Bring a gateway up, take leave at once: its words, its code, its standard error."""
        self.greet()
        channel = Channel(HEAD)
        hello = Hello("gw1", "", 0.0)
        parts = [*channel.send(hello), *channel.send(Bye())]
        assert self.greeting.interpreter is not None
        self.write(delivery(bundle(self.greeting.interpreter.magic, "first")) + b"".join(parts))
        code, out, err = self.end()
        heard = list(channel.receive(self.greeting.rest + out))
        assert isinstance(heard[0], Hello)
        return heard[0], code, err


def made_of(main: str) -> bytes:
    """A bundle with another gateway than ours: its ``main`` has this body."""
    code = f"def main(channel_in, channel_out, bundle):\n    {main}"
    source = Path(__file__).parents[2] / "src/clush/tree/bootstrap.py"
    modules = {
        "clush": "",
        "clush.tree": "",
        "clush.tree.bootstrap": source.read_text(),
        "clush.tree.gateway": "import os, sys, subprocess\n" + code,
    }
    return zlib.compress(marshal.dumps(modules))


def run(main: str, **about: object) -> tuple[int, bytes, bytes]:
    """How a gateway with this ``main`` ends, and what it says."""
    far = Far(command_line(pythons()[-1].path), **about)  # type: ignore[arg-type]
    far.greet()
    far.write(delivery(made_of(main)))
    code, out, err = far.end()
    return code, far.greeting.rest + out, err


# -- the line ---------------------------------------------------------------------------------


def test_the_line_is_short_and_means_nothing_to_shells() -> None:
    line = command_line()
    assert len(line) < 400
    assert line.isprintable()
    assert not set("!$`\\%") & set(line)
    assert line.count("'") == 2


def test_every_shell_runs_it(shell: list[str]) -> None:
    hello, code, err = Far(LINE, tuple(shell)).talk()
    assert (code, err) == (0, b"")
    assert hello.python.startswith("3.")


def test_every_shell_tells_how_it_ended(shell: list[str]) -> None:
    far = Far(LINE, tuple(shell))
    far.greet()
    far.write(delivery(made_of("os.kill(os.getpid(), 9)")))
    code, _, _ = far.end()
    assert code != 255  # of a lost connection
    if shell[0] not in KEEP_NO_CODE:
        assert code > 0


def test_every_shell_says_when_there_is_no_python(shell: list[str]) -> None:
    far = Far(command_line("no-such-python"), tuple(shell))
    noise = far.greet().noise
    code, out, err = far.end()
    reason = explain("gw1", code, noise + out, err)
    assert reason.startswith("gateway gw1: no Python there: ")
    assert "no-such-python" in reason


@pytest.mark.parametrize("end", ["", "import os", "1 +\n", '"' + "x" * 3000])
def test_a_head_that_is_gone_is_no_traceback(end: str) -> None:
    far = Far(LINE)
    far.greet()
    far.write(end.replace("\n", "").encode())
    assert far.end() == (1, b"", b"")


@pytest.mark.parametrize("part", [0.0, 0.5, 0.99])
def test_a_head_that_is_gone_within_the_bundle(part: float) -> None:
    data = delivery(bundle(NO_MAGIC, "first"))
    line = data.index(b"\n") + 1
    far = Far(LINE)
    far.greet()
    far.write(data[: line + int((len(data) - line) * part)])
    assert far.end() == (1, b"", b"")


def test_a_bundle_in_small_pieces() -> None:
    far = Far(LINE)
    far.greet()
    data = delivery(made_of("os.write(channel_out, b'up')"))
    for start in range(0, len(data), 7):
        far.write(data[start : start + 7])
    assert far.end() == (0, b"up", b"")


# -- interpreters -----------------------------------------------------------------------------


def name(python: Python) -> str:
    return python.name


@pytest.mark.parametrize("python", SUITABLE, ids=name)
@pytest.mark.parametrize("form", ["ours", "source"])
def test_every_python_becomes_a_gateway(python: Python, form: str) -> None:
    far = Far(command_line(python.path))
    greeting = far.greet()
    assert greeting.interpreter is not None
    assert greeting.interpreter.version[:2] == python.version
    if form == "source":
        far.greeting.interpreter = greeting.interpreter._replace(magic=NO_MAGIC)
    hello, code, err = far.talk()
    assert (code, err) == (0, b"")
    assert hello.python.startswith(python.name + ".")


@pytest.mark.parametrize("python", UNSUITABLE, ids=name)
def test_a_python_that_is_too_old_says_so(python: Python) -> None:
    far = Far(command_line(python.path))
    with pytest.raises(GatewayError, match=f"is {python.name}, 3.9 or newer is needed"):
        far.greet()
    assert far.end() == (1, b"", b"")


def test_a_python_without_bz2_is_sent_source(tmp_path: Path) -> None:
    """What a Python says that was built where the library was missing."""
    python = tmp_path / "python3"
    blind = "__import__('sys').meta_path[-1].find_spec = lambda *about: None;"
    python.write_text(f'#!/bin/sh\nexec "{pythons()[-1].path}" "$1" "$2" "{blind}$3"\n')
    python.chmod(0o755)
    interpreter = Far(command_line(str(python))).greet().interpreter
    assert interpreter is not None
    assert interpreter.magic == NO_MAGIC


# -- surroundings -----------------------------------------------------------------------------


def test_what_a_profile_prints_is_noise() -> None:
    far = Far("echo Welcome to gw1; printf 'no newline'; " + LINE)
    assert far.greet().noise == b"Welcome to gw1\nno newline"
    _, code, err = far.talk()
    assert (code, err) == (0, b"")


def test_a_profile_that_prints_the_command_is_no_greeting() -> None:
    far = Far(f"cat <<'END'\n{LINE}\nEND\n{LINE}")
    assert far.greet().noise == LINE.encode() + b"\n"
    far.end()


def test_nothing_is_there_to_be_read_by_a_profile() -> None:
    """It waits, as it would for a user; the link loses its patience."""
    far = Far("read answer; " + LINE)
    assert far.process.stdout is not None
    os.set_blocking(far.process.stdout.fileno(), False)
    with pytest.raises(BlockingIOError):
        far.read()
    assert far.process.poll() is None
    code, _, _ = far.end()
    assert code == 1


def test_surroundings_do_not_matter(tmp_path: Path) -> None:
    for module in ("os", "asyncio", "json", "clush", "zlib", "marshal", "typing", "encodings"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit('the wrong one')")
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(tmp_path),
        "PYTHONHOME": str(tmp_path),
        "PYTHONSTARTUP": str(tmp_path / "os.py"),
        "PYTHONWARNINGS": "error",
        "PYTHONDEVMODE": "1",
        "TMPDIR": "/nonexistent",
        "LC_ALL": "no_SUCH.locale",
    }
    hello, code, err = Far(command_line(pythons()[-1].path), env=env, cwd=tmp_path).talk()
    assert (code, err) == (0, b"")
    assert hello.python


def test_nothing_is_written(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        far = Far(LINE, cwd=tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    _, code, err = far.talk()
    assert (code, err) == (0, b"")
    assert list(tmp_path.iterdir()) == []


# -- descriptors ------------------------------------------------------------------------------


def test_what_is_printed_by_mistake_goes_to_standard_error() -> None:
    main = "print('stray'); os.system('echo child'); os.write(channel_out, b'word')"
    code, out, err = run(main)
    assert (code, out) == (0, b"word")
    assert sorted(err.split()) == [b"child", b"stray"]


def test_children_do_not_have_the_channel() -> None:
    show = "cat; for fd in /proc/$$/fd/*; do readlink $fd; done; true"
    main = (
        "pipes = [os.readlink(f'/proc/self/fd/{fd}') for fd in (channel_in, channel_out)];"
        f"out = subprocess.check_output(['sh', '-c', {show!r}], close_fds=False).decode();"
        "os.write(channel_out, repr((channel_in, channel_out, pipes, out)).encode())"
    )
    code, out, err = run(main)
    assert (code, err) == (0, b"")
    channel_in, channel_out, pipes, theirs = ast.literal_eval(out.decode())
    assert theirs.split()[0] == "/dev/null"
    assert not set(pipes) & set(theirs.split())
    assert min(channel_in, channel_out) > 2
