"""Two gateways, one of them ten times slower: how far from perfect balance.

Targets are local shells that sleep, ten times as long behind the slow gateway. Perfect balance is
what it takes when no place of either is ever idle and both end together.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from _measure import MeasureError
from _table import Row, failed, show, within
from _tree import Site, checked, sides

if TYPE_CHECKING:
    from collections.abc import Iterator

FANOUT = 8
NAP, SLOWER = 0.2, 10
ROUTES = ["HERE: gw[1-2]", "gw[1-2]: n[1-999]"]
# LAB_NODE is the gateway on which the shell runs.
BEFORE = f"case $LAB_NODE in gw2) sleep {NAP * (SLOWER - 1):g};; esac"


def rows(targets: int) -> Iterator[Row]:
    perfect = targets * NAP / FANOUT / (1 + 1 / SLOWER)
    with Site("gw[1-2]", ROUTES, before=BEFORE, fanout=FANOUT) as site:
        seconds = {
            side.name: checked(
                site.run(side, "-w", f"n[1-{targets}]", f"sleep {NAP}; echo ok"), targets
            ).seconds
            for side in sides()
        }
    claim = f"{targets} x {NAP} s, fanout {FANOUT}, one of two gateways {SLOWER} x slower"
    peer = seconds.get("peer")
    times = seconds["ours"] / perfect
    yield within(
        f"{claim}: v perfect", times, limit=1.4, unit="x", peer=peer / perfect if peer else None
    )


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer targets")
    targets = 360 if parser.parse_args(argv).quick else 480
    try:
        return show(rows(targets))
    except MeasureError as error:
        return show([failed("balance", str(error))])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
