"""A file, or a directory and all that is in it, as a tar stream that is read by offset.

The stream is never there as a whole: headers are made once, contents are read from the
files when somebody asks for that place.  So any number of readers may be at any place, and
start again, and all get the same bytes; those that are close to each other share what was
read.  Links are followed, as ``scp -r`` does.  The last member is an empty marker, since tar
takes a stream that ends between two members for a whole one.

Only the head has this.  Whoever passes the stream on computes its checksum.
"""

from __future__ import annotations

import os
import stat
import sys
from bisect import bisect_right
from collections.abc import Iterator
from tarfile import DIRTYPE, GNU_FORMAT, TarInfo
from typing import NamedTuple, Optional, Union

from clush.errors import CopyError

# Read at a time, from places that are multiples of it.
CHUNK = 128 * 1024

# Chunks that are kept: readers that are no further apart read each file once.
KEPT = 16

# Files that are kept open.
OPEN = 8

_BLOCK = 512
_RECORD = 20 * _BLOCK  # tar reads and writes that much at a time, and likes whole ones

# Nobody gets set-user-id files from us, and a directory must take what is to come into it.
_FILE_BITS = 0o777
_DIRECTORY_BITS = 0o700


def marker(name: str) -> str:
    """What the last member of an archive of ``name`` is called."""
    return name + ".end"


def directories(name: str) -> str:
    """The member that, with ``preserve``, is a tar file of the directories, deepest first.

    Modes and times of directories are of use when all else is in its place.
    """
    return name + ".dirs"


class _File(NamedTuple):
    """The contents of a file, as it was when its header was made."""

    path: str
    size: int
    changed: int
    device: int
    inode: int


class Archive:
    """``path`` as a tar stream, in which it is called ``name``.

    ``size`` is the length of the stream; ``skipped`` are the files below ``path`` that
    cannot be copied, each with the reason, for people.  ``CopyError`` if that is so for
    ``path`` itself.
    """

    def __init__(self, path: str, name: str, preserve: bool = False) -> None:
        self.size = 0
        self.skipped: list[str] = []
        self._starts: list[int] = []
        self._parts: list[Union[bytes, _File]] = []
        self._tail = bytearray()  # headers and fillings that are not a part yet
        self._chunks: dict[int, bytes] = {}
        self._open: dict[str, int] = {}
        self._make(path, name, preserve)

    def read(self, offset: int, size: int) -> bytes:
        """1 to ``size`` bytes from ``offset`` on; ``b""`` at the end.

        ``CopyError`` names a file that is not what it was.
        """
        if offset >= self.size:
            return b""
        number, start = divmod(offset, CHUNK)
        chunk = self._chunks.pop(number, None)
        if chunk is None:
            chunk = self._read_chunk(number * CHUNK)
            if len(self._chunks) >= KEPT:
                del self._chunks[next(iter(self._chunks))]
        self._chunks[number] = chunk  # the last to be let go
        return chunk if not start and len(chunk) <= size else chunk[start : start + size]

    def close(self) -> None:
        """Close the files; what is read afterwards opens them again."""
        while self._open:
            os.close(self._open.popitem()[1])

    # -- the layout ---------------------------------------------------------------------

    def _make(self, path: str, name: str, preserve: bool) -> None:
        found: list[TarInfo] = []
        for member, status, file in self._members(path, name):
            info = _info(member, status)
            self._add(info, file)
            if file is None:
                found.append(_info(os.path.join(".", os.path.relpath(member, name)), status))
        last = TarInfo(marker(name))
        # tar finds files suspicious that come from 1970.
        last.mtime = int(os.stat(path).st_mtime)
        if preserve and found:
            packed = bytearray()
            for info, mode in _deepest_first(found):
                info.mode = mode
                packed += _header(info)
            packed += bytes(2 * _BLOCK)
            last.name, last.size = directories(name), len(packed)
            self._tail += _header(last) + packed
            last.name, last.size = marker(name), 0
        self._tail += _header(last) + bytes(2 * _BLOCK)
        self._tail += bytes(-(self.size + len(self._tail)) % _RECORD)
        self._flush()
