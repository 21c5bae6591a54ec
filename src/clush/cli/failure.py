"""Why nodes failed, in words: one line per reason, ready to be used as targets again.

Each node stands under one reason, so that the lines together are those that failed.
"""

from __future__ import annotations

from collections.abc import Iterable

from clush.cli.account import was_stopped
from clush.events import Ended, Status

# `{detail}` is what the event says; it is left out where ssh has already said it itself.
WORDS = {
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

Reason = tuple[str, list[str]]


def reasons(ends: Iterable[Ended], doubts: bool = False) -> list[Reason]:
    """Each reason that ``WORDS`` has words for, with its nodes; in the order of the table.

    That we stopped the run ourselves is no failure of a node.  With ``doubts`` what is known
    about return codes is told, too.
    """
    groups: dict[tuple[int, str], dict[str, None]] = {}
    for end in ends:
        words = WORDS.get(end.status, "{detail}" if doubts and end.rc and end.detail else None)
        if words is not None and not was_stopped(end):
            key = _PLACES.get(end.status, -1), words.format(detail=end.detail)
            groups.setdefault(key, {})[end.node] = None
    return [(words, list(nodes)) for (_, words), nodes in sorted(groups.items())]


def codes(ends: Iterable[Ended]) -> list[Reason]:
    """The nodes of each return code, where that is all there is to say of them.

    Nothing, unless it is shorter than what was told of each node as it ended.
    """
    groups: dict[int, dict[str, None]] = {}
    for end in ends:
        if end.status is Status.FAILED and end.rc:
            groups.setdefault(end.rc, {})[end.node] = None
    if all(len(nodes) == 1 for nodes in groups.values()):
        return []
    return [(f"exit code {rc}", list(groups[rc])) for rc in sorted(groups)]


_PLACES = {status: place for place, status in enumerate(WORDS)}
