"""What a live view shows: groups, failures, the slow, as values."""

from __future__ import annotations

import pytest

from clush.cli.account import Account
from clush.cli.gauge import Standing
from clush.cli.picture import SLOWEST, Failure, Slow, last_line, picture, reason
from clush.events import Ended, Started, Status
from clush.gather import Gatherer

STANDING = Standing(0, 9)


def end(
    node: str, status: Status = Status.OK, rc: int | None = 0, detail: str = "", took: float = 1.0
) -> Ended:
    return Ended(node, status, rc, detail, 100.0, 100.0 + took)


def test_groups_are_ordered_by_how_many_say_the_same() -> None:
    gatherer: Gatherer[str] = Gatherer()
    for node, said in (("n1", b"a\n"), ("n2", b"b\n"), ("n3", b"b\n"), ("n4", b"")):
        gatherer.feed(node, said)
    groups = picture(STANDING, Account(["n1"]), gatherer.outputs(), 100.0).groups
    assert [(bytes(group.output), group.nodes) for group in groups] == [
        (b"b\n", ["n2", "n3"]),
        (b"a\n", ["n1"]),
    ]


def test_failures_are_told_by_reason() -> None:
    ends = [
        end("n1"),
        end("n2", Status.FAILED, 3),
        end("n3", Status.REFUSED, 255, "ssh: connect to host n3: Connection refused"),
        end("n4", Status.TIMED_OUT, None, "still running after 1 s"),
        end("n5", Status.FAILED, 3),
        end("n6", Status.SIGNALLED, 137, "killed by SIGKILL"),
        end("n7", Status.NOT_STARTED, 127, "ssh: No such file or directory"),
        end("n8", Status.CANCELLED, None, "stopped while it ran"),
    ]
    account = Account(each.node for each in ends)
    for each in ends:
        account.ended(each)
    assert picture(STANDING, account, (), 200.0).failures == [
        Failure(["n2", "n5"], "exit code 3"),
        Failure(["n3"], "connection refused"),
        Failure(["n4"], "timed out"),
        Failure(["n6"], "killed by SIGKILL"),
        Failure(["n7"], "cannot start ssh: No such file or directory"),
        Failure(["n8"], "stopped"),
    ]


def test_every_status_has_words() -> None:
    for status in Status:
        assert reason(end("n1", status, 3, "so it is"))


def test_the_slowest_may_run_or_be_over() -> None:
    nodes = [f"n{number}" for number in range(1, 9)]
    account = Account(nodes)
    for number, node in enumerate(nodes, 1):
        account.started(Started(node, 100.0))
        if number < 7:
            account.ended(end(node, took=10.0 + number))
    shown = picture(STANDING, account, (), 114.5)
    assert SLOWEST == 5
    assert shown.slowest == [
        Slow("n6", 16.0, "ok"),
        Slow("n5", 15.0, "ok"),
        Slow("n7", 14.5, "running"),
        Slow("n8", 14.5, "running"),
        Slow("n4", 14.0, "ok"),
    ]
    assert shown.running == ["n7", "n8"]


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (b"a\nb\n", "b"),
        (b"a\nb", "b"),
        (b"a\n\n\n", "a"),
        (b"caf\xe9", "caf\ufffd"),
        (b"\n", ""),
        (b"." * 5000, "." * 4096),
    ],
)
def test_the_last_line(said: bytes, line: str) -> None:
    gatherer: Gatherer[str] = Gatherer()
    gatherer.feed("n1", said)
    output = gatherer.get("n1")
    assert output is not None
    assert last_line(output) == line
