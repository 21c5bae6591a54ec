"""Files written below one directory, whatever stands in the way: the I/O of ``unpack.py``.

Places are tuples of names.  Every directory on the way is opened from the one above it, and
never through a symbolic link.  A file is written beside its place and renamed when it is
complete.  All methods raise ``OSError`` about the place that they are given.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Callable, NamedTuple, Optional

Place = tuple[bytes, ...]

_INSIDE = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_AGAIN = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = _AGAIN | os.O_CREAT | os.O_EXCL

# Files that are open at a time, of all that are being written.
OPEN = 64

# What we need ourselves for as long as we write.
_DIRECTORY_BITS = 0o700
_FILE_BITS = 0o600


class _Waiting(NamedTuple):
    """A directory that gets its mode and its time when it has got all that is in it."""

    place: Place
    mode: int
    mtime: int


class _Draft:
    """A file that is not complete, and is called ``beside`` until it is."""

    def __init__(self, place: Place, beside: bytes, mode: int, mtime: int, fd: int) -> None:
        self.place = place
        self.beside = beside
        self.mode = mode
        self.mtime = mtime
        self.fd: Optional[int] = fd  # while it is open
        self.failure: Optional[OSError] = None  # when it was closed in between

    def close(self) -> None:
        """Close it; what that says is raised when it is used again."""
        if self.fd is not None:
            fd, self.fd = self.fd, None
            try:
                os.close(fd)
            except OSError as exc:
                self.failure = exc


class Drafts:
    """The files that are being written in any number of folders: the last used ones are open.

    As many nodes may send a file each as all gateways together reach at a time.
    """

    def __init__(self, most: int = OPEN) -> None:
        self._most = most
        self._open: dict[_Draft, None] = {}  # in the order of their last use

    def use(self, draft: _Draft) -> None:
        """It has been opened, or is used."""
        self._open.pop(draft, None)
        self._open[draft] = None
        if len(self._open) > self._most:
            oldest = next(iter(self._open))
            del self._open[oldest]
            oldest.close()

    def close(self, draft: _Draft) -> None:
        """It is not used any more."""
        self._open.pop(draft, None)
        draft.close()


class Folder:
    """The directory ``path``; with ``preserve``, modes and times are those that are given.

    ``unsettled(place, reason)`` is told of a directory that did not get them: that is seen only
    when the next place has its turn.  ``drafts`` is shared with other folders.
    """

    def __init__(
        self, path: str, preserve: bool, unsettled: Callable[[Place, str], object], drafts: Drafts
    ) -> None:
        self._path = path
        self._preserve = preserve
        self._unsettled = unsettled
        self._drafts = drafts
        self._waiting: list[_Waiting] = []
        self._draft: Optional[_Draft] = None

    def has_folder(self, place: Place) -> bool:
        """Is there a directory at this place?"""
        try:
            with self._at(place):
                return True
        except OSError:
            return False

    def make(self, place: Place, mode: int, mtime: int) -> None:
        """Have a directory there."""
        self._leave(place)
        new = True
        with self._at(place[:-1]) as directory:
            try:
                os.mkdir(place[-1], mode | _DIRECTORY_BITS, dir_fd=directory)
            except FileExistsError:
                new = False
                os.close(os.open(place[-1], _INSIDE, dir_fd=directory))
        if new or self._preserve:
            self._waiting.append(_Waiting(place, mode, mtime))

    def begin(self, place: Place, mode: int, mtime: int) -> None:
        """Begin a file; :meth:`write` and :meth:`finish` are about it."""
        self._leave(place)
        beside = _beside()
        with self._at(place[:-1]) as directory:
            fd = os.open(beside, _NEW, mode | _FILE_BITS, dir_fd=directory)
        self._draft = _Draft(place, beside, mode, mtime, fd)
        self._drafts.use(self._draft)

    def write(self, data: bytes) -> None:
        """Add to the file."""
        fd = self._descriptor()
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]

    def finish(self) -> None:
        """The file is complete: have it in its place."""
        try:
            fd = self._descriptor()
            draft = self._draft
            assert draft is not None
            self._settle(fd, draft.mode, draft.mtime)
            self._drafts.close(draft)
            if draft.failure is not None:
                raise draft.failure
            with self._at(draft.place[:-1]) as directory:
                name = draft.place[-1]
                os.rename(draft.beside, name, src_dir_fd=directory, dst_dir_fd=directory)
        except OSError:
            self.drop()
            raise
        self._draft = None

    def drop(self) -> None:
        """Leave nothing of a file that is not complete."""
        draft, self._draft = self._draft, None
        if draft is not None:
            self._drafts.close(draft)
            with self._at(draft.place[:-1]) as directory:
                os.unlink(draft.beside, dir_fd=directory)

    def link(self, place: Place, target: bytes) -> None:
        """Have a symbolic link there."""
        self._leave(place)
        beside = _beside()
        with self._at(place[:-1]) as directory:
            os.symlink(target, beside, dir_fd=directory)
            self._rename(beside, place[-1], directory)

    def target(self, place: Place) -> Optional[bytes]:
        """Where the symbolic link at this place leads to; None if it is none."""
        with self._at(place[:-1]) as directory:
            try:
                return os.readlink(place[-1], dir_fd=directory)
            except OSError as exc:
                if exc.errno != errno.EINVAL:
                    raise
                return None

    def hard_link(self, place: Place, other: Place) -> None:
        """Have the file there that is at the place ``other``."""
        self._leave(place)
        beside = _beside()
        with self._at(place[:-1]) as directory, self._at(other[:-1]) as source:
            os.link(
                other[-1], beside, src_dir_fd=source, dst_dir_fd=directory, follow_symlinks=False
            )
            self._rename(beside, place[-1], directory)

    def leave(self) -> None:
        """Nothing more comes: directories get what they wait for."""
        self._leave(())

    # -- steps --------------------------------------------------------------------------

    @contextmanager
    def _at(self, place: Place) -> Iterator[int]:
        """A descriptor of the directory there."""
        descriptor = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for name in place:
            try:
                inner = os.open(name, _INSIDE, dir_fd=descriptor)
            finally:
                os.close(descriptor)
            descriptor = inner
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _leave(self, place: Place) -> None:
        """Go on at ``place``: of the directories that it is not in, nothing more is expected."""
        while self._waiting and place[: len(self._waiting[-1].place)] != self._waiting[-1].place:
            waiting = self._waiting.pop()
            try:
                with self._at(waiting.place) as descriptor:
                    self._settle(descriptor, waiting.mode, waiting.mtime)
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

    def _descriptor(self) -> int:
        """That of the file which is being written."""
        draft = self._draft
        assert draft is not None
        if draft.failure is not None:
            raise draft.failure
        if draft.fd is None:
            with self._at(draft.place[:-1]) as directory:
                draft.fd = os.open(draft.beside, _AGAIN, dir_fd=directory)
        self._drafts.use(draft)
        return draft.fd


def _beside() -> bytes:
    """A name that nobody else uses."""
    return b".clush-" + os.urandom(8).hex().encode()
