"""Copies through gateways: one file to many nodes, and one over a long way.

Targets are local shells, each in a folder of its own; all that arrives is compared. The long
way is 40 ms to and fro, between the head's ssh and the gateway; what a copy of one byte takes is
not counted there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from filecmp import cmp
from typing import TYPE_CHECKING

import peers
from _measure import MEGABYTE, MeasureError
from _table import Row, compare, failed, show, skipped, within
from _tree import Run, Side, Site, sides

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = 60  # MB
SPEED = 20  # MB/s over the long way
LONG_WAY = 0.02  # seconds, one way


def copied(site: Site, side: Side, nodes: int, size: int) -> Run:
    """Copy so many bytes to so many nodes; MeasureError if they have not all arrived."""
    source, there = site.folder / "source", site.folder / "there"
    with open(source, "wb") as file:  # bit by bit: a child is counted with what we held
        for start in range(0, size, MEGABYTE):
            file.write(os.urandom(min(MEGABYTE, size - start)))
    there.mkdir()
    try:
        run = site.run(side, "-w", f"n[1-{nodes}]", "--copy", str(source), "--dest", "./copy")
        arrived = [folder for folder in there.glob("*/copy") if cmp(source, folder, shallow=False)]
        if len(arrived) != nodes or run.returncode:
            raise MeasureError(f"{side.name}: {len(arrived)} of {nodes} arrived: {run.end}")
        return run
    finally:
        shutil.rmtree(there)


class Folders(Site):
    """A site on which each target has a folder of its own."""

    def __init__(self, gateways: str, routes: list[str], *, delay: float = 0.0) -> None:
        super().__init__(gateways, routes, delay=delay)
        there = f"{self.folder}/there/$host"
        self.before = f'mkdir "{there}" && cd "{there}" || exit'


def to_many(nodes: int, megabytes: int) -> Iterator[Row]:
    with Folders("gw[1-4]", ["HERE: gw[1-4]", f"gw[1-4]: n[1-{nodes}]"]) as site:
        # In turns, and the quickest of three: who is first pays for room in the page cache.
        runs: dict[str, list[Run]] = {}
        for side in sides() * 3:
            runs.setdefault(side.name, []).append(copied(site, side, nodes, megabytes * MEGABYTE))
    best = {name: min(of_side, key=lambda run: run.seconds) for name, of_side in runs.items()}
    ours, peer = best["ours"], best.get("peer")
    claim = f"{megabytes} MB to {nodes} nodes through 4 gateways"
    if peer is None:
        yield skipped(f"{claim}: v ClusterShell", peers.ABSENT)
    else:
        yield compare(f"{claim}: v ClusterShell", ours.seconds, peer.seconds, bar=1 / 3)
    theirs = peer.head.megabytes if peer else None
    yield within(f"{claim}: head", ours.head.megabytes, limit=HEAD, unit="MB", peer=theirs)


def long_way(megabytes: int) -> Iterator[Row]:
    with Folders("gw1", ["HERE: gw1", "gw1: n1"], delay=LONG_WAY) as site:
        seconds = {}
        for side in sides():
            least = copied(site, side, 1, 1).seconds
            seconds[side.name] = copied(site, side, 1, megabytes * MEGABYTE).seconds - least
    claim = f"{megabytes} MB copied through a gateway at 40 ms"
    yield within(claim, seconds["ours"], limit=megabytes / SPEED, peer=seconds.get("peer"))


def rows(part: int) -> Iterator[Row]:
    for measured, arguments in ((to_many, (20, 100 // part)), (long_way, (20,))):
        try:
            yield from measured(*arguments)
        except MeasureError as error:
            yield failed(measured.__name__, str(error))


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smaller file for many")
    return show(rows(5 if parser.parse_args(argv).quick else 1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
