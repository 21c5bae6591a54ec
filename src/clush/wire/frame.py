"""Frames: a JSON object and raw bytes, each with its length before it.

::

    u32 header length | u32 payload length | header | payload        (big endian)

Lengths are checked before anything is kept for what they announce.  A frame knows nothing
of messages.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from json import JSONDecoder, JSONEncoder
from typing import Any, Optional

from clush.errors import ProtocolError

# A header holds names and numbers: a thousand targets with their times fit.
MAX_HEADER = 64 * 1024

# A payload is a piece of something longer; what is larger comes in several.
MAX_PAYLOAD = 1024 * 1024

_LENGTHS = struct.Struct("!II")

_to_json = JSONEncoder(check_circular=False, allow_nan=False, separators=(",", ":")).encode


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return found


_from_json = JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant).decode


def encode(header: dict[str, Any], payload: bytes = b"") -> list[bytes]:
    """The parts of a frame, to be written one after the other; ``payload`` is not copied."""
    try:
        text = _to_json(header).encode("ascii")
    except ValueError as exc:
        raise ProtocolError(f"a header that is no JSON: {exc}") from exc
    _check_lengths(len(text), len(payload))
    start = _LENGTHS.pack(len(text), len(payload)) + text
    return [start, payload] if payload else [start]


def _check_lengths(header: int, payload: int) -> None:
    if header > MAX_HEADER:
        raise ProtocolError(f"a header of {header} bytes, {MAX_HEADER} is the most")
    if payload > MAX_PAYLOAD:
        raise ProtocolError(f"a payload of {payload} bytes, {MAX_PAYLOAD} is the most")


class Decoder:
    """Cuts a stream of bytes into frames; after an error it is of no more use."""

    def __init__(self) -> None:
        # Cutting off its beginning does not move the rest of a bytearray.
        self._held = bytearray()
        self._lengths: Optional[tuple[int, int]] = None

    def feed(self, data: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
        """The frames that ``data`` completes.

        Raises :class:`clush.errors.ProtocolError` in the place of a frame that is none.
        """
        self._held += data
        while True:
            if self._lengths is None:
                if len(self._held) < _LENGTHS.size:
                    return
                header, payload = _LENGTHS.unpack_from(self._held)
                _check_lengths(header, payload)
                self._lengths = header, payload
            middle = _LENGTHS.size + self._lengths[0]
            end = middle + self._lengths[1]
            if len(self._held) < end:
                return
            with memoryview(self._held) as view:
                text, data = bytes(view[_LENGTHS.size : middle]), bytes(view[middle:end])
            del self._held[:end]
            self._lengths = None
            yield _header(text), data


def _header(text: bytes) -> dict[str, Any]:
    try:
        header = _from_json(text.decode("utf-8"))
    except (ValueError, RecursionError) as exc:
        raise ProtocolError(f"a header that is no JSON: {exc}") from exc
    if not isinstance(header, dict):
        raise ProtocolError("a header that is no JSON object")
    return header
