"""Running the rows of transcripts: the folder and the environment of a command, what it leaves.

Each row runs in a folder of its own, with a fresh copy of those of ``files`` that it names.
There is nothing in its environment but what the row says and what a program cannot do without,
and its home does not exist.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from transcript import FILES, HERE, Answer, Row


class Place(NamedTuple):
    """Where one row runs: its ``folder``, and where its output goes."""

    folder: Path
    out: Path
    err: Path

    def environ(self, row: Row) -> dict[str, str]:
        """The whole environment of ``row``."""
        return {
            "HOME": str(self.folder.parent / "home"),
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            **row.environ(str(self.folder)),
        }

    def answer(self, rc: int) -> Answer:
        """What a program that ended with ``rc`` has left here."""
        here = str(self.folder).encode()
        out, err = (path.read_bytes().replace(here, HERE.encode()) for path in (self.out, self.err))
        return Answer(out, err, rc, dict(_changed(self.folder)))


@contextmanager
def place(row: Row) -> Iterator[Place]:
    """A place to run ``row`` in; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="captured-") as root:
        found = Place(*(Path(os.path.realpath(root), name) for name in ("run", "out", "err")))
        found.folder.mkdir()
        for given in FILES.iterdir():
            if any(given.name in text for text in (row.line, *row.environment.values())):
                copy = shutil.copytree if given.is_dir() else shutil.copy
                copy(given, found.folder / given.name)
        yield found


def _changed(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if path.is_file():
            given, text = FILES / name, path.read_bytes()
            if not given.is_file() or given.read_bytes() != text:
                yield str(name), text
