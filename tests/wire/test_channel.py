"""The channel: who may say what, when; what crosses on its way; windows, versions, bad peers."""

from __future__ import annotations

import random
import struct
import tracemalloc
from collections.abc import Callable
from time import process_time
from typing import Any, Union

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from said import MESSAGES, SAMPLE

from clush.errors import ProtocolError
from clush.wire import message as wire
from clush.wire.channel import GATEWAY, HEAD, JOB_STATES, MAX_JOBS, MAX_PINGS, STATES, Channel
from clush.wire.frame import MAX_HEADER, MAX_PAYLOAD, encode
from clush.wire.message import BOTH, DOWN, UP, Message
from clush.wire.table import TABLE, kind_of, to_frame

HELLO = wire.Hello("", "3.9.2", 1763716000.5)
DIRECTION = {HEAD: DOWN, GATEWAY: UP}
OTHER = {HEAD: GATEWAY, GATEWAY: HEAD}
JOB_KINDS = [kind for kind in TABLE if "job" in kind.fields]


def frames(*messages: Message) -> bytes:
    """What somebody would write who does not mind the rules."""
    return b"".join(part for message in messages for part in encode(*to_frame(message)))


class Pair:
    """A head and a gateway; what one says the other hears at once."""

    def __init__(self, *said: Message, greeted: bool = True) -> None:
        self.sides = {HEAD: Channel(HEAD), GATEWAY: Channel(GATEWAY)}
        self.head, self.gateway = self.sides[HEAD], self.sides[GATEWAY]
        if greeted:
            self.down(HELLO)
            self.up(HELLO)
        self.down(*said)

    def down(self, *messages: Message) -> list[Message]:
        return [heard for one in messages for heard in self.say(HEAD, one)]

    def up(self, *messages: Message) -> list[Message]:
        return [heard for one in messages for heard in self.say(GATEWAY, one)]

    def say(self, role: str, message: Message) -> list[Message]:
        return list(self.sides[OTHER[role]].receive(b"".join(self.sides[role].send(message))))


def job(number: int = 1) -> Message:
    return SAMPLE["JOB"]._replace(job=number)


def assign(number: int = 1) -> Message:
    return wire.Assign(number, 0, [0, 1], b"n0\nn1")


# What brings job 1 into a state.
INTO: dict[str, list[Message]] = {
    "unknown": [],
    "declared": [job()],
    "running": [job(), assign()],
    "cancelled": [job(), assign(), wire.Cancel(1, False, 1.0)],
    "ended": [job(), wire.JobEnd(1)],
}


def speaker(name: str) -> str:
    return GATEWAY if kind_of(SAMPLE[name]).direction == UP else HEAD


def credited(pair: Pair, state: str) -> None:
    """Credit both ways for job 1, where a job in that state may have some."""
    if "CREDIT" in JOB_STATES[state]:
        pair.down(wire.Credit(1, 1000))
        pair.up(wire.Credit(1, 1000))


# The tables


def test_all_that_is_about_jobs_is_in_the_table_of_jobs() -> None:
    named = {name for moves in JOB_STATES.values() for name in moves}
    assert named == {kind.name for kind in JOB_KINDS}
    assert {state for moves in JOB_STATES.values() for state in moves.values()} <= set(JOB_STATES)
    assert set(INTO) == set(JOB_STATES)


def test_what_a_gateway_says_changes_no_state_of_a_job() -> None:
    for state, moves in JOB_STATES.items():
        assert {moves.get(kind.name, state) for kind in JOB_KINDS if kind.direction == UP} == {
            state
        }


def test_what_may_come_up_in_a_state_may_come_up_in_all_that_follow() -> None:
    up = {kind.name for kind in JOB_KINDS if kind.direction == UP}
    order = ["unknown", "declared", "running", "cancelled"]
    for before, after in zip(order, order[1:]):
        assert up & set(JOB_STATES[before]) <= up & set(JOB_STATES[after])


@pytest.mark.parametrize("state", JOB_STATES)
@pytest.mark.parametrize("name", [kind.name for kind in JOB_KINDS])
def test_the_table_of_jobs_is_kept(state: str, name: str) -> None:
    pair = Pair(*INTO[state])
    credited(pair, state)
    message = SAMPLE[name]
    if message.job is None:  # type: ignore[union-attr]
        message = message._replace(job=1)  # type: ignore[call-arg]
    role = speaker(name)
    if name in JOB_STATES[state]:
        assert pair.say(role, message) == [message]
        assert pair.head.state(1) == pair.gateway.state(1) == JOB_STATES[state][name]
    else:
        with pytest.raises(ProtocolError, match=f"{name}: not now, job 1 is {state}"):
            pair.sides[role].send(message)
        assert pair.sides[role].state(1) == state
        heard = pair.sides[OTHER[role]].receive(frames(message))
        if state == "ended" and role == GATEWAY:
            assert list(heard) == []
        else:
            with pytest.raises(ProtocolError, match=f"{name}: not now, job 1 is {state}"):
                list(heard)


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.name)
def test_nobody_says_what_is_for_the_other_to_say(kind: Any) -> None:
    pair = Pair(*INTO["running"])
    for role in (HEAD, GATEWAY):
        if kind.direction in (BOTH, DIRECTION[role]):
            continue
        with pytest.raises(ProtocolError, match=f"^{kind.name}: not for a {role} to say$"):
            pair.sides[role].send(SAMPLE[kind.name])
        with pytest.raises(ProtocolError, match=f"^{kind.name}: not for a {role} to say$"):
            list(pair.sides[OTHER[role]].receive(frames(SAMPLE[kind.name])))


SAYS = [
    (role, kind.name)
    for role in (HEAD, GATEWAY)
    for kind in TABLE
    if kind.direction in (BOTH, DIRECTION[role]) and kind.name != "PONG"  # which needs a PING
]


def at(state: str, role: str, name: str) -> Pair:
    """A pair whose side ``role`` is at ``state``, where all else is ready for this message."""
    pair = Pair(greeted=False)
    if state == "open":
        pair.down(HELLO, *INTO["unknown" if name == "JOB" else "running"])
        pair.up(HELLO)
        credited(pair, pair.head.state(1))
    elif state == "closed":
        pair.say(role, HELLO)
        pair.say(role, wire.Bye())
    return pair


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("role", "name"), SAYS)
def test_the_table_of_the_channel_is_kept(role: str, name: str, state: str) -> None:
    pair = at(state, role, name)
    message = SAMPLE[name]
    named = {name for moves in STATES.values() for name in moves}
    if (name if name in named else "other") in STATES[state]:
        assert pair.say(role, message) == [message]
        return
    match = f"^{name}: not for a {role} whose side is at '{state}' to say$"
    with pytest.raises(ProtocolError, match=match):
        pair.sides[role].send(message)
    with pytest.raises(ProtocolError, match=match):
        list(pair.sides[OTHER[role]].receive(frames(message)))


# Jobs


def test_what_was_said_before_the_end_was_heard_is_dropped() -> None:
    pair = Pair(job(1), assign(1), job(2), assign(2), wire.Credit(1, 100))
    crossing = [wire.Output(1, "stdout", [0], b"text\n"), wire.Pull(2, 1, 0)]
    parts = [part for message in crossing for part in pair.gateway.send(message)]
    pair.down(wire.JobEnd(1))
    assert list(pair.head.receive(b"".join(parts))) == [crossing[1]]


def test_numbers_of_jobs_rise() -> None:
    pair = Pair(job(5))
    assert pair.head.state(4) == "ended"
    with pytest.raises(ProtocolError, match="JOB: not now, job 4 is ended"):
        pair.head.send(job(4))
    with pytest.raises(ProtocolError, match="JOB: not now, job 5 is declared"):
        pair.head.send(job(5))
    pair.down(job(6))


def test_an_ended_job_takes_no_memory() -> None:
    pair = Pair()
    for number in range(1, 200):
        pair.down(job(number), wire.JobEnd(number))
    assert pair.gateway._jobs == pair.head._jobs == {}
    assert pair.gateway.state(7) == "ended"


def test_jobs_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clush.wire.channel.MAX_JOBS", 3)
    assert MAX_JOBS > 10_000
    pair = Pair(job(1), job(2), job(3))
    with pytest.raises(ProtocolError, match="JOB: there are 3 of them"):
        pair.head.send(job(4))
    with pytest.raises(ProtocolError, match="JOB: there are 3 of them"):
        list(pair.gateway.receive(frames(job(4))))


def test_what_concerns_no_job_needs_none() -> None:
    pair = Pair()
    assert pair.down(wire.Fanout(None, 3)) == [wire.Fanout(None, 3)]


# Windows

Way = tuple[str, str, Callable[[int], Message]]
WAYS: list[Way] = [
    (GATEWAY, HEAD, lambda size: wire.Output(1, "stdout", [0], b"x" * size)),
    (HEAD, GATEWAY, lambda size: wire.Input(1, 1, 0, b"x" * size)),
]


@pytest.mark.parametrize(("role", "other", "data"), WAYS, ids=["output", "input"])
def test_data_is_said_while_there_is_credit(role: str, other: str, data: Any) -> None:
    pair = Pair(*INTO["running"])
    side = pair.sides[role]
    name = kind_of(data(1)).name
    assert side.window(1) == 0
    with pytest.raises(ProtocolError, match=f"{name}: no credit for job 1"):
        side.send(data(1))
    pair.say(other, wire.Credit(1, 100))
    assert side.window(1) == 100
    pair.say(role, data(60))
    assert side.window(1) == 40
    pair.say(role, data(60))  # the last one may go beyond
    assert side.window(1) == 0
    pair.say(other, wire.Credit(1, 20))
    assert side.window(1) == 0
    pair.say(other, wire.Credit(1, 1))
    assert side.window(1) == 1


@pytest.mark.parametrize(("role", "other", "data"), WAYS, ids=["output", "input"])
def test_who_goes_beyond_his_credit_is_refused(role: str, other: str, data: Any) -> None:
    pair = Pair(*INTO["running"])
    pair.say(other, wire.Credit(1, 100))
    hears = pair.sides[other]
    assert len(list(hears.receive(frames(data(99), data(1000))))) == 2
    with pytest.raises(ProtocolError, match="no credit for job 1"):
        list(hears.receive(frames(data(1))))


def test_credit_is_for_one_job_and_one_direction() -> None:
    pair = Pair(job(1), assign(1), job(2), assign(2), wire.Credit(1, 100))
    assert [pair.gateway.window(number) for number in (1, 2, 3)] == [100, 0, 0]
    assert [pair.head.window(number) for number in (1, 2, 3)] == [0, 0, 0]


def test_nothing_is_welcome_in_a_state_in_which_it_may_not_be_said() -> None:
    pair = Pair(*INTO["declared"])
    credited(pair, "declared")
    assert (pair.head.window(1), pair.gateway.window(1)) == (1000, 0)
    pair.down(assign())
    assert (pair.head.window(1), pair.gateway.window(1)) == (1000, 1000)
    pair.down(wire.Cancel(1, False, 1.0))
    assert (pair.head.window(1), pair.gateway.window(1)) == (0, 1000)
    pair.down(wire.JobEnd(1))
    assert (pair.head.window(1), pair.gateway.window(1)) == (0, 0)


def test_credit_is_bounded() -> None:
    pair = Pair(job(1), wire.Credit(1, 2**53 - 1))
    with pytest.raises(ProtocolError, match="CREDIT: more than"):
        pair.head.send(wire.Credit(1, 1))
    with pytest.raises(ProtocolError, match="CREDIT: more than"):
        list(pair.gateway.receive(frames(wire.Credit(1, 1))))


# HELLO


def hello(oldest: int, newest: int, *features: str) -> wire.Hello:
    return HELLO._replace(oldest=oldest, version=newest, features=features)


@pytest.mark.parametrize(
    ("ours", "theirs", "common"),
    [((1, 1), (1, 1), 1), ((1, 3), (2, 5), 3), ((2, 5), (1, 3), 3), ((1, 9), (2, 2), 2)],
)
def test_the_newest_common_version_is_taken(
    ours: tuple[int, int], theirs: tuple[int, int], common: int
) -> None:
    pair = Pair(greeted=False)
    assert pair.head.version == 0
    pair.down(hello(*ours))
    pair.up(hello(*theirs))
    assert pair.head.version == pair.gateway.version == common


@pytest.mark.parametrize(
    ("ours", "theirs", "text"),
    [
        ((1, 1), (2, 3), "it speaks version 2 to 3 of the protocol, we speak 1"),
        ((2, 3), (1, 1), "it speaks version 1 of the protocol, we speak 2 to 3"),
    ],
)
def test_versions_that_have_none_in_common(
    ours: tuple[int, int], theirs: tuple[int, int], text: str
) -> None:
    channel = Channel(HEAD)
    channel.send(hello(*ours))
    with pytest.raises(ProtocolError, match=f"^HELLO: {text}$"):
        list(channel.receive(frames(hello(*theirs))))


def test_features_are_those_that_both_have() -> None:
    pair = Pair(greeted=False)
    pair.down(hello(1, 1, "a", "b"))
    pair.up(hello(1, 1, "b", "c"))
    assert pair.head.features == pair.gateway.features == {"b"}
    assert pair.head.peer == hello(1, 1, "b", "c")._replace(features=["b", "c"])


def test_a_side_need_not_wait_for_the_other() -> None:
    head = Channel(HEAD)
    parts = [*head.send(HELLO), *head.send(job())]
    assert list(Channel(GATEWAY).receive(b"".join(parts))) == [HELLO, job()]


# PING


def test_pongs_answer_pings_in_order() -> None:
    pair = Pair(wire.Ping(7), wire.Ping(9))
    assert pair.up(wire.Pong(7)) == [wire.Pong(7)]
    with pytest.raises(ProtocolError, match="PONG: 7 is not the oldest PING"):
        pair.gateway.send(wire.Pong(7))
    with pytest.raises(ProtocolError, match="PONG: 8 is not the oldest PING"):
        list(pair.head.receive(frames(wire.Pong(8))))


def test_pings_that_wait_are_bounded() -> None:
    pair = Pair(*(wire.Ping(number) for number in range(1, MAX_PINGS + 1)))
    with pytest.raises(ProtocolError, match="PING: 64 wait for an answer"):
        pair.head.send(wire.Ping(1))
    with pytest.raises(ProtocolError, match="PING: 64 wait for an answer"):
        list(pair.gateway.receive(frames(wire.Ping(1))))


# The end


def test_after_a_goodbye_the_other_side_may_go_on() -> None:
    pair = Pair()
    assert not pair.head.finished
    pair.up(wire.Bye(b"done"))
    assert pair.head.finished
    assert not pair.gateway.finished
    pair.down(job())
    with pytest.raises(ProtocolError):
        pair.gateway.send(wire.Want("610d0d0a"))


def test_a_goodbye_counts_when_all_of_it_is_there() -> None:
    channel = Channel(HEAD)
    said = frames(HELLO, wire.Bye())
    list(channel.receive(said[:-1]))
    assert not channel.finished
    list(channel.receive(said[-1:]))
    assert channel.finished


def test_after_an_error_a_channel_is_dead() -> None:
    channel = Channel(HEAD)
    heard = channel.receive(frames(HELLO) + b"garbage garbage" + frames(wire.Bye()))
    assert next(heard) == HELLO
    with pytest.raises(ProtocolError, match="a header of 1734439522 bytes"):
        next(heard)
    with pytest.raises(ProtocolError, match="the channel is closed after an error"):
        list(channel.receive(frames(wire.Bye())))
    with pytest.raises(ProtocolError, match="the channel is closed after an error"):
        list(channel.receive(b""))


# Any bytes

Events = list[Union[Message, str]]


def events(role: str, pieces: list[bytes]) -> Events:
    """The messages that come out, and the text of the error that ends them."""
    channel = Channel(role)
    found: Events = []
    try:
        for piece in pieces:
            for message in channel.receive(piece):
                found.append(message)
    except ProtocolError as error:
        found.append(str(error))
    return found


# A conversation that goes well for a while, and then as it likes.
STREAMS = st.builds(
    lambda role, start, more, junk, tail: (
        role,
        frames(*([HELLO] * start), *((*INTO["running"], wire.Credit(1, 99)) * (role == GATEWAY)))
        + frames(*more)
        + junk
        + frames(*tail),
    ),
    st.sampled_from([HEAD, GATEWAY]),
    st.integers(0, 1),
    st.lists(MESSAGES, max_size=3),
    st.binary(max_size=30) | st.just(b""),
    st.lists(MESSAGES, max_size=1),
)


@given(STREAMS, st.data())
@settings(max_examples=60)
def test_any_cut_of_the_stream_gives_the_same_events(stream: Any, data: Any) -> None:
    role, text = stream
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=10)))
    pieces = [text[i:j] for i, j in zip([0, *cuts], [*cuts, len(text)])]
    whole = events(role, [text])
    assert events(role, pieces) == whole
    assert events(role, [text[i : i + 1] for i in range(len(text))]) == whole


def mutated(text: bytes, dice: random.Random) -> bytes:
    """``text`` with some of its bytes changed, left out, or doubled."""
    data = bytearray(text)
    for _ in range(dice.randint(0, 4)):
        place = dice.randrange(len(data) + 1)
        end = place + dice.choice([1, 1, 4, 50])
        data[place:end] = dice.choice(
            [b"", dice.randbytes(1), data[place:end] * 2, b'"', b"9", b"["]
        )
    return bytes(data)


@pytest.mark.parametrize("seed", range(20))
def test_fuzz(seed: int) -> None:
    """Any bytes: messages, then at most one ProtocolError, nothing else; no more held than fed."""
    dice = random.Random(seed)
    start = frames(HELLO, *INTO["running"], wire.Credit(1, 10**6))
    samples = [frames(message) for message in SAMPLE.values()]
    for _ in range(100):
        role = dice.choice([HEAD, GATEWAY])
        text = mutated(b"".join(dice.choices(samples, k=5)), dice)
        text = dice.choice([frames(HELLO), start, b""]) + dice.choice([text, dice.randbytes(200)])
        channel = Channel(role)
        try:
            for message in channel.receive(text):
                assert kind_of(message)
        except ProtocolError as error:
            assert str(error).isprintable()
            assert len(str(error)) < 500
        assert len(channel._decoder._held) <= len(text)


# Frames that mean to cost as much as they can.
COSTLY = [
    struct.pack("!II", MAX_HEADER, 0) + b"[" * MAX_HEADER,
    struct.pack("!II", MAX_HEADER, 0) + b'{"type":' + b"9" * (MAX_HEADER - 9) + b"}",
    struct.pack("!II", MAX_HEADER, 0) + b'{"type":"' + b"x" * (MAX_HEADER - 11) + b'"}',
    struct.pack("!II", 0, MAX_PAYLOAD) + b"x" * MAX_PAYLOAD,
    *encode({"type": "EXPOSED", "job": 1, "ids": [0, 1] * 12_000}),
    *encode({"type": "EXPOSED", "job": 1, "ids": [0, 65536]}),
    *encode({"type": "EXPOSED", "job": 1, "ids": [0, 2**31]}),
    *encode({"type": "ENDED", "job": 1, "ids": [0, 2**40], "started": [None] * 12_000}),
]


@pytest.mark.parametrize("frame", COSTLY, ids=range(len(COSTLY)))
def test_no_frame_costs_more_than_a_few_times_its_largest_size(frame: bytes) -> None:
    channel = Channel(HEAD)
    list(channel.receive(frames(HELLO)))
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError):
            list(channel.receive(frame))
        assert tracemalloc.get_traced_memory()[1] < 5 * (MAX_PAYLOAD + MAX_HEADER)
    finally:
        tracemalloc.stop()


def test_bytes_that_come_one_by_one_cost_no_more_each_in_a_long_frame() -> None:
    def cost(size: int) -> float:
        text = frames(wire.Bundle("610d0d0a", "rest", b"x" * size))
        channel = Channel(GATEWAY)
        list(channel.receive(frames(HELLO)))
        before = process_time()
        for position in range(len(text)):
            list(channel.receive(text[position : position + 1]))
        return process_time() - before

    # Ten times as much; if what is held were copied for each byte, it were a hundred times.
    assert cost(300_000) < 40 * cost(30_000)
