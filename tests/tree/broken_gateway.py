"""A gateway that goes wrong in a way that is asked for: ``broken_gateway.py STAGE HOW``.

It is a good one until STAGE, and then dies, stops, talks nonsense or lies.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.util import MAGIC_NUMBER
from typing import Callable, NoReturn

from clush.errors import ProtocolError
from clush.tree.stage0 import MARK
from clush.wire import message as wire
from clush.wire.channel import GATEWAY, Channel
from clush.wire.frame import encode
from clush.wire.message import Message
from clush.wire.table import to_frame

# What no frame begins with, as long as a header would be that long.
NONSENSE = b"\xff" * 5000


def wait() -> NoReturn:
    while True:
        signal.pause()


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    wait()


def stop() -> NoReturn:
    os.kill(os.getpid(), signal.SIGSTOP)
    wait()


def leave() -> NoReturn:
    sys.exit(0)


def lose_connection() -> NoReturn:
    """As ssh ends when the other side is gone."""
    os.write(2, b"Connection to gw1 closed by remote host.\r\n")
    sys.exit(255)


def talk_nonsense() -> NoReturn:
    os.write(1, NONSENSE)
    wait()


def flood() -> NoReturn:
    """More than anybody can hold, of nothing that means anything."""
    while True:
        os.write(1, b"y" * 65536)


def speak_of_no_job() -> NoReturn:
    os.write(1, framed(ended(77, [1])))
    wait()


def framed(message: Message) -> bytes:
    """What a channel may not let through."""
    return b"".join(encode(*to_frame(message)))


HOW: dict[str, Callable[[], NoReturn]] = {
    "dies": die,
    "stops": stop,
    "leaves": leave,
    "is cut off": lose_connection,
    "talks nonsense": talk_nonsense,
    "floods": flood,
    "speaks of no job": speak_of_no_job,
}


class Stub:
    """Comes up as a gateway does, as far as ``stage``, and goes wrong there."""

    def __init__(self, stage: str, wrong: Callable[[], NoReturn]) -> None:
        self.stage = stage
        self.wrong = wrong
        self.channel = Channel(GATEWAY)

    def clock(self) -> float:
        return time.time()

    def at(self, stage: str) -> None:
        if stage == self.stage:
            self.wrong()

    def run(self) -> None:
        self.at("before the greeting")
        os.write(1, MARK + f"{sys.hexversion:#x} {MAGIC_NUMBER.hex()}\n".encode())
        self.at("greeted")
        self.receive_bundle()
        self.say(wire.Hello("", "3.9.0", self.clock()))
        self.at("up")
        for message in self.heard():
            if isinstance(message, wire.Ping):
                self.say(wire.Pong(message.serial))
            elif isinstance(message, wire.Job):
                self.job(message)
            elif isinstance(message, wire.Assign):
                self.assigned(message)

    def job(self, message: wire.Job) -> None:
        self.at("declared")
        self.say(wire.Pull(message.job, 8, 2))

    def assigned(self, message: wire.Assign) -> None:
        self.at("queued")
        self.say(wire.Exposed(message.job, message.ids))
        self.at("exposed")

    def receive_bundle(self) -> None:
        line = b""
        while not line.endswith(b"\n"):
            line += os.read(0, 1)
        source = eval(line)
        left = int(source.partition("while len(bundle) < ")[2].partition(":")[0])
        while left:
            left -= len(os.read(0, min(left, 10000)))
            self.at("within the bundle")

    def say(self, *messages: Message) -> None:
        for message in messages:
            for part in self.channel.send(message):
                os.write(1, part)

    def heard(self) -> Iterator[Message]:
        while data := os.read(0, 65536):
            yield from self.channel.receive(data)


class Idler(Stub):
    """Is there, and does nothing any more from STAGE on."""

    def job(self, message: wire.Job) -> None:
        if self.stage != "declared":
            super().job(message)

    def assigned(self, message: wire.Assign) -> None:
        """They are kept."""
        if self.stage == "started":
            self.say(wire.Exposed(message.job, message.ids), started(message.job, message.ids))


class Liar(Stub):
    """Does nothing and says it did, with more besides; its own targets all end with 3."""

    def clock(self) -> float:
        return 9e10 if self.stage == "from the future" else super().clock()

    def assigned(self, message: wire.Assign) -> None:
        self.say(wire.Exposed(message.job, message.ids))
        LIES[self.stage](self, message.job, message.ids)
        self.say(ended(message.job, message.ids))


def started(job: int, ids: Sequence[int]) -> wire.Started:
    return wire.Started(job, ids, [time.time()] * len(ids))


def ended(job: int, ids: Sequence[int], rc: int = 3) -> wire.Ended:
    now = [time.time()] * len(ids)
    return wire.Ended(job, ids, "failed", rc, now, now, b"\x1b[2Ja lie\nover two lines")


OTHERS = list(range(1000, 1010))  # numbers of no target at all


def about_others(stub: Stub, job: int, ids: Sequence[int]) -> None:
    """Everything there is to say, about targets of nobody and of the other gateway."""
    for numbers in (OTHERS, [number for number in range(24) if number not in ids]):
        stub.say(
            wire.Exposed(job, numbers),
            started(job, numbers),
            wire.Output(job, "stdout", numbers, b"a lie\n"),
            wire.Written(job, numbers, 5),
            wire.InputLost(job, numbers, 5),
            ended(job, numbers),
            wire.Returned(job, numbers, b""),
            wire.Returned(job, numbers, b"no way"),
        )


def twice(stub: Stub, job: int, ids: Sequence[int]) -> None:
    """Each ends, and ends, and is given back."""
    stub.say(ended(job, ids), ended(job, ids, 99), wire.Returned(job, ids, b""))


def given_back_and_done(stub: Stub, job: int, ids: Sequence[int]) -> None:
    """Each is exposed, then given back as if it had never been."""
    stub.say(wire.Returned(job, ids, b"no way"), ended(job, ids, 99))


def news_of_all(stub: Stub, job: int, ids: Sequence[int]) -> None:
    stub.say(wire.Note("gw2", "lost", job, OTHERS, b"a lie"))


def beyond_all_bounds(stub: Stub, job: int, ids: Sequence[int]) -> None:
    """Numbers that a relay cannot pass on, once it has made its own of them."""
    stub.say(
        wire.Started(job, ids, [0] * len(ids)),
        *[wire.Written(job, ids, wire.MAX_SIZE)] * 3,
    )


LIES = {
    "about others": about_others,
    "twice": twice,
    "given back and done": given_back_and_done,
    "news": news_of_all,
    "from the future": beyond_all_bounds,
}


class Breaker(Stub):
    """Says what no honest gateway would, and then nothing more."""

    def assigned(self, message: wire.Assign) -> None:
        self.say(wire.Exposed(message.job, message.ids))
        BREACHES[self.stage](self, message.job, message.ids)


def what_it_has_started(stub: Stub, job: int, ids: Sequence[int]) -> None:
    stub.say(started(job, ids), wire.Returned(job, ids, b"no way"))


def what_nobody_asked_for(stub: Stub, job: int, ids: Sequence[int]) -> None:
    stub.say(wire.Returned(job, ids, b""))


def input_of_none(stub: Stub, job: int, _ids: Sequence[int]) -> None:
    stub.say(wire.Pass(job, 1))


def others_without_end(stub: Stub, job: int, ids: Sequence[int]) -> None:
    stub.say(*[wire.Exposed(job, [*ids, *range(1000, 51_000)])] * 3)


def bundles_of_many(stub: Stub, _job: int, _ids: Sequence[int]) -> None:
    stub.say(*[wire.Want(f"{number:08x}") for number in range(1000)])


BREACHES = {
    "gives back what it has started": what_it_has_started,
    "gives back what nobody asked for": what_nobody_asked_for,
    "asks for input where there is none": input_of_none,
    "asks for too many bundles": bundles_of_many,
    "speaks of others without end": others_without_end,
}


def main() -> None:
    stage, how = sys.argv[1:]
    if how == "lies":
        stub: Stub = Liar(stage, leave)
    elif how == "breaks the rules":
        stub = Breaker(stage, leave)
    elif how == "does nothing":
        stub = Idler(stage, leave)
    else:
        stub = Stub(stage, HOW[how])
    try:
        stub.run()
    except (ProtocolError, BrokenPipeError):
        sys.exit(70)


if __name__ == "__main__":
    main()
