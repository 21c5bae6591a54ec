"""Node groups beside ClusterShell: regrouping, sources that are slow to answer, YAML files.

Every row asks both sides the same about the same ``groups.conf``. Upcalls note each of their
runs in a file, so that it can be told how often a source was asked. ``--quick`` takes a
quarter of the groups.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import _measure
import peers
from _table import Row, compare, failed, show, skipped, within

if TYPE_CHECKING:
    from collections.abc import Iterator

NAP = 0.02  # seconds that a slow upcall takes
LONG_NAP = 0.5

REGROUPED = 0.3  # seconds that it may take once the groups are known
PATIENCE = 60  # groups of two indexes: ClusterShell needs two minutes for 500

OURS = """
import time
from clush.groups import from_file as configured
from clush.sets.nodeset import NodeSet
"""
THEIRS = """
import time
from ClusterShell.NodeUtils import GroupResolverConfig as configured
from ClusterShell.NodeSet import NodeSet
"""
# The second time, all groups are known.
REGROUP = """
resolver = configured({conf!r})
nodes = NodeSet({nodes!r}, resolver=resolver)
nodes.regroup()
start = time.perf_counter()
nodes.regroup()
print(time.perf_counter() - start)
"""
ASK = """
assert len(NodeSet.fromall(resolver=configured({conf!r}))) == {count}
"""


class Site:
    """A directory with a configuration, and a note of each upcall."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self.conf = str(self.folder / "groups.conf")
        self.notes = self.folder / "notes"

    def write(self, text: str, yaml: str = "") -> None:
        Path(self.conf).write_text(text)
        (self.folder / "site.yaml").write_text(yaml)

    def noted(self, command: str) -> str:
        return f"echo x >>{self.notes}; {command}"

    def upcalls(self) -> int:
        """How many there were since the last time."""
        count = len(self.notes.read_text().split()) if self.notes.exists() else 0
        self.notes.write_text("")
        return count


def figures(claim: str, bar: float, program: str) -> Iterator[Row]:
    """The row that compares what a program prints on both sides."""
    ours = _measure.figure([sys.executable, "-c", OURS + program])
    python = peers.clustershell("python")
    if python is None:
        yield skipped(claim, peers.ABSENT)
    else:
        yield compare(claim, ours, _measure.figure([python, "-c", THEIRS + program]), bar=bar)


def programs(claim: str, bar: float, program: str, repeat: int = 1) -> Iterator[Row]:
    """The row that compares how long a program runs on both sides, imports and all."""
    python = peers.clustershell("python")
    if python is None:
        yield skipped(claim, peers.ABSENT)
        return
    commands = [sys.executable, "-c", OURS + program], [python, "-c", THEIRS + program]
    # In turn, so that a busy machine hits both.
    runs = zip(*[map(_measure.run, commands) for _ in range(repeat)])
    ours, theirs = (_measure.best(list(measures)).seconds for measures in runs)
    yield compare(claim, ours, theirs, bar=bar)


def regroup(site: Site, count: int) -> Iterator[Row]:
    """Racks in order, and groups of nodes from all over."""
    groups(site, count, "n[{first}-{last}]", f"n[{{place}}-{40 * count}/{count // 2}]")
    program = REGROUP.format(conf=site.conf, nodes=f"n[1-{40 * count}]")
    claim = f"regroup {40 * count} nodes, {count} groups"
    yield from figures(claim, 1 / 10, program)
    yield alone("  the same, as a time", program)

    folded = "r[{place}-%d/%d]n[1-20]"
    for size in (min(count, PATIENCE), count):
        groups(site, size, "r{place}n[1-40]", folded % (size, size // 2))
        program = REGROUP.format(conf=site.conf, nodes=f"r[1-{size}]n[1-40]")
        claim = f"regroup {40 * size} nodes of two indexes, {size} groups"
        if size <= PATIENCE:
            yield from figures(claim, 1 / 10, program)
    yield alone(claim, program)


def groups(site: Site, count: int, rack: str, kind: str) -> None:
    """Write a source with half of its groups of each form."""
    lines = ["site:"]
    for place in range(1, count // 2 + 1):
        numbers = {"place": place, "first": 40 * place - 39, "last": 40 * place}
        lines.append(f"  rack{place}: '{rack.format(**numbers)}'")
        lines.append(f"  kind{place}: '{kind.format(**numbers)}'")
    site.write("[Main]\nautodir: $CFGDIR\n", "\n".join(lines))


def alone(claim: str, program: str) -> Row:
    """The row of a figure that is judged by itself."""
    return within(claim, _measure.figure([sys.executable, "-c", OURS + program]), limit=REGROUPED)


def cold(site: Site, count: int) -> Iterator[Row]:
    """All nodes of a source that cannot tell them at once."""
    upcall = site.noted(f"sleep {NAP}; echo n$GROUP")
    site.write(f"[lab]\nmap: {upcall}\nlist: seq {count}\n")
    program = ASK.format(conf=site.conf, count=count)
    claim = f"all nodes of {count} groups, {NAP * 1000:g} ms per upcall"
    yield from programs(claim, 1 / 4, program)
    lines = f"seq {count} | sed 's/.*/&:n&/'"
    site.write(f"[lab]\nmap: false\nmapall: {site.noted(lines)}\n")
    site.upcalls()
    _measure.run([sys.executable, "-c", OURS + program])
    yield within("  upcalls that it takes with mapall", site.upcalls(), limit=1, unit="")
    yield from programs("  time that it takes with mapall", 1.2, program, repeat=5)


def persistent(site: Site, count: int) -> Iterator[Row]:
    """A whole program, the second time."""
    upcall = site.noted(f"sleep {LONG_NAP}; echo n$GROUP")
    site.write(f"[lab]\nmap: {upcall}\nlist: {site.noted('echo 1 2 3')}\ncache_persist: 600\n")
    program = ASK.format(conf=site.conf, count=3)
    os.environ["XDG_CACHE_HOME"] = str(site.folder / "cache")
    mine = [_measure.run([sys.executable, "-c", OURS + program])]
    site.upcalls()
    mine += [_measure.run([sys.executable, "-c", OURS + program]) for _ in range(3)]
    asked = site.upcalls()
    claim = f"a program asks a slow source again ({LONG_NAP:g} s per upcall)"
    python = peers.clustershell("python")
    theirs = _measure.run([python, "-c", THEIRS + program]).seconds if python else None
    yield within(claim, _measure.best(mine[1:]).seconds, limit=0.1, peer=theirs)
    yield within("  upcalls in three runs", asked, limit=0, unit="")


def yaml(site: Site, count: int) -> Iterator[Row]:
    groups = "\n".join(f"  g{place}: 'n{place}'" for place in range(40 * count))
    site.write("[Main]\nautodir: $CFGDIR\n", f"site:\n  all: 'n1'\n{groups}\n")
    claim = f"a YAML file of {40 * count} groups, read to the first answer"
    yield from programs(claim, 1 / 2, ASK.format(conf=site.conf, count=1))


def rows(count: int) -> Iterator[Row]:
    for measured in (regroup, cold, persistent, yaml):
        with tempfile.TemporaryDirectory() as folder:
            try:
                yield from measured(Site(folder), count)
            except _measure.MeasureError as error:
                yield failed(measured.__name__, str(error))


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    return show(rows(125 if parser.parse_args(argv).quick else 500))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
