"""Whether a run goes through gateways, and which: a topology, the targets themselves, or none.

The default topology file counts for runs that do not choose their worker, unless
``auto_tree`` in ``defaults.conf`` says no.  One that is named (``--topology``) and ``--tree``
always count.
"""

from __future__ import annotations

import os

from clush.config import topology
from clush.errors import TopologyError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from clush.cli.conf import Configuration
    from clush.cli.options import Values
    from clush.plan.routes import Pool
    from clush.sets.nodeset import NodeSet
    from clush.transport.base import Transport
    from clush.tree.gateways import Gateways

# What --tree is without a number.
AUTO = "auto"

RULER = "-" * 15


def wanted(options: Values, configuration: Configuration) -> str | None:
    """The topology file that the run goes by; ``""`` for a tree of its own targets, else None."""
    if options.tree is not None:
        if options.topology:
            raise UsageError("--tree makes a tree of the targets: it needs no --topology")
        return ""
    if options.worker is not None:
        return None
    if options.topology:
        return str(options.topology)
    return topology.find() if configuration.defaults.auto_tree else None


def gateways(
    options: Values,
    configuration: Configuration,
    file: str,
    via: Transport,
    notice: Callable[[str], object],
) -> Gateways:
    """The gateways of :func:`wanted`; ``notice`` is told what is doubtful in the file.

    Raises :class:`clush.errors.TopologyError` where the file, or our place in it, is unsound.
    """
    from clush.tree.gateways import Gateways

    tree = arity = None
    if file:
        try:
            tree = topology.load(file, notice).tree(here())
        except TopologyError as error:
            raise TopologyError(f"TREE MODE: {error}") from None
    elif options.tree != AUTO:
        arity = int(options.tree)
    if arity is not None and arity < 1:
        raise UsageError(f"option --tree: must be at least 1: {arity}")
    # 0 is as good as not given, as it always was.
    grooming = options.grooming or configuration.defaults.grooming_delay
    return Gateways(tree, arity, via, options.max_running, grooming)


def described(through: Gateways, targets: NodeSet) -> tuple[str, str]:
    """How many gateways there are for ``targets``, and a drawing of the tree."""
    from clush.plan.routes import draw

    pools = through.pools(targets)
    count = len(_gateways(pools))
    drawing = str(through.tree) if through.tree is not None else draw(pools, here())
    return (
        f"enabling tree topology ({count} gateways)",
        f"{RULER}\n{drawing}{RULER}",
    )


def here() -> str:
    """The name that a topology knows us by."""
    return os.uname().nodename.partition(".")[0]


def _gateways(pools: Iterable[Pool]) -> set[str]:
    """The gateways of pools, at all levels; ways that many share are looked at once."""
    names = set[str]()
    level = {id(pool.ways): pool.ways for pool in pools}
    while level:
        names.update(*level.values())
        level = {id(below): below for ways in level.values() for below in ways.values()}
    return names
