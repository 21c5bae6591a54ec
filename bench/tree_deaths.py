"""Gateways that die at random times, a hundred times over: no hang, no node without an end.

Each run has two levels of gateways over real ssh, and targets that are local shells and write
down that they run.  Some time after the start a gateway is killed (``kill -9``), or stopped, as if
it hung.  The run must end, each target with exactly one outcome; no command may have run twice,
none be called well that never ran, or unstarted that did.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from _measure import MeasureError
from _table import Row, failed, show, within
from _tree import Site, sides

if TYPE_CHECKING:
    from collections.abc import Iterator

NODES = 60
ROUTES = ["HERE: gw[1-2]", "gw[1-2]: gw[3-4]", f"gw[3-4]: n[1-{NODES}]"]
LONGEST = 60  # seconds that a run may take
SPAN = 2.0  # seconds after the start in which the blow falls
BLOWS = (signal.SIGKILL, signal.SIGKILL, signal.SIGSTOP)


class Outcome(NamedTuple):
    """What came of one run."""

    seconds: float
    statuses: Counter[str]
    wrong: list[str]


def one(site: Site, dice: random.Random) -> Outcome:
    """A run, a blow, and what is wrong with the end of it."""
    ran = site.folder / "ran"
    ran.write_text("")
    command = f"echo $host >> {ran}; sleep 0.1; echo done"
    moment, blow = dice.uniform(0, SPAN), dice.choice(BLOWS)
    words = ("--jsonl", "-w", f"n[1-{NODES}]", command)
    begun = time.monotonic()
    # Into a file: of a pipe, a stopped gateway might hold the other end.
    with open(site.folder / "told", "w+b") as told:
        child = site.start(
            sides()[0], *words, stdin=subprocess.DEVNULL, stdout=told, stderr=subprocess.STDOUT
        )
        time.sleep(moment)
        victims = site.pids()
        for pid in victims and [dice.choice(victims)]:
            os.kill(pid, blow)
        try:
            child.wait(LONGEST)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return Outcome(LONGEST, Counter(), [f"hangs, {blow.name} after {moment:.2f} s"])
        finally:
            for pid in site.pids():
                os.kill(pid, signal.SIGKILL)
        seconds = time.monotonic() - begun
        told.seek(0)
        events = [json.loads(line) for line in told if line.startswith(b'{"event": "end"')]
    ends: dict[str, list[str]] = {}
    for event in events:
        ends.setdefault(event["node"], []).append(event["status"])
    wrong = list(mistakes(ends, Counter(ran.read_text().split()), bool(victims)))
    if child.returncode:
        wrong.append(f"exit code {child.returncode}")
    return Outcome(seconds, Counter(found[0] for found in ends.values()), wrong)


def mistakes(ends: dict[str, list[str]], times: Counter[str], hit: bool) -> Iterator[str]:
    """What cannot be, given how nodes ended and how often their command ran."""
    for number in range(1, NODES + 1):
        node = f"n{number}"
        found = ends.get(node, [])
        if len(found) != 1:
            yield f"{node} has ended as {found}"
        elif found == ["ok"] and not times[node]:
            yield f"{node} is ok and never ran"
        elif found == ["not started"] and times[node]:
            yield f"{node} ran and is called not started"
        elif found != ["ok"] and not hit:
            yield f"{node} is {found[0]}, and nobody was hit"
        if times[node] > 1:
            yield f"{node} ran {times[node]} times"


def rows(runs: int, seed: int) -> Iterator[Row]:
    dice = random.Random(seed)
    outcomes = []
    with Site("gw[1-4]", ROUTES, fanout=4) as site:
        for number in range(runs):
            outcome = one(site, dice)
            outcomes.append(outcome)
            for text in outcome.wrong[:3]:
                print(f"run {number} of seed {seed}: {text}", file=sys.stderr)
    statuses: Counter[str] = Counter()
    for outcome in outcomes:
        statuses += outcome.statuses
    told = ", ".join(f"{count} {status}" for status, count in statuses.most_common())
    claim = f"{runs} runs, a gateway dies in each ({told})"
    wrong = sum(len(outcome.wrong) for outcome in outcomes)
    yield within(f"{claim}: wrong ends", wrong, limit=0, unit="nodes")
    slowest = max(outcome.seconds for outcome in outcomes)
    yield within(f"{claim}: the longest", slowest, limit=LONGEST / 2)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="ten runs")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    options = parser.parse_args(argv)
    try:
        return show(rows(10 if options.quick else 100, options.seed))
    except MeasureError as error:
        return show([failed("deaths", str(error))])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
