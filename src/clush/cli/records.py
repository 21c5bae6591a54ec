"""A run for programs: as one JSON document at its end, or as a line of JSON per event.

Both hold what a ``Result`` holds, in the form that docs/results.md describes.  What is said
on standard error, and the exit status, are those of the other displays.
"""

from __future__ import annotations

from clush.cli.display import Display, Labelled, View
from clush.cli.jsontext import document, event
from clush.document import SCHEMA, text
from clush.events import Ended, Output, Started
from clush.result import Collector


class Document(Display):
    """Everything at the end; with ``texts`` what a node said also stands in its own result."""

    def __init__(self, view: View, texts: bool) -> None:
        super().__init__(view)
        self._collector = Collector()
        self._texts = texts

    def output(self, node: str, stream: str, data: bytes) -> None:
        self._collector(Output(node, stream, data))

    def ended(self, end: Ended) -> None:
        self._collector(end)

    def finish(self) -> None:
        fields = self._collector.result().fields(texts=self._texts)
        for piece in document(fields):
            self.view.console.out(piece)
        super().finish()


class Events(Labelled):
    """Each event as it happens, and the summary after the last."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._collector = Collector()  # of ends only

    def begin(self) -> None:
        nodes = [*self.view.names.rank]
        self._tell("begin", schema=SCHEMA, nodes=self.view.names.label(nodes), count=len(nodes))

    def started(self, start: Started) -> None:
        self._tell("start", **start._asdict())

    def output(self, node: str, stream: str, data: bytes) -> None:
        self._tell("output", node=node, stream=stream, **text("text", data))

    def ended(self, end: Ended) -> None:
        self._collector(end)
        self._tell("end", **{**end._asdict(), "status": end.status.value})
        super().ended(end)

    def finish(self) -> None:
        self._tell("summary", **self._collector.result().summary())

    def _tell(self, kind: str, **fields: object) -> None:
        self.view.console.out(event({"event": kind, **fields}))
