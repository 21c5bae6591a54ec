"""One table for all benchmarks: claim | ours | peer | ratio | bar | verdict.

A script of this folder measures, in one run, our side and a peer's, and yields rows::

    def rows(args): yield compare("union of 5 000 and 10 000", ours, peer, bar=1 / 20)
    def main(argv): return show(rows(parse(argv)))
    if __name__ == "__main__": sys.exit(main(sys.argv[1:]))

Rows are printed as they come, and read again by ``run.py`` for the summary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

OK, MISSED, SKIPPED = "ok", "MISSED", "skipped"
WIDTHS = (64, 11, 11, 8, 13, 0)


class Row(NamedTuple):
    claim: str
    ours: str
    peer: str
    ratio: str
    bar: str
    verdict: str

    def __str__(self) -> str:
        return " | ".join(cell.ljust(width) for cell, width in zip(self, WIDTHS)).rstrip()


HEAD = Row("claim", "ours", "peer", "ratio", "bar", "verdict")


def quantity(value: float, unit: str) -> str:
    """``value`` for people: seconds as s, ms, us or ns; any other unit as it is."""
    if unit != "s":
        return f"{value:.4g} {unit}"
    for scale, name in ((1, "s"), (1e3, "ms"), (1e6, "us")):
        if value * scale >= 1:
            return f"{value * scale:.3g} {name}"
    return f"{value * 1e9:.3g} ns"


def factor(ratio: float) -> str:
    """A ratio of ours to the peer's: ``1.15x``, or ``1/45`` when we are well ahead."""
    return f"{ratio:.2f}x" if ratio > 0.5 else f"1/{1 / ratio:.3g}"


def compare(claim: str, ours: float, peer: float, *, bar: float, unit: str = "s") -> Row:
    """The bar is on the ratio: ours must be at most ``bar`` times the peer's."""
    verdict = OK if ours <= bar * peer else MISSED
    cells = (quantity(ours, unit), quantity(peer, unit), factor(ours / peer), f"<= {factor(bar)}")
    return Row(claim, *cells, verdict)


def within(
    claim: str, ours: float, *, limit: float, unit: str = "s", peer: float | None = None
) -> Row:
    """The bar is absolute: ours must be at most ``limit``; the peer is there to look at."""
    beside = (quantity(peer, unit), factor(ours / peer)) if peer else ("", "")
    verdict = OK if ours <= limit else MISSED
    return Row(claim, quantity(ours, unit), *beside, f"<= {quantity(limit, unit)}", verdict)


def skipped(claim: str, why: str) -> Row:
    """A row that could not be measured, because of ``why`` (a peer is not installed)."""
    return Row(claim, "", "", "", "", f"{SKIPPED}: {why}")


def failed(claim: str, why: str) -> Row:
    """A row whose measure went wrong: counted as missed."""
    return Row(claim, "", "", "", "", f"{MISSED}: {' '.join(why.split())}")


def show(rows: Iterable[Row]) -> int:
    """Print each row when it is there; the exit code: 1 when a bar was missed, else 0."""
    print(HEAD, flush=True)
    missed = 0
    for row in rows:
        print(row, flush=True)
        missed += row.verdict.startswith(MISSED)
    return int(missed > 0)


def parse(line: str) -> Row | None:
    """The row that was printed as ``line``, or None when the line is no row."""
    cells = [cell.strip() for cell in line.split(" | ")]
    return Row(*cells) if len(cells) == len(HEAD) and tuple(cells) != HEAD else None
