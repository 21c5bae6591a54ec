"""What a gateway says of a job, and what it holds while it may not say it."""

from __future__ import annotations

import asyncio
from typing import Any

from clush.events import GatewayNews, Status
from clush.tree.reports import Ends
from clush.tree.upward import GROOMED_MOST, Upward
from clush.wire import message as wire
from clush.wire.frame import encode
from clush.wire.message import Message
from clush.wire.table import to_frame


class Gateway:
    """The way up of one: ``open`` is how much output is welcome."""

    busy = False
    failure = ""

    def __init__(self) -> None:
        self.open = 0
        self.said: list[Message] = []
        self.bytes = 0

    def say(self, message: Message) -> None:
        self.said.append(message)
        self.bytes += sum(map(len, encode(*to_frame(message))))

    def window(self, job: int) -> int:
        return self.open

    def check_flow(self) -> None:
        """Nothing is to be read."""


def upward(gateway: Gateway) -> Upward:
    far_away: Any = gateway
    return Upward(far_away, 1, 1000.0, raw=False)


def ended(number: int) -> Ends:
    return Ends([number], Status.OK, 0, "", [1.0], [2.0], "")


def heard(gateway: Gateway) -> dict[int, bytes]:
    """What each has said before its end, which is the last of it."""
    texts: dict[int, bytes] = {}
    over: set[int] = set()
    for message in gateway.said:
        if isinstance(message, wire.Output):
            assert over.isdisjoint(message.ids)
            for number in message.ids:
                texts[number] = texts.get(number, b"") + message.data
        elif isinstance(message, wire.Ended):
            over.update(message.ids)
    assert over == set(texts)
    return texts


def test_what_all_said_but_for_a_line_is_held_and_sent_once() -> None:
    targets = range(150)
    common = b"".join(b"line %d of what all of them have in common\n" % i for i in range(8000))
    tails = {number: b"node%d\n" % number for number in targets}
    size = len(common) + sum(map(len, tails.values()))
    assert size < GROOMED_MOST

    async def main() -> None:
        gateway = Gateway()
        up = upward(gateway)
        for number in targets:
            at = common.find(b"\n", 2000 * number) + 1  # it comes in two pieces
            up.output([number], "stdout", common[:at])
            up.output([number], "stdout", common[at:] + tails[number])
            up.ended(ended(number))
        assert up.held == size
        up.settled()
        assert up.held == size
        assert gateway.said == []
        gateway.open = 2**20
        up.empty()
        assert up.held == 0
        assert heard(gateway) == {number: common + tail for number, tail in tails.items()}
        assert gateway.bytes < 1.2 * size

    asyncio.run(main())


def test_more_than_fits_into_a_message() -> None:
    common = b"x" * 3_000_000 + b"\n" + b"and more\n" * 1000

    async def main() -> None:
        gateway = Gateway()
        gateway.open = 2**20
        up = upward(gateway)
        up.output([1, 2], "stdout", common)
        up.output([1], "stdout", b"1\n")
        up.output([2], "stdout", b"2\n")
        for number in (1, 2):
            up.ended(ended(number))
        up.settled()
        assert heard(gateway) == {1: common + b"1\n", 2: common + b"2\n"}
        assert gateway.bytes < len(common) + 2000

    asyncio.run(main())


def test_complaints_are_let_go_where_the_way_up_is_full() -> None:
    gateway = Gateway()
    up = upward(gateway)
    gateway.busy = True
    up.news(GatewayNews("gw1", "stderr", "a complaint"))
    up.news(GatewayNews("gw1", "lost", "a reason"))
    gateway.busy = False
    up.news(GatewayNews("gw1", "stderr", "a complaint"))
    kinds = [message.kind for message in gateway.said if isinstance(message, wire.Note)]
    assert kinds == ["lost", "stderr"]


def unstarted(number: int, rc: int | None, why: str) -> Ends:
    return Ends([number], Status.NOT_STARTED, rc, why, [None], [2.0], "")


def said(failure: str, *ends: Ends) -> list[Message]:
    """What a gateway that fails so says of these."""

    async def main() -> list[Message]:
        gateway = Gateway()
        gateway.failure = failure
        up = upward(gateway)
        for one in ends:
            up.ended(one)
        up.settled()
        return gateway.said

    return asyncio.run(main())


def test_what_has_no_program_here_is_given_back() -> None:
    """Another gateway may have it."""
    assert said("", unstarted(1, 127, "no ssh"), unstarted(2, 127, "no ssh")) == [
        wire.Returned(1, [1], b"no ssh"),
        wire.Returned(1, [2], b"no ssh"),
    ]


def test_one_that_fails_gives_back_what_it_has_not_started_and_ends_none() -> None:
    stopped = Ends([2], Status.CANCELLED, None, "stopped", [1.0], [2.0], "")
    assert said("too many files", unstarted(1, None, "stopped"), stopped) == [
        wire.Returned(1, [1], b"too many files")
    ]


def test_what_was_stopped_ends() -> None:
    [message] = said("", unstarted(1, None, "stopped"))
    assert isinstance(message, wire.Ended)
