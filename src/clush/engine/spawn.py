"""Start a program with pipes, in a session of its own.

``posix_spawn`` does it all before the program runs, so the parent neither copies its
memory nor waits on a pipe to learn of a failed exec: the error comes back as errno.

A session of its own gives each child a process group of its own, which is what
stopping it needs, and takes the terminal away: a program that would ask for a password
fails at once and says so, where a background group would be stopped by the terminal
and hang.
"""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Mapping
from errno import EAGAIN, EINVAL, EMFILE, ENFILE, ENOMEM
from typing import NamedTuple, Optional, Union

from clush.engine.limits import descriptor_limits
from clush.errors import ResourceLimitError, SpawnError

# Python ignores these for itself; a child must die of them as it would in a shell
# (`yes | head -1` must not print "Broken pipe").
_DEFAULT_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ", "SIGXFZ") if hasattr(signal, name)
)

_FileAction = Union[tuple[int, int], tuple[int, int, int], tuple[int, int, str, int, int]]
_NULL_INPUT: _FileAction = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)

_EXHAUSTED = {EMFILE, ENFILE, EAGAIN, ENOMEM}


class Spawned(NamedTuple):
    """A running child and the parent's ends of its pipes, all non-blocking.

    ``stdin`` is ``None`` where the child reads from the null device, ``stderr`` where
    it shares the pipe of ``stdout``.
    """

    pid: int
    stdin: Optional[int]
    stdout: int
    stderr: Optional[int]


def spawn(
    argv: list[str],
    env: Mapping[bytes, bytes],
    *,
    stdin: bool = False,
    merge_stderr: bool = False,
) -> Spawned:
    """Start ``argv`` (searched in the caller's ``PATH``) and return at once.

    Raises :class:`SpawnError` if the program cannot be executed, with the errno, and
    :class:`ResourceLimitError` if the system is out of descriptors or processes.
    """
    theirs: list[int] = []
    ours: list[int] = []
    try:
        parent_in = None
        actions: list[_FileAction] = [_NULL_INPUT]
        if stdin:
            child_in, parent_in = _pipe(theirs, ours, write=True)
            actions = [(os.POSIX_SPAWN_DUP2, child_in, 0)]
        child_out, parent_out = _pipe(theirs, ours)
        child_err, parent_err = (child_out, None) if merge_stderr else _pipe(theirs, ours)
        actions.append((os.POSIX_SPAWN_DUP2, child_out, 1))
        actions.append((os.POSIX_SPAWN_DUP2, child_err, 2))
        pid = os.posix_spawnp(
            argv[0],
            argv,
            env,
            file_actions=actions,
            setsid=True,
            setsigmask=(),
            setsigdef=_DEFAULT_SIGNALS,
        )
    except (OSError, ValueError) as exc:
        for fd in ours:
            os.close(fd)
        raise _explain(argv[0], exc) from exc
    finally:
        for fd in theirs:
            os.close(fd)
    return Spawned(pid, parent_in, parent_out, parent_err)


def _pipe(theirs: list[int], ours: list[int], *, write: bool = False) -> tuple[int, int]:
    """A new pipe as (child's end, parent's end); ``write`` if the parent writes to it."""
    reader, writer = os.pipe()
    child, parent = (reader, writer) if write else (writer, reader)
    theirs.append(child)
    ours.append(parent)
    if child < 3:
        # The caller runs with a standard descriptor closed: keep clear of the child's 0-2,
        # which are put in place one after the other.
        theirs[-1] = fcntl.fcntl(child, fcntl.F_DUPFD_CLOEXEC, 3)
        os.close(child)
        child = theirs[-1]
    os.set_blocking(parent, False)
    return child, parent


def _explain(program: str, exc: OSError | ValueError) -> Exception:
    if isinstance(exc, ValueError):  # a null byte, or what no encoding of the system has
        return SpawnError(program, EINVAL, str(exc))
    errno = exc.errno or 0
    reason = os.strerror(errno)
    if errno in (EMFILE, ENFILE):
        soft, hard = descriptor_limits()
        return ResourceLimitError(
            f"{reason} (file descriptors: soft limit {soft}, hard limit {hard}); "
            "lower the fanout or raise the limit"
        )
    if errno in _EXHAUSTED:
        return ResourceLimitError(f"cannot start {program}: {reason}; lower the fanout")
    return SpawnError(program, errno, reason)
