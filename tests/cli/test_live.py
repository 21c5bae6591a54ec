"""The live view as text, and how it is shared out."""

from __future__ import annotations

import pytest

pytest.importorskip("rich")

from clush.cli.gauge import Standing
from clush.cli.live import Size, amount, drawn, heights_of, widths_of
from clush.cli.picture import Failure, Group, Picture, Slow
from clush.gather import Gatherer
from clush.sets.nodeset import NodeSet


def label(nodes: list[str]) -> str:
    return str(NodeSet.fromnames(nodes))


def group(said: bytes, *nodes: str) -> Group:
    gatherer: Gatherer[str] = Gatherer()
    gatherer.feed("any", said)
    output = gatherer.get("any")
    assert output is not None
    return Group([*nodes], output)


def nodes(first: int, last: int) -> list[str]:
    return [f"node{number}" for number in range(first, last + 1)]


PICTURE = Picture(
    standing=Standing(done=120, total=200, failed=13, elapsed=20.0, left=9.0, rate=6.5),
    groups=[
        group(b"Linux\n6.1.0\n", *nodes(1, 100)),
        group(b"6.0\x1b[2J\t[bold]\n", *nodes(101, 110)),
        group(b"x" * 20_000, "node111"),
        group(b"other", "node112"),
    ],
    failures=[Failure(nodes(112, 120), "connection refused"), Failure(["node8"], "exit code 3")],
    slowest=[Slow("node7", 65.0, "running"), Slow("node8", 12.5, "exit code 3")],
    running=nodes(121, 184),
    errors=["node3: one", "node3: two"],
    error_lines=12,
)

WHOLE = """\
clush: 120/200  13 failed  0:20  ~0:09 left  6.5/s
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━────────────────────────

Output
    100  node[1-100]     12 B  6.1.0
     10  node[101-110]   15 B  6.0?[2J [bold]
      1  node111        20 kB  xxxxxxxxxxxxxxxxxxxxxxxxxxxx…
      1  node112          5 B  other

Failed
      9  connection refused  node[112-120]
      1  exit code 3         node8

Standard error (12, to be shown at the end)
         node3: one
         node3: two

Slowest
   1:05  node7  running
   0:12  node8  exit code 3

Running
     64  node[121-184]"""

SMALL = """\
clush: 120/200  13 failed  0:20
━━━━━━━━━━━━━━━━━━━─────────────

Output
    100  node[1-10…  12 B  6.1.0
     12  in 3 more

Failed
      9  connectio…  node[112-1…"""


def stripped(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines)


def test_everything_is_there() -> None:
    assert stripped(drawn(PICTURE, "clush", label, Size(60, 40))) == WHOLE


@pytest.mark.parametrize("rows", [1, 2, 5, 9, 16, 23, 24, 30])
@pytest.mark.parametrize("columns", [3, 10, 32, 60, 200])
def test_it_fits(columns: int, rows: int) -> None:
    lines = drawn(PICTURE, "clush", label, Size(columns, rows))
    assert len(lines) <= rows
    assert max(map(len, lines)) <= columns


def test_what_matters_most_comes_first() -> None:
    assert stripped(drawn(PICTURE, "clush", label, Size(32, 9))) == SMALL


def test_a_run_that_has_just_begun() -> None:
    picture = Picture(Standing(0, 3), [], [], [], [])
    assert drawn(picture, "clush", label, Size(20, 9)) == ["clush: 0/3  0:00", "─" * 20]


def test_colours_are_wanted_or_not() -> None:
    plain = drawn(PICTURE, "clush", label, Size(60, 40))
    coloured = drawn(PICTURE, "clush", label, Size(60, 40, coloured=True))
    assert "\x1b[" not in "".join(plain)
    assert coloured[0].startswith("\x1b[1mclush: 120/200")
    assert "\x1b[31m" in coloured[1]


@pytest.mark.parametrize(
    ("wanted", "rows", "heights"),
    [
        ([9, 9], 30, [9, 9]),
        ([9, 9], 10, [3, 3]),
        ([9, 9], 11, [4, 3]),
        ([9, 1, 0, 5], 17, [5, 1, 0, 5]),
        ([9, 9], 5, [3, 0]),
        ([9, 9], 2, [0, 0]),
        ([], 9, []),
    ],
)
def test_rows_are_shared(wanted: list[int], rows: int, heights: list[int]) -> None:
    assert heights_of(wanted, rows) == heights


@pytest.mark.parametrize(
    ("natural", "columns", "widths"),
    [
        ([7, 10, 5, 10], 40, [7, 10, 5, 10]),
        ([7, 30, 5, 10], 40, [7, 18, 5, 10]),
        ([7, 30, 5, 30], 40, [7, 14, 5, 14]),
        ([7, 30, 5, 30], 10, [7, 1, 5, 1]),
    ],
)
def test_columns_give_way(natural: list[int], columns: int, widths: list[int]) -> None:
    assert widths_of(natural, (1, 3), columns) == widths


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9949, "9.9 kB"),
        (9950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (5 * 10**12, "5000 GB"),
    ],
)
def test_amounts(size: int, text: str) -> None:
    assert amount(size) == text
