"""What targets behind gateways cost, CPU and time, without what ssh to the targets costs.

``echo ok`` on many targets, which are local shells, through gateways over real ssh. What a
target costs the head and the gateways is what many of them cost more than few. And 10 000
targets through 50 gateways that are processes of this machine.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import _measure
import peers
from _measure import MeasureError
from _table import Row, failed, show, skipped, within
from _tree import Run, Side, Site, checked, sides

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD, GATEWAY = 0.1e-3, 1.0e-3  # CPU seconds for a target

MANY = """
import sys, clush
from clush.topology import Graph
targets, gateways = map(int, sys.argv[1:])
graph = Graph()
graph.add(clush.NodeSet("head"), clush.NodeSet(f"gw[1-{gateways}]"))
graph.add(clush.NodeSet(f"gw[1-{gateways}]"), clush.NodeSet(f"n[1-{targets}]"))
through = clush.Gateways(graph.tree("head"), transport=clush.Exec())
result = clush.run("echo ok", f"n[1-{targets}]", transport="exec", through=through)
assert result.ok and len(result) == targets, result
"""


def costs(site: Site, side: Side, few: int, many: int) -> tuple[float, float, Run]:
    """CPU seconds for one more target, of the head and of gateways; and the larger run."""
    less, more = (
        checked(site.run(side, "-w", f"n[1-{count}]", "echo ok"), count) for count in (few, many)
    )
    head = (more.head.cpu - less.head.cpu) / (many - few)
    gateways = [sum(usage.cpu for usage in run.gateways) for run in (less, more)]
    return head, (gateways[1] - gateways[0]) / (many - few), more


def rows(part: int) -> Iterator[Row]:
    few, many = 100, 4_000 // part
    ours, *others = sides()
    for gateways in (1, 4):
        routes = [f"HERE: gw[1-{gateways}]", f"gw[1-{gateways}]: n[1-{many}]"]
        with Site("gw[1-4]", routes) as site:
            head, gateway, run = costs(site, ours, few, many)
            peer = costs(site, others[0], few, many) if others else None
        claim = f"{many} targets through {gateways}, null connector"
        yield within(
            f"{claim}: head CPU a target", head, limit=HEAD, peer=peer[0] if peer else None
        )
        yield within(
            f"{claim}: gateway CPU a target", gateway, limit=GATEWAY,
            peer=peer[1] if peer else None,
        )  # fmt: skip
        if peer:
            yield within(f"{claim}: time", run.seconds, limit=peer[2].seconds, peer=peer[2].seconds)
        else:
            yield skipped(f"{claim}: time", peers.ABSENT)
    yield from local(10_000 // part, 50)


def local(targets: int, gateways: int) -> Iterator[Row]:
    """The time of this is the machine's: 10 000 shells and 50 interpreters on its processors."""
    argv = [sys.executable, "-c", MANY, str(targets), str(gateways)]
    try:
        run = _measure.run(argv)
    except MeasureError as error:
        yield failed(f"{targets} targets, {gateways} local gateways", str(error))
        return
    claim = f"{targets} targets, {gateways} local gateways"
    yield within(f"{claim}: all accounted for", run.seconds, limit=120)
    yield within(f"{claim}: head", run.megabytes, limit=80, unit="MB")


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a quarter of the targets")
    part = 4 if parser.parse_args(argv).quick else 1
    try:
        return show(rows(part))
    except MeasureError as error:
        return show([failed("load", str(error))])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
