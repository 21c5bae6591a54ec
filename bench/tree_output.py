"""Much output through gateways: gathered at the head, and with nobody reading what it prints.

Targets are local shells. Each says other lines of 80 bytes than the others. With nobody
reading, what all of them have to say is far more than all pipes and buffers on the way hold.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import peers
from _measure import MEGABYTE, MeasureError
from _table import Row, compare, failed, show, skipped, within
from _tree import Run, Side, Site, Usage, checked, sides

if TYPE_CHECKING:
    from collections.abc import Iterator

GATEWAY = 64  # MB that a gateway may need
ROUTES = ["HERE: gw[1-2]", "gw[1-2]: n[1-50]"]


def say(megabytes: float) -> str:
    """The command that says so much; the stub knows the name of the node as ``$host``."""
    return f'seq -f "$host is the node and this is its line number %039.0f" {lines(megabytes)}'


def lines(megabytes: float) -> int:
    return int(megabytes * MEGABYTE / 80)


def gathered(site: Site, side: Side, nodes: int, megabytes: float) -> Run:
    run = site.run(side, "-b", "-w", f"n[1-{nodes}]", say(megabytes))
    return checked(run, nodes * (lines(megabytes) + 3))


def distinct(nodes: int, megabytes: float) -> Iterator[Row]:
    every = sides()
    with Site("gw[1-2]", ROUTES) as site:
        runs = {side.name: gathered(site, side, nodes, megabytes) for side in every}
    ours, peer = runs["ours"], runs.get("peer")
    claim = f"{nodes} x {megabytes:g} MB distinct, -b, 2 gateways"
    if peer is None:
        yield skipped(f"{claim}: v ClusterShell", peers.ABSENT)
    else:
        yield compare(f"{claim}: v ClusterShell", ours.seconds, peer.seconds, bar=1 / 15)
    theirs = peer.head.megabytes if peer else None
    data = nodes * megabytes
    limit = max(1.2 * data, data + 45)  # of which 30 are what a head needs to say anything at all
    yield within(f"{claim}: head", ours.head.megabytes, limit=limit, unit="MB", peer=theirs)
    most = {name: max(usage.megabytes for usage in run.gateways) for name, run in runs.items()}
    yield within(
        f"{claim}: each gateway", most["ours"], limit=GATEWAY, unit="MB", peer=most.get("peer")
    )


def alike(nodes: int, megabytes: float) -> Iterator[Row]:
    """What all say alike comes from each gateway once, and stays one at the head."""
    command = f'seq -f "this is a line that each of the nodes says %036.0f" {lines(megabytes)}'
    with Site("gw[1-2]", ROUTES) as site:
        # Four nodes have one gateway.
        few, many = (
            {
                side.name: checked(
                    site.run(side, "-b", "-w", f"n[1-{count}]", command), lines(megabytes) + 3
                ).head.cpu
                for side in sides()
            }
            for count in (4, nodes)
        )
    claim = f"{nodes} x {megabytes:g} MB alike, -b: head CPU, v 4 nodes"
    peer = many["peer"] / few["peer"] if "peer" in few else None
    yield within(claim, many["ours"] / few["ours"], limit=3.0, unit="x", peer=peer)


def blocked(seconds: float, megabytes: int) -> Iterator[Row]:
    found = {side.name: unread(side, seconds, megabytes) for side in sides()}
    claim = f"4 x {megabytes} MB, head's stdout not read for {seconds:g} s"
    ours, peer = found["ours"], found.get("peer")
    yield within(
        f"{claim}: each gateway", ours.megabytes, limit=GATEWAY, unit="MB",
        peer=peer.megabytes if peer else None,
    )  # fmt: skip
    # What it does meanwhile, but for the first third: heartbeats.
    used = max(ours.cpu, 0.01)  # no less is counted
    yield within(f"{claim}: gateway CPU", used, limit=0.1, peer=peer.cpu if peer else None)


def unread(side: Side, seconds: float, megabytes: int) -> Usage:
    """What the gateway used in the last two thirds of the time, and needed at most by then.

    Ours is then read to the end: all must be there.  The peer would need minutes for that.
    """
    with Site("gw1", ["HERE: gw1", "gw1: n[1-4]"]) as site:
        words = ("-w", "n[1-4]", say(megabytes))
        with site.start(side, *words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as child:
            assert child.stdout is not None
            time.sleep(seconds / 3)
            before = now(site.pids())
            time.sleep(seconds * 2 / 3)
            after = now(site.pids())
            if side.name != "ours":
                child.kill()
            found = 0
            while data := child.stdout.read(1 << 20):
                found += data.count(b"\n")
        if side.name == "ours":
            if child.returncode or found != 4 * lines(megabytes):
                raise MeasureError(f"exit code {child.returncode}, {found} lines")
            after = after._replace(megabytes=max(gw.megabytes for gw in site.gateways()))
        return after._replace(cpu=after.cpu - before.cpu)


def now(pids: list[int]) -> Usage:
    """What these have used up to now, all together, and the most that one of them held."""
    if not pids:
        raise MeasureError("no gateway runs: it has taken all output in")
    ticks, kilobytes = 0, 0
    for pid in pids:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(words[11]) + int(words[12])
        status = Path(f"/proc/{pid}/status").read_text()
        kilobytes = max(kilobytes, int(status.partition("VmHWM:")[2].split()[0]))
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), kilobytes * 1024 / MEGABYTE)


def rows(part: int) -> Iterator[Row]:
    every = (distinct, (50, 5 / part)), (alike, (50, 2.5 / part)), (blocked, (30 / part, 40))
    for measured, arguments in every:
        try:
            yield from measured(*arguments)
        except MeasureError as error:
            yield failed(measured.__name__, str(error))


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of output and time")
    return show(rows(5 if parser.parse_args(argv).quick else 1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
