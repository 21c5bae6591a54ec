"""Sources of other distributions."""

from __future__ import annotations

import sys

import pytest

from clush.errors import GroupResolverConfigError, GroupResolverSourceError
from clush.groups import from_file, plugins
from clush.sets.nodeset import NodeSet

MODULE = """
from clush.groups import DictSource

def rooms(name):
    return DictSource(name, {"left": "n[1-3]"})

def broken(name):
    raise OSError("no route to the database")

not_a_source = len
"""
POINTS = """
[clush.group_sources]
rooms = site_groups:rooms
attic = site_groups:rooms
broken = site_groups:broken
gone = site_groups:nosuch
odd = site_groups:not_a_source
"""


@pytest.fixture(autouse=True)
def distribution(tmp_path, monkeypatch) -> None:
    """An installed distribution that has sources."""
    (tmp_path / "site_groups.py").write_text(MODULE)
    info = tmp_path / "site_groups-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: site-groups\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("site_groups", None)


def configured(tmp_path, text: str):
    (tmp_path / "groups.conf").write_text(text)
    return from_file(str(tmp_path / "groups.conf"))


LAB = "[lab]\nmap: echo n9\n"


def test_a_source_that_no_configuration_knows(tmp_path) -> None:
    resolver = configured(tmp_path, LAB)
    assert str(NodeSet("@rooms:left,@lab:g", resolver=resolver)) == "n[1-3,9]"
    assert str(NodeSet("@left", resolver=configured(tmp_path, "[Main]\ndefault: rooms\n"))) == (
        "n[1-3]"
    )
    with pytest.raises(GroupResolverSourceError):
        NodeSet("@cellar:left", resolver=resolver)


def test_what_is_configured_comes_first(tmp_path) -> None:
    resolver = configured(tmp_path, "[rooms]\nmap: echo n9\n")
    assert str(NodeSet("@rooms:left", resolver=resolver)) == "n9"
    assert resolver.sources()[:2] == ["rooms", "attic"]


def test_they_are_listed_last(tmp_path) -> None:
    resolver = configured(tmp_path, LAB)
    assert [name for name in resolver.sources() if name in ("lab", *plugins.names())] == [
        "lab",
        *plugins.names(),
    ]
    assert {"attic", "broken", "gone", "odd", "rooms"} <= set(plugins.names())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("broken", "OSError: no route to the database"),
        ("gone", "AttributeError: "),
        ("odd", "TypeError|not a clush.groups.Source"),
    ],
)
def test_one_that_cannot_be_used_says_where_it_is_from(tmp_path, name: str, reason: str) -> None:
    with pytest.raises(GroupResolverConfigError, match=reason) as caught:
        NodeSet(f"@{name}:x", resolver=configured(tmp_path, LAB))
    assert f"group source '{name}' (entry point site_groups:" in str(caught.value)


def test_nobody_looks_for_them_without_need(tmp_path, monkeypatch) -> None:
    def looked() -> list:
        raise AssertionError("looked for entry points")

    monkeypatch.setattr(plugins, "_points", looked)
    resolver = configured(tmp_path, LAB)
    assert str(NodeSet("@g,@lab:x", resolver=resolver)) == "n9"
