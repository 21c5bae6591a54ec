"""``--outdir`` and ``--errdir``: the output of each node in a file named after it."""

from __future__ import annotations

import os
from collections.abc import Iterable

from clush.errors import CommandError


class Saver:
    """Writes streams to ``DIRECTORY/NODE``, in directories that it makes where needed.

    What is no text is kept as it is; but lines end as they do here, the last one too.  A
    file is open only while it is written to: nodes may be many, descriptors are few.  Raises
    :class:`CommandError` with the words of the system for what cannot be written.
    """

    def __init__(self, directories: dict[str, str], nodes: Iterable[str]) -> None:
        """``directories`` holds one for each stream to save.  Every node gets its file, if
        only an empty one."""
        self._directories = directories
        self._unended: dict[str, set[str]] = {}  # directories where a last line has no end so far
        try:
            for directory in directories.values():
                os.makedirs(directory, exist_ok=True)
            for node in nodes:
                for directory in directories.values():
                    if "/" in node:
                        raise CommandError(
                            f"node '{node}' cannot be the name of a file in {directory}"
                        )
                    with open(os.path.join(directory, node), "wb"):
                        pass
        except OSError as error:
            raise CommandError(str(error)) from error

    def output(self, node: str, stream: str, data: bytes) -> None:
        """Append a piece of a stream."""
        directory = self._directories.get(stream)
        if directory is None:
            return
        self._append(directory, node, data.replace(b"\r\n", b"\n") if b"\r" in data else data)
        # It may be a part of a very long line: only the end of the stream ends that.
        if not data.endswith(b"\n"):
            self._unended.setdefault(node, set()).add(directory)
        elif node in self._unended:
            self._unended[node].discard(directory)

    def ended(self, node: str) -> None:
        """``node`` says nothing more."""
        for directory in self._unended.pop(node, ()):
            self._append(directory, node, b"\n")

    def _append(self, directory: str, node: str, data: bytes) -> None:
        path = os.path.join(directory, node)
        try:
            with open(path, "ab") as file:
                file.write(data)
        except OSError as error:
            # A full disk does not say whose.
            raise CommandError(str(OSError(error.errno, error.strerror, path))) from error
