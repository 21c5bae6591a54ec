"""What gateways add to one ``echo`` over real ssh: the first level, and each further one.

Ours has nothing installed on its gateways; ClusterShell's has its library there. Both run on the
same version of Python on both ends. The runs take turns; the quickest of each counts.
"""

from __future__ import annotations

import argparse
import sys
from importlib.util import MAGIC_NUMBER
from typing import TYPE_CHECKING

import peers
from _measure import MeasureError
from _table import Row, compare, failed, show, skipped, within
from _tree import Site, checked, sides
from clush.tree import pack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _tree import Side

# Target -> how many gateways it is behind.
TARGETS = {"node0": 0, "node1": 1, "node2": 2, "node3": 3}
ROUTES = ["HERE: gw1", "gw1: gw2,node1", "gw2: gw3,node2", "gw3: node3"]
BUNDLE = 48 * 1024  # bytes


def quickest(site: Site, every: list[Side], repeat: int) -> dict[tuple[str, int], float]:
    """The least time for each side and number of levels."""
    best: dict[tuple[str, int], float] = {}
    for _ in range(repeat):
        for target, levels in TARGETS.items():
            for side in every:
                run = site.run(side, "-w", target, "echo ok", measured=False)
                seconds = checked(run, 1).seconds
                best[side.name, levels] = min(seconds, best.get((side.name, levels), seconds))
    return best


def rows(repeat: int) -> Iterator[Row]:
    size = len(pack.pack(MAGIC_NUMBER))
    yield within("bundle that each gateway is sent", size, limit=BUNDLE, unit="bytes")
    every = sides()
    with Site("gw[1-3],node[0-3]", ROUTES, stub=False) as site:
        best = quickest(site, every, repeat)
    for levels in (1, 2, 3):
        added = {side.name: best[side.name, levels] - best[side.name, levels - 1] for side in every}
        claim = f"level {levels}: added to echo"
        if "peer" in added:
            yield compare(f"{claim}, v ClusterShell", added["ours"], added["peer"], bar=1.0)
        else:
            yield skipped(claim, peers.ABSENT)
            yield within(claim, added["ours"], limit=0.3)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    repeat = 3 if parser.parse_args(argv).quick else 9
    try:
        return show(rows(repeat))
    except MeasureError as error:
        return show([failed("ready", str(error))])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
