"""A run for programs: as one JSON document at its end, or as a line of JSON per event.

Both hold what a ``Result`` holds, in the form that docs/results.md describes.  What is said
on standard error, and the exit status, are those of the other displays.

What happens is heard work by work, through ``sinks``, as a node that is told of several files
has a result for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Callable, Union

from clush.cli.display import Display, Labelled, View
from clush.cli.jsontext import document, event
from clush.document import SCHEMA, text
from clush.events import Ended, Event, GatewayNews, Output, Started, Status
from clush.job import Copy, Work
from clush.result import Collector, Result
from clush.sets.nodeset import NodeSet


class Document(Display):
    """Everything at the end; with ``texts`` what a node said also stands in its own result."""

    def __init__(self, view: View, works: Sequence[Work], texts: bool) -> None:
        super().__init__(view)
        self._collectors = [Collector() for _ in works]
        self.sinks = self._collectors
        self._works = works
        self._texts = texts

    def output(self, node: str, stream: str, data: bytes) -> None:
        """It has its place in the document."""

    def finish(self) -> None:
        results = [collector.result() for collector in self._collectors]
        for piece in document(_fields(self._works, results, self._texts)):
            self.view.console.out(piece)
        super().finish()


class Events(Labelled):
    """Each event as it happens, and the summary after the last."""

    def __init__(self, view: View, works: Sequence[Work]) -> None:
        super().__init__(view)
        self._ends = [Collector() for _ in works]
        self.sinks = [partial(self._hear, *each) for each in zip(works, self._ends)]

    def begin(self) -> None:
        nodes = [*self.view.names.rank]
        head = {"schema": SCHEMA, "nodes": self.view.names.label(nodes), "count": len(nodes)}
        self._tell("begin", head)

    def output(self, node: str, stream: str, data: bytes) -> None:
        """It is an event."""

    def finish(self) -> None:
        self._tell("summary", _summary([ends.result() for ends in self._ends]))

    def _hear(self, work: Work, ends: Collector, happened: Event) -> None:
        told = _TOLD.get(type(happened))
        if told is not None:
            kind, fields = told
            self._tell(kind, {**_about(work), **fields(happened)})
        if isinstance(happened, Ended):
            ends(happened)

    def _tell(self, kind: str, fields: dict[str, object]) -> None:
        self.view.console.out(event({"event": kind, **fields}))


def _output(output: Output) -> dict[str, object]:
    said = text("text", output.data)
    return {"node": output.node, "stream": output.stream, **said}


def _with_gateway(event: Union[Started, Ended]) -> dict[str, object]:
    """The fields, with the gateway if there is one."""
    fields = event._asdict()
    if not event.gateway:
        del fields["gateway"]
    return fields


def _news(news: GatewayNews) -> dict[str, object]:
    fields: dict[str, object] = {"gateway": news.gateway, "kind": news.kind, "text": news.text}
    if news.nodes:
        fields["nodes"] = str(NodeSet.fromnames(news.nodes))
    return fields


def _end(end: Ended) -> dict[str, object]:
    return {**_with_gateway(end), "status": end.status.value}


# The events that are told, and their fields.
_TOLD: dict[type, tuple[str, Callable[..., dict[str, object]]]] = {
    Started: ("start", _with_gateway),
    GatewayNews: ("gateway", _news),
    Output: ("output", _output),
    Ended: ("end", _end),
}


def _about(work: Work) -> dict[str, object]:
    """What tells a work from others of the same run."""
    return {"source": work.source} if isinstance(work, Copy) else {}


def _fields(
    works: Sequence[Work], results: Sequence[Result], texts: bool
) -> Iterator[tuple[str, object]]:
    """The document: the summary of all, and arrays with what there is of each work in turn."""
    summary = _summary(results)
    yield from summary.items()
    parts = [dict(result.fields(texts=texts)) for result in results]
    for key in parts[0]:
        if key not in summary:
            yield key, _chained(works, [part[key] for part in parts])


def _chained(works: Sequence[Work], arrays: Sequence[object]) -> Iterator[dict[str, object]]:
    for work, array in zip(works, arrays):
        assert isinstance(array, Iterator)
        for fields in array:
            yield {**_about(work), **fields}


def _summary(results: Sequence[Result]) -> dict[str, object]:
    sets: dict[Status, NodeSet] = {}
    for result in results:
        for status, nodes in result.by_status.items():
            sets[status] = sets.get(status, NodeSet()) | nodes
    by_status = {status.value: str(sets[status]) for status in Status if status in sets}
    ok = all(result.ok for result in results)
    return {**results[0].summary(), "ok": ok, "by_status": by_status}
