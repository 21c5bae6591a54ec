"""Which gateways a branch opens, and in which turn."""

from __future__ import annotations

from typing import Any

import pytest

from clush.engine.loop import run_blocking
from clush.job import Job
from clush.runtime.task import Task
from clush.sets.nodeset import NodeSet
from clush.transport.exec import Exec
from clush.tree.below import TARGETS_PER_GATEWAY
from clush.tree.branch import Branch
from clush.tree.teller import Teller


@pytest.mark.parametrize(
    ("turn", "targets", "expected"),
    [
        (0, 1, "a"),
        (1, 1, "b"),
        (3, 1, "a"),
        (1, TARGETS_PER_GATEWAY + 1, "bc"),
        (2, 2 * TARGETS_PER_GATEWAY, "ca"),
        (2, 100, "cab"),
    ],
)
def test_hops_that_share_gateways_begin_with_others(
    turn: int, targets: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    class Opened:
        ready = False

        def __init__(self, _branch: object, _below: object, name: str) -> None:
            opened.append(name)

        def open(self, pools: object) -> None:
            """What it is for is of no interest here."""

        close = open

    monkeypatch.setattr("clush.tree.below.Share", Opened)

    async def main() -> None:
        names = {number: f"n{number}" for number in range(targets)}
        nobody: Any = lambda *_: None  # noqa: E731
        async with Task() as task:
            teller = Teller(names, nobody, nobody, nobody)
            job = Job(NodeSet("n0"), "echo", Exec())
            branch = Branch(task, job, "echo", None, None, teller, turn=turn)
            branch.add_pool(0, {"a": {}, "b": {}, "c": {}})
            branch.add(0, list(names), names.values())

    run_blocking(main)
    assert "".join(opened) == expected
