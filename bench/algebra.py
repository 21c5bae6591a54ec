"""The algebra of node sets beside ClusterShell's: parse, fold, operate, pick, grow.

Every row runs the same statement on both sides, one process after the other. Without a
peer, only the rows whose bar is a time or a size are judged.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, NamedTuple

import peers
from _measure import figure
from _table import Row, compare, show, skipped, within

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS, THEIRS = "clush.sets.nodeset", "ClusterShell.NodeSet"

# Prints the best of some runs, divided by "each" for loops.
TIMED = """
import random, timeit
from {module} import NodeSet
random.seed(7)
{setup}
timer = timeit.Timer({work!r}, globals=globals())
number = max(1, int(0.005 / max(timer.timeit(1), 1e-7)))
best = min(timer.repeat(repeat={repeat}, number=number)) / number
print(best / {each})
"""

GROWN = """
import resource
from {module} import NodeSet
{setup}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
{work}
print(max((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 0.1))
"""

IMPORT = """
import time
start = time.perf_counter()
import {module}
print(time.perf_counter() - start)
"""

NAMES = "names = ['node%d' % i for i in random.sample(range(10000), 5000)]"
HALF = f"{NAMES}; half = NodeSet.fromlist(names); text = str(half)"
EVERY_OTHER = "odd = NodeSet('node[1-9999/2]'); text = str(odd)"
WHOLE = "whole = NodeSet('node[1-10000]')"
FEW = f"{NAMES}; few = NodeSet.fromlist(names); {WHOLE}"
GRID = (
    "names = ['r%dn%d' % (r, n) for r in range(1, 101) for n in range(1, 101)]; "
    "random.shuffle(names)"
)
HOLES = (
    "grid = NodeSet('r[1-50]n[1-40]'); holes = NodeSet.fromlist(random.sample(list(grid), 1000))"
)
MANY = "names = ['node%d' % i for i in random.sample(range(100000), 100000)]"
ADD = "ns = NodeSet()\nfor name in names: ns.add(name)"
MILLION = (
    "m = NodeSet('node[1-1000000]'); other = NodeSet('node[500-600000]'); "
    "str(m & other), str(m - other)"
)


class Claim(NamedTuple):
    """What both sides run, and the bars: a ratio to the peer, a limit in seconds or MB."""

    title: str
    setup: str
    work: str
    ratio: float | None = None
    limit: float | None = None
    unit: str = "s"
    each: int = 1
    repeat: int = 15
    processes: int = 1
    program: str = TIMED
    alone: bool = False  # the peer would need minutes


CLAIMS = (
    Claim("fromlist of 5 000 shuffled names", NAMES, "NodeSet.fromlist(names)", 1 / 8, 4e-3),
    Claim("parse 5 000 names in one text", f"{NAMES}; t = ','.join(names)", "NodeSet(t)", 1 / 8),
    Claim("parse [1-10000]", "", "NodeSet('node[1-10000]')", 1 / 8),
    Claim("parse every other of 10 000", EVERY_OTHER, "NodeSet(text)", 1 / 8, 1.2e-3),
    Claim("parse 5 000 random of 10 000", HALF, "NodeSet(text)", limit=1.2e-3),
    Claim("fold 5 000 shuffled names", NAMES, "str(NodeSet.fromlist(names))", 1 / 8),
    Claim("fold every other of 10 000", EVERY_OTHER, "str(NodeSet(odd))", limit=1.1e-3),
    Claim("fold 5 000 random of 10 000", HALF, "str(NodeSet(half))", limit=1.1e-3),
    Claim("expand [1-10000]", "", "list(NodeSet('node[1-10000]'))", 1 / 8),
    Claim("union of 5 000 and 10 000", FEW, "few | whole", 1 / 50, 15e-6),
    Claim("intersection", FEW, "few & whole", 1 / 50, 15e-6),
    Claim("difference", FEW, "whole - few", 1 / 50, 15e-6),
    Claim("symmetric difference", FEW, "whole ^ few", 1 / 50, 15e-6),
    Claim("ns[5000] of 10 000", WHOLE, "whole[5000]", limit=0.3e-3),
    Claim("ns[2000:7000] of 10 000", WHOLE, "whole[2000:7000]", limit=1e-3),
    Claim("split 10 000 in 10", WHOLE, "list(whole.split(10))", limit=2e-3),
    Claim("add 100 000 shuffled names, each", MANY, ADD, limit=1.5e-6, each=100_000, repeat=2),
    Claim("parse and fold 10 000 shuffled in 2-D", GRID, "str(NodeSet.fromlist(names))", 1 / 30),
    Claim("2-D, 2 000 less 1 000", HOLES, "str(grid - holes)", limit=10e-3, alone=True),
    Claim("parse, intersect, subtract, fold 1 000 000", "", MILLION, limit=50e-3, repeat=2),
    Claim("  memory for that", "", MILLION, limit=20, unit="MB", program=GROWN),
    Claim("first name of 1 000 000", "m = NodeSet('n[1-1000000]')", "next(iter(m))", limit=1e-3),
    Claim("import of the module", "", "", limit=6e-3, processes=9, program=IMPORT),
)


def measured(python: str, module: str, claim: Claim) -> float:
    """What one side's process measured, in seconds or MB."""
    program = claim.program.format(module=module, **claim._asdict())
    return min(figure([python, "-c", program]) for _ in range(claim.processes))


def rows(peer: str | None) -> Iterator[Row]:
    for claim in CLAIMS:
        ours = measured(sys.executable, OURS, claim)
        theirs = measured(peer, THEIRS, claim) if peer and not claim.alone else None
        if claim.ratio is not None:
            if theirs is None:
                yield skipped(claim.title, peers.ABSENT)
            else:
                yield compare(claim.title, ours, theirs, bar=claim.ratio)
        if claim.limit is not None:
            title = claim.title if claim.ratio is None else "  as a time"
            yield within(title, ours, limit=claim.limit, unit=claim.unit, peer=theirs)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--peer",
        metavar="PYTHON",
        default=peers.clustershell("python"),
        help="an interpreter that can import ClusterShell 1.10",
    )
    parser.add_argument("--quick", action="store_true", help="changes nothing: it is quick")
    return show(rows(parser.parse_args(argv).peer))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
