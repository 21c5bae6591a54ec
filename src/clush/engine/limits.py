"""How many file descriptors a run needs, has, and may get.

The library only looks; setting the soft limit is for the tools, which own their process.
"""

from __future__ import annotations

import os
import resource

# Per running child: stdin, stdout, stderr, and a pidfd while its end is awaited.
PER_CHILD = 4

# The child's three ends exist for a moment while it is started; the rest is for the loop,
# configuration files and whatever the caller opens while it runs.
SPARE = 32

# What a limit is that is none.
UNLIMITED = resource.RLIM_INFINITY


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


def children_within(limit: int, wanted: int) -> int:
    """How many of ``wanted`` children ``limit`` descriptors allow at once; below 1 if none."""
    missing = 0 if limit == UNLIMITED else max(0, descriptors_needed(wanted) - limit)
    return wanted - -(-missing // PER_CHILD)


def set_descriptor_limit(wanted: int) -> int:
    """Set the soft limit to ``wanted``, or to the hard one if that is lower; returns it.

    ``ValueError`` or ``OSError`` for what is no limit.
    """
    if wanted < 1:
        raise ValueError("not a number of files")
    _, hard = descriptor_limits()
    allowed = wanted if hard == UNLIMITED else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed
