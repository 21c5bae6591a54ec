"""What a live view shows of a run: who said the same so far, who failed and why, who is slow.

Values, made of what the display and the account hold, a few times per second.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nlargest
from typing import NamedTuple

from clush.cli.account import Account
from clush.cli.failure import WORDS
from clush.cli.gauge import Standing
from clush.events import Ended, Status
from clush.gather import Output

# How many of the slowest targets are told.
SLOWEST = 5

# What is read of an output to show its last line.
_TAIL = 4096

_ENDS = {
    **WORDS,
    Status.FAILED: "exit code {rc}",
    Status.TIMED_OUT: "timed out",
    Status.CANCELLED: "stopped",
}


class Group(NamedTuple):
    """Nodes of which the same is to be said: so much output, or a failure."""

    nodes: list[str]
    output: Output


class Failure(NamedTuple):
    """Nodes that failed for the same reason."""

    nodes: list[str]
    reason: str


class Slow(NamedTuple):
    """A node that takes, or took, longer than others."""

    node: str
    seconds: float
    state: str


class Picture(NamedTuple):
    """Everything at one point of time; groups and failures of most nodes first.

    ``errors`` are the last lines of what was written to standard error, ``error_lines`` is
    how many there are.
    """

    standing: Standing
    groups: list[Group]
    failures: list[Failure]
    slowest: list[Slow]
    running: list[str]
    errors: list[str] = []
    error_lines: int = 0


def picture(
    standing: Standing,
    account: Account,
    outputs: Iterable[tuple[Output, list[str]]],
    now: float,
) -> Picture:
    """The picture at ``now``, in seconds since the epoch."""
    groups = [Group(nodes, output) for output, nodes in outputs if len(output)]
    return Picture(
        standing,
        sorted(groups, key=_fewest_last),
        sorted(_failures(account.ends), key=_fewest_last),
        _slowest(account, now),
        account.running,
    )


def last_line(output: Output) -> str:
    """The last line of an output, or as much of it as stands there already."""
    tail = output.read(len(output) - _TAIL, len(output)).rstrip()
    return tail[tail.rfind(b"\n") + 1 :].decode(errors="replace")


def reason(end: Ended) -> str:
    """In a few words why a node failed."""
    words = _ENDS.get(end.status, end.status.value)
    return words.format(detail=end.detail, rc=end.rc).strip()


def _fewest_last(group: Group | Failure) -> int:
    return -len(group.nodes)


def _failures(ends: Iterable[Ended]) -> list[Failure]:
    groups: dict[str, list[str]] = {}
    for end in ends:
        if end.status is not Status.OK:
            groups.setdefault(reason(end), []).append(end.node)
    return [Failure([*dict.fromkeys(nodes)], why) for why, nodes in groups.items()]


def _slowest(account: Account, now: float) -> list[Slow]:
    took: list[tuple[float, str, Ended | None]]
    took = [(now - start, node, None) for node, start in account.started_at.items()]
    took += [(end.ended - end.started, end.node, end) for end in account.ends if end.started]
    return [
        Slow(node, seconds, "running" if end is None else _state(end))
        for seconds, node, end in nlargest(SLOWEST, took, key=_seconds)
    ]


def _seconds(taken: tuple[float, str, Ended | None]) -> float:
    return taken[0]


def _state(end: Ended) -> str:
    return end.status.value if end.status is Status.OK else reason(end)
