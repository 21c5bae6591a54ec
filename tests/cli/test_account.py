"""Where targets stand, and what their ends amount to."""

from __future__ import annotations

import pytest

from clush.cli.account import Account, code, was_stopped
from clush.cli.failure import codes, reasons
from clush.events import Ended, Started, Status


def end(node: str, status: Status = Status.OK, rc: int | None = 0, detail: str = "") -> Ended:
    return Ended(node, status, rc, detail, 1.0, 2.0)


ENDS = [
    end("n1"),
    end("n2", Status.FAILED, 3),
    end("n3", Status.TIMED_OUT, None, "still running after 1 s"),
    end("n4", Status.REFUSED, 255, "ssh: connect to host n4 port 22: Connection refused"),
    end("n5", Status.CANCELLED, None, "stopped while it ran"),
    end("n6", Status.NOT_STARTED, None, "stopped before it was started"),
    end("n7", Status.NOT_STARTED, 127, "ssh: No such file or directory"),
    end("n8", Status.SIGNALLED, 137, "killed by SIGKILL"),
    end("n9", Status.SIGNALLED, 143, "killed by SIGTERM"),
    end("n10", Status.REFUSED, 255),
    end("n11", Status.FAILED, 3),
]


@pytest.fixture
def account() -> Account:
    account = Account(each.node for each in ENDS)
    for each in ENDS:
        account.ended(each)
    return account


def test_a_target_is_pending_then_running_then_done() -> None:
    account = Account(["n1", "n2", "n3"])
    assert (account.total, account.pending, account.running) == (3, ["n1", "n2", "n3"], [])
    account.started(Started("n1", 1.0))
    account.started(Started("n2", 1.0))
    assert (account.pending, account.running, account.done) == (["n3"], ["n1", "n2"], 0)
    account.ended(end("n1"))
    account.ended(end("n3", Status.NOT_STARTED, None))
    assert (account.pending, account.running, account.done) == ([], ["n2"], 2)
    assert account.end("n1") == end("n1")
    assert account.end("n2") is None


def test_what_runs_is_known_by_gateway() -> None:
    account = Account(["n1", "n2", "n3", "n4"])
    for node, gateway in (("n1", "gw1"), ("n2", "gw2"), ("n3", "gw1"), ("n4", "")):
        account.started(Started(node, 1.0, gateway))
    account.ended(end("n1"))
    assert account.running_behind == {"gw2": ["n2"], "gw1": ["n3"]}


def test_a_node_may_be_a_target_more_than_once() -> None:
    account = Account(["n1", "n2"], times=2)
    assert (account.total, account.waiting, account.pending) == (4, 4, ["n1", "n2"])
    for _ in range(2):
        account.started(Started("n1", 1.0))
    assert (account.waiting, account.running, account.pending) == (2, ["n1"], ["n2"])
    account.ended(end("n1", Status.FAILED, 3))
    account.started(Started("n2", 1.0))
    assert (account.done, account.running, account.pending) == (1, ["n1", "n2"], [])
    account.ended(end("n1", Status.FAILED, 3))
    account.ended(end("n2", Status.TIMED_OUT, None))
    account.ended(end("n2", Status.NOT_STARTED, None))
    assert (account.waiting, account.running, account.done) == (0, [], 4)
    assert (account.failed, account.timed_out, account.incomplete) == (4, ["n2"], ["n2"])
    assert account.failures_by_code() == [(3, ["n1"])]
    assert account.largest_code() == 255
    assert len(list(account.ends)) == 4


def test_ends_are_told_by_what_they_have_in_common(account: Account) -> None:
    assert account.timed_out == ["n3"]
    assert account.incomplete == ["n5", "n6"]
    assert account.failures_by_code() == [
        (3, ["n2", "n11"]),
        (127, ["n7"]),
        (137, ["n8"]),
        (143, ["n9"]),
        (255, ["n4", "n10"]),
    ]


def test_the_largest_code_counts_those_without_one_as_255() -> None:
    account = Account(["n2", "n3"])
    assert account.largest_code() == 0
    account.ended(ENDS[1])
    assert account.largest_code() == 3
    account.ended(ENDS[2])
    assert account.largest_code() == 255


def test_what_we_stopped_is_no_failure_of_the_node() -> None:
    assert [each.node for each in ENDS if was_stopped(each)] == ["n5", "n6"]
    assert [code(each) for each in ENDS[:4]] == [0, 3, 255, 255]


def test_reasons_are_folded_by_words(account: Account) -> None:
    assert reasons(account.ends) == [
        ("killed by SIGKILL", ["n8"]),
        ("killed by SIGTERM", ["n9"]),
        ("connection refused", ["n4", "n10"]),
        ("cannot start ssh: No such file or directory", ["n7"]),
    ]


def test_what_is_known_about_a_code_is_its_reason() -> None:
    ends = [end(f"n{n}", Status.FAILED, 255) for n in (1, 2)]
    ends += [end(f"n{n}", Status.FAILED, 255, "nobody knows") for n in (3, 4)]
    assert reasons(ends) == [("nobody knows", ["n3", "n4"])]
    assert codes(ends) == [("exit code 255", ["n1", "n2"])]


def test_codes_are_folded_where_that_is_shorter(account: Account) -> None:
    assert codes(account.ends) == [("exit code 3", ["n2", "n11"])]
    assert codes([*account.ends, end("n12", Status.FAILED, 1)]) == [
        ("exit code 1", ["n12"]),
        ("exit code 3", ["n2", "n11"]),
    ]
    assert codes([end("n1", Status.FAILED, 1), end("n2", Status.FAILED, 2)]) == []
    assert codes([end("n1", Status.FAILED, 1)] * 2) == []


def test_each_end_has_words_or_is_told_by_its_code() -> None:
    told_otherwise = {Status.OK, Status.TIMED_OUT, Status.CANCELLED}
    for status in Status:
        ended = end("n1", status, 255, "why")
        assert bool(reasons([ended])) == (status not in told_otherwise)


def test_why_no_gateway_is_left_was_told_before() -> None:
    ends = [end(name, Status.NOT_STARTED, 76, "no gateway left (gw1: gone)") for name in ("a", "b")]
    assert reasons(ends) == [("no gateway left, not started", ["a", "b"])]
