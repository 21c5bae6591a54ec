"""Answers on disk, so that the next process need not ask again.

One file of JSON per source and configuration in ``$XDG_CACHE_HOME/clush``: its name has a
digest of all that the answers depend on, so a changed configuration never meets old answers.
Files are replaced as a whole; writers take turns and keep what others wrote.

A file is used only if it and its directory are ours and nobody else can write to them.
Whatever is wrong with it, it is as if it were not there: that only costs time.
"""

from __future__ import annotations

import os
import stat
from time import sleep, time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Union

    Entries = dict[str, dict[str, tuple[float, str]]]
    Place = Union[str, int]

PREFIX = "groups-"

# Changed with the form of the files, as their names depend on it.
FORM = 1

# A larger file costs more to read than most queries to ask.
LARGEST = 64 << 20

# Files of configurations that are gone are removed after so many seconds.
FORGOTTEN = 7 * 24 * 3600

# How often, and how long (in seconds), to wait for a turn to write.
_TURNS, _TURN = 40, 0.005

_PUNCTUATION = "-_."
_LONGEST_NAME = 64


class Store:
    """The answers of the source ``name``, each good for ``lifetime`` seconds.

    ``identity`` is all that they depend on: commands, directories, variables.
    """

    def __init__(
        self, name: str, identity: Iterable[str], lifetime: float, directory: str | None = None
    ) -> None:
        from hashlib import sha256  # only who keeps answers pays for it

        self.lifetime = lifetime
        self.directory = default_directory() if directory is None else directory
        text = "\0".join([str(FORM), name, *identity])
        digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        readable = "".join([c if c.isalnum() and c.isascii() else "_" for c in name])
        self._file = f"{PREFIX}{readable[:_LONGEST_NAME]}-{digest}.json"
        self._entries: Entries | None = None

    @property
    def path(self) -> str:
        """The file, which need not exist."""
        return os.path.join(self.directory, self._file)

    def get(self, kind: str, about: str) -> tuple[str, float] | None:
        """An answer, and how many seconds it is still good for."""
        if self._entries is None:
            self._entries = self._read()
        entry = self._entries.get(kind, {}).get(about)
        if entry is None:
            return None
        age = time() - entry[0]
        # Answers from the future are those of a clock that was set back since.
        return (entry[1], self.lifetime - age) if 0 <= age < self.lifetime else None

    def put(self, kind: str, texts: Mapping[str, str]) -> None:
        """Keep answers that have just been given."""
        folder = _opened(self.directory)
        if folder is None:
            return
        try:
            _take_turn(folder)
            now = time()
            entries = self._entries = self._read()
            for answers in entries.values():
                for about in [
                    a for a, (asked, _) in answers.items() if asked < now - self.lifetime
                ]:
                    del answers[about]
            entries.setdefault(kind, {}).update({about: (now, t) for about, t in texts.items()})
            self._write(entries)
            _sweep(self.directory, now - FORGOTTEN)
        except OSError:
            pass  # a full disk keeps nobody from working
        finally:
            os.close(folder)

    def clear(self) -> None:
        """Forget everything."""
        self._entries = None
        if _is_ours(self.directory, os.lstat, stat.S_ISDIR):
            _unlink(self.path)

    def _read(self) -> Entries:
        if not _is_ours(self.directory, os.lstat, stat.S_ISDIR):
            return {}
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return {}
        with open(fd, "rb") as file:
            if not _is_ours(fd, os.fstat, stat.S_ISREG) or os.fstat(fd).st_size > LARGEST:
                return {}
            return _entries(file.read())

    def _write(self, entries: Entries) -> None:
        import json

        temporary = f"{self.path}.{os.urandom(8).hex()}"
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with open(fd, "wb") as file:
                file.write(json.dumps(entries).encode())
            os.replace(temporary, self.path)
        except BaseException:
            _unlink(temporary)
            raise


def default_directory() -> str:
    """The directory of the user's caches of this product; empty if there can be none."""
    root = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(root):
        root = os.path.expanduser("~/.cache")
    return os.path.join(root, "clush") if os.path.isabs(root) else ""


def clear(directory: str | None = None) -> None:
    """Remove the answers of all sources and configurations."""
    directory = default_directory() if directory is None else directory
    if _is_ours(directory, os.lstat, stat.S_ISDIR):
        _sweep(directory, float("inf"))


def _entries(text: bytes) -> Entries:
    """What a file says, as far as it has the right form."""
    import json

    entries: Entries = {}
    try:
        content: Any = json.loads(text)
        for kind, answers in content.items():
            entries[kind] = {about: (float(at), str(said)) for about, (at, said) in answers.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}
    return entries


def _is_ours(place: Place, status: Callable[[Any], os.stat_result], kind: Any) -> bool:
    """Whether a file or directory belongs to this user, who alone can write to it."""
    try:
        found = status(place)
    except (OSError, ValueError):
        return False
    return kind(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _opened(directory: str) -> int | None:
    """A descriptor of the directory, which is made if need be; None if it may not be used."""
    try:
        if directory and not os.path.lexists(directory):
            _make(directory)
        if _is_ours(directory, os.lstat, stat.S_ISDIR):
            return os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        pass
    return None


def _make(directory: str) -> None:
    # Not in the home of somebody else, who could not use it any more: think of sudo.
    above = os.path.dirname(directory)
    if not os.path.exists(above):
        _make(above)
    if os.stat(above).st_uid == os.geteuid():
        os.mkdir(directory, 0o700)


def _take_turn(folder: int) -> None:
    """Wait for other writers, but not for one that was stopped."""
    import fcntl

    for _ in range(_TURNS):
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sleep(_TURN)
        else:
            return


def _sweep(directory: str, before: float) -> None:
    """Remove the files of all stores that were written before a time."""
    for entry in os.scandir(directory):
        if entry.name.startswith(PREFIX) and entry.stat(follow_symlinks=False).st_mtime < before:
            _unlink(entry.path)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
