"""Writing live, waiting for slow readers, and giving that up."""

from __future__ import annotations

import os
import threading

import pytest

from clush.cli import console, terminal
from clush.cli.console import Console


class Pipes:
    """A console on two pipes, and what their readers have got."""

    def __init__(self) -> None:
        self.readers, writers = zip(os.pipe(), os.pipe())
        self.writers = list(writers)
        self.console = Console(*writers)

    def read(self, stream: int) -> bytes:
        return os.read(self.readers[stream], 1 << 20)

    def end(self) -> bytes:
        """Close the writing ends; all that is left on the first pipe."""
        while self.writers:
            os.close(self.writers.pop())
        data = b""
        while piece := self.read(0):
            data += piece
        return data

    def close(self) -> None:
        for fd in (*self.readers, *self.writers):
            os.close(fd)


@pytest.fixture
def pipes():
    made = Pipes()
    yield made
    made.close()


def test_what_is_said_is_there_at_once(pipes: Pipes) -> None:
    pipes.console.out(b"a\n")
    assert pipes.read(0) == b"a\n"
    pipes.console.err(b"b\n")
    pipes.console.say("caf\u00e9 \udcff")
    assert pipes.read(1) == b"b\n" + "caf\u00e9 ".encode() + b"\xff\n"


def test_a_status_is_replaced_and_erased_before_other_output(pipes: Pipes) -> None:
    pipes.console.status("10/10")
    pipes.console.status("9/10")
    pipes.console.status("9/10")
    assert pipes.read(1) == b"10/10\x1b[K\r9/10\x1b[K\r"
    assert pipes.console.written == 0
    pipes.console.out(b"a\n")
    assert (pipes.read(0), pipes.read(1)) == (b"a\n", b"\r\x1b[K")
    pipes.console.clear_status()
    pipes.console.say("b")
    assert pipes.read(1) == b"b\n"
    assert pipes.console.written == 2


def test_a_narrower_terminal_has_the_end_of_the_line_below(
    pipes: Pipes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for columns in (80, 40, 60):
        monkeypatch.setattr(terminal, "size", lambda fd, columns=columns: terminal.Size(columns, 9))
        pipes.console.status("10/10")
    monkeypatch.setattr(terminal, "size", lambda fd: terminal.Size(30, 9))
    pipes.console.clear_status()
    assert pipes.read(1) == b"10/10\x1b[K\r\x1b[J10/10\x1b[K\r10/10\x1b[K\r\r\x1b[J"


def test_nobody_waits_for_a_status(pipes: Pipes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "in_foreground", lambda fd: False)
    pipes.console.status("unseen")
    monkeypatch.undo()
    os.set_blocking(pipes.writers[1], False)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(pipes.writers[1], b"." * 65536)
    pipes.console.status("unseen")
    assert set(pipes.read(1)) == {ord(".")}


def test_what_is_held_comes_when_it_is_released(
    pipes: Pipes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "_HELD_IN_MEMORY", 10)  # the rest goes to a file
    held = pipes.console.hold()
    pipes.console.say("one")
    pipes.console.out(b"out\n")
    pipes.console.say("and two")
    pipes.console.draw("picture")
    assert (held.lines, held.end) == (2, b"one\nand two\n")
    assert (pipes.read(0), pipes.read(1)) == (b"out\n", b"picture")
    pipes.console.release()
    pipes.console.release()
    pipes.console.say("three")
    assert pipes.read(1) == b"one\nand two\nthree\n"


def test_a_terminal_is_given_back_whatever_is_called_off(pipes: Pipes) -> None:
    pipes.console.abandon()
    pipes.console.restore("screen")
    assert pipes.read(1) == b"screen"


LARGE = bytes(range(256)) * 4096  # more than a pipe holds


def test_a_slow_reader_is_waited_for(pipes: Pipes) -> None:
    writer = threading.Thread(target=pipes.console.out, args=(LARGE,))
    writer.start()
    data = b""
    while len(data) < len(LARGE):
        data += pipes.read(0)
    writer.join()
    assert data == LARGE


def test_waiting_can_be_called_off_and_nothing_is_lost(pipes: Pipes) -> None:
    console = pipes.console
    console.defer()
    console.out(b"first\n")
    assert not console.stalled
    console.out(LARGE)
    assert console.stalled
    console.out(b"last\n")
    console.status("not now")
    flushing = threading.Thread(target=console.flush)
    flushing.start()
    data = b""
    while not data.endswith(b"last\n"):
        data += pipes.read(0)
    flushing.join()
    assert data == b"first\n" + LARGE + b"last\n"
    assert not console.stalled


def test_what_is_abandoned_is_not_written(pipes: Pipes) -> None:
    pipes.console.abandon()
    with pytest.raises(KeyboardInterrupt):
        pipes.console.out(b"a\n")
    assert pipes.end() == b""


def test_a_wait_ends_when_it_is_abandoned(pipes: Pipes) -> None:
    timer = threading.Timer(0.1, pipes.console.abandon)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        pipes.console.out(LARGE)
    timer.join()


def test_a_reader_that_is_gone_is_an_error(pipes: Pipes) -> None:
    os.close(pipes.readers[0])
    with pytest.raises(BrokenPipeError):
        pipes.console.out(b"a\n")
    pipes.readers = (os.open(os.devnull, os.O_RDONLY), pipes.readers[1])


def test_a_descriptor_that_others_made_non_blocking_loses_nothing(pipes: Pipes) -> None:
    os.set_blocking(pipes.writers[0], False)
    writer = threading.Thread(target=pipes.console.out, args=(LARGE,))
    writer.start()
    data = b""
    while len(data) < len(LARGE):
        data += pipes.read(0)
    writer.join()
    assert data == LARGE


def test_a_file_takes_large_pieces_as_they_are(tmp_path) -> None:
    with open(tmp_path / "out", "wb") as file:
        Console(file.fileno(), file.fileno()).out(LARGE)
    assert (tmp_path / "out").read_bytes() == LARGE
