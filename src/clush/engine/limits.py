"""How many file descriptors a run needs, has, and may get.

The library only looks; raising the soft limit is for the tools, which own their process.
"""

from __future__ import annotations

import os
import resource

# Per running child: stdin, stdout, stderr, and a pidfd while its end is awaited.
PER_CHILD = 4

# The child's three ends exist for a moment while it is started; the rest is for the loop,
# configuration files and whatever the caller opens while it runs.
SPARE = 32


def descriptor_limits() -> tuple[int, int]:
    """The soft and the hard limit of open descriptors of this process."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)


def descriptors_needed(children: int) -> int:
    """How many descriptors this process needs to run ``children`` at once."""
    try:
        open_now = len(os.listdir("/proc/self/fd"))
    except OSError:
        open_now = 64
    return open_now + children * PER_CHILD + SPARE


def raise_descriptor_limit(needed: int) -> int:
    """Raise the soft limit to ``needed`` if it is lower; returns the soft limit then.

    Never lowers it and never touches the hard limit, so the result may be below
    ``needed``: the caller says so.
    """
    soft, hard = descriptor_limits()
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return soft if soft != resource.RLIM_INFINITY else needed
    wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if wanted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
