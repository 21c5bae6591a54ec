"""What fields and payloads of messages may be: how a type is written, and what is of it.

Targets are numbers (``ids``).  In a header they are a list of runs, ``[first, count, ...]``,
in the order in which the message names them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Callable, Optional

from clush.errors import ProtocolError
from clush.wire.message import (
    MAX_DATA,
    MAX_DURATION,
    MAX_NUMBER,
    MAX_SECONDS,
    MAX_SIZE,
    MAX_TARGETS,
    MAX_TEXT,
)
from clush.wire.value import Value
from clush.wire.ways import is_name


class Type(Value):
    """A type of header fields: how it is written in the protocol, and what is of it."""

    text: str
    fits: Callable[[Any], bool]


def integer(low: int, high: int) -> Type:
    return Type(f"integer {low}..{high}", lambda value: type(value) is int and low <= value <= high)


def number(low: int, high: int) -> Type:
    return Type(
        f"number {low}..{high}",  # NaN is between no two numbers
        lambda value: type(value) in (int, float) and low <= value <= high,
    )


def text_of(limit: int) -> Type:
    return Type(f"text of 0..{limit}", lambda value: type(value) is str and len(value) <= limit)


def one_of(*words: str) -> Type:
    return Type(" / ".join(words), lambda value: type(value) is str and value in words)


def or_null(one: Type) -> Type:
    return Type(f"{one.text} or null", lambda value: value is None or one.fits(value))


def either(one: Type, other: Type) -> Type:
    return Type(f"{one.text} or {other.text}", lambda value: one.fits(value) or other.fits(value))


def list_of(limit: int, of: Type) -> Type:
    return Type(
        f"list of 0..{limit}: {of.text}",
        lambda value: (
            isinstance(value, (list, tuple)) and len(value) <= limit and all(map(of.fits, value))
        ),
    )


def map_of(limit: int, of: Type) -> Type:
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


BOOLEAN = Type("boolean", lambda value: type(value) is bool)
NUMBER = integer(1, MAX_NUMBER)
COUNT = integer(0, MAX_TARGETS)
SIZE = integer(0, MAX_SIZE)
MORE = integer(1, MAX_SIZE)
TIME = number(0, MAX_SECONDS)
DURATION = number(0, MAX_DURATION)
NAME = Type("name", is_name)
MAGIC = Type("magic", _is_magic)
SETTING = or_null(either(text_of(MAX_TEXT), number(-MAX_SIZE, MAX_SIZE)))
RUNS = Type("ids", lambda value: True)  # unpack_ids() looks at them
TIMES = _per_id(TIME)
MAYBE_TIMES = _per_id(or_null(TIME), type(None))

# Fields that have an item for each id.
PER_ID = (TIMES, MAYBE_TIMES)


class Payload(Value):
    """What a payload is, and its largest and its least size."""

    text: str
    limit: int
    least: int = 0


# What uses credit, and would be for nothing without a byte.
PIECE = Payload("piece", MAX_DATA, 1)
RAW = Payload("bytes", MAX_DATA)
WORDS = Payload("text", MAX_TEXT)
NAMES = Payload("names", MAX_DATA)  # as many as ids
WAYS = Payload("ways", MAX_DATA)


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
