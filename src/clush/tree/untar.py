"""A tar stream, read as it comes: members and their bytes.  No I/O, and no more memory than one
header needs, whatever the stream says.

Understood are the plain format and ustar, the long names of GNU, and pax.  What a member is
allowed to be called is for others to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Union

from clush.errors import CopyError

_BLOCK = 512

# What headers may bring for one member; the longest path of any system is a small part of that.
MAX_EXTENSION = 1024 * 1024

# Years that a file may come from; what is beyond cannot be said to the system.
_MIN_TIME, _MAX_TIME = -(2**33), 2**33

FILE, FOLDER, LINK, HARD_LINK = "file", "directory", "symbolic link", "hard link"
SPARSE, OTHER = "sparse file", "file of an unknown kind"

_KINDS = {
    b"0": FILE, b"\0": FILE, b"7": FILE, b"5": FOLDER, b"2": LINK, b"1": HARD_LINK,
    b"3": "character device", b"4": "block device", b"6": "pipe",
}  # fmt: skip

# Only these have bytes behind their header, whatever it says of their size.
_WITH_BYTES = {FILE, SPARSE, OTHER}

# Headers for the next header.
_LONG_NAME, _LONG_LINK, _PAX, _PAX_FOR_ALL = b"L", b"K", b"x", b"g"

# What is kept of what pax says; any word on how a file is sparse says that it is.
_KEYS = {"path", "linkpath", "size", "mtime", SPARSE}
_SPARSE_KEYS = "GNU.sparse."

# Numbers of pax, which go with any number of digits; no size and no time needs more.
_WHOLE = re.compile(rb"([0-9]{1,20})")
_SECONDS = re.compile(rb"(-?[0-9]{1,20})(?:\.[0-9]*)?")


class Member(NamedTuple):
    """The beginning of a member; of a file, ``size`` bytes follow."""

    kind: str
    name: bytes
    link: bytes
    size: int
    mode: int
    mtime: int


class End(NamedTuple):
    """All bytes of the last member have come; only files have an end."""


class Reader:
    """Cuts the stream; ``complete`` is True when it has come to its own end."""

    def __init__(self) -> None:
        self.complete = False
        self._held = bytearray()  # a part of a header, or what it brings with it
        self._extension = b""  # what is held for the next header: its type
        self._file = False
        self._left = 0  # bytes of the member, or of the extension, that are to come
        self._filling = 0  # bytes up to the next header
        self._zeros = 0  # blocks of zeros: two are the end
        self._next: dict[str, bytes] = {}  # what extensions say about the next member
        self._brought = 0  # bytes of these

    def feed(self, data: bytes) -> Iterator[Union[Member, bytes, End]]:
        """What ``data`` brings; to be used up before more is fed.

        ``CopyError`` if it is no archive.
        """
        view = memoryview(data)
        while view and not self.complete:
            if self._left:
                piece, view = view[: self._left], view[self._left :]
                self._left -= len(piece)
                if self._file:
                    yield bytes(piece)
                elif self._extension:
                    self._held += piece
                if not self._left:
                    yield from self._end()
            elif self._filling:
                skipped = min(self._filling, len(view))
                self._filling -= skipped
                view = view[skipped:]
            else:
                missing = _BLOCK - len(self._held)
                self._held += view[:missing]
                view = view[missing:]
                if len(self._held) == _BLOCK:
                    header = bytes(self._held)
                    self._held.clear()
                    yield from self._header(header)

    def close(self) -> None:
        """Nothing more will come: ``CopyError`` unless that is the end of the archive."""
        if not self.complete:
            raise CopyError("the archive was cut")

    def _header(self, header: bytes) -> Iterator[Union[Member, End]]:
        if not any(header):
            self._zeros += 1
            self.complete = self._zeros == 2
            return
        if self._zeros or not _is_header(header):
            raise CopyError("what came is no archive")
        kind, size = header[156:157], _number(header[124:136])
        if size < 0:
            raise CopyError("what came is no archive")
        if kind in (_LONG_NAME, _LONG_LINK, _PAX, _PAX_FOR_ALL):
            self._brought += size
            if self._brought > MAX_EXTENSION:
                raise CopyError(f"an archive with a header of {self._brought} bytes")
            self._extension = kind
            yield from self._begin(size)
            return
        member = _member(header, size, self._next)
        self._next = {}
        self._brought = 0
        self._file = member.kind == FILE
        yield member
        yield from self._begin(member.size if member.kind in _WITH_BYTES else 0)

    def _begin(self, size: int) -> Iterator[End]:
        self._left = size
        self._filling = -size % _BLOCK
        if not size:
            yield from self._end()

    def _end(self) -> Iterator[End]:
        if self._file:
            self._file = False
            yield End()
        elif self._extension:
            kind, text = self._extension, bytes(self._held)
            self._extension = b""
            self._held.clear()
            self._next.update(_told(kind, text))


def _is_header(header: bytes) -> bool:
    """The sum of its bytes is what it says; some have taken them for signed ones."""
    said = _number(header[148:156])
    counted = header[:148] + b" " * 8 + header[156:]
    total = sum(counted)
    return said in (total, total - 256 * sum(byte > 127 for byte in counted))


def _number(field: bytes) -> int:
    """Octal digits, or bytes with the highest bit set before them."""
    if field[0] in (0x80, 0xFF):
        number = int.from_bytes(field[1:], "big")
        return number - 256 ** (len(field) - 1) if field[0] == 0xFF else number
    digits = field.strip(b" \0")
    if digits.strip(b"01234567"):  # int() would take signs, and more
        raise CopyError("what came is no archive")
    return int(digits, 8) if digits else 0


def _member(header: bytes, size: int, more: dict[str, bytes]) -> Member:
    name, link, prefix = (
        _text(header[start:end]) for start, end in ((0, 100), (157, 257), (345, 500))
    )
    if prefix and header[257:263] == b"ustar\0":
        name = prefix + b"/" + name
    name, link = more.get("path") or name, more.get("linkpath") or link
    kind = _KINDS.get(header[156:157], OTHER)
    if header[156:157] == b"\0" and name.endswith(b"/"):
        kind = FOLDER  # as it was written before there was a type for it
    if header[156:157] == b"S" or SPARSE in more:
        kind = SPARSE
    longer, exact = more.get("size"), more.get("mtime")
    mtime = _decimal(_SECONDS, exact) if exact else _number(header[136:148])
    return Member(
        kind,
        name,
        link,
        _decimal(_WHOLE, longer) if longer else size,
        _number(header[100:108]) & 0o777,
        max(_MIN_TIME, min(mtime, _MAX_TIME)),
    )


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _decimal(form: re.Pattern[bytes], text: bytes) -> int:
    """The whole part of a number of pax."""
    found = form.fullmatch(text)
    if found is None:
        raise CopyError("what came is no archive")
    return int(found[1])


def _told(kind: bytes, text: bytes) -> dict[str, bytes]:
    """What an extension says about the next member; what is empty takes back what was said."""
    if kind == _LONG_NAME:
        return {"path": _text(text)}
    if kind == _LONG_LINK:
        return {"linkpath": _text(text)}
    told = {}
    for key, value in _records(text) if kind == _PAX else ():
        known = SPARSE if key.startswith(_SPARSE_KEYS) else key
        if known in _KEYS:
            told[known] = value
    return told


def _records(text: bytes) -> Iterator[tuple[str, bytes]]:
    """``LENGTH KEY=VALUE`` lines; the length counts all of the line."""
    position = 0
    while position < len(text):
        length, blank, _ = text[position : position + 20].partition(b" ")
        end = position + (_decimal(_WHOLE, length) if blank else 0)
        line = text[position + len(length) + 1 : end]
        key, equals, value = line.partition(b"=")
        if not equals or not position < end <= len(text) or not value.endswith(b"\n"):
            raise CopyError("what came is no archive")
        yield key.decode("utf-8", "replace"), value[:-1]
        position = end
