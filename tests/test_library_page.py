"""The listings of docs/library.md run, and print what the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from clush.lab import Lab
from ClusterShell.Task import task_cleanup

PAGE = Path(__file__).resolve().parents[1] / "docs" / "library.md"

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Listing(NamedTuple):
    line: int
    source: str
    printed: str


def listings() -> list[Listing]:
    """The Python listings, each with the text that follows it."""
    text = PAGE.read_text()
    blocks = list(BLOCK.finditer(text))
    return [
        Listing(text.count("\n", 0, block.start()) + 1, block[2], following[2])
        for block, following in zip(blocks, blocks[1:])
        if (block[1], following[1]) == ("python", "text")
    ]


@pytest.fixture(scope="module")
def nodes(lab: Lab) -> Iterator[Lab]:
    """The nodes that the page is about; ``lab`` says whether there can be any."""
    with Lab("node[1-8]", refuse="node7") as running:
        yield running


def test_each_listing_has_its_output() -> None:
    assert len(listings()) == PAGE.read_text().count("```python\n") > 10


@pytest.mark.parametrize("listing", listings(), ids=lambda listing: f"line{listing.line}")
def test_listings(
    listing: Listing,
    nodes: Lab,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in nodes.environ().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    try:
        exec(compile(listing.source, str(PAGE), "exec"), {"__name__": "__main__"})
    finally:
        task_cleanup()
    assert capsys.readouterr().out == listing.printed
