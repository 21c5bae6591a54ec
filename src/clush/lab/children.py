"""The keeper's child processes: started with a few descriptors, reaped in one place.

The keeper adopts what its children leave behind (Linux' "subreaper"), so it must reap
more than it started; asyncio's own subprocess support would be confused by that.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, where the system can."""
    import ctypes  # needed for this one call

    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Children:
    """Starts programs and tells how they ended; needs the running loop of the main thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ends: dict[int, asyncio.Future[int]] = {}
        self._loop.add_signal_handler(signal.SIGCHLD, self.reap)

    def spawn(
        self,
        argv: list[str],
        env: Mapping[str, str],
        stdio: Sequence[int | str],
        *,
        session: bool = False,
    ) -> asyncio.Future[int]:
        """Start ``argv``; the future gives its return code, negative for a signal.

        ``stdio`` says what becomes descriptor 0, 1, 2: a descriptor of ours, or the path
        of a terminal, which a child in a ``session`` of its own also gets as its own.
        """
        actions: list[tuple[int, ...] | tuple[int, int, str, int, int]] = []
        for target, source in enumerate(stdio):
            if isinstance(source, str):
                actions.append((os.POSIX_SPAWN_OPEN, target, source, os.O_RDWR, 0))
            else:
                actions.append((os.POSIX_SPAWN_DUP2, source, target))
        pid = os.posix_spawn(
            argv[0],
            argv,
            env,
            file_actions=actions,
            setsid=session,
            setsigmask=(),
            # Python ignores these two, and what is ignored stays so in a child
            setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),
        )
        end = self._loop.create_future()
        self._ends[pid] = end
        return end

    def reap(self) -> None:
        """Collect every child that has ended, ours or adopted."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            end = self._ends.pop(pid, None)
            if end is not None and not end.done():
                end.set_result(os.waitstatus_to_exitcode(status))
