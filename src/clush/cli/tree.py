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
    from collections.abc import Callable

    from clush.cli.conf import Configuration
    from clush.cli.options import Values
    from clush.sets.nodeset import NodeSet
    from clush.transport.base import Transport
    from clush.tree.head import Plan

# What is not asked for: see the option --tree.
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


def plan(
    options: Values,
    configuration: Configuration,
    file: str,
    targets: NodeSet,
    via: Transport,
    note: Callable[[str], object],
    draw: Callable[[str], object],
) -> Plan:
    """How the targets of a run are reached through the gateways of :func:`wanted`.

    ``note`` is told of the tree in a line, ``draw`` gets a drawing of it.  Raises
    :class:`clush.errors.TopologyError` where the file, or our place in it, is unsound.
    """
    from clush.plan import routes
    from clush.tree.head import GROOMING, Plan
    from clush.tree.link import Via

    root = os.uname().nodename.partition(".")[0]
    direct = not file
    if file:
        try:
            tree = topology.load(file, note).tree(root)
        except TopologyError as error:
            raise TopologyError(f"TREE MODE: {error}") from None
        pools = routes.pools_of(tree, targets)
        drawing = str(tree)
    else:
        arity = None if options.tree == AUTO else int(options.tree)
        if arity is not None and arity < 1:
            raise UsageError(f"option --tree: not a number of gateways: {arity}")
        pools = routes.auto_tree(targets, arity)
        drawing = routes.draw(pools, root)
    gateways = {name for pool in pools for name in _gateways(pool.ways)}
    note(f"TREE MODE: {len(gateways)} gateway{'s' * (len(gateways) != 1)}")
    draw(f"{RULER}\n{drawing}{RULER}")
    grooming = options.grooming if options.grooming is not None else None
    if not grooming:  # 0 is as good as not given, as it always was
        grooming = configuration.defaults.grooming_delay
    return Plan(
        pools,
        Via(via, os.environ.get("CLUSTERSHELL_GW_PYTHON_EXECUTABLE") or "python3"),
        GROOMING if grooming is None else grooming,
        options.max_running,
        direct,
    )


def _gateways(ways: dict) -> set[str]:  # type: ignore[type-arg]
    """The gateways of ways, at all levels."""
    return set(ways).union(*(_gateways(below) for below in ways.values()))
