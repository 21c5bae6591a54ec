"""``--outdir`` and ``--errdir``: the output of each node in a file named after it."""

from __future__ import annotations

import os
from collections.abc import Iterable

from clush.errors import CommandError
from clush.gather import normalize


class Saver:
    """Writes streams to ``DIRECTORY/NODE``, in directories that it makes where needed.

    A file is open only while it is written to: nodes may be many, descriptors are few.
    """

    def __init__(self, directories: dict[str, str], nodes: Iterable[str]) -> None:
        """``directories`` holds one for each stream to save.  Every node gets its file, if
        only an empty one.  Raises ``OSError`` if that fails."""
        self._directories = directories
        for directory in directories.values():
            os.makedirs(directory, exist_ok=True)
        for node in nodes:
            for directory in directories.values():
                if "/" in node:
                    raise CommandError(f"node '{node}' cannot be the name of a file in {directory}")
                with open(os.path.join(directory, node), "wb"):
                    pass

    def output(self, node: str, stream: str, data: bytes) -> None:
        """Append a chunk of whole lines, as bytes: what is no text is kept as it is."""
        directory = self._directories.get(stream)
        if directory is not None:
            with open(os.path.join(directory, node), "ab", buffering=0) as file:
                file.write(normalize(data))
