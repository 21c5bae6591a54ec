"""Head and gateways of different Pythons, on both levels of a tree."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from local_tree import Local
from pythons import Python, pythons

from clush.plan.routes import Ways
from clush.tree.greeting import OLDEST

SUITABLE = [one for one in pythons() if one.version >= OLDEST]
EXTREMES = [SUITABLE[0], SUITABLE[-1]]
LEVELS: Ways = {"gw1": {"gw11": {}}}


def name(python: Python) -> str:
    return python.name


@pytest.fixture
def named(tmp_path: Path) -> str:
    """The words for an interpreter that stands under the name of its gateway."""
    return f"{tmp_path}/%h/python"


def install(named: str, gateway: str, python: Python) -> None:
    path = Path(named.replace("%h", gateway))
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\nexec {python.path} "$@"\n')
    path.chmod(0o755)


@pytest.mark.parametrize("python", SUITABLE, ids=name)
def test_a_gateway_of_another_python(tree: Local, named: str, python: Python) -> None:
    install(named, "gw1", python)
    outcome = tree.run("n[1-8]", "cat; echo %h", {"gw1": {}}, python=named, stdin=b"said\n")
    assert next(news.text for news in outcome.kinds("up")).startswith(python.name + ".")
    assert {one.stdout for one in outcome.result.values()} == {
        f"said\nn{number}\n".encode() for number in range(1, 9)
    }


@pytest.mark.parametrize(("first", "second"), [*product(EXTREMES, EXTREMES)], ids=name)
def test_levels_of_other_pythons(tree: Local, named: str, first: Python, second: Python) -> None:
    """What the first cannot pass on to the second comes from the head."""
    install(named, "gw1", first)
    install(named, "gw11", second)
    outcome = tree.run("n[1-8]", "cat; echo %h", LEVELS, python=named, stdin=b"said\n")
    up = {news.gateway: news.text for news in outcome.kinds("up")}
    assert up["gw1"].startswith(first.name + ".")
    assert up["gw11"].startswith(second.name + ".")
    assert len(outcome.result) == 8
    assert {one.rc for one in outcome.result.values()} == {0}


def test_a_python_that_is_too_old_is_named(tree: Local, named: str) -> None:
    too_old = [one for one in pythons() if one.version < OLDEST]
    if not too_old:
        pytest.skip("no such Python is there")
    install(named, "gw1", too_old[-1])
    outcome = tree.run("n[1-8]", "echo %h", {"gw1": {}}, python=named)
    (lost,) = outcome.kinds("lost")
    assert lost.text == (
        f"its {named} is {too_old[-1].name}, 3.9 or newer is needed"
        " (set CLUSTERSHELL_GW_PYTHON_EXECUTABLE)"
    )
