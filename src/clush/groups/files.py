"""Sources that are read from files, and when to read them again."""

from __future__ import annotations

import os
from time import monotonic

from clush.errors import GroupSourceQueryFailed
from clush.groups.answers import CACHE_TIME
from clush.groups.source import TableSource
from clush.groups.telling import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Optional

    # The groups, and all nodes if the files tell these apart.
    Table = tuple[dict[str, str], Optional[str]]
    Stamp = list[tuple[str, object]]


class Watch:
    """Whether files changed, which is looked at no more often than every ``cache_time`` seconds.

    ``changed`` gives what is new about ``paths``, to be handed to ``read`` once they were read.
    """

    def __init__(self, paths: Iterable[str], cache_time: float = CACHE_TIME) -> None:
        self.paths = list(paths)
        self.cache_time = cache_time
        self._until = 0.0
        self._stamp: Stamp | None = None

    def changed(self) -> Stamp | None:
        """The state of the files, or None if it is known; ``OSError`` if one is not there."""
        if self._stamp is not None and monotonic() < self._until:
            return None
        stamp = [(path, _state(path)) for top in self.paths for path in below(top)]
        if stamp != self._stamp:
            return stamp
        self.read(stamp)
        return None

    def read(self, stamp: Stamp) -> None:
        """The files were read in this state, or are as they were."""
        self._stamp = stamp
        self._until = monotonic() + self.cache_time

    def forget(self) -> None:
        """Count the files as changed."""
        self._stamp = None


class FileSource(TableSource):
    """A source that ``reader`` reads from files or directories, whose content adds up."""

    def __init__(
        self,
        name: str,
        paths: Iterable[str],
        reader: Callable[[list[str]], Table],
        cache_time: float = CACHE_TIME,
    ) -> None:
        super().__init__(name)
        self._watch = Watch(paths, cache_time)
        self._reader = reader
        self._table: Table = {}, None

    @property
    def paths(self) -> list[str]:
        return self._watch.paths

    def table(self) -> Table:
        try:
            stamp = self._watch.changed()
            if stamp is not None:
                tell(f"{self.name}: reading {' '.join(self.paths)}")
                self._table = self._reader(self.paths)
                self._watch.read(stamp)
        except OSError as error:
            raise GroupSourceQueryFailed(str(error.filename), self, str(error.strerror)) from None
        except ValueError as error:
            raise GroupSourceQueryFailed(str(error), self) from None
        return self._table

    def clear_cache(self) -> None:
        self._watch.forget()


def _state(path: str) -> object:
    found = os.stat(path)
    return found.st_mtime_ns, found.st_size, found.st_ino


def below(path: str) -> list[str]:
    """A file, or a directory and the files in it."""
    if not os.path.isdir(path):
        return [path]
    entries = sorted(entry.path for entry in os.scandir(path) if entry.is_file())
    return [path, *entries]
