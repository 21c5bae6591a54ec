"""Routing: 20 000 targets over 300 gateways, from the topology to the last one's end.

Both shapes are measured: one set of 300 gateways that reach all targets, and 300 routes of one
gateway each.  Of ours, the whole work of the head's decisions is counted: the pools, what each
gateway is handed as it pulls, and that each target is exposed and ends.  Of ClusterShell's, the
CPU seconds up to ``ev_start`` of a command for all targets, less those for one target behind each
gateway: what the others add before the first of them is sent.  It starts a stub in place of ssh
for each gateway, which takes minutes: ``--quick`` leaves it out.
"""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import peers
from _measure import figure
from _table import Row, show, within
from clush.plan.router import DIRECT, Router, lookahead
from clush.plan.routes import auto_tree, pools_of
from clush.sets.nodeset import NodeSet
from clush.topology import Graph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clush.plan.routes import Pool

TARGETS, GATEWAYS = 20_000, 300
FANOUT = 64
REPEAT = 5
LIMIT = 0.3  # seconds

PEER = """
import os, socket, sys, time
from ClusterShell.Event import EventHandler
from ClusterShell.Task import task_self

class Handler(EventHandler):
    def ev_start(self, worker):
        print(time.process_time() - begun, flush=True)
        os._exit(0)

topology, ssh, nodes = sys.argv[1:]
task = task_self()
task.load_topology(topology)
task.set_info("ssh_path", ssh)
begun = time.process_time()
task.shell("true", nodes=nodes, handler=Handler(), tree=True)
task.resume()
"""


ONE_SET = [(f"gw[1-{GATEWAYS}]", f"n[1-{TARGETS}]")]
ONE_EACH = [
    (f"gw{number}", str(part))
    for number, part in enumerate(NodeSet(f"n[1-{TARGETS}]").split(GATEWAYS), 1)
]


def run(pools: list[Pool]) -> None:
    """Hand out and end all targets; gateways end what they have, one batch after the other."""
    router = Router()
    hops = set[str]()
    for number, pool in enumerate(pools):
        below = list(pool.ways) or [DIRECT]
        router.add_pool(number, below)
        router.add(number, pool.ranks)
        hops.update(below)
    ahead = lookahead(FANOUT)
    for hop in hops:
        router.pull(hop, FANOUT + ahead, ahead)
    running: deque[tuple[str, list[int]]] = deque()
    while not router.over:
        while (batch := router.next()) is not None:
            running.append((batch.hop, batch.ids))
        for take in router.take_back():
            router.returned(take.hop, ())
        hop, ids = running.popleft()
        router.exposed(hop, ids)
        for target in ids:  # one report for each: nothing is saved by grooming
            router.ended(hop, (target,))
        router.pull(hop, len(ids))


def ours(routes: list[tuple[str, str]]) -> float:
    graph = Graph()
    graph.add(NodeSet("adm"), NodeSet(f"gw[1-{GATEWAYS}]"))
    for sources, destinations in routes:
        graph.add(NodeSet(sources), NodeSet(destinations))
    tree = graph.tree("adm")
    nodes = NodeSet(f"n[1-{TARGETS}]")
    times = []
    for _ in range(REPEAT):
        start = time.perf_counter()
        run(pools_of(tree, nodes))
        times.append(time.perf_counter() - start)
    return min(times)


def peer(python: str, routes: list[tuple[str, str]]) -> float:
    """What targets cost ClusterShell beyond one for each of as many gateways, in CPU seconds."""
    with tempfile.TemporaryDirectory() as folder:
        ssh, topology = Path(folder, "ssh"), Path(folder, "topology.conf")
        ssh.write_text("#!/bin/sh\nexec cat > /dev/null\n")
        ssh.chmod(0o755)
        here = socket.gethostname().partition(".")[0]
        lines = ["[routes]", f"{here}: gw[1-{GATEWAYS}]", *map(": ".join, routes)]
        topology.write_text("\n".join(lines))
        each = f"n[1-{TARGETS}/{-(-TARGETS // GATEWAYS)}]"
        few, many = (
            figure([python, "-c", PEER, str(topology), str(ssh), nodes])
            for nodes in (each, f"n[1-{TARGETS}]")
        )
        return many - few


def rows(python: str | None) -> Iterator[Row]:
    work = f"{TARGETS} targets over {GATEWAYS} gateways"
    for shape, routes in (("one set", ONE_SET), ("a route for each", ONE_EACH)):
        mine = ours(routes)
        theirs = peer(python, routes) if python else None
        yield within(f"{work}, {shape}", mine, limit=LIMIT, peer=theirs)
    start = time.perf_counter()
    run(auto_tree(NodeSet(f"n[1-{TARGETS}]")))
    yield within(
        f"{TARGETS} targets, a tree made of them", time.perf_counter() - start, limit=LIMIT
    )


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the peer")
    quick = parser.parse_args(argv).quick
    return show(rows(None if quick else peers.clustershell("python")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
