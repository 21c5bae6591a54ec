"""Files written below one directory, whatever stands in the way: the I/O of ``unpack.py``.

Places are tuples of names.  Every directory on the way is opened from the one above it, and
never through a symbolic link.  A file is written beside its place and renamed when it is
complete.  All methods raise ``OSError`` about the place that they are given.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import Callable, NamedTuple, Optional

Place = tuple[bytes, ...]

_INSIDE = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

# What we need ourselves for as long as we write.
_DIRECTORY_BITS = 0o700
_FILE_BITS = 0o600


class _Waiting(NamedTuple):
    """A directory that gets its mode and its time when it has got all that is in it."""

    place: Place
    mode: int
    mtime: int


class _Writing(NamedTuple):
    """A file that is not complete; ``directory`` and ``file`` are descriptors."""

    directory: int
    file: int
    beside: bytes
    name: bytes
    mode: int
    mtime: int


class Folder:
    """The directory ``path``; with ``preserve``, modes and times are those that are given.

    ``unsettled(place, reason)`` is told of a directory that did not get them: that is seen only
    when the next place has its turn.
    """

    def __init__(
        self, path: str, preserve: bool, unsettled: Callable[[Place, str], object]
    ) -> None:
        self._path = path
        self._preserve = preserve
        self._unsettled = unsettled
        self._waiting: list[_Waiting] = []
        self._writing: Optional[_Writing] = None

    def has_folder(self, place: Place) -> bool:
        """Is there a directory at this place?"""
        try:
            os.close(self._open(place))
        except OSError:
            return False
        return True

    def make(self, place: Place, mode: int, mtime: int) -> None:
        """Have a directory there."""
        self._leave(place)
        directory = self._open(place[:-1])
        try:
            new = True
            try:
                os.mkdir(place[-1], mode | _DIRECTORY_BITS, dir_fd=directory)
            except FileExistsError:
                new = False
                os.close(os.open(place[-1], _INSIDE, dir_fd=directory))
        finally:
            os.close(directory)
        if new or self._preserve:
            self._waiting.append(_Waiting(place, mode, mtime))

    def begin(self, place: Place, mode: int, mtime: int) -> None:
        """Begin a file; :meth:`write` and :meth:`finish` are about it."""
        self._leave(place)
        directory = self._open(place[:-1])
        beside = _beside()
        try:
            file = os.open(beside, _NEW, mode | _FILE_BITS, dir_fd=directory)
        except OSError:
            os.close(directory)
            raise
        self._writing = _Writing(directory, file, beside, place[-1], mode, mtime)

    def write(self, data: bytes) -> None:
        """Add to the file."""
        assert self._writing is not None
        view = memoryview(data)
        while view:
            view = view[os.write(self._writing.file, view) :]

    def finish(self) -> None:
        """The file is complete: have it in its place."""
        assert self._writing is not None
        writing = self._writing
        try:
            self._settle(writing.file, writing.mode, writing.mtime)
            os.rename(
                writing.beside,
                writing.name,
                src_dir_fd=writing.directory,
                dst_dir_fd=writing.directory,
            )
        except OSError:
            self.drop()
            raise
        self._close_file()

    def drop(self) -> None:
        """Leave nothing of a file that is not complete."""
        if self._writing is not None:
            try:
                os.unlink(self._writing.beside, dir_fd=self._writing.directory)
            finally:
                self._close_file()

    def link(self, place: Place, target: bytes) -> None:
        """Have a symbolic link there."""
        self._leave(place)
        directory = self._open(place[:-1])
        beside = _beside()
        try:
            os.symlink(target, beside, dir_fd=directory)
            self._rename(beside, place[-1], directory)
        finally:
            os.close(directory)

    def target(self, place: Place) -> Optional[bytes]:
        """Where the symbolic link at this place leads to; None if it is none."""
        directory = self._open(place[:-1])
        try:
            return os.readlink(place[-1], dir_fd=directory)
        except OSError as exc:
            if exc.errno != errno.EINVAL:
                raise
            return None
        finally:
            os.close(directory)

    def hard_link(self, place: Place, other: Place) -> None:
        """Have the file there that is at the place ``other``."""
        self._leave(place)
        directory = self._open(place[:-1])
        beside = _beside()
        try:
            source = self._open(other[:-1])
            try:
                os.link(
                    other[-1], beside, src_dir_fd=source, dst_dir_fd=directory,
                    follow_symlinks=False,
                )  # fmt: skip
            finally:
                os.close(source)
            self._rename(beside, place[-1], directory)
        finally:
            os.close(directory)

    def leave(self) -> None:
        """Nothing more comes: directories get what they wait for."""
        self._leave(())

    # -- steps --------------------------------------------------------------------------

    def _open(self, place: Place) -> int:
        """A descriptor of the directory there."""
        descriptor = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for name in place:
            try:
                inner = os.open(name, _INSIDE, dir_fd=descriptor)
            finally:
                os.close(descriptor)
            descriptor = inner
        return descriptor

    def _leave(self, place: Place) -> None:
        """Go on at ``place``: of the directories that it is not in, nothing more is expected."""
        while self._waiting and place[: len(self._waiting[-1].place)] != self._waiting[-1].place:
            waiting = self._waiting.pop()
            try:
                descriptor = self._open(waiting.place)
                try:
                    self._settle(descriptor, waiting.mode, waiting.mtime)
                finally:
                    os.close(descriptor)
            except OSError as exc:
                self._unsettled(waiting.place, str(exc.strerror))

    def _settle(self, descriptor: int, mode: int, mtime: int) -> None:
        if self._preserve:
            os.fchmod(descriptor, mode)
            os.utime(descriptor, (mtime, mtime))
        else:
            # It was made within the bounds of the umask, and with what we needed.
            made = stat.S_IMODE(os.fstat(descriptor).st_mode)
            if made & ~mode:
                os.fchmod(descriptor, made & mode)

    def _rename(self, beside: bytes, name: bytes, directory: int) -> None:
        try:
            os.rename(beside, name, src_dir_fd=directory, dst_dir_fd=directory)
        finally:
            try:
                os.unlink(beside, dir_fd=directory)  # there if both names were that of one file
            except FileNotFoundError:
                pass

    def _close_file(self) -> None:
        assert self._writing is not None
        os.close(self._writing.file)
        os.close(self._writing.directory)
        self._writing = None


def _beside() -> bytes:
    """A name that nobody else uses."""
    return b".clush-" + os.urandom(8).hex().encode()
