"""Starting children: many short local commands, and many at once.

2 000 times ``echo ok`` at fanout 64 through the library, beside ``xargs -P`` (the floor: it only
starts and waits), ClusterShell and pdsh; the memory that 10 000 targets need; 2 000 children
alive at the same time.  ``--quick`` takes a tenth of each.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import _measure
import peers
from _table import Row, compare, failed, show, skipped, within

if TYPE_CHECKING:
    from collections.abc import Iterator

FANOUT = 64
REPEAT = 5  # ours and xargs in turn, so that a busy machine hits both
MEMORY = 60  # MB, interpreter and all
NAP = 3  # seconds: longer than it takes to start all who sleep

OURS = """
import sys, clush
command, count, fanout, merged = sys.argv[1], *map(int, sys.argv[2:])
result = clush.run(
    command, nodes=f"n[1-{count}]", transport="exec", fanout=fanout, merge_stderr=bool(merged)
)
assert result.ok and len(result) == count, result
"""


def ours(command: str, count: int, fanout: int, *, merged: bool = True) -> _measure.Measure:
    """One process of ours; ``merged`` gives each child one pipe for both of its streams."""
    options = [str(count), str(fanout), str(int(merged))]
    return _measure.run([sys.executable, "-c", OURS, command, *options])


def xargs(command: str, count: int, fanout: int) -> _measure.Measure:
    return _measure.shell(f"seq {count} | xargs -P {fanout} -n 1 sh -c '{command}'")


def in_turn(command: str, count: int, fanout: int, repeat: int) -> Iterator[_measure.Measure]:
    """The best of ours, of ours with the streams apart, and of xargs, ``repeat`` times in turn."""
    work = command, count, fanout
    runs = [(ours(*work), ours(*work, merged=False), xargs(*work)) for _ in range(repeat)]
    return map(_measure.best, zip(*runs))


def short(count: int) -> Iterator[Row]:
    claim = f"{count} x echo ok, fanout {FANOUT}, v "
    mine, apart, floor = in_turn("echo ok", count, FANOUT, REPEAT)
    yield compare(f"{claim}xargs", mine.seconds, floor.seconds, bar=1.2)
    yield compare(f"{claim}xargs, streams apart", apart.seconds, floor.seconds, bar=1.2)
    for name, program in (
        ("ClusterShell", peers.clustershell("clush")),
        ("pdsh", peers.system("pdsh")),
    ):
        if program is None:
            yield skipped(claim + name, peers.ABSENT)
            continue
        peer = _measure.shell(f"{program} -R exec -f {FANOUT} -w n[1-{count}] echo ok")
        yield compare(claim + name, mine.seconds, peer.seconds, bar=1 / 2)


def many(count: int) -> Iterator[Row]:
    measure = ours("echo ok", count, FANOUT)
    claim = f"{count} targets, fanout {FANOUT}: peak memory"
    yield within(claim, measure.megabytes, limit=MEMORY, unit="MB")


def at_once(count: int) -> Iterator[Row]:
    mine, _, floor = in_turn(f"sleep {NAP}", count, count, 1)
    claim = f"{count} children at once, sleep {NAP}, v xargs"
    yield compare(claim, mine.seconds, floor.seconds, bar=1.5)


def rows(part: int) -> Iterator[Row]:
    for measured, count in ((short, 2_000), (many, 10_000), (at_once, 2_000)):
        try:
            yield from measured(count // part)
        except _measure.MeasureError as error:
            yield failed(measured.__name__, str(error))


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    return show(rows(10 if parser.parse_args(argv).quick else 1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
