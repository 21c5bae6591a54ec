"""What reports about numbers are as events of a job."""

from __future__ import annotations

from typing import Any

import pytest

from clush.events import Ended, Output, Started, Status
from clush.tree.reports import Ends
from clush.tree.teller import Teller

NAMES = {0: "n0", 1: "n1", 2: "n2"}


class Ears:
    """Hears all that a teller tells."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        hear = self.heard.append
        self.teller = Teller(NAMES, hear, lambda *lost: hear(lost), lambda: None)


@pytest.fixture
def ears() -> Ears:
    return Ears()


def lost(*ids: int) -> Ends:
    """As a branch tells of targets that a lost gateway had."""
    count = len(ids)
    return Ends(ids, Status.GATEWAY_LOST, 76, "why", [None] * count, [9.0] * count, "gw1")


def test_who_is_lost_after_his_start_has_one(ears: Ears) -> None:
    ears.teller.started([0], [5.0], "gw1")
    ears.teller.ended(lost(0, 1))
    assert ears.heard == [
        Started("n0", 5.0, "gw1"),
        Ended("n0", Status.GATEWAY_LOST, 76, "why", 5.0, 9.0, "gw1"),
        Ended("n1", Status.GATEWAY_LOST, 76, "why", None, 9.0, "gw1"),
    ]
    assert ears.teller.left == 1


def test_a_start_that_comes_with_the_end_is_told_first(ears: Ears) -> None:
    ears.teller.ended(Ends([2], Status.FAILED, 3, "", [5.0], [6.0], "gw2"))
    assert ears.heard == [
        Started("n2", 5.0, "gw2"),
        Ended("n2", Status.FAILED, 3, "", 5.0, 6.0, "gw2"),
    ]


def test_who_is_given_back_after_his_start_has_one(ears: Ears) -> None:
    """Only a gateway that breaks its word does that; nobody may stumble over it."""
    ears.teller.started([0], [5.0], "gw1")
    ears.teller.returned([0, 1], "no way")
    assert [(end.node, end.status, end.started) for end in ears.heard[1:]] == [
        ("n0", Status.NOT_STARTED, 5.0),
        ("n1", Status.NOT_STARTED, None),
    ]


def test_what_is_said_alike_is_told_once_to_who_wants_that(ears: Ears) -> None:
    ears.teller.output([0, 1], "stdout", b"a\n")
    ears.teller.alike = lambda *said: ears.heard.append(said)
    ears.teller.output([0, 1], "stdout", b"b\n")
    ears.teller.output([2], "stdout", b"b\n")
    ears.teller.output([0, 1], "stderr", b"no")  # until its line is whole
    ears.teller.output([2, 1], "stdout", b"c\n")
    ears.teller.output([0, 1], "stderr", b" end\n")
    assert ears.heard == [
        Output("n0", "stdout", b"a\n"),
        Output("n1", "stdout", b"a\n"),
        (("n0", "n1"), "stdout", b"b\n"),
        Output("n2", "stdout", b"b\n"),
        Output("n2", "stdout", b"c\n"),
        Output("n1", "stdout", b"c\n"),
        Output("n0", "stderr", b"no end\n"),
        Output("n1", "stderr", b"no end\n"),
    ]
