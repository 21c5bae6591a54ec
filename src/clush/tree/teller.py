"""What a branch reports at the head, as the events of a job: names again, and whole lines."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Callable, Optional

from clush.events import STDERR, STDOUT, Ended, Event, GatewayNews, Output, Started, Status, Written
from clush.lines import LineBuffer
from clush.tree.reports import RC_LOST

if TYPE_CHECKING:
    from clush.plan.router import Pull
    from clush.runtime.activity import Alike
    from clush.tree.reports import Ends


class Teller:
    """The reporter of a branch whose targets have the names ``names``.

    ``emit`` hears the events; ``input_lost(nodes, size)`` of input that was not taken, and
    ``changed()`` is called when a target has started or ended.  If there is an ``alike``, that
    hears of whole lines that several nodes have said, in place of ``emit``.
    """

    alike: Optional[Alike] = None

    def __init__(
        self,
        names: Mapping[int, str],
        emit: Callable[[Event], object],
        input_lost: Callable[[tuple[str, ...], int], object],
        changed: Callable[[], object],
    ) -> None:
        self.busy = False
        self.left = len(names)  # how many have not ended
        self.unstarted = set(names)
        self._running: dict[int, float] = {}  # since when
        self._names = names
        self._emit = emit
        self._input_lost = input_lost
        self._changed = changed
        self._unfinished: dict[tuple[str, int], LineBuffer] = {}  # lines

    def pull(self, pull: Pull) -> None:
        """All targets have been given."""

    def exposed(self, ids: Sequence[int], go: Callable[[], object]) -> None:
        """Nobody is above us who might believe anything."""
        go()

    def started(self, ids: Sequence[int], at: Sequence[float], gateway: str = "") -> None:
        for number, when in zip(ids, at):
            if number in self.unstarted:
                self.unstarted.remove(number)
                self._running[number] = when
                self._emit(Started(self._names[number], when, gateway))
        self._changed()

    def output(self, ids: Sequence[int], stream: str, data: bytes) -> None:
        if data.endswith(b"\n") and not self._unfinished:
            if self.alike is not None and len(ids) > 1:
                self.alike(self._named(ids), stream, data)
                return
            for number in ids:
                self._emit(Output(self._names[number], stream, data))
        else:
            for number in ids:
                self._output_unfinished(number, stream, data)

    def written(self, ids: Sequence[int], size: int) -> None:
        for number in ids:
            self._emit(Written(self._names[number], size))

    def input_lost(self, ids: Sequence[int], size: int) -> None:
        self._input_lost(self._named(ids), size)

    def ended(self, ends: Ends) -> None:
        how = ends.status, ends.rc, ends.detail
        for number, begin, end in zip(ends.ids, ends.started, ends.ended):
            if self._unfinished:
                self._flush(number)
            if begin is not None and number in self.unstarted:
                self.started((number,), (begin,), ends.gateway)
            self._end(number, Ended(self._names[number], *how, begin, end, ends.gateway))
        self._changed()

    def returned(self, ids: Sequence[int], why: str) -> None:
        """Nobody else is there who could do it: it was never started."""
        now = time.time()
        for number in ids:
            name = self._names[number]
            self._end(number, Ended(name, Status.NOT_STARTED, RC_LOST, why, None, now))
        self._changed()

    def news(self, news: GatewayNews, ids: Sequence[int] = ()) -> None:
        self._emit(news._replace(nodes=self._named(ids)) if ids else news)

    def settled(self) -> None:
        self._changed()

    def _end(self, number: int, event: Ended) -> None:
        self.left -= 1
        self.unstarted.discard(number)
        began = self._running.pop(number, None)
        if event.started is None and began is not None:  # who lost it could not know
            event = event._replace(started=began)
        self._emit(event)

    def _named(self, ids: Sequence[int]) -> tuple[str, ...]:
        return tuple(self._names[number] for number in ids)

    def _output_unfinished(self, number: int, stream: str, data: bytes) -> None:
        """Make whole lines of pieces."""
        key = stream, number
        buffer = self._unfinished.setdefault(key, LineBuffer())
        lines = buffer.feed(data)
        if data.endswith(b"\n"):
            del self._unfinished[key]
        if lines:
            self._emit(Output(self._names[number], stream, lines))

    def _flush(self, number: int) -> None:
        for stream in (STDOUT, STDERR):
            buffer = self._unfinished.pop((stream, number), None)
            rest = buffer.flush() if buffer is not None else b""
            if rest:
                self._emit(Output(self._names[number], stream, rest))
