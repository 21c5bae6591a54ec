"""A gateway as who speaks to it over its channel sees it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from clush.tree import gateway
from clush.wire import message as wire
from clush.wire.channel import HEAD, Channel
from clush.wire.message import Message


class Above:
    """The head of a gateway that is a process here."""

    def __init__(self) -> None:
        source = "from clush.tree.gateway import main; main(0, 1, b'')"
        pipe = subprocess.PIPE
        env = {**os.environ, "PYTHONPATH": str(Path(gateway.__file__).parents[2])}
        self.process = subprocess.Popen(
            [sys.executable, "-c", source], stdin=pipe, stdout=pipe, env=env
        )
        self.channel = Channel(HEAD)
        self.heard = self._hear()
        self.say(wire.Hello("gw1", "", time.time()))

    def say(self, *messages: Message) -> None:
        assert self.process.stdin is not None
        for message in messages:
            self.process.stdin.write(b"".join(self.channel.send(message)))
        self.process.stdin.flush()

    def _hear(self) -> Iterator[Message]:
        assert self.process.stdout is not None
        while data := os.read(self.process.stdout.fileno(), 65536):
            yield from self.channel.receive(data)

    def until(self, kind: type) -> None:
        """Hear all up to a message of this kind."""
        next(message for message in self.heard if isinstance(message, kind))


def job(number: int, command: str) -> wire.Job:
    return wire.Job(
        number, "command", "exec", {}, None, None, False, False, 0, "exec", {}, "python3", 15,
        command.encode(),
    )  # fmt: skip


def test_a_goodbye_ends_what_runs_and_needs_no_answer(tmp_path: Path) -> None:
    above = Above()
    with above.process:
        above.say(
            job(1, f"echo $$ > {tmp_path}/pid; echo; exec sleep 60"),
            wire.Credit(1, 1000),
            wire.Pool(1, 0, b""),
            wire.Assign(1, 0, [0], b"node1"),
        )
        above.until(wire.Output)
        above.say(wire.Bye())  # and the stream goes on
        assert list(above.heard) == []
    assert above.process.returncode == 0
    assert not Path("/proc", (tmp_path / "pid").read_text().strip()).exists()
