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
from errno import EINVAL, ELOOP
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

# Nobody gets set-user-id files from us; a directory must take what is to come into it.
_MODE = 0o777
_USABLE = 0o700
_PRIVATE = 0o600

# A pipe in place of a file must not make us wait.
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


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

    @classmethod
    def of(cls, path: str, status: os.stat_result) -> _File:
        return cls(path, status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)


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
        folders: list[bytes] = []
        for member, status, file in _members(path, name, self.skipped):
            mode = status.st_mode & _MODE
            if file is None:
                self._header(_info(member, status, mode | _USABLE))
                inner = _info("." + member[len(name) :], status, mode)
                folders.append(_header(inner))
            else:
                self._header(_info(member, status, mode))
                self._contents(file)
        # tar finds what comes from 1970 suspicious, and says so.
        status = os.stat(path)
        if preserve and folders:
            packed = b"".join(reversed(folders)) + bytes(2 * _BLOCK)
            self._header(_info(directories(name), status, _PRIVATE, len(packed)))
            self._tail += packed
        self._header(_info(marker(name), status, _PRIVATE, 0))
        self._tail += bytes(2 * _BLOCK)
        self._tail += bytes(-(self.size + len(self._tail)) % _RECORD)
        self._flush()

    def _header(self, info: TarInfo) -> None:
        self._tail += _header(info)

    def _contents(self, file: _File) -> None:
        if file.size:
            self._flush()
            self._part(file, file.size)
            self._tail += bytes(-file.size % _BLOCK)

    def _flush(self) -> None:
        if self._tail:
            self._part(bytes(self._tail), len(self._tail))
            self._tail.clear()

    def _part(self, part: Union[bytes, _File], size: int) -> None:
        self._starts.append(self.size)
        self._parts.append(part)
        self.size += size

    # -- reading ------------------------------------------------------------------------

    def _read_chunk(self, offset: int) -> bytes:
        end = min(offset + CHUNK, self.size)
        number = bisect_right(self._starts, offset) - 1
        pieces = []
        while offset < end:
            part, start = self._parts[number], offset - self._starts[number]
            if isinstance(part, bytes):
                piece = part[start : start + end - offset]
            else:
                piece = self._read_file(part, start, min(part.size - start, end - offset))
            pieces.append(piece)
            offset += len(piece)
            number += 1
        return b"".join(pieces)

    def _read_file(self, file: _File, offset: int, size: int) -> bytes:
        """These bytes of a file that is, before and after, what it was."""
        try:
            descriptor = self._opened(file.path)
            data = os.pread(descriptor, size, offset)
            now = os.fstat(descriptor)
        except OSError as exc:
            raise CopyError(f'"{file.path}": {exc.strerror}') from exc
        if len(data) != size or _File.of(file.path, now) != file:
            raise CopyError(f'"{file.path}" changed while it was copied')
        return data

    def _opened(self, path: str) -> int:
        descriptor = self._open.pop(path, None)
        if descriptor is None:
            if len(self._open) >= OPEN:
                os.close(self._open.pop(next(iter(self._open))))
            descriptor = os.open(path, _READ)
        self._open[path] = descriptor
        return descriptor


def _members(
    path: str, name: str, skipped: list[str]
) -> Iterator[tuple[str, os.stat_result, Optional[_File]]]:
    """What is below ``path``, each directory before what is in it; a file has a ``_File``."""
    waiting: list[tuple[str, str, frozenset[tuple[int, int]]]] = [(path, name, frozenset())]
    while waiting:
        path, name, above = waiting.pop()
        try:
            status = os.stat(path)
            if stat.S_ISREG(status.st_mode):
                status = _readable(path)
                yield name, status, _File.of(path, status)
                continue
            inside = _listed(path, status, above)
        except OSError as exc:
            _skip(f'"{path}": {exc.strerror}', not above, skipped)
            continue
        yield name, status, None
        here = above | {(status.st_dev, status.st_ino)}
        for entry in reversed(inside):
            waiting.append((os.path.join(path, entry), f"{name}/{entry}", here))


def _listed(path: str, status: os.stat_result, above: frozenset[tuple[int, int]]) -> list[str]:
    """The names in a directory, in an order that is always the same."""
    if not stat.S_ISDIR(status.st_mode):
        raise OSError(EINVAL, "not a file that can be copied")
    if (status.st_dev, status.st_ino) in above:
        raise OSError(ELOOP, "leads back to a directory above it")
    return sorted(os.listdir(path))


def _readable(path: str) -> os.stat_result:
    descriptor = os.open(path, _READ)
    try:
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)


def _skip(reason: str, all_of_it: bool, skipped: list[str]) -> None:
    if all_of_it:
        raise CopyError(reason)
    skipped.append(reason)


def _info(name: str, status: os.stat_result, mode: int, size: Optional[int] = None) -> TarInfo:
    """A header that says nothing of who owns the file here."""
    info = TarInfo(name)
    info.mode = mode
    info.mtime = int(status.st_mtime)
    if size is not None:
        info.size = size
    elif stat.S_ISDIR(status.st_mode):
        info.type = DIRTYPE
    else:
        info.size = status.st_size
    return info


def _header(info: TarInfo) -> bytes:
    # Every tar knows long names and large sizes as GNU writes them, not all know those of pax.
    return info.tobuf(GNU_FORMAT, sys.getfilesystemencoding(), "surrogateescape")
