"""Why nodes failed, in words: one line per reason, ready to be used as targets again.

Return codes are told elsewhere; here is what a code cannot say.
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
    Status.NOT_STARTED: "cannot start {detail}",
}


def reasons(ends: Iterable[Ended]) -> list[tuple[str, list[str]]]:
    """Each reason that ``WORDS`` has words for, with its nodes; in the order of the table.

    That we stopped the run ourselves is no failure of a node.
    """
    groups: dict[tuple[int, str], list[str]] = {}
    for end in ends:
        words = WORDS.get(end.status)
        if words is not None and not was_stopped(end):
            key = _PLACES[end.status], words.format(detail=end.detail)
            groups.setdefault(key, []).append(end.node)
    return [(words, nodes) for (_, words), nodes in sorted(groups.items())]


_PLACES = {status: place for place, status in enumerate(WORDS)}
