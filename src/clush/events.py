"""What happened, as small immutable values.

A job tells its sink about each target in this order: one ``Started`` (none if the
target was never started), any mix of ``Output`` and ``Written``, one ``Ended``.
Exactly one ``Ended`` per target, always: that is how every node is accounted for.

Times are seconds since the epoch (``time.time()``); durations are measured on the
monotonic clock.  This module knows neither processes nor node sets.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple, Optional, Union

STDIN = "stdin"
STDOUT = "stdout"
STDERR = "stderr"


class Status(str, Enum):
    """How a target ended; ``failed`` and below are told apart by cause."""

    OK = "ok"
    FAILED = "failed"  # the command ran and returned a code other than 0
    SIGNALLED = "signalled"  # the command was killed by a signal
    TIMED_OUT = "timed out"  # still running when its time was over
    CONNECT_TIMEOUT = "connect timeout"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    DNS = "unknown host"
    AUTH = "authentication failed"
    HOST_KEY = "host key refused"
    CANCELLED = "cancelled"  # stopped by us while it ran
    GATEWAY_LOST = "gateway lost"  # may have run: nobody is left to tell
    NOT_STARTED = "not started"  # never began: queued when the run ended, or no program

    @property
    def ok(self) -> bool:
        return self is Status.OK

    @property
    def never_ran(self) -> bool:
        """True if nothing was started for the target: certainly safe to try again.

        What ssh says about a connection is not enough: a command may end with an ssh of
        its own that says the same.
        """
        return self is Status.NOT_STARTED


class Started(NamedTuple):
    """The command of ``node`` was started (for ssh: the connection is being made).

    ``gateway`` is the first gateway on the way to it, empty if there is none.
    """

    node: str
    at: float
    gateway: str = ""


class Output(NamedTuple):
    """``data`` came from ``node``: whole lines, except for the last piece of a stream.

    The line ends are the command's own.  A piece without a final newline is the end of
    the stream, or a part of a line longer than ``lines.MAX_LINE``.
    """

    node: str
    stream: str
    data: bytes


class Written(NamedTuple):
    """``size`` bytes of input were taken by the pipe to ``node``."""

    node: str
    size: int
    stream: str = STDIN


class Ended(NamedTuple):
    """The one and only end of ``node``.

    ``rc`` is the return code (128+N for signal N), ``None`` where there is none: timed
    out, cancelled, never started.  ``detail`` says in words what is behind the status
    where more is known, else it is empty.  ``started`` is ``None`` if it never was.
    ``gateway`` is the first one on its way, empty if there was none, or none took it.
    """

    node: str
    status: Status
    rc: Optional[int]
    detail: str
    started: Optional[float]
    ended: float
    gateway: str = ""


class GatewayNews(NamedTuple):
    """Something about a gateway on the way to other nodes, not about a target.

    ``kind`` is ``"up"`` (it is ready), ``"stderr"`` (``text`` are lines that it, or the
    program that reaches it, printed), ``"lost"`` (``text`` says why) or ``"rerouted"``
    (``nodes`` take another way because it was lost).
    """

    gateway: str
    kind: str
    text: str = ""
    nodes: tuple[str, ...] = ()


Event = Union[Started, Output, Written, Ended, GatewayNews]
