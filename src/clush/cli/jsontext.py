"""JSON as the tools write it: documents piece by piece, events line by line.

ASCII only, whatever the locale; other characters are escaped.  Imported where it is asked
for: nothing else pays for json.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from json import JSONEncoder

_encode = JSONEncoder().encode

# Pieces are put together up to this size, so that they are written in few calls.
_PIECE = 64 * 1024


def event(fields: dict[str, object]) -> bytes:
    """One line."""
    return _encode(fields).encode() + b"\n"


def document(fields: Iterable[tuple[str, object]]) -> Iterator[bytes]:
    """One object: a line for each key, and for each element of an array that is an iterator.

    It is never held as a whole: arrays are read as they are written.
    """
    waiting: list[str] = []
    size = 0
    for text in _document(fields):
        waiting.append(text)
        size += len(text)
        if size >= _PIECE:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode()


def _document(fields: Iterable[tuple[str, object]]) -> Iterator[str]:
    opening = "{\n"
    for key, value in fields:
        yield f"{opening}{_encode(key)}: "
        opening = ",\n"
        if isinstance(value, Iterator):
            yield from _array(value)
        else:
            yield _encode(value)
    yield "\n}\n"


def _array(elements: Iterator[object]) -> Iterator[str]:
    opening = "[\n"
    for element in elements:
        yield opening + _encode(element)
        opening = ",\n"
    yield "[]" if opening == "[\n" else "\n]"
