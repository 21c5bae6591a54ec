"""The messages: one small value each.  ``data`` is a message's payload.

What may stand in them is for ``table``, who may say what and when is for ``channel``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Optional, Union

from clush.wire.value import Value

DOWN, UP, BOTH = "down", "up", "both"  # towards the targets, towards the head

# What HELLO says: the versions that are spoken, and what is known beyond them.
VERSION = 1
OLDEST = 1
FEATURES: list[str] = []

MAX_TARGETS = 65536  # that one message may name
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
    """The input is wanted from its beginning, as a new pass; with None, no more of it for now.

    The same pass once more: from there on.
    """

    job: int
    pass_no: Optional[int]


class Written(Value):
    """``size`` bytes of input were taken by the pipe of each of ``ids``."""

    job: int
    ids: Sequence[int]
    size: int


class InputLost(Value):
    """The last ``size`` bytes of input were taken no more by the pipe of each of ``ids``."""

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
    job: int
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
        Hello, Job, Pool, Assign, Take, Input, InputEnd, Cancel, Fanout, Bundle,
        Pull, Exposed, Started, Output, Ended, Returned, Pass, Written, InputLost,
        Credit, Ping, Pong, Note, Want, JobEnd, Bye,
    ]  # fmt: skip
else:
    Message = Value  # a union of that many takes time
