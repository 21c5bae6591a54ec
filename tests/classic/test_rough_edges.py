"""The table of rough edges names, for each of them, tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS.parent / "docs" / "decisions" / "rough-edges.md"

ROWS = {
    int(cells[1]): re.findall(r"`([\w/]+\.py)::(\w+)`", cells[4])
    for cells in (line.split("|") for line in PAGE.read_text().splitlines())
    if len(cells) > 4 and cells[1].strip().isdigit()
}


def test_all_are_in_the_table() -> None:
    assert list(ROWS) == list(range(1, 34))


@pytest.mark.parametrize("number", ROWS)
def test_its_tests_are_there(number: int) -> None:
    assert ROWS[number]
    for file, name in ROWS[number]:
        path = TESTS / ("" if "/" in file else "classic") / file
        statements = ast.parse(path.read_text()).body
        assert name in {getattr(statement, "name", None) for statement in statements}
