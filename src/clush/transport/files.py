"""The local end of a copy: whether it is there, and how copying programs are told of it."""

from __future__ import annotations

import os.path

from clush.errors import JobError
from clush.job import Copy


def check_local_end(copy: Copy) -> None:
    """Raise ``JobError`` unless the local file, or the directory to fetch into, is there.

    What is copied locally may be named by placeholders: then it is left to ``cp``.
    """
    if not copy.reverse:
        named = copy.transport.name != "exec" or "%" not in copy.source
        if named and not os.path.lexists(copy.source):
            raise JobError(f'file "{copy.source}" not found')
    elif not os.path.exists(copy.dest):
        raise JobError(f'directory "{copy.dest}" not found')
    elif not os.path.isdir(copy.dest):
        raise JobError(f'destination "{copy.dest}" is not a directory')


def flags(copy: Copy) -> list[str]:
    """The options of all copying programs; what is fetched may always be a directory."""
    recursive = copy.reverse or os.path.isdir(copy.source)
    return ["-r"] * recursive + ["-p"] * copy.preserve


def local(path: str) -> str:
    """A local path that no copying program takes for an option or for ``host:path``."""
    if path.startswith("-") or ":" in path.partition("/")[0]:
        return f"./{path}"
    return path


def remote_ends(copy: Copy, host: str, node: str) -> list[str]:
    """Source and destination of the copy for ``node``, which the program knows as ``host``."""
    if copy.reverse:
        return [f"{host}:{copy.source.rstrip('/')}", local(copy.landing(node))]
    return [local(copy.source), f"{host}:{copy.dest}"]
