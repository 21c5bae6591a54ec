"""Messages: what may stand in them, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from said import MESSAGES, SAMPLE, SAMPLES

from clush.errors import ProtocolError
from clush.events import STDERR, STDOUT, GatewayNews, Status
from clush.wire import message as wire
from clush.wire.frame import MAX_HEADER, MAX_PAYLOAD, Decoder, encode
from clush.wire.message import MAX_NUMBER, MAX_TARGETS, Message
from clush.wire.table import BATCH, TABLE, Kind, from_frame, kind_of, split, to_frame
from clush.wire.value import Value

LARGEST = 1.2345678901234567e-100  # no number below the bounds takes more characters


def kinds(condition=lambda kind: True) -> Any:
    return pytest.mark.parametrize(
        "kind", [kind for kind in TABLE if condition(kind)], ids=lambda kind: kind.name
    )


def changed(name: str, field: str, value: Any) -> tuple[dict[str, Any], bytes]:
    """The frame of the sample, with this in its header."""
    header, data = to_frame(SAMPLE[name])
    return {**header, field: value}, data


def test_there_is_a_sample_of_each_kind() -> None:
    assert list(SAMPLE) == [kind.name for kind in TABLE]


# Tables that must agree


@kinds()
def test_the_table_names_the_fields_of_the_class(kind: Kind) -> None:
    payload = ("data",) if kind.payload else ()
    assert kind.message._fields == (*kind.fields, *payload)


def test_the_table_has_every_message() -> None:
    classes = {kind.message for kind in TABLE}
    found = {one for one in Value.__subclasses__() if one.__module__ == wire.__name__}
    assert found == classes


@kinds()
def test_the_name_is_that_of_the_class(kind: Kind) -> None:
    assert kind.name.replace("_", "").lower() == kind.message.__name__.lower()


def test_what_stays_at_home_says_the_same() -> None:
    assert {status.value for status in Status} == set(wire.STATUSES)
    assert {STDOUT, STDERR} == set(wire.STREAMS)
    assert all(f'``"{kind}"``' in str(GatewayNews.__doc__) for kind in wire.KINDS_OF_NOTE)


def test_bounds_fit_into_each_other() -> None:
    assert MAX_PAYLOAD == wire.MAX_DATA
    assert all(kind.payload is None or kind.payload.limit <= MAX_PAYLOAD for kind in TABLE)


# There and back


@pytest.mark.parametrize("message", SAMPLES, ids=lambda message: kind_of(message).name)
def test_a_sample_comes_back(message: Message) -> None:
    assert from_frame(*to_frame(message)) == message


@given(MESSAGES)
def test_any_message_comes_back(message: Message) -> None:
    (frame,) = Decoder().feed(b"".join(encode(*to_frame(message))))
    back = from_frame(*frame)
    assert type(back) is type(message)
    assert back == message


def test_ids_may_be_given_as_a_range() -> None:
    back = from_frame(*to_frame(wire.Exposed(1, range(3, 6))))
    assert back == wire.Exposed(1, [3, 4, 5])


# What is refused


@kinds()
def test_a_field_that_is_missing_is_named(kind: Kind) -> None:
    for field in kind.fields:
        header, data = to_frame(SAMPLE[kind.name])
        del header[field]
        with pytest.raises(ProtocolError, match=f"^{kind.name}: {field} is missing$"):
            from_frame(header, data)


@kinds(lambda kind: kind.name != "HELLO")
def test_a_field_that_is_unknown_is_named(kind: Kind) -> None:
    with pytest.raises(ProtocolError, match=f"^{kind.name}: 'new' is no field of it$"):
        from_frame(*changed(kind.name, "new", 1))


def test_hello_may_say_more() -> None:
    assert from_frame(*changed("HELLO", "new", 1)) == SAMPLE["HELLO"]


@kinds()
def test_a_field_of_another_type_is_named(kind: Kind) -> None:
    for field in kind.fields:
        # No field is a list of lists.
        with pytest.raises(ProtocolError, match=f"^{kind.name}: {field} "):
            from_frame(*changed(kind.name, field, [[]]))


@kinds(lambda kind: kind.payload is None)
def test_a_payload_where_none_belongs_is_refused(kind: Kind) -> None:
    header, _ = to_frame(SAMPLE[kind.name])
    with pytest.raises(ProtocolError, match=f"{kind.name}: a payload of 1 bytes, 0 is the most"):
        from_frame(header, b"x")


@kinds(lambda kind: kind.payload is not None and kind.payload.text in ("bytes", "piece", "text"))
def test_a_payload_that_is_too_large_is_refused(kind: Kind) -> None:
    assert kind.payload is not None
    header, _ = to_frame(SAMPLE[kind.name])
    data = b"x" * kind.payload.limit
    assert from_frame(header, data).data == data  # type: ignore[union-attr]
    with pytest.raises(ProtocolError, match=f"{kind.name}: a payload of .* is the most"):
        from_frame(header, data + b"x")


@kinds(lambda kind: kind.payload is not None and kind.payload.text == "piece")
def test_an_empty_piece_is_refused(kind: Kind) -> None:
    """It would use no credit, and there could be any number of them."""
    header, _ = to_frame(SAMPLE[kind.name])
    with pytest.raises(ProtocolError, match=f"^{kind.name}: no payload$"):
        from_frame(header, b"")


@pytest.mark.parametrize("name", [None, 1, [], {}, "", "hello", "NEWS", "x" * 60_000])
def test_an_unknown_type_is_refused(name: Any) -> None:
    with pytest.raises(ProtocolError, match="no message has the type"):
        from_frame({"type": name}, b"")


REFUSED: list[tuple[str, str, Any]] = [
    ("TAKE", "job", 0),
    ("TAKE", "job", -1),
    ("TAKE", "job", MAX_NUMBER + 1),
    ("TAKE", "job", 1.0),
    ("TAKE", "job", True),
    ("TAKE", "job", "1"),
    ("TAKE", "job", None),
    ("TAKE", "limit", MAX_TARGETS + 1),
    ("CREDIT", "size", 0),
    ("CREDIT", "size", 2**53),
    ("HELLO", "clock", -1),
    ("HELLO", "clock", 1e300),
    ("HELLO", "clock", float("inf")),
    ("HELLO", "clock", float("nan")),
    ("HELLO", "clock", False),
    ("HELLO", "name", "x" * 256),
    ("HELLO", "features", ["x"] * 65),
    ("HELLO", "features", [""]),
    ("JOB", "merge", 1),
    ("JOB", "kind", "copy"),
    ("JOB", "transport", ""),
    ("JOB", "timeout", -0.1),
    ("JOB", "settings", {"a": []}),
    ("JOB", "settings", {"a": True}),
    ("JOB", "settings", {"a\n": 1}),
    ("JOB", "settings", {str(number): 1 for number in range(65)}),
    ("OUTPUT", "stream", "stdin"),
    ("OUTPUT", "stream", ["stdout"]),
    ("ENDED", "status", "fine"),
    ("ENDED", "rc", -1),
    ("ENDED", "rc", 65536),
    ("ENDED", "ended", [1.0]),
    ("ENDED", "ended", [1.0, None]),
    ("ENDED", "ended", [1.0, True]),
    ("ENDED", "ended", [1.0, -1.0]),
    ("ENDED", "ended", [1.0, float("nan")]),
    ("ENDED", "started", [1.0, None, None]),
    ("STARTED", "at", []),
    ("NOTE", "gateway", "a\udcff"),
    ("NOTE", "gateway", "a\nb"),
    ("NOTE", "kind", "gossip"),
    ("NOTE", "job", None),
    ("WANT", "magic", "610D0D0A"),
    ("WANT", "magic", "610d0d0"),
    ("WANT", "magic", "610d0d0a0"),
]


@pytest.mark.parametrize(
    ("name", "field", "value"), REFUSED, ids=[f"{n}-{f}-{str(v)[:20]!a}" for n, f, v in REFUSED]
)
def test_a_value_out_of_bounds_is_refused(name: str, field: str, value: Any) -> None:
    with pytest.raises(ProtocolError, match=f"^{name}: {field} ") as caught:
        from_frame(*changed(name, field, value))
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()
    with pytest.raises(ProtocolError, match=f"^{name}: {field} "):
        to_frame(SAMPLE[name]._replace(**{field: value}))


def test_what_is_within_bounds_is_taken() -> None:
    for name, field, value in [
        ("TAKE", "job", MAX_NUMBER),
        ("HELLO", "clock", 0),
        ("HELLO", "name", "x" * 255),
        ("JOB", "settings", {"a\xe9": 1, "b": "\n\udcff", "c": -0.5}),
        ("ENDED", "ended", [1, 2.5]),
    ]:
        assert getattr(from_frame(*changed(name, field, value)), field) == value


@pytest.mark.parametrize("names", [b"", b"n0", b"n0\nn1", b"n0\nn1\nn7\n"])
def test_there_are_as_many_names_as_ids(names: bytes) -> None:
    with pytest.raises(ProtocolError, match="ASSIGN: not as many names as ids"):
        to_frame(wire.Assign(1, 0, [0, 1, 7], names))
    assert from_frame(*to_frame(wire.Assign(1, 0, [], b""))) == wire.Assign(1, 0, [], b"")


def test_ways_are_checked() -> None:
    with pytest.raises(ProtocolError, match=r"^POOL: a line of ways at a level that is none$"):
        from_frame(*to_frame(wire.Pool(1, 0, b"1\tgw1")))
    with pytest.raises(ProtocolError, match=r"^POOL: a payload of .* is the most$"):
        to_frame(wire.Pool(1, 0, b"0\tgw1\n" * 200_000))


@pytest.mark.parametrize("ids", [[1, 1], [2, 1, 2], [-1], [MAX_NUMBER + 1], range(MAX_TARGETS + 1)])
def test_what_are_no_numbers_of_targets_is_not_sent(ids: Sequence[int]) -> None:
    with pytest.raises(ProtocolError, match=r"^EXPOSED: ids "):
        to_frame(wire.Exposed(1, ids))


# Many targets


def pieces_of(message: Message) -> list[Message]:
    pieces = list(split(message))
    for piece in pieces:
        encode(*to_frame(piece))  # raises if it is too large
    return pieces


def joined(pieces: list[Any], field: str) -> list[Any]:
    return [item for piece in pieces for item in getattr(piece, field)]


@kinds(lambda kind: "ids" in kind.fields)
def test_as_many_targets_as_are_promised_fit_into_a_frame(kind: Kind) -> None:
    ids = range(MAX_NUMBER - 2 * BATCH, MAX_NUMBER, 2)
    changes: dict[str, Any] = {"ids": ids}
    for field, type_ in kind.fields.items():
        if type_.text.startswith("per id"):
            changes[field] = [LARGEST] * BATCH
        elif type_.text == "name":
            changes[field] = "\N{MATHEMATICAL BOLD SMALL A}" * 255
    if kind.name == "ASSIGN":
        changes["data"] = b"\n".join([b"x" * 255] * BATCH)
    message = SAMPLE[kind.name]._replace(**changes)
    assert pieces_of(message) == [message]


def test_runs_of_targets_stay_together() -> None:
    message = wire.Output(1, "stdout", range(MAX_TARGETS), b"all the same\n")
    assert pieces_of(message) == [message]


def test_too_many_targets_are_said_in_several_messages() -> None:
    ids = range(0, 200_000, 2)
    pieces = pieces_of(wire.Output(1, "stdout", ids, b"text\n"))
    assert joined(pieces, "ids") == list(ids)
    assert {piece.data for piece in pieces} == {b"text\n"}  # type: ignore[union-attr]


def test_what_each_target_has_goes_with_it() -> None:
    ids = range(2 * BATCH + 1)
    started = [float(number) for number in ids]
    pieces = pieces_of(wire.Ended(1, ids, "ok", 0, started, started, b""))
    assert len(pieces) == 3
    assert joined(pieces, "ids") == list(ids)
    assert joined(pieces, "started") == joined(pieces, "ended") == started


def test_names_go_with_their_targets() -> None:
    ids = range(BATCH + 1)
    names = [b"n%d" % number for number in ids]
    pieces: Any = pieces_of(wire.Assign(1, 0, ids, b"\n".join(names)))
    assert [len(piece.ids) for piece in pieces] == [BATCH, 1]
    assert b"\n".join(piece.data for piece in pieces).split(b"\n") == names


def test_a_message_without_targets_stays_as_it_is() -> None:
    for message in (wire.Ping(1), wire.Returned(1, [])):
        assert list(split(message)) == [message]


def test_a_header_that_is_too_large_is_not_sent() -> None:
    settings = {str(number): "x" * (MAX_HEADER // 60) for number in range(64)}
    header, data = to_frame(SAMPLE["JOB"]._replace(settings=settings))
    with pytest.raises(ProtocolError, match=r"a header of .* bytes, 65536 is the most"):
        encode(header, data)
