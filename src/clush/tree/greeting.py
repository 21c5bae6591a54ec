"""What a gateway says before it has our modules, and why it may have said nothing.  Sans-IO.

A greeting is one line: the mark, the version of the interpreter (``sys.hexversion``) and
the magic number of its bytecode, both in hexadecimal.  There is no magic number where
compiled code would be of no use (``False``: too old, ``None``: without ``bz2``).
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from clush.errors import GatewayError
from clush.tree.stage0 import MARK

OLDEST = (3, 9)  # of the interpreters that can be gateways

# The command of the interpreter on gateways, where it is not `python3`.
INTERPRETER_VARIABLE = "CLUSTERSHELL_GW_PYTHON_EXECUTABLE"

NO_MAGIC = bytes(4)  # of an interpreter that can have nothing compiled

NOISE_MOST = 64 * 1024  # of what a shell profile prints; what is more is dropped
_LINE_MOST = 64  # of a greeting behind its mark
_SAID_MOST = 200  # characters of a line that is quoted
_LINE = re.compile(rb"0x([0-9a-f]{1,8}) (?:([0-9a-f]{8})|False|None)")


class Interpreter(NamedTuple):
    """A gateway's Python; what is compiled for ``magic`` runs there, or ``NO_MAGIC``."""

    version: tuple[int, int, int]
    magic: bytes


class Greeting:
    """Waits for the greeting of ``gateway``, whose interpreter was called as ``python``.

    Complete when :meth:`feed` says so; then ``interpreter`` is known, ``noise`` is what came
    before the greeting and ``rest`` what came behind it.
    """

    def __init__(self, gateway: str, python: str = "python3") -> None:
        self.noise = b""
        self.rest = b""
        self.interpreter: Optional[Interpreter] = None
        self._gateway = gateway
        self._python = python
        self._unread = b""  # may be the beginning of the mark, or is what is behind it
        self._marked = False

    def feed(self, data: bytes) -> bool:
        """Take what came from the gateway; true when the greeting is complete.

        Raises :class:`GatewayError` for an interpreter that will not do, and for one that goes on
        while it is to wait.
        """
        if self.interpreter is not None:
            self.rest += data
            if len(self.rest) > NOISE_MOST:
                raise GatewayError(self._gateway, "it says much before it was told anything")
            return True
        self._unread += data
        if not self._marked and not self._find_mark():
            return False
        line, newline, rest = self._unread.partition(b"\n")
        if not newline and len(line) <= _LINE_MOST:
            return False
        self._unread = b""
        self.interpreter = self._read(line)
        self.rest = rest
        return True

    def _find_mark(self) -> bool:
        before, mark, behind = self._unread.partition(MARK)
        self._marked = bool(mark)
        if not mark:  # all but what may be the first part of it
            keep = next(n for n in range(len(MARK) - 1, -1, -1) if before.endswith(MARK[:n]))
            before, behind = before[: len(before) - keep], before[len(before) - keep :]
        self.noise += before[: NOISE_MOST - len(self.noise)]
        self._unread = behind
        return self._marked

    def _read(self, line: bytes) -> Interpreter:
        match = _LINE.fullmatch(line)
        if match is None:
            raise GatewayError(self._gateway, "what it says first is no greeting of ours")
        number = int(match[1], 16)
        version = (number >> 24, number >> 16 & 255, number >> 8 & 255)
        if version < OLDEST:
            raise GatewayError(
                self._gateway,
                f"its {self._python} is {version[0]}.{version[1]}, "
                f"{OLDEST[0]}.{OLDEST[1]} or newer is needed (set {INTERPRETER_VARIABLE})",
            )
        return Interpreter(version, bytes.fromhex(match[2].decode()) if match[2] else NO_MAGIC)


def explain(gateway: str, returncode: Optional[int], noise: bytes, last_words: bytes) -> str:
    """Why a gateway ended before it greeted, in one line.

    ``returncode`` is that of the client (``ssh``), -N for signal N; ``last_words`` is the
    end of its standard error.
    """
    lines = [line for words in (noise, last_words) for line in words.split(b"\n")]
    lines = [line for line in lines if line.strip()]
    reason, line = _reason(returncode, lines)
    tail = ": " + readable(line)[:_SAID_MOST] if line else ""
    return f"gateway {gateway}: " + reason.format(code=abs(returncode or 0), tail=tail)


def silent(gateway: str, seconds: float, greeted: bool) -> str:
    """As :func:`explain`, for one that was waited for in vain."""
    late = f"gateway {gateway}: not ready after {seconds:g} s"
    if greeted:
        return f"{late}, though its Python had answered (does the connection hang?)"
    return f"{late} (does the connection hang, or the profile of its shell wait for input?)"


_PYTHON = f" (set {INTERPRETER_VARIABLE})"

# Code, what stands in a line of what was said, the reason; the first that fits.
_KILLED, _UNKNOWN = -1, None
_ANY = 256
_REASONS = (
    (_UNKNOWN, None, "nobody knows how it ended{tail}"),
    (_KILLED, None, "the program that reaches it was killed by signal {code}"),
    (255, rb"\S.*\r\Z", "the connection failed{tail}"),  # ssh's own lines end in CR LF
    (_ANY, rb"(?i)account is (?:currently )?not available|nologin", "it lets nobody in{tail}"),
    (126, None, "its Python cannot be executed{tail}" + _PYTHON),
    (127, rb"(?i)not found|no such|unknown command", "no Python there{tail}" + _PYTHON),
    (127, None, "no Python there{tail}" + _PYTHON),
    (0, rb"(?i)command not found", "no Python there{tail}" + _PYTHON),  # csh
    (_ANY, rb"(?i)syntax error|badly placed|unmatched|illegal variable|unexpected",
     "its login shell does not understand us{tail}"),
    (0, None, "its login shell ended and ran no command (does its profile exit?){tail}"),
    (1, rb"", "it ended with code {code} before it could be used{tail}"),
    (1, None, "it ended with code {code} without a word (is its login shell /bin/false?)"),
    (_ANY, rb"", "it ended with code {code} before it could be used{tail}"),
    (_ANY, None, "it ended with code {code} without a word before it could be used"),
)  # fmt: skip


def _reason(returncode: Optional[int], lines: list[bytes]) -> tuple[str, bytes]:
    """The reason, and the line that tells it."""
    key = _KILLED if returncode is not None and returncode < 0 else returncode
    for code, pattern, reason in _REASONS:
        if code in (key, _ANY):
            telling = [line for line in lines if pattern is None or re.search(pattern, line)]
            if telling or pattern is None:
                return reason, telling[-1] if telling else b""
    raise AssertionError("the last row is for everything")


def readable(said: bytes) -> str:
    """What a gateway gives for a reason, as one line that does nothing to a terminal."""
    text = said.decode(errors="replace").strip()
    return "".join([sign if sign.isprintable() else "?" for sign in text])
