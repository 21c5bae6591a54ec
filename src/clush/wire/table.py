"""The table of messages: what may stand in each, who may say it; and messages as frames hold them.

Every message that comes or goes is checked against ``TABLE``, field by field; nothing else
is believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Callable, Optional

from clush.errors import ProtocolError
from clush.wire import message as wire
from clush.wire import ways
from clush.wire.fields import (
    BOOLEAN,
    COUNT,
    DURATION,
    MAGIC,
    MAYBE_TIMES,
    MORE,
    NAME,
    NAMES,
    NUMBER,
    PER_ID,
    PIECE,
    RAW,
    RUNS,
    SETTING,
    SIZE,
    TIME,
    TIMES,
    WAYS,
    WORDS,
    Payload,
    Type,
    integer,
    list_of,
    map_of,
    one_of,
    or_null,
    pack_ids,
    text_of,
    unpack_ids,
)
from clush.wire.message import BOTH, DOWN, UP, Message
from clush.wire.value import Value
from clush.wire.ways import MAX_NAME

# Targets that a message can name in any case.  Runs of numbers are short; of single ones, a
# header holds about so many, and more are split().
BATCH = 1000


class Kind(Value):
    """One line of the table."""

    name: str
    message: Callable[..., Message]
    direction: str
    fields: Mapping[str, Type]
    payload: Optional[Payload] = None


TABLE = (
    Kind("HELLO", wire.Hello, BOTH, {
        "name": text_of(MAX_NAME), "python": text_of(MAX_NAME), "clock": TIME,
        "version": NUMBER, "oldest": NUMBER, "features": list_of(64, NAME),
    }),
    Kind("JOB", wire.Job, DOWN, {
        "job": NUMBER, "kind": one_of(*wire.KINDS_OF_JOB), "transport": NAME,
        "settings": map_of(64, SETTING), "timeout": or_null(DURATION),
        "fanout": or_null(NUMBER), "merge": BOOLEAN, "stdin": BOOLEAN,
        "grooming": DURATION, "via": NAME, "via_settings": map_of(64, SETTING),
        "python": text_of(wire.MAX_TEXT), "silence": DURATION,
    }, RAW),
    Kind("POOL", wire.Pool, DOWN, {"job": NUMBER, "pool": integer(0, wire.MAX_NUMBER)}, WAYS),
    Kind("ASSIGN", wire.Assign, DOWN, {
        "job": NUMBER, "pool": integer(0, wire.MAX_NUMBER), "ids": RUNS,
    }, NAMES),
    Kind("TAKE", wire.Take, DOWN, {
        "job": NUMBER, "pool": integer(0, wire.MAX_NUMBER), "limit": COUNT,
    }),
    Kind("INPUT", wire.Input, DOWN, {"job": NUMBER, "pass_no": NUMBER, "offset": SIZE}, PIECE),
    Kind("INPUT_END", wire.InputEnd, DOWN, {
        "job": NUMBER, "pass_no": NUMBER, "size": SIZE, "crc": integer(0, 2**32 - 1),
    }),
    Kind("CANCEL", wire.Cancel, DOWN, {"job": NUMBER, "timed_out": BOOLEAN, "grace": DURATION}),
    Kind("FANOUT", wire.Fanout, DOWN, {"job": or_null(NUMBER), "fanout": NUMBER}),
    Kind("BUNDLE", wire.Bundle, DOWN, {"magic": MAGIC, "part": one_of(*wire.PARTS)}, RAW),
    Kind("PULL", wire.Pull, UP, {"job": NUMBER, "more": COUNT, "ahead": COUNT}),
    Kind("EXPOSED", wire.Exposed, UP, {"job": NUMBER, "ids": RUNS}),
    Kind("STARTED", wire.Started, UP, {"job": NUMBER, "ids": RUNS, "at": TIMES}),
    Kind("OUTPUT", wire.Output, UP, {
        "job": NUMBER, "stream": one_of(*wire.STREAMS), "ids": RUNS,
    }, PIECE),
    Kind("ENDED", wire.Ended, UP, {
        "job": NUMBER, "ids": RUNS, "status": one_of(*wire.STATUSES),
        "rc": or_null(integer(0, 65535)), "started": MAYBE_TIMES, "ended": TIMES,
    }, WORDS),
    Kind("RETURNED", wire.Returned, UP, {"job": NUMBER, "ids": RUNS}, WORDS),
    Kind("PASS", wire.Pass, UP, {"job": NUMBER, "pass_no": or_null(NUMBER)}),
    Kind("WRITTEN", wire.Written, UP, {"job": NUMBER, "ids": RUNS, "size": SIZE}),
    Kind("INPUT_LOST", wire.InputLost, UP, {"job": NUMBER, "ids": RUNS, "size": SIZE}),
    Kind("CREDIT", wire.Credit, BOTH, {"job": NUMBER, "size": MORE}),
    Kind("PING", wire.Ping, DOWN, {"serial": NUMBER}),
    Kind("PONG", wire.Pong, UP, {"serial": NUMBER}),
    Kind("NOTE", wire.Note, UP, {
        "gateway": NAME, "kind": one_of(*wire.KINDS_OF_NOTE), "job": NUMBER, "ids": RUNS,
    }, WORDS),
    Kind("WANT", wire.Want, UP, {"magic": MAGIC}),
    Kind("JOB_END", wire.JobEnd, DOWN, {"job": NUMBER}),
    Kind("BYE", wire.Bye, BOTH, {}, WORDS),
)  # fmt: skip

_BY_NAME = {kind.name: kind for kind in TABLE}
_BY_CLASS = {kind.message: kind for kind in TABLE}


def kind_of(message: Message) -> Kind:
    """The line of the table for a message."""
    return _BY_CLASS[type(message)]


def to_frame(message: Message) -> tuple[dict[str, Any], bytes]:
    """The header and the payload of a message; ``ProtocolError`` if it may not be said so."""
    kind = kind_of(message)
    header: dict[str, Any] = {"type": kind.name}
    header.update(message._asdict())
    data: bytes = header.pop("data", b"")
    ids = header.get("ids", ())
    if "ids" in header:
        header["ids"] = pack_ids(ids)
        ids = _ids(kind, header["ids"])
    _check(kind, header, ids, data)
    return header, data


def from_frame(header: Mapping[str, Any], data: bytes) -> Message:
    """The message of a frame; ``ProtocolError`` names what is wrong with it."""
    name = header.get("type")
    kind = _BY_NAME.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ProtocolError(f"no message has the type {_shown(name)}")
    values = []
    ids: Sequence[int] = ()
    for field in kind.fields:
        if field not in header:
            raise ProtocolError(f"{kind.name}: {field} is missing")
        value = header[field]
        if field == "ids":
            value = ids = _ids(kind, value)
        values.append(value)
    # What later versions say in HELLO is theirs to say: it is how they find out about us.
    if len(header) > len(values) + 1 and kind.message is not wire.Hello:
        unknown = next(field for field in header if field != "type" and field not in kind.fields)
        raise ProtocolError(f"{kind.name}: {_shown(unknown)} is no field of it")
    _check(kind, header, ids, data)
    return kind.message(*values, data) if kind.payload else kind.message(*values)


def _ids(kind: Kind, runs: object) -> list[int]:
    try:
        return unpack_ids(runs)
    except ProtocolError as exc:
        raise ProtocolError(f"{kind.name}: ids {exc}") from None


def _check(kind: Kind, header: Mapping[str, Any], ids: Sequence[int], data: bytes) -> None:
    for field, type_ in kind.fields.items():
        value = header[field]
        if not type_.fits(value):
            raise ProtocolError(f"{kind.name}: {field} is {_shown(value)}, not {type_.text}")
        if type_ in PER_ID and len(value) != len(ids):
            raise ProtocolError(f"{kind.name}: {field} has {len(value)} items for {len(ids)} ids")
    limit = kind.payload.limit if kind.payload else 0
    if len(data) > limit:
        raise ProtocolError(f"{kind.name}: a payload of {len(data)} bytes, {limit} is the most")
    if kind.payload and len(data) < kind.payload.least:
        raise ProtocolError(f"{kind.name}: no payload")
    if kind.payload is NAMES and (data.count(b"\n") + 1 if data else 0) != len(ids):
        raise ProtocolError(f"{kind.name}: not as many names as ids")
    if kind.payload is WAYS:
        try:
            ways.read(data)
        except ProtocolError as exc:
            raise ProtocolError(f"{kind.name}: {exc}") from None


def _shown(value: object) -> str:
    """A value in a line for people, however large or strange it is."""
    if value is None or isinstance(value, (bool, int, float, str)):
        text = ascii(value[:40] if isinstance(value, str) else value)
        return text if len(text) <= 80 else text[:80] + "..."
    return "a list" if isinstance(value, (list, tuple)) else "an object"


def split(message: Message) -> Iterator[Message]:
    """The message, or several that together say the same if it names too many targets."""
    ids: Sequence[int] = getattr(message, "ids", ())
    kind = kind_of(message)
    per_id = [field for field, type_ in kind.fields.items() if type_ in PER_ID]
    alone = not per_id and kind.payload is not NAMES
    if len(ids) <= BATCH or (
        alone and len(ids) <= wire.MAX_TARGETS and len(pack_ids(ids)) <= 2 * BATCH
    ):
        yield message
        return
    names = message.data.split(b"\n") if isinstance(message, wire.Assign) else []
    for start in range(0, len(ids), BATCH):
        part = slice(start, start + BATCH)
        changes = {field: getattr(message, field)[part] for field in ("ids", *per_id)}
        if names:
            changes["data"] = b"\n".join(names[part])
        yield message._replace(**changes)
