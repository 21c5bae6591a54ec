"""A gateway: what runs on a host that others are reached through, for as long as its head lives.

It does what its head tells it over the channel, and nothing else.  When the channel ends, it
stops what it has started and leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Callable, Optional

from clush.engine.inlets import Inlets
from clush.engine.limits import (
    children_within,
    descriptor_limits,
    descriptors_needed,
    set_descriptor_limit,
)
from clush.engine.loop import new_loop
from clush.engine.outlet import Outlet
from clush.errors import ClushError, ProtocolError
from clush.job import Job
from clush.runtime.task import Task
from clush.tree import bootstrap
from clush.tree.branch import Branch
from clush.tree.carried import made
from clush.tree.upward import Upward
from clush.wire import message as wire
from clush.wire import ways
from clush.wire.channel import GATEWAY, Channel
from clush.wire.message import Message

if TYPE_CHECKING:
    from clush.tree.intake import Intake
    from clush.tree.link import Via
    from clush.tree.links import Links

# Bytes on their way up above which nothing more is read from what runs, and the level at
# which it is read again.
UP_HIGH = 1024 * 1024
UP_LOW = 256 * 1024

# Commands at once, whoever asks for more.
_MOST_AT_ONCE = 65536

# Seconds for the last words to get away.
LAST_WORDS_TIME = 1.0

# Seconds of silence after which a gateway shows that it is there while it hears input.
SIGN = 1.0


def main(channel_in: int, channel_out: int, bundle: bytes) -> None:
    """Serve the head at the other end of the descriptors until it is gone."""
    loop = new_loop()
    asyncio.set_event_loop(loop)
    status = loop.run_until_complete(Gateway(loop, channel_in, channel_out, bundle).serve())
    sys.stdout.flush()
    os._exit(status)  # no interpreter's end to wait for, nothing is left


class Gateway:
    """One end of a channel, and the jobs that came over it."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, channel_in: int, channel_out: int, bundle: bytes
    ) -> None:
        for fd in (channel_in, channel_out):
            os.set_blocking(fd, False)
        self._loop = loop
        loop.set_exception_handler(self._broken)
        self._channel = Channel(GATEWAY)
        self._jobs: dict[int, tuple[Branch, Upward]] = {}
        self._bundle_here = bundle
        self._links: Optional[Links] = None  # once all modules are here
        self._gos: deque[tuple[int, Callable[[], object]]] = deque()
        self._gone = 0  # bytes that are in the hands of the system
        self._status = 0
        self._turn = 0
        self._said_at = 0.0
        self._in = channel_in
        self._outlet = Outlet(loop, channel_out, self._taken, self._head_deaf)
        self._paused = False

    async def serve(self) -> int:
        """Until the head is gone; returns the exit status."""
        async with Task() as self._task:
            self._task.hold(self)
            self.say(wire.Hello("", sys.version.split()[0], time.time()))
            inlets = Inlets(self._loop, {self._in: "head"}, self._heard, self._head_gone)
            try:
                await self._task.join()
            except ClushError as exc:
                self._end(str(exc), 1)
            if inlets:
                await self._last_words()
            self._outlet.close()
            inlets.close()
        return self._status

    # -- up ---------------------------------------------------------------------------

    def say(self, message: Message) -> None:
        """Send ``message`` to the head."""
        self._said_at = self._loop.time()
        if not self._channel.finished:
            for part in self._channel.send(message):
                self._outlet.write(part)

    def window(self, job: int) -> int:
        """Bytes of output that are welcome."""
        return self._channel.window(job)

    def when_taken(self, go: Callable[[], object]) -> None:
        """Call ``go`` when all that was said is in the hands of the system."""
        if self._outlet.pending:
            self._gos.append((self._gone + self._outlet.pending, go))
        else:
            go()

    def check_flow(self) -> None:
        """Read less, or again, as the way up allows."""
        held = self._outlet.pending + sum(up.held for _, up in self._jobs.values())
        if not self._paused and held > UP_HIGH:
            self._paused = True
            self._task.pause()
            for _, up in tuple(self._jobs.values()):
                up.settled()  # it is no use to wait for more of the same
        elif self._paused and held < UP_LOW:
            self._paused = False
            self._task.resume()
            for branch, _ in tuple(self._jobs.values()):
                branch.resume()

    @property
    def busy(self) -> bool:
        return self._paused

    @property
    def failure(self) -> str:
        """Why nothing can be carried out any more."""
        return str(self._task.error or "")

    def _taken(self, size: int) -> None:
        self._gone += size
        while self._gos and self._gos[0][0] <= self._gone:
            self._loop.call_soon(self._gos.popleft()[1])
        if self._paused:
            self.check_flow()

    def _want(self, magic: bytes) -> None:
        self.say(wire.Want(magic.hex()))

    # -- ends -------------------------------------------------------------------------

    def _head_gone(self, _name: str) -> None:
        self._leave()

    def _head_deaf(self, _lost: int) -> None:
        self._leave()

    def _leave(self) -> None:
        """Begin nothing more, and let go."""
        for branch, up in self._jobs.values():
            up.close()
            branch.leave()
        self._task.release(self)

    def _end(self, why: str, status: int) -> None:
        self._status = status
        try:
            for _, up in self._jobs.values():
                up.settled()
            self.say(wire.Bye(why.encode(errors="replace")[: wire.MAX_TEXT]))
        except ProtocolError:  # too early for last words
            pass
        self._leave()

    def _broken(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An error of ours: what it has interrupted may be waited for in vain."""
        loop.default_exception_handler(context)
        if "handle" in context:
            self._end(f"an error of its own: {context['exception']!r}", 1)

    async def _last_words(self) -> None:
        limit = self._loop.time() + LAST_WORDS_TIME
        while self._outlet.pending and self._loop.time() < limit:
            await asyncio.sleep(0.01)

    # -- down -------------------------------------------------------------------------

    def _heard(self, _name: str, data: bytes) -> None:
        try:
            for message in self._channel.receive(data):
                _HEARD[type(message)](self, message)
        except ClushError as exc:
            self._end(f"{type(exc).__name__}: {exc}", exc.exit_code)
        except ImportError as exc:
            self._end(f"ProtocolError: no BUNDLE with it came before: {exc}", 1)

    def _hello(self, message: wire.Hello) -> None:
        """Our name tells us from the others of our level."""
        self._turn = sum(message.name.encode(errors="replace"))

    def _job(self, message: wire.Job) -> None:
        fanout = message.fanout
        work = Job(
            (),  # type: ignore[arg-type]
            message.data.decode("utf-8", "surrogateescape"),
            made(message.transport, message.settings),
            timeout=message.timeout,
            fanout=None if fanout is None else self._make_room(fanout),
            stdin=message.stdin,
            merge_stderr=message.merge,
            raw=message.kind == "fetch",
        )
        number = message.job
        up = Upward(self, number, message.grooming, work.raw)
        branch = Branch(
            self._task, work, work.command, self._links, self._via(message), up,
            grooming=message.grooming, turn=self._turn,
        )  # fmt: skip
        if work.stdin:
            from clush.tree.intake import Intake

            branch.intake = Intake(
                branch,
                lambda pass_no: self.say(wire.Pass(number, pass_no)),
                lambda size: self.say(wire.Credit(number, size)),
            )
        self._jobs[number] = branch, up

    def _via(self, message: wire.Job) -> Optional[Via]:
        """How gateways below are reached."""
        if self._links is None:
            return None
        from clush.tree.link import Via

        return Via(made(message.via, message.via_settings), message.python, message.silence)

    def _pool(self, message: wire.Pool) -> None:
        branch, _ = self._jobs[message.job]
        branch.add_pool(message.pool, ways.read(message.data))
        branch.schedule()

    def _assign(self, message: wire.Assign) -> None:
        names = message.data.decode("utf-8", "surrogateescape").split("\n")
        self._jobs[message.job][0].add(message.pool, message.ids, names)

    def _take(self, message: wire.Take) -> None:
        self._jobs[message.job][0].give_back(message.pool, message.limit)

    def _input(self, message: wire.Input) -> None:
        self._intake(message.job).input(message)
        # On a slow connection a PING waits behind more of this for longer than we may be silent.
        silent = self._loop.time() - self._said_at >= SIGN
        if silent and not self._jobs[message.job][0].stopping:
            self.say(wire.Written(message.job, [], 0))

    def _input_end(self, message: wire.InputEnd) -> None:
        self._intake(message.job).end(message)

    def _cancel(self, message: wire.Cancel) -> None:
        self._jobs[message.job][0].stop(message.grace, timed_out=message.timed_out)

    def _fanout(self, message: wire.Fanout) -> None:
        fanout = self._make_room(message.fanout)
        if message.job is None:
            self._task.fanout = fanout
            for branch, _ in self._jobs.values():
                branch.fanout_changed()
        else:
            self._jobs[message.job][0].set_fanout(fanout)

    def _make_room(self, fanout: int) -> int:
        """Have the descriptors that so many commands need; how many there can be."""
        fanout = min(fanout, _MOST_AT_ONCE)
        soft = descriptor_limits()[0]
        if children_within(soft, fanout) < fanout:
            soft = set_descriptor_limit(descriptors_needed(fanout))
        return max(1, children_within(soft, fanout))

    def _bundle(self, message: wire.Bundle) -> None:
        magic = bytes.fromhex(message.magic)
        if self._links is None:  # the first is for this gateway itself
            bootstrap.add(message.data)
            from clush.tree import pack
            from clush.tree.links import Links

            pack.adopt(magic, "first", self._bundle_here)
            self._links = Links(self._want)
        self._links.arrived(magic, message.part, message.data)

    def _credit(self, message: wire.Credit) -> None:
        self._jobs[message.job][1].empty()

    def _ping(self, message: wire.Ping) -> None:
        self.say(wire.Pong(message.serial))

    def _job_end(self, message: wire.JobEnd) -> None:
        branch, up = self._jobs.pop(message.job)
        up.close()
        branch.stop(0)
        branch.close()
        self.check_flow()

    def _bye(self, message: wire.Bye) -> None:
        self._leave()

    def _intake(self, job: int) -> Intake:
        intake: Optional[Intake] = self._jobs[job][0].intake  # type: ignore[assignment]
        if intake is None:
            raise ProtocolError(f"INPUT: job {job} has none")
        return intake


_HEARD: dict[type, Callable[..., None]] = {
    wire.Hello: Gateway._hello,
    wire.Job: Gateway._job,
    wire.Pool: Gateway._pool,
    wire.Assign: Gateway._assign,
    wire.Take: Gateway._take,
    wire.Input: Gateway._input,
    wire.InputEnd: Gateway._input_end,
    wire.Cancel: Gateway._cancel,
    wire.Fanout: Gateway._fanout,
    wire.Bundle: Gateway._bundle,
    wire.Credit: Gateway._credit,
    wire.Ping: Gateway._ping,
    wire.JobEnd: Gateway._job_end,
    wire.Bye: Gateway._bye,
}
