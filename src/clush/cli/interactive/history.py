"""The lines that were typed, kept in a file from one session to the next.

One line each, oldest first, and only for their owner: they may hold what nobody else
should read.  Several sessions may add to the file.  A file that cannot be used costs the
history, never the session.
"""

from __future__ import annotations

import os
from collections.abc import Container, Mapping
from typing import Callable, Optional

# Where ClusterShell keeps it: read as long as there is no file of ours.
CLASSIC = "~/.clush_history"


def default_path(environ: Mapping[str, str]) -> str:
    """The file in the user's directory of states; empty if there is none."""
    root = environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(root):  # the standard says to ignore others
        root = os.path.expanduser("~/.local/state")
    return os.path.join(root, "clush", "history") if os.path.isabs(root) else ""


class History:
    """The last ``size`` lines of the file at ``path``, and those that are added.

    A negative ``size`` is no limit; with 0 nothing is read and nothing is written.
    Lines in ``trivial`` are not recorded.  ``lines`` are the oldest first.
    """

    def __init__(
        self, path: str, size: int, trivial: Container[str] = (), classic: str = CLASSIC
    ) -> None:
        self._path = path if size else ""
        self._trivial = trivial
        self.lines: list[str] = []
        self._problem = ""
        if not self._path:
            return
        stored = _read(self._path)
        known = _read(os.path.expanduser(classic)) if stored is None else stored
        self.lines = (known or [])[-size if size > 0 else 0 :]
        if self.lines and self.lines != stored:
            self._write(lambda: _replace(self._path, self.lines))

    def add(self, line: str) -> bool:
        """Record ``line``, if it is worth it and not the last one again; whether it was."""
        if not line.strip() or line in self._trivial or self.lines[-1:] == [line]:
            return False
        self.lines.append(line)
        if self._path:
            self._write(lambda: _append(self._path, line))
        return True

    def _write(self, write: Callable[[], None]) -> None:
        try:
            _make_directory(os.path.dirname(self._path))
            write()
        except OSError as error:
            self._path = ""  # it would not be better next time
            self._problem = str(error)

    def take_problem(self) -> str:
        """Why the file cannot be written, the first time this is asked since it was seen."""
        problem, self._problem = self._problem, ""
        return problem


def _read(path: str) -> Optional[list[str]]:
    """The lines of a file, None if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read().decode(errors="replace").splitlines()
    except OSError:
        return None


def _append(path: str, line: str) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with open(fd, "wb", buffering=0) as file:
        file.write(_encoded([line]))  # in one piece, because others may write, too


def _replace(path: str, lines: list[str]) -> None:
    temporary = f"{path}.{os.getpid()}"
    fd = os.open(temporary, os.O_WRONLY | os.O_TRUNC | os.O_CREAT, 0o600)
    with open(fd, "wb") as file:
        file.write(_encoded(lines))
    os.replace(temporary, path)


def _encoded(lines: list[str]) -> bytes:
    return "".join(line + "\n" for line in lines).encode(errors="surrogateescape")


def _make_directory(path: str) -> None:
    """Make a directory, but not in the home of somebody else, who could not use it: sudo."""
    if os.path.isdir(path):
        return
    above = os.path.dirname(path)
    _make_directory(above)
    if os.stat(above).st_uid != os.geteuid():
        raise PermissionError(f"not the owner of {above}")
    os.mkdir(path, 0o700)
