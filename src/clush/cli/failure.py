"""Why nodes failed, in words: one line per reason, ready to be used as targets again.

Each node stands under one reason, so that the lines together are those that failed.
"""

from __future__ import annotations

from collections.abc import Iterable

from clush.cli.account import was_stopped
from clush.events import Ended, Status

# `{detail}` is what the event says; it is left out where ssh has already said it itself.
WORDS = {
    Status.FAILED: "{detail}",
    Status.SIGNALLED: "{detail}",
    Status.CONNECT_TIMEOUT: "connection timed out",
    Status.UNREACHABLE: "unreachable",
    Status.REFUSED: "connection refused",
    Status.DNS: "unknown host",
    Status.AUTH: "authentication failed",
    Status.HOST_KEY: "host key refused",
    Status.GATEWAY_LOST: "gateway lost, may have run",
    Status.NOT_STARTED: "cannot start {detail}",
}

# The code of those that were not started because no gateway is left for them.
NO_WAY = 76

Reason = tuple[str, list[str]]


def reasons(ends: Iterable[Ended]) -> list[Reason]:
    """Each reason that ``WORDS`` has words for, with its nodes; in the order of the table.

    That we stopped the run ourselves is no failure of a node.
    """
    groups: dict[tuple[int, str], dict[str, None]] = {}
    for end in ends:
        words = _words(end)
        if words and not was_stopped(end):
            groups.setdefault((_PLACES[end.status], words), {})[end.node] = None
    return [(words, list(nodes)) for (_, words), nodes in sorted(groups.items())]


def _words(end: Ended) -> str:
    if end.status is Status.NOT_STARTED and end.rc == NO_WAY:
        return "no gateway left, not started"  # why, was told of each gateway
    return WORDS.get(end.status, "").format(detail=end.detail)


def codes(ends: Iterable[Ended]) -> list[Reason]:
    """The nodes of each return code, where that is all there is to say of them.

    Nothing, unless it is shorter than what was told of each node as it ended.
    """
    groups: dict[int, dict[str, None]] = {}
    for end in ends:
        if end.status is Status.FAILED and end.rc and not end.detail:
            groups.setdefault(end.rc, {})[end.node] = None
    if all(len(nodes) == 1 for nodes in groups.values()):
        return []
    return [(f"exit code {rc}", list(groups[rc])) for rc in sorted(groups)]


_PLACES = {status: place for place, status in enumerate(WORDS)}
