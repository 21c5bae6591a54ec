"""Frames: what goes in comes out, however the stream is cut, and nothing else does."""

from __future__ import annotations

import json
import struct
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.errors import ProtocolError
from clush.wire.frame import MAX_HEADER, MAX_PAYLOAD, Decoder, encode

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS.filter(lambda value: value not in (float("inf"), float("-inf"))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FRAMES = st.tuples(st.dictionaries(st.text(), VALUES, max_size=4), st.binary(max_size=300))


def raw(header: bytes, payload: bytes = b"") -> bytes:
    return struct.pack("!II", len(header), len(payload)) + header + payload


def decoded(*pieces: bytes) -> list[tuple[dict[str, object], bytes]]:
    decoder = Decoder()
    return list(chain.from_iterable(map(decoder.feed, pieces)))


def test_a_frame_on_the_wire() -> None:
    assert b"".join(encode({"type": "BYE"}, b"end")) == (
        b'\x00\x00\x00\x0e\x00\x00\x00\x03{"type":"BYE"}end'
    )


def test_a_payload_is_not_copied_on_its_way_out() -> None:
    payload = b"x" * 100_000
    assert encode({}, payload)[-1] is payload


def test_without_a_payload_there_is_one_part() -> None:
    assert encode({"a": 1}) == [raw(b'{"a":1}')]


@given(st.lists(FRAMES, max_size=5), st.data())
def test_any_cut_of_the_stream_gives_the_same_frames(frames, data) -> None:
    stream = b"".join(chain.from_iterable(encode(*frame) for frame in frames))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    pieces = [stream[i:j] for i, j in zip([0, *cuts], [*cuts, len(stream)])]
    assert decoded(stream) == decoded(*pieces) == frames
    assert decoded(*(stream[i : i + 1] for i in range(len(stream)))) == frames


def test_bytes_that_are_no_text_travel_in_texts() -> None:
    name = b"n\xff\x80".decode("utf-8", "surrogateescape")
    assert decoded(*encode({"name": name})) == [({"name": name}, b"")]


def test_utf8_is_read_as_well_as_ascii() -> None:
    assert decoded(raw('{"name":"é"}'.encode())) == [({"name": "é"}, b"")]


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{",
        b"{}{}",
        b"[]",
        b"1",
        b"null",
        b'"text"',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b"{'a':1}",
        b'{"a":"\xff"}',
        b'{"a":"\n"}',
        b"\xef\xbb\xbf{}",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    ],
    ids=lambda header: repr(header[:16]),
)
def test_what_is_no_json_object_is_refused(header: bytes) -> None:
    with pytest.raises(ProtocolError, match="a header that is no JSON"):
        decoded(raw(header))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_in_json_is_not_sent(bad: float) -> None:
    with pytest.raises(ProtocolError, match="no JSON"):
        encode({"a": bad})


def header_of(size: int) -> dict[str, str]:
    return {"a": "x" * (size - len('{"a":""}'))}


def test_the_largest_frame_passes() -> None:
    frame = (header_of(MAX_HEADER), b"x" * MAX_PAYLOAD)
    assert decoded(*encode(*frame)) == [frame]


@pytest.mark.parametrize(
    ("header", "payload", "message"),
    [
        (MAX_HEADER + 1, 0, "a header of 65537 bytes, 65536 is the most"),
        (8, MAX_PAYLOAD + 1, "a payload of 1048577 bytes, 1048576 is the most"),
    ],
)
def test_a_frame_that_is_larger_is_refused_at_its_lengths(
    header: int, payload: int, message: str
) -> None:
    with pytest.raises(ProtocolError, match=message):
        encode(header_of(header), b"x" * payload)
    decoder = Decoder()
    lengths = struct.pack("!II", header, payload)
    assert list(decoder.feed(lengths[:7])) == []
    with pytest.raises(ProtocolError, match=message):
        list(decoder.feed(lengths[7:]))


def test_frames_before_a_bad_one_come_out() -> None:
    frames = Decoder().feed(raw(b'{"a":1}') + raw(b"nonsense"))
    assert next(frames) == ({"a": 1}, b"")
    with pytest.raises(ProtocolError):
        next(frames)


def test_what_was_not_drawn_is_not_lost() -> None:
    decoder = Decoder()
    next(decoder.feed(raw(b'{"a":1}') + raw(b'{"a":2}')))
    assert [header for header, _ in decoder.feed(raw(b'{"a":3}'))] == [{"a": 2}, {"a": 3}]


def test_a_frame_is_there_with_its_last_byte() -> None:
    decoder = Decoder()
    stream = raw(json.dumps({"a": 1}).encode(), b"xy")
    for position in range(len(stream) - 1):
        assert list(decoder.feed(stream[position : position + 1])) == []
    assert len(list(decoder.feed(stream[-1:]))) == 1
