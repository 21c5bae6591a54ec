"""A channel: who may say what, and when; bytes in, messages out, and back.  No I/O, no clock.

Both sides of a channel run this, each in its role.  What a side may say depends on what *it*
has said before: ``STATES`` for the channel as a whole, ``JOB_STATES`` for each job.  As the
two sides speak at the same time, what a gateway says about a job may arrive when the head is
done with it: that is dropped.

Output and input are within windows: a side may say ``Output`` or ``Input`` of a job while the
other side's credit for it is more than what it has used.  One message may go beyond.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Optional

from clush.errors import ProtocolError
from clush.wire.frame import Decoder, encode
from clush.wire.message import (
    BOTH,
    DOWN,
    MAX_SIZE,
    UP,
    Credit,
    Hello,
    Input,
    Message,
    Output,
    Ping,
    Pong,
)
from clush.wire.table import from_frame, kind_of, to_frame

HEAD, GATEWAY = "head", "gateway"

# The states of a side: what it may say -> its state from then on.  "other": all messages that
# are not named here.
STATES: dict[str, dict[str, str]] = {
    "start": {"HELLO": "open"},
    "open": {"BYE": "closed", "other": "open"},
    "closed": {},
}
_NAMED = {name for moves in STATES.values() for name in moves}

# The states of a job, as the head makes them: what it may say, or be told -> the state then.
# A job that was never declared is "unknown"; one that is "ended" is forgotten.
JOB_STATES: dict[str, dict[str, str]] = {
    "unknown": {"JOB": "declared"},
    "declared": {
        "POOL": "declared", "ASSIGN": "running", "INPUT": "declared", "INPUT_END": "declared",
        "FANOUT": "declared", "CREDIT": "declared",
        "PULL": "declared", "PASS": "declared", "NOTE": "declared",
        "CANCEL": "cancelled", "JOB_END": "ended",
    },
    "running": {
        "POOL": "running", "ASSIGN": "running", "TAKE": "running", "INPUT": "running",
        "INPUT_END": "running", "FANOUT": "running", "CREDIT": "running",
        "PULL": "running", "PASS": "running", "NOTE": "running", "EXPOSED": "running",
        "STARTED": "running", "OUTPUT": "running", "ENDED": "running", "RETURNED": "running",
        "WRITTEN": "running", "INPUT_LOST": "running",
        "CANCEL": "cancelled", "JOB_END": "ended",
    },
    "cancelled": {
        "CREDIT": "cancelled", "FANOUT": "cancelled", "CANCEL": "cancelled",
        "PULL": "cancelled", "PASS": "cancelled", "NOTE": "cancelled", "EXPOSED": "cancelled",
        "STARTED": "cancelled", "OUTPUT": "cancelled", "ENDED": "cancelled",
        "RETURNED": "cancelled", "WRITTEN": "cancelled", "INPUT_LOST": "cancelled",
        "JOB_END": "ended",
    },
    "ended": {},
}  # fmt: skip

# Jobs that live at once, and pings that wait for an answer: what a peer can make us hold.
MAX_JOBS = 65536
MAX_PINGS = 64


class _Job:
    """A job: its state, and what may still be said (``ours``), or heard (``theirs``), of data."""

    __slots__ = ("ours", "state", "theirs")

    def __init__(self) -> None:
        self.state = "declared"
        self.ours = 0
        self.theirs = 0


class Channel:
    """One side of a channel; ``role`` is HEAD or GATEWAY.

    ``version`` and ``features`` are what both sides know, from the moment that each has said
    HELLO (``version`` is 0 before); ``peer`` is the other side's HELLO.
    """

    def __init__(self, role: str) -> None:
        self.role = role
        self.version = 0
        self.features: frozenset[str] = frozenset()
        self.peer: Optional[Hello] = None
        self._hello: Optional[Hello] = None
        self._decoder = Decoder()
        self._says = DOWN if role == HEAD else UP
        self._hears = UP if role == HEAD else DOWN
        self._states = {self._says: "start", self._hears: "start"}
        self._jobs: dict[int, _Job] = {}
        self._last_job = 0
        self._pings: deque[int] = deque()
        self._dead = False

    def state(self, job: int) -> str:
        """The state of a job, of those that ``JOB_STATES`` has."""
        if job in self._jobs:
            return self._jobs[job].state
        return "ended" if job <= self._last_job else "unknown"

    def window(self, job: int) -> int:
        """Bytes of output (on a gateway), or input (on the head), that are welcome; 0 if none.

        A message may be sent while this is not 0, even if it is larger.
        """
        data = "INPUT" if self.role == HEAD else "OUTPUT"
        return max(0, self._jobs[job].ours) if data in JOB_STATES[self.state(job)] else 0

    @property
    def finished(self) -> bool:
        """The other side has said BYE: nothing more will come."""
        return self._states[self._hears] == "closed"

    def send(self, message: Message) -> list[bytes]:
        """The bytes to be written, in parts.

        ``ProtocolError`` if this may not be said, or not now: nothing has changed then.
        """
        header, data = to_frame(message)
        parts = encode(header, data)
        self._step(message, self._says)
        return parts

    def receive(self, data: bytes) -> Iterator[Message]:
        """The messages that ``data`` completes, each made (and its state with it) when drawn.

        Raises ``ProtocolError`` in the place of what is no message, or may not be said, and
        from then on at every call: the channel is dead.
        """
        if self._dead:
            raise ProtocolError("the channel is closed after an error")
        try:
            for header, payload in self._decoder.feed(data):
                message = from_frame(header, payload)
                if self._step(message, self._hears):
                    yield message
        except ProtocolError:
            self._dead = True
            raise

    def _step(self, message: Message, direction: str) -> bool:
        """Say or hear a message; False if it is of no interest any more."""
        kind = kind_of(message)
        speaker = HEAD if direction == DOWN else GATEWAY
        if kind.direction not in (direction, BOTH):
            raise ProtocolError(f"{kind.name}: not for a {speaker} to say")
        now = self._states[direction]
        state = STATES[now].get(kind.name if kind.name in _NAMED else "other")
        if state is None:
            raise ProtocolError(f"{kind.name}: not for a {speaker} whose side is at {now!r} to say")
        job = getattr(message, "job", None)
        if job is not None and not self._step_job(message, kind.name, job, direction):
            return False
        if isinstance(message, Hello):
            self._greet(message, direction)
        elif isinstance(message, Ping):
            if len(self._pings) == MAX_PINGS:
                raise ProtocolError(f"PING: {MAX_PINGS} wait for an answer")
            self._pings.append(message.serial)
        elif isinstance(message, Pong):
            if not self._pings or self._pings[0] != message.serial:
                raise ProtocolError(f"PONG: {message.serial} is not the oldest PING")
            self._pings.popleft()
        self._states[direction] = state
        return True

    def _step_job(self, message: Message, name: str, number: int, direction: str) -> bool:
        now = self.state(number)
        state = JOB_STATES[now].get(name)
        if now == "ended" and direction == self._hears == UP:
            return False  # it was said before the end was heard
        if state is None:
            raise ProtocolError(f"{name}: not now, job {number} is {now}")
        if now == "unknown":
            if len(self._jobs) == MAX_JOBS:
                raise ProtocolError(f"JOB: there are {MAX_JOBS} of them")
            self._jobs[number] = _Job()
            self._last_job = number
        elif state == "ended":
            del self._jobs[number]
        else:
            job = self._jobs[number]
            self._step_window(message, job, direction == self._says)
            job.state = state
        return True

    def _step_window(self, message: Message, job: _Job, said: bool) -> None:
        """Credit that is given, or used."""
        if isinstance(message, Credit):
            # What they are given by us is theirs to use.
            window = (job.theirs if said else job.ours) + message.size
            if window > MAX_SIZE:
                raise ProtocolError(f"CREDIT: more than {MAX_SIZE} bytes for job {message.job}")
            if said:
                job.theirs = window
            else:
                job.ours = window
        elif isinstance(message, (Input, Output)):
            if (job.ours if said else job.theirs) <= 0:
                raise ProtocolError(f"{kind_of(message).name}: no credit for job {message.job}")
            if said:
                job.ours -= len(message.data)
            else:
                job.theirs -= len(message.data)

    def _greet(self, hello: Hello, direction: str) -> None:
        """The newest version that both speak, or ``ProtocolError``."""
        if direction == self._says:
            self._hello = hello
        else:
            self.peer = hello
        if self._hello is None or self.peer is None:
            return
        ours, theirs = self._hello, self.peer
        version = min(ours.version, theirs.version)
        if version < max(ours.oldest, theirs.oldest):
            raise ProtocolError(
                f"HELLO: it speaks version {_versions(theirs)} of the protocol, "
                f"we speak {_versions(ours)}"
            )
        self.version = version
        self.features = frozenset(ours.features) & frozenset(theirs.features)


def _versions(hello: Hello) -> str:
    one = hello.oldest >= hello.version
    return str(hello.version) if one else f"{hello.oldest} to {hello.version}"
