"""How much of what is copied has arrived: sizes of files, seen from here.

A copying program does not tell how far it is, so that a file counts when it is there.
"""

from __future__ import annotations

import os

from clush.cli.gauge import Gauge
from clush.events import Ended, Event, Status
from clush.job import Copy

# Of a directory with more files than that it would take too long to know the size.
MOST_FILES = 2_000


class Arrivals:
    """A sink that tells ``gauge`` what arrives of ``work``."""

    def __init__(self, work: Copy, gauge: Gauge) -> None:
        self._work = work
        self._gauge = gauge
        self._size = 0 if work.reverse else size(work.source)

    def __call__(self, event: Event) -> None:
        if isinstance(event, Ended) and event.status is Status.OK:
            reverse = self._work.reverse
            self._gauge.arrived(size(self._work.landing(event.node)) if reverse else self._size)


def size(path: str) -> int:
    """The bytes of a file, or of all files in a directory; 0 if that cannot be known."""
    try:
        if not os.path.isdir(path):
            return os.stat(path).st_size
        files = 0
        total = 0
        for folder, _, names in os.walk(path):
            files += len(names)
            if files > MOST_FILES:
                return 0
            total += sum(os.lstat(os.path.join(folder, name)).st_size for name in names)
        return total
    except OSError:
        return 0
