"""One gateway as its head sees it: the program that reaches it, its channel, its heartbeat.

A link is opened once for all jobs of a task and stays until the task is stopped.  Each job
has a user of the link, which is told what the gateway says about that job, and once when
the gateway is gone.  A gateway that is not heard of for a while is gone, too.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Optional, Protocol

from clush.engine.child import KILL_GRACE, Child
from clush.engine.spawn import spawn
from clush.errors import ClushError, GatewayError, ProtocolError
from clush.events import STDERR, Event, GatewayNews
from clush.job import Job
from clush.lines import LineBuffer
from clush.runtime.activity import Activity
from clush.transport.base import LAST_WORDS, Launch
from clush.tree import pack
from clush.tree.carried import carried
from clush.tree.greeting import NOISE_MOST, Greeting, explain, readable, silent
from clush.tree.stage0 import command_line, delivery
from clush.wire import message as wire
from clush.wire.channel import HEAD, Channel
from clush.wire.message import Message

if TYPE_CHECKING:
    from clush.runtime.task import Task
    from clush.transport.base import Transport

# Seconds that a gateway may take to come up, beyond those that a connection may.
BOOT_TIME = 20.0
CONNECT_TIME = 30.0  # where the transport sets no limit

# What may wait to be written to a gateway when input is added, and what is left when it is time
# for more.  Input can be read again: what many gateways are welcome to need not be in memory.
PENDING_HIGH = 256 * 1024
PENDING_LOW = 128 * 1024

# How often a gateway is asked whether it is there, as a part of the time it may be silent.
BEATS = 5

# Kinds of Python that gateways further down may have.
KINDS = 16
TOO_MANY_KINDS = "it asks for the bundles of too many kinds of Python"

_SSH_FAILED = 255

# How long a gateway may say nothing at all.
SILENCE = 15.0


class Via(NamedTuple):
    """How gateways are reached, and what is expected of them.

    ``silence`` is how long (seconds) a gateway may say nothing at all; ``python`` is the
    command of its interpreter, as its shell reads it.
    """

    transport: Transport
    python: str = "python3"
    silence: float = SILENCE

    @property
    def key(self) -> str:
        """Equal for what is the same way."""
        return repr((*carried(self.transport), *self[1:]))


class User(Protocol):
    """A job that uses a link."""

    def link_up(self) -> None:
        """The gateway is ready for jobs; not called if it was when the user came."""

    def link_heard(self, message: Message) -> None:
        """It said something about this job."""

    def link_news(self, news: GatewayNews) -> None:
        """Something happened to it."""

    def link_room(self) -> None:
        """Most of what waited to be written to it has been."""

    def link_gone(self, in_order: bool, reason: str) -> None:
        """Nothing more will come; ``in_order`` if all that it had said was heard."""

    def link_beat(self, now: float) -> Optional[bool]:
        """Some time has passed.

        Whether it has been told what it has to be; None if it waits for nothing.
        """


class Keeper(Protocol):
    """Who has the links of a hop."""

    def failed(self, link: Link, reason: str) -> None:
        """It is of no use any more."""

    def closed(self, link: Link) -> None:
        """Its program has ended."""

    def want(self, magic: bytes, link: Link) -> None:
        """It needs the bundles for ``magic``, for its gateway or for one below that."""


class Link(Activity[Any]):
    """The way to gateway ``name``; it is opened at once."""

    def __init__(self, task: Task, name: str, via: Via, keeper: Keeper) -> None:
        super().__init__(task, _nobody, _nothing(), None, True)
        self._open = True
        self.name = name
        self.up = False
        self.gone = False
        self.shift = 0.0  # seconds to be added to its times to have ours
        self.python = ""
        self.depth = 0  # levels of gateways below it
        self.via = via
        self._keeper = keeper
        self._users: dict[int, User] = {}
        self._last_job = 0
        self._channel: Optional[Channel] = None
        self._greeting = Greeting(name, via.python)
        self._complete = False
        self._stderr = LineBuffer()
        self._last_words = b""
        self._early = b""  # lines of standard error while it comes up
        self._closing = False
        self._left = False  # whether we have said good-bye
        self._heard_at = task.loop.time()
        self._beat_at = self._heard_at
        self._serial = 0
        self._unanswered = 0  # beats since it was heard
        self._asked = False  # whether it is to answer a ping
        self._wanted: set[bytes] = set()  # kinds of Python that it has asked bundles for
        self._kill_timer: Optional[asyncio.TimerHandle] = None
        task.add(self)
        wait = getattr(via.transport, "connect_timeout", None) or CONNECT_TIME
        self.boot_limit = wait + BOOT_TIME
        self._timer = task.loop.call_later(self.boot_limit, self._too_late)
        self._start()

    # -- for jobs ---------------------------------------------------------------------

    def use(self, user: User) -> int:
        """Have ``user`` told; returns the number of its job on this link."""
        self._last_job += 1
        self._users[self._last_job] = user
        return self._last_job

    def leave(self, job: int) -> None:
        """The job is of no interest any more."""
        if self._users.pop(job, None) is None:
            return
        if self.up and self._channel is not None and self._channel.state(job) != "unknown":
            self.send(wire.JobEnd(job))
        if self._closing and not self._users:
            self._close()

    def send(self, message: Message) -> None:
        """Say ``message``; of one that is gone, nothing is done."""
        if self.gone or self._left or self._channel is None or self._channel.finished:
            return
        for part in self._channel.send(message):
            self.child.write(part)

    def complete(self) -> None:
        """Give it the modules that not every gateway needs; it is up."""
        interpreter = self._greeting.interpreter
        if not self._complete and interpreter is not None:
            self._complete = True
            magic = interpreter.magic
            self.send(wire.Bundle(magic.hex(), "rest", pack.pack(magic, "rest")))

    def window(self, job: int) -> int:
        """Bytes of input that are welcome for a job: none while much waits to be written."""
        if self._channel is None or self.child.pending >= PENDING_HIGH:
            return 0
        return self._channel.window(job)

    @property
    def pings(self) -> int:
        """How many pings were sent."""
        return self._serial

    @property
    def pongs(self) -> int:
        """How many pings were answered."""
        return self._serial - self._asked

    @property
    def usable(self) -> bool:
        """Whether it may be used by more jobs."""
        return not (self.gone or self._closing)

    def fail(self, reason: object, in_order: bool = False) -> None:
        """It is of no use: stop it and tell those who use it."""
        if self.gone:
            return
        self.gone = True
        self._timer.cancel()
        users, self._users = self._users, {}
        reason = str(reason)
        prefix = f"gateway {self.name}: "
        reason = reason[len(prefix) :] if reason.startswith(prefix) else reason
        if not self._closing:
            self._keeper.failed(self, reason)
        self._tell_early(users.values(), reason)
        for user in users.values():
            user.link_gone(in_order, reason)
        if self._live:
            self.child.stop(0)

    # -- for the task -----------------------------------------------------------------

    def abort(self, grace: float = KILL_GRACE, *, timed_out: bool = False) -> None:
        """Close it when its jobs are done, or after the grace time."""
        self._closing = True
        if not self._users or not self.up:
            self._close()
        if self._kill_timer is None:
            # It may have to do the same for one below, and then must not be the first to go.
            limit = grace + KILL_GRACE * (1 + self.depth)
            self._kill_timer = self._task.loop.call_later(
                limit, self.fail, "it did not stop in time"
            )
        if grace <= 0:
            self.fail("stopped at once")

    def fanout_changed(self) -> None:
        """Have it run as many at once as we do."""
        if self.up:
            self.send(wire.Fanout(None, min(self._task.fanout, wire.MAX_NUMBER)))

    def set_paused(self, paused: bool) -> None:
        """It is heard in any case: what it may say is bounded by credit."""

    # -- its program ------------------------------------------------------------------

    def _start(self) -> None:
        try:
            job = Job((self.name,), command_line(self.via.python), self.via.transport)  # type: ignore[arg-type]
            launch = next(iter(self.via.transport.launches(job._replace(stdin=True))))
            env = dict(os.environb)
            env.update((os.fsencode(k), os.fsencode(v)) for k, v in (launch.env or {}).items())
            self.child = Child(self._task.loop, spawn(launch.argv, env, stdin=True), self)
        except ClushError as exc:
            self._task.loop.call_soon(self._never, exc)
        else:
            self._live.add(self.child)
            self._task.loop.call_soon(pack.prepare)

    def _never(self, exc: ClushError) -> None:
        self.fail(exc, in_order=True)
        self._finish()

    def child_output(self, stream: str, data: bytes) -> None:
        # What the program says that reaches it, or something else there, is no sign of its life.
        if stream != STDERR or self._channel is None:
            self._heard_at = self._task.loop.time()
            self._unanswered = 0
        if stream == STDERR:
            self._last_words = (self._last_words + data)[-LAST_WORDS:]
            self._complained(self._stderr.feed(data))
        elif self.gone:
            pass
        elif self._channel is None:
            self._greet(data)
        else:
            self._receive(data)

    def child_written(self, size: int) -> None:
        pending = self.child.pending
        if pending:  # it has much to read, and does
            self._unanswered = 0
        if pending < PENDING_LOW <= pending + size:
            self._task.loop.call_soon(self._has_room)

    def _has_room(self) -> None:
        for user in tuple(self._users.values()):
            user.link_room()

    def child_input_lost(self, size: int) -> None:
        """Its end will be told."""

    def child_ended(self, returncode: Optional[int]) -> None:
        self._complained(self._stderr.flush())
        if not self.gone and not self._closing:
            if self._channel is None:
                why = explain(self.name, returncode, self._greeting.noise, self._last_words)
                self.fail(why, in_order=True)
            else:
                # rsh ends as in order when its connection is lost, too
                told = returncode is not None and 0 <= returncode != _SSH_FAILED
                in_order = told and self.via.transport.name != "rsh"
                self.fail(_how_it_ended(returncode, self._last_words), in_order)
        self.gone = True
        self._finish()

    def _finish(self) -> None:
        self._timer.cancel()
        if self._kill_timer is not None:
            self._kill_timer.cancel()
        users, self._users = self._users, {}
        for user in users.values():
            user.link_gone(False, "the connection was closed")
        self._keeper.closed(self)
        self._live.clear()
        self._open = False
        self.check_over()

    def _close(self) -> None:
        if self.gone or self._left or not self._live:
            return
        if self.up:
            self.send(wire.Bye())
            self._left = True
            self.child.write_eof()
        else:
            self.fail("stopped before it was up", in_order=True)

    def _too_late(self) -> None:
        greeted = self._greeting.interpreter is not None
        self.fail(silent(self.name, self.boot_limit, greeted), in_order=True)

    # -- what it says -----------------------------------------------------------------

    def _greet(self, data: bytes) -> None:
        try:
            if not self._greeting.feed(data):
                return
        except GatewayError as exc:
            self.fail(exc, in_order=True)
            return
        self._news("stderr", self._greeting.noise)
        self._tell_early(self._users.values())
        assert self._greeting.interpreter is not None
        magic = self._greeting.interpreter.magic
        try:
            self.deliver(pack.pack(magic))
        except KeyError:
            self._keeper.want(magic, self)

    def deliver(self, bundle: bytes) -> None:
        """Send it what it needs to be a gateway."""
        if self.gone or self._channel is not None:
            return
        self._channel = Channel(HEAD)
        self.child.write(delivery(bundle))
        self.send(wire.Hello(self.name, "", time.time()))
        if self._greeting.rest:
            self._receive(self._greeting.rest)

    def _receive(self, data: bytes) -> None:
        assert self._channel is not None
        try:
            for message in self._channel.receive(data):
                if not self.gone:
                    self._hear(message)
        except ProtocolError as exc:
            self.fail(f"it broke the rules of the channel: {exc}")

    def _hear(self, message: Message) -> None:
        if isinstance(message, wire.Hello):
            self._is_up(message)
        elif isinstance(message, wire.Want):
            self._want(bytes.fromhex(message.magic))
        elif isinstance(message, wire.Bye):
            if not self._closing:
                why = readable(message.data)
                self.fail(why or "it ended by itself", in_order=True)
        elif isinstance(message, wire.Pong):
            self._asked = False
        else:
            self._pass_on(message)

    def _want(self, magic: bytes) -> None:
        """One below it needs a bundle; it asks once for all of that kind."""
        if magic not in self._wanted:
            self._wanted.add(magic)
            if len(self._wanted) > KINDS:
                self.fail(TOO_MANY_KINDS)
            else:
                self._keeper.want(magic, self)

    def _pass_on(self, message: Message) -> None:
        job: Optional[int] = getattr(message, "job", None)
        user = self._users.get(job) if job is not None else None
        if user is not None:
            user.link_heard(message)

    def _is_up(self, hello: wire.Hello) -> None:
        self.shift = time.time() - hello.clock
        self.python = readable(hello.python.encode(errors="replace"))
        self.up = True
        self._timer.cancel()
        self._beat_at = self._task.loop.time()
        self._next_beat()
        self.fanout_changed()
        for user in tuple(self._users.values()):
            user.link_up()
        self._tell(GatewayNews(self.name, "up", self.python))
        if self._closing and not self._users:
            self._close()

    def _news(self, kind: str, data: bytes) -> None:
        if data:
            text = data.decode(errors="replace").rstrip("\r\n")
            self._tell(GatewayNews(self.name, kind, text.replace("\r\n", "\n")))

    def _complained(self, lines: bytes) -> None:
        """It, or the program that reaches it, said this on standard error."""
        if self._channel is None and not self.gone:
            self._early = (self._early + lines)[-NOISE_MOST:]
        else:
            self._news("stderr", lines)

    def _tell_early(self, users: Iterable[User], reason: str = "") -> None:
        """Pass on the complaints of one that was coming up, but those that ``reason`` quotes."""
        lines = self._early.decode(errors="replace").splitlines()
        self._early = b""
        text = "\n".join([line for line in lines if line.strip() not in reason])
        if text:
            for user in tuple(users):
                user.link_news(GatewayNews(self.name, "stderr", text))

    def _tell(self, news: GatewayNews) -> None:
        for user in tuple(self._users.values()):
            user.link_news(news)

    # -- heartbeat --------------------------------------------------------------------

    def _next_beat(self) -> None:
        self._timer = self._task.loop.call_later(self.via.silence / BEATS, self._beat)

    def _beat(self) -> None:
        now = self._task.loop.time()
        # Who was held up himself cannot blame others for what he has not heard.
        late = now - self._beat_at > 2 * self.via.silence / BEATS
        self._beat_at = now
        if not late and self._unanswered >= BEATS:
            self.fail(f"nothing was heard of it for {self.via.silence:g} s")
            return
        self._unanswered += 1
        if not (self.child.pending or self._asked):
            self._asked = True
            self._serial += 1
            self.send(wire.Ping(self._serial))
        # What one job waits for, another one may hold up: they share the window there.
        told = [user.link_beat(now) for user in tuple(self._users.values())]
        if False in told and True not in told:
            self.fail("it does not tell what becomes of its nodes")
        if not self.gone:
            self._next_beat()


def news_of(note: wire.Note) -> GatewayNews:
    """What a gateway says of one below; reasons are lines for people, whatever it says."""
    stderr = note.kind == "stderr"
    text = note.data.decode(errors="replace") if stderr else readable(note.data)
    return GatewayNews(note.gateway, note.kind, text)


def _how_it_ended(returncode: Optional[int], last_words: bytes) -> str:
    if returncode == _SSH_FAILED or returncode is None:
        lines = last_words.split(b"\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), b"")
        text = readable(said)
        return f"the connection was lost: {text}" if text else "the connection was lost"
    if returncode < 0:
        return f"the program that reaches it was killed by signal {-returncode}"
    if returncode > 128:
        return f"it was killed by signal {returncode - 128}"
    return f"it ended with code {returncode}"


def _nobody(_event: Event) -> None:
    """Links have no events of their own."""


def _nothing() -> Iterator[Launch]:
    return iter(())
