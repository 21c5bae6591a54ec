"""What a gateway reports of one job: groomed, in order, within the window of its head.

Ends and starts are held back together with output, so that few messages say much; when
nothing is left to be done they go at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Callable, Optional

from clush.events import GatewayNews, Status
from clush.tree.groom import Groomer
from clush.wire import message as wire
from clush.wire.table import split

if TYPE_CHECKING:
    from clush.plan.router import Pull
    from clush.tree.gateway import Gateway
    from clush.tree.reports import Ends
    from clush.wire.message import Message

# Output held back above which there is no waiting for more of the same.
GROOMED_MOST = 512 * 1024

# A shorter wait than this (seconds) is none.
GROOMING_LEAST = 0.001

_End = tuple[Status, Optional[int], str]


class Upward:
    """The reporter of job ``job``."""

    def __init__(self, gateway: Gateway, job: int, grooming: float, raw: bool) -> None:
        self._gateway = gateway
        self._job = job
        self._grooming = grooming if grooming > GROOMING_LEAST else 0.0
        self._raw = raw
        self._groomer = Groomer()
        self._started: dict[int, float] = {}
        self._written: dict[int, int] = {}
        self._lost: dict[int, int] = {}  # input
        self._ended: dict[_End, tuple[list[int], list[Optional[float]], list[float]]] = {}
        self._timer: Optional[asyncio.Handle] = None
        self._box: deque[Message] = deque()  # waits for credit
        self._boxed = 0
        self._closed = False

    @property
    def held(self) -> int:
        """Bytes that are here, and not on the way."""
        return self._groomer.size + self._boxed

    @property
    def busy(self) -> bool:
        return self._gateway.busy

    def close(self) -> None:
        """Nothing more is of interest."""
        self._closed = True
        self._box.clear()
        self._boxed = 0
        self._groomer.flush()
        if self._timer is not None:
            self._timer.cancel()

    # -- reports ----------------------------------------------------------------------

    def pull(self, pull: Pull) -> None:
        self._say(
            wire.Pull(
                self._job, min(pull.more, wire.MAX_TARGETS), min(pull.ahead, wire.MAX_TARGETS)
            )
        )

    def exposed(self, ids: Sequence[int], go: Callable[[], object]) -> None:
        self._say(wire.Exposed(self._job, ids))
        self._gateway.when_taken(go)

    def started(self, ids: Sequence[int], at: Sequence[float], gateway: str = "") -> None:
        self._started.update(zip(ids, at))
        self._groom()

    def output(self, ids: Sequence[int], stream: str, data: bytes) -> None:
        if self._raw:
            self._flush()
            self._put_output(ids, stream, data)
            self.empty()
        else:
            self._groomer.output(ids, stream, data)
            self._groom()
        self._gateway.check_flow()

    def written(self, ids: Sequence[int], size: int) -> None:
        for number in ids:
            self._written[number] = min(self._written.get(number, 0) + size, wire.MAX_SIZE)
        self._groom()

    def input_lost(self, ids: Sequence[int], size: int) -> None:
        self._lost.update(dict.fromkeys(ids, size))
        self._groom()

    def ended(self, ends: Ends) -> None:
        # That we fail, or have no program to reach it with, is no end of a target: another
        # gateway may do better.
        failure = self._gateway.failure
        if ends.status is Status.NOT_STARTED and (failure or ends.rc is not None):
            self.returned(ends.ids, failure or ends.detail)
        elif not failure:
            group = self._ended.setdefault((ends.status, ends.rc, ends.detail), ([], [], []))
            group[0].extend(ends.ids)
            group[1].extend(ends.started)
            group[2].extend(ends.ended)
            self._groom()

    def returned(self, ids: Sequence[int], why: str) -> None:
        if not self._closed:
            text = why.encode(errors="replace")[: wire.MAX_TEXT]
            if ids or not why:
                self._say(wire.Returned(self._job, ids, text))

    def news(self, news: GatewayNews, ids: Sequence[int] = ()) -> None:
        if news.kind == "stderr" and self.busy:
            return  # there is no credit for complaints, and no end of them
        data = news.text.encode(errors="replace")[: wire.MAX_TEXT]
        self._say(wire.Note(news.gateway, news.kind, self._job, ids, data))
        self._gateway.check_flow()

    def settled(self) -> None:
        self._flush()
        self.empty()

    # -- on the way -------------------------------------------------------------------

    def empty(self) -> None:
        """Say what waits, as far as it is welcome."""
        while self._box and not self._closed:
            message = self._box[0]
            if isinstance(message, wire.Output):
                if self._gateway.window(self._job) <= 0:
                    return
                self._boxed -= len(message.data)
            self._box.popleft()
            self._gateway.say(message)
        self._gateway.check_flow()

    def _groom(self) -> None:
        if self._closed:
            return
        if self._groomer.size > GROOMED_MOST:
            self._flush_now()
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._grooming, self._flush_now)

    def _flush_now(self) -> None:
        self._flush()
        self.empty()

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._started:
            self._put(wire.Started(self._job, list(self._started), list(self._started.values())))
            self._started = {}
        for ids, stream, data in self._groomer.flush():
            self._put_output(ids, stream, data)
        for kind, sizes in ((wire.Written, self._written), (wire.InputLost, self._lost)):
            by_size: dict[int, list[int]] = {}
            for number, size in sizes.items():
                by_size.setdefault(size, []).append(number)
            for size, numbers in by_size.items():
                self._put(kind(self._job, numbers, size))
            sizes.clear()
        for (status, rc, detail), (numbers, started, ended) in self._ended.items():
            text = detail.encode(errors="replace")[: wire.MAX_TEXT]
            self._put(wire.Ended(self._job, numbers, status.value, rc, started, ended, text))
        self._ended = {}

    def _put_output(self, ids: Sequence[int], stream: str, data: bytes) -> None:
        """Output in pieces that fit into messages; whoever hears it makes lines of them again."""
        start = 0
        while start < len(data):
            end = start + wire.MAX_DATA
            if end < len(data):
                end = data.rfind(b"\n", start, end) + 1 or end
            piece = data[start:end] if start or end < len(data) else data
            self._put(wire.Output(self._job, stream, ids, piece))
            start = end

    def _put(self, message: Message) -> None:
        for part in split(message):
            self._box.append(part)
            if isinstance(part, wire.Output):
                self._boxed += len(part.data)

    def _say(self, message: Message) -> None:
        if not self._closed:
            for part in split(message):
                self._gateway.say(part)
