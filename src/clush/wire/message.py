"""The messages: one small value each, and the table that says what may stand in them.

Every message that comes or goes is checked against ``TABLE``, field by field; nothing else
is believed.  ``data`` is a message's payload.  Who may say what and when is for the channel.

Targets are numbers (``ids``).  In a header they are a list of runs, ``[first, count, ...]``,
in the order in which the message names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from clush.errors import ProtocolError
from clush.wire import ways
from clush.wire.value import Value
from clush.wire.ways import MAX_NAME, is_name

DOWN, UP, BOTH = "down", "up", "both"  # towards the targets, towards the head

# What HELLO says: the versions that are spoken, and what is known beyond them.
VERSION = 1
OLDEST = 1
FEATURES: list[str] = []

# Targets that one message may name.  Runs of numbers are short; of single ones, a header
# holds about BATCH in any case, and more are split().
MAX_TARGETS = 65536
BATCH = 1000

MAX_NUMBER = 2**31 - 1  # of a job, a target, a pool, a pass
MAX_SIZE = 2**53 - 1  # bytes; what every JSON reader takes for a whole number
MAX_SECONDS = 10**11  # since the epoch
MAX_DURATION = 10**9  # seconds
MAX_TEXT = 64 * 1024
MAX_DATA = 1024 * 1024

# As in clush.events, which stays at home.
STREAMS = ("stdout", "stderr")
STATUSES = (
    "ok", "failed", "signalled", "timed out", "connect timeout", "unreachable", "refused",
    "unknown host", "authentication failed", "host key refused", "cancelled", "gateway lost",
    "not started",
)  # fmt: skip
PARTS = ("first", "rest")
KINDS_OF_JOB = ("command", "fetch")
KINDS_OF_NOTE = ("up", "stderr", "lost", "rerouted")

Setting = Union[str, float, int, None]


class Hello(Value):
    """The first message of either side.

    A gateway is told its ``name``, and tells its ``python``; ``clock`` is ``time.time()``.
    """

    name: str
    python: str
    clock: float
    version: int = VERSION
    oldest: int = OLDEST
    features: Sequence[str] = FEATURES


class Job(Value):
    """What is to be done for the targets to come; ``data`` is the command (surrogateescape).

    ``transport`` is its name and its settings; ``via``, with its own, is how gateways below
    are reached, where ``python`` is their interpreter and ``silence`` how long (seconds) they
    may say nothing.  The output of a ``fetch`` is not text.  ``fanout`` is the job's own
    window, None to share the gateway's.  ``grooming`` is how long equal output is waited for.
    """

    job: int
    kind: str
    transport: str
    settings: Mapping[str, Setting]
    timeout: Optional[float]
    fanout: Optional[int]
    merge: bool
    stdin: bool
    grooming: float
    via: str
    via_settings: Mapping[str, Setting]
    python: str
    silence: float
    data: bytes


class Pool(Value):
    """Targets of ``pool`` may take the ways in ``data`` from here; without any they are direct."""

    job: int
    pool: int
    data: bytes


class Assign(Value):
    """More targets; ``data`` are their names, joined by newlines."""

    job: int
    pool: int
    ids: Sequence[int]
    data: bytes


class Take(Value):
    """Give back up to ``limit`` targets of ``pool`` that were not exposed, in a ``Returned``."""

    job: int
    pool: int
    limit: int


class Input(Value):
    """``data`` stands at ``offset`` of the input; the pass is that asked for by ``Pass``."""

    job: int
    pass_no: int
    offset: int
    data: bytes


class InputEnd(Value):
    """The input has ``size`` bytes, their CRC-32 is ``crc``: an end, and no broken way."""

    job: int
    pass_no: int
    size: int
    crc: int


class NoPass(Value):
    """A pass that was asked for cannot be had, or goes no further; ``data`` says why."""

    job: int
    pass_no: int
    data: bytes


class Cancel(Value):
    """Stop what runs (``grace`` seconds until SIGKILL), start nothing more."""

    job: int
    timed_out: bool
    grace: float


class Fanout(Value):
    """The window of a job from now on, or with ``job`` None that of the gateway."""

    job: Optional[int]
    fanout: int


class Bundle(Value):
    """Modules for interpreters with this ``magic``; the first one is for the gateway itself."""

    magic: str
    part: str
    data: bytes


class Pull(Value):
    """``more`` targets are welcome; of all that are, ``ahead`` would wait for their turn."""

    job: int
    more: int
    ahead: int


class Exposed(Value):
    """From here on these may run: at a loss of this connection nobody else may get them."""

    job: int
    ids: Sequence[int]


class Started(Value):
    """These were started, each ``at`` its time."""

    job: int
    ids: Sequence[int]
    at: Sequence[float]


class Output(Value):
    """Each of ``ids`` said ``data`` (whole lines, as in :class:`clush.events.Output`)."""

    job: int
    stream: str
    ids: Sequence[int]
    data: bytes


class Ended(Value):
    """The one end of each of ``ids``; ``data`` is the detail, as text."""

    job: int
    ids: Sequence[int]
    status: str
    rc: Optional[int]
    started: Sequence[Optional[float]]
    ended: Sequence[float]
    data: bytes


class Returned(Value):
    """Never started and given back: asked for by ``Take``, or because of ``data``."""

    job: int
    ids: Sequence[int]
    data: bytes = b""


class Pass(Value):
    """The input is wanted from its beginning, as a new pass."""

    job: int
    pass_no: int


class Written(Value):
    """``size`` bytes of input were taken by the pipe of each of ``ids``."""

    job: int
    ids: Sequence[int]
    size: int


class InputLost(Value):
    """Each of ``ids`` got ``size`` bytes of input, and can get no more."""

    job: int
    ids: Sequence[int]
    size: int


class Credit(Value):
    """``size`` more bytes are welcome: of output downwards, of input upwards."""

    job: int
    size: int


class Ping(Value):
    """Say something, so that you are known to be there."""

    serial: int


class Pong(Value):
    """The answer to the ``Ping`` of this serial."""

    serial: int


class Note(Value):
    """News of a gateway, as :class:`clush.events.GatewayNews`; ``data`` is the text."""

    gateway: str
    kind: str
    job: Optional[int]
    ids: Sequence[int]
    data: bytes = b""


class Want(Value):
    """The bundles for a gateway further down are wanted."""

    magic: str


class JobEnd(Value):
    """Nothing more about this job is said, or of interest."""

    job: int


class Bye(Value):
    """The last message; ``data`` says why, if there is a why."""

    data: bytes = b""


if TYPE_CHECKING:
    Message = Union[
        Hello, Job, Pool, Assign, Take, Input, InputEnd, NoPass, Cancel, Fanout, Bundle,
        Pull, Exposed, Started, Output, Ended, Returned, Pass, Written, InputLost,
        Credit, Ping, Pong, Note, Want, JobEnd, Bye,
    ]  # fmt: skip
else:
    Message = Value  # a union of that many takes time


class Type(Value):
    """A type of header fields: how it is written in the protocol, and what is of it."""

    text: str
    fits: Callable[[Any], bool]


def _integer(low: int, high: int) -> Type:
    return Type(f"integer {low}..{high}", lambda value: type(value) is int and low <= value <= high)


def _number(low: int, high: int) -> Type:
    return Type(
        f"number {low}..{high}",  # NaN is between no two numbers
        lambda value: type(value) in (int, float) and low <= value <= high,
    )


def _text(limit: int) -> Type:
    return Type(f"text of 0..{limit}", lambda value: type(value) is str and len(value) <= limit)


def _one_of(*words: str) -> Type:
    return Type(" / ".join(words), lambda value: type(value) is str and value in words)


def _or_null(one: Type) -> Type:
    return Type(f"{one.text} or null", lambda value: value is None or one.fits(value))


def _either(one: Type, other: Type) -> Type:
    return Type(f"{one.text} or {other.text}", lambda value: one.fits(value) or other.fits(value))


def _list(limit: int, of: Type) -> Type:
    return Type(
        f"list of 0..{limit}: {of.text}",
        lambda value: (
            isinstance(value, (list, tuple)) and len(value) <= limit and all(map(of.fits, value))
        ),
    )


def _map(limit: int, of: Type) -> Type:
    return Type(
        f"object of 0..{limit}: {of.text}",
        lambda value: (
            isinstance(value, dict)
            and len(value) <= limit
            and all(map(is_name, value))
            and all(map(of.fits, value.values()))
        ),
    )


def _per_id(of: Type, *more: type) -> Type:
    """Times; their number is checked where that of the ids is known."""
    types = {int, float, *more}
    return Type(
        f"per id: {of.text}",
        # One look at all types, and one comparison for each number: there are many.
        lambda value: (
            isinstance(value, (list, tuple))
            and set(map(type, value)) <= types
            and all(0 <= time <= MAX_SECONDS for time in value if time is not None)
        ),
    )


def _is_magic(value: object) -> bool:
    return type(value) is str and len(value) == 8 and set(value) <= set("0123456789abcdef")


_BOOLEAN = Type("boolean", lambda value: type(value) is bool)
_NUMBER = _integer(1, MAX_NUMBER)
_COUNT = _integer(0, MAX_TARGETS)
_SIZE = _integer(0, MAX_SIZE)
_MORE = _integer(1, MAX_SIZE)
_TIME = _number(0, MAX_SECONDS)
_DURATION = _number(0, MAX_DURATION)
_NAME = Type("name", is_name)
_MAGIC = Type("magic", _is_magic)
_SETTING = _or_null(_either(_text(MAX_TEXT), _number(-MAX_SIZE, MAX_SIZE)))
_RUNS = Type("ids", lambda value: True)  # unpack_ids() looks at them
_TIMES = _per_id(_TIME)
_MAYBE_TIMES = _per_id(_or_null(_TIME), type(None))

# Fields that have an item for each id.
_PER_ID = (_TIMES, _MAYBE_TIMES)


class Payload(Value):
    """What a payload is, and its largest size."""

    text: str
    limit: int


_RAW = Payload("bytes", MAX_DATA)
_WORDS = Payload("text", MAX_TEXT)
_NAMES = Payload("names", MAX_DATA)  # as many as ids
_WAYS = Payload("ways", MAX_DATA)


class Kind(Value):
    """One line of the table."""

    name: str
    message: Callable[..., Message]
    direction: str
    fields: Mapping[str, Type]
    payload: Optional[Payload] = None


TABLE = (
    Kind("HELLO", Hello, BOTH, {
        "name": _text(MAX_NAME), "python": _text(MAX_NAME), "clock": _TIME,
        "version": _NUMBER, "oldest": _NUMBER, "features": _list(64, _NAME),
    }),
    Kind("JOB", Job, DOWN, {
        "job": _NUMBER, "kind": _one_of(*KINDS_OF_JOB), "transport": _NAME,
        "settings": _map(64, _SETTING), "timeout": _or_null(_DURATION),
        "fanout": _or_null(_NUMBER), "merge": _BOOLEAN, "stdin": _BOOLEAN,
        "grooming": _DURATION, "via": _NAME, "via_settings": _map(64, _SETTING),
        "python": _text(MAX_TEXT), "silence": _DURATION,
    }, _RAW),
    Kind("POOL", Pool, DOWN, {"job": _NUMBER, "pool": _integer(0, MAX_NUMBER)}, _WAYS),
    Kind("ASSIGN", Assign, DOWN, {
        "job": _NUMBER, "pool": _integer(0, MAX_NUMBER), "ids": _RUNS,
    }, _NAMES),
    Kind("TAKE", Take, DOWN, {
        "job": _NUMBER, "pool": _integer(0, MAX_NUMBER), "limit": _COUNT,
    }),
    Kind("INPUT", Input, DOWN, {"job": _NUMBER, "pass_no": _NUMBER, "offset": _SIZE}, _RAW),
    Kind("INPUT_END", InputEnd, DOWN, {
        "job": _NUMBER, "pass_no": _NUMBER, "size": _SIZE, "crc": _integer(0, 2**32 - 1),
    }),
    Kind("NO_PASS", NoPass, DOWN, {"job": _NUMBER, "pass_no": _NUMBER}, _WORDS),
    Kind("CANCEL", Cancel, DOWN, {"job": _NUMBER, "timed_out": _BOOLEAN, "grace": _DURATION}),
    Kind("FANOUT", Fanout, DOWN, {"job": _or_null(_NUMBER), "fanout": _NUMBER}),
    Kind("BUNDLE", Bundle, DOWN, {"magic": _MAGIC, "part": _one_of(*PARTS)}, _RAW),
    Kind("PULL", Pull, UP, {"job": _NUMBER, "more": _COUNT, "ahead": _COUNT}),
    Kind("EXPOSED", Exposed, UP, {"job": _NUMBER, "ids": _RUNS}),
    Kind("STARTED", Started, UP, {"job": _NUMBER, "ids": _RUNS, "at": _TIMES}),
    Kind("OUTPUT", Output, UP, {
        "job": _NUMBER, "stream": _one_of(*STREAMS), "ids": _RUNS,
    }, _RAW),
    Kind("ENDED", Ended, UP, {
        "job": _NUMBER, "ids": _RUNS, "status": _one_of(*STATUSES),
        "rc": _or_null(_integer(0, 65535)), "started": _MAYBE_TIMES, "ended": _TIMES,
    }, _WORDS),
    Kind("RETURNED", Returned, UP, {"job": _NUMBER, "ids": _RUNS}, _WORDS),
    Kind("PASS", Pass, UP, {"job": _NUMBER, "pass_no": _NUMBER}),
    Kind("WRITTEN", Written, UP, {"job": _NUMBER, "ids": _RUNS, "size": _SIZE}),
    Kind("INPUT_LOST", InputLost, UP, {"job": _NUMBER, "ids": _RUNS, "size": _SIZE}),
    Kind("CREDIT", Credit, BOTH, {"job": _NUMBER, "size": _MORE}),
    Kind("PING", Ping, DOWN, {"serial": _NUMBER}),
    Kind("PONG", Pong, UP, {"serial": _NUMBER}),
    Kind("NOTE", Note, UP, {
        "gateway": _NAME, "kind": _one_of(*KINDS_OF_NOTE), "job": _or_null(_NUMBER), "ids": _RUNS,
    }, _WORDS),
    Kind("WANT", Want, UP, {"magic": _MAGIC}),
    Kind("JOB_END", JobEnd, DOWN, {"job": _NUMBER}),
    Kind("BYE", Bye, BOTH, {}, _WORDS),
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
    if len(header) > len(values) + 1 and kind.message is not Hello:
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
        if type_ in _PER_ID and len(value) != len(ids):
            raise ProtocolError(f"{kind.name}: {field} has {len(value)} items for {len(ids)} ids")
    limit = kind.payload.limit if kind.payload else 0
    if len(data) > limit:
        raise ProtocolError(f"{kind.name}: a payload of {len(data)} bytes, {limit} is the most")
    if kind.payload is _NAMES and (data.count(b"\n") + 1 if data else 0) != len(ids):
        raise ProtocolError(f"{kind.name}: not as many names as ids")
    if kind.payload is _WAYS:
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


def pack_ids(ids: Iterable[int]) -> list[int]:
    """The runs of numbers, in the order given; ascending numbers make the fewest."""
    runs: list[int] = []
    expected: Optional[int] = None
    for number in ids:
        if number == expected:
            runs[-1] += 1
        else:
            runs += (number, 1)
        expected = number + 1
    return runs


def unpack_ids(runs: object, limit: int = MAX_TARGETS) -> list[int]:
    """The numbers of runs; ``ProtocolError`` if they are none, too many, or not distinct."""
    if not isinstance(runs, list) or len(runs) % 2:
        raise ProtocolError("are no list of runs")
    ids: list[int] = []
    for first, count in zip(runs[::2], runs[1::2]):
        if type(first) is not int or type(count) is not int or first < 0 or count < 1:
            raise ProtocolError("are no list of runs")
        if first + count - 1 > MAX_NUMBER:
            raise ProtocolError(f"go beyond {MAX_NUMBER}")
        if len(ids) + count > limit:
            raise ProtocolError(f"are more than {limit}")
        ids.extend(range(first, first + count))
    if len(set(ids)) != len(ids):
        raise ProtocolError("name a target twice")
    return ids


def split(message: Message) -> Iterator[Message]:
    """The message, or several that together say the same if it names too many targets."""
    ids: Sequence[int] = getattr(message, "ids", ())
    kind = kind_of(message)
    per_id = [field for field, type_ in kind.fields.items() if type_ in _PER_ID]
    alone = not per_id and kind.payload is not _NAMES
    if len(ids) <= BATCH or (alone and len(ids) <= MAX_TARGETS and len(pack_ids(ids)) <= 2 * BATCH):
        yield message
        return
    names = message.data.split(b"\n") if isinstance(message, Assign) else []
    for start in range(0, len(ids), BATCH):
        part = slice(start, start + BATCH)
        changes = {field: getattr(message, field)[part] for field in ("ids", *per_id)}
        if names:
            changes["data"] = b"\n".join(names[part])
        yield message._replace(**changes)
