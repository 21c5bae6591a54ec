"""Small helpers of the tools."""

from __future__ import annotations

from clush.cli.blocks import block_order
from clush.cli.nodes import fold_axes
from clush.errors import RangeSetParseError
from ClusterShell.RangeSet import RangeSet

__all__ = [
    "GIBI",
    "KIBI",
    "MEBI",
    "TEBI",
    "bufnodeset_cmpkey",
    "human_bi_bytes_unit",
    "nodeset_cmpkey",
    "parse_fold_axis",
]

KIBI, MEBI, GIBI, TEBI = (1024.0**power for power in range(1, 5))

_UNITS = ((TEBI, "TiB"), (GIBI, "GiB"), (MEBI, "MiB"), (KIBI, "KiB"))


def nodeset_cmpkey(nodeset):
    """Sort key of node sets: the largest first, then by the name of the first node."""
    _, *key = block_order(len(nodeset), nodeset[0])
    return tuple(key)


def bufnodeset_cmpkey(buf):
    """The same for pairs of an output and its node set."""
    return nodeset_cmpkey(buf[1])


def human_bi_bytes_unit(value):
    """A number of bytes in the unit that suits it: ``1.50 KiB``."""
    for size, unit in _UNITS:
        if value >= size:
            return f"{value / size:.2f} {unit}"
    return f"{int(value)} B"


def parse_fold_axis(axis):
    """Axes counted from 1, or from the end, as ``fold_axis`` of node sets has them."""
    if not axis:
        raise RangeSetParseError("", "empty range")
    return fold_axes(axis)
