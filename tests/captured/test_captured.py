"""Our tools answer as ClusterShell's did, or differ for a reason that is written down."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from forking import answers
from transcript import FOLDER, Answer, Row, read, transcripts, written

from clush import __version__

ROWS = [row for path in transcripts() for row in read(path)]
DIFFERENT = [row for row in ROWS if row.ours is not None]
DECISIONS = FOLDER.parents[1] / "docs" / "decisions"


@pytest.fixture(scope="module")
def given() -> dict[str, Answer]:
    """What our tools answer, by the place of the row."""
    return {row.place: answer for row, answer in zip(ROWS, answers(ROWS))}


def wanted(row: Row) -> Answer:
    if row.ours is None:
        return row.expected
    return replace(row.ours, out=row.ours.out.replace(b"{version}", __version__.encode()))


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.place} {row.line}" for row in ROWS])
def test_answers(row: Row, given: dict[str, Answer]) -> None:
    assert given[row.place].comparable(row.ordered) == wanted(row).comparable(row.ordered)


@pytest.mark.parametrize("row", DIFFERENT, ids=[row.place for row in DIFFERENT])
def test_differences_are_explained(row: Row) -> None:
    assert wanted(row).comparable(row.ordered) != row.expected.comparable(row.ordered)
    assert (DECISIONS / f"{row.page}.md").is_file()


def test_there_are_enough_rows() -> None:
    assert len({row.line for row in ROWS}) >= 500
    assert {row.line.split()[0] for row in ROWS} == {"clubak", "cluset", "clush", "nodeset"}


@pytest.mark.parametrize("path", transcripts(), ids=lambda path: path.name)
def test_transcripts_are_written_as_they_are_read(path: Path) -> None:
    assert written(read(path)) == path.read_text(encoding="utf-8")
