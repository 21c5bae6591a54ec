"""What a caller holds at the end: one result per node, and the folded views of them.

Outputs stay gathered: equal output is stored once, whatever the number of nodes, and
becomes bytes only where it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Optional

from clush.document import SCHEMA, said, text
from clush.events import STDERR, STDOUT, Ended, Event, Output, Status
from clush.gather import Gatherer
from clush.sets.nodeset import NodeSet


class NodeResult(NamedTuple):
    """How one node ended and what it said.

    ``rc`` is the return code (128+N for signal N) or ``None`` where there is none: timed
    out, cancelled, never started.  ``detail`` says in words what is behind ``status``
    where more is known.  ``started`` and ``ended`` are seconds since the epoch,
    ``started`` is ``None`` if nothing was.  ``stderr`` is empty where it was merged.
    ``gateway`` is the first one that it was reached through, empty if there was none.
    """

    node: str
    status: Status
    rc: Optional[int]
    detail: str
    started: Optional[float]
    ended: float
    stdout: bytes
    stderr: bytes
    gateway: str = ""

    @property
    def ok(self) -> bool:
        return self.status.ok

    @property
    def seconds(self) -> float:
        """How long it ran; 0 if it never started."""
        return 0.0 if self.started is None else self.ended - self.started

    def to_dict(self, *, texts: bool = True) -> dict[str, object]:
        """The fields by name, as JSON can hold them; what was said only with ``texts``.

        What is not UTF-8 becomes U+FFFD, and stands beside it as it is, in base64.
        """
        fields = {**self._asdict(), "status": self.status.value}
        for stream in (STDOUT, STDERR):
            data = fields.pop(stream)
            if texts:
                fields.update(text(stream, data))
        if not self.gateway:
            del fields["gateway"]
        return fields


class Result(Mapping[str, NodeResult]):
    """The outcome of a job: a mapping from node name to :class:`NodeResult`, in node order.

    >>> result = clush.run("uname -r", nodes="node[1-200]")        # doctest: +SKIP
    >>> for nodes, output in result.by_output():                   # doctest: +SKIP
    ...     print(nodes, output.decode())
    """

    def __init__(
        self, ended: dict[str, Ended], stdout: Gatherer[str], stderr: Gatherer[str]
    ) -> None:
        self._ended = {node: ended[node] for node in NodeSet.fromnames(ended)}
        self._stdout = stdout
        self._stderr = stderr

    def __getitem__(self, node: str) -> NodeResult:
        ended = self._ended[node]
        stdout, stderr = self._stdout.get(node), self._stderr.get(node)
        return NodeResult(
            **ended._asdict(),
            stdout=b"" if stdout is None else bytes(stdout),
            stderr=b"" if stderr is None else bytes(stderr),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._ended)

    def __len__(self) -> int:
        return len(self._ended)

    def __repr__(self) -> str:
        states = ", ".join(f"{status.value}: {nodes}" for status, nodes in self.by_status.items())
        return f"<Result {states or 'of no node'}>"

    @property
    def ok(self) -> bool:
        """True if every node ended with return code 0."""
        return all(ended.status.ok for ended in self._ended.values())

    @property
    def nodes(self) -> NodeSet:
        """All nodes of the job."""
        return NodeSet.fromnames(self._ended)

    @property
    def failed(self) -> NodeSet:
        """The nodes that did not end with return code 0, for whatever reason."""
        return NodeSet.fromnames(n for n, ended in self._ended.items() if not ended.status.ok)

    @property
    def by_status(self) -> dict[Status, NodeSet]:
        """The nodes of each status that occurred, in the order of :class:`Status`."""
        groups: dict[Status, list[str]] = {}
        for node, ended in self._ended.items():
            groups.setdefault(ended.status, []).append(node)
        return {status: NodeSet.fromnames(groups[status]) for status in Status if status in groups}

    @property
    def by_rc(self) -> dict[Optional[int], NodeSet]:
        """The nodes of each return code, ascending; ``None`` (no code) comes last."""
        groups: dict[Optional[int], list[str]] = {}
        for node, ended in self._ended.items():
            groups.setdefault(ended.rc, []).append(node)
        codes = sorted(groups, key=lambda rc: (rc is None, rc or 0))
        return {rc: NodeSet.fromnames(groups[rc]) for rc in codes}

    def by_output(self, stream: str = STDOUT) -> list[tuple[NodeSet, bytes]]:
        """Each distinct output with the nodes that said it; most nodes first.

        Nodes that said nothing come under ``b""``.
        """
        gatherer = self._stdout if stream == STDOUT else self._stderr
        groups = [(NodeSet.fromnames(nodes), bytes(out)) for out, nodes in gatherer.outputs()]
        silent = [node for node in self._ended if node not in gatherer]
        if silent:
            groups.append((NodeSet.fromnames(silent), b""))
        rank = {node: number for number, node in enumerate(self._ended)}
        groups.sort(key=lambda group: (-len(group[0]), rank[group[0][0]]))
        return groups

    def to_dict(self) -> dict[str, object]:
        """All of it as JSON can hold it, in the form :data:`SCHEMA`.

        >>> json.dump(result.to_dict(), file)                      # doctest: +SKIP
        """
        return {
            key: [*value] if isinstance(value, Iterator) else value for key, value in self.fields()
        }

    def fields(self, *, texts: bool = True) -> Iterator[tuple[str, object]]:
        """The keys and values of :meth:`to_dict`, arrays as iterators, to be written one by one.

        Without ``texts`` what was said is only in the folded views, not node by node.
        """
        yield from self.summary().items()
        for stream in (STDOUT, STDERR):
            yield f"by_{stream}", self._said(stream)
        yield "results", (self[node].to_dict(texts=texts) for node in self)

    def _said(self, stream: str) -> Iterator[dict[str, object]]:
        for nodes, data in self.by_output(stream):
            yield said(stream, data, str(nodes), len(nodes))

    def summary(self) -> dict[str, object]:
        """How it ended, folded: the part of :meth:`to_dict` that does not grow with the output."""
        return {
            "schema": SCHEMA,
            "ok": self.ok,
            "nodes": str(self.nodes),
            "count": len(self),
            "by_status": {status.value: str(nodes) for status, nodes in self.by_status.items()},
        }


class Collector:
    """The sink that makes a :class:`Result` of the events of a job."""

    def __init__(self) -> None:
        self._ended: dict[str, Ended] = {}
        self._stdout: Gatherer[str] = Gatherer()
        self._stderr: Gatherer[str] = Gatherer()

    def __call__(self, event: Event) -> None:
        if isinstance(event, Output):
            gatherer = self._stdout if event.stream == STDOUT else self._stderr
            gatherer.feed(event.node, event.data)
        elif isinstance(event, Ended):
            self._ended[event.node] = event

    def alike(self, nodes: Sequence[str], stream: str, data: bytes) -> None:
        """As an ``Output`` of each of ``nodes``, at the cost of one."""
        gatherer = self._stdout if stream == STDOUT else self._stderr
        gatherer.feed_all(nodes, data)

    def result(self) -> Result:
        """The result of what has ended so far."""
        return Result(self._ended, self._stdout, self._stderr)
