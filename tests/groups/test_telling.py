"""What is told about what the group system does."""

from __future__ import annotations

import pytest

from clush.errors import GroupSourceQueryFailed
from clush.groups import Persistence, UpcallSource, from_file, observe
from clush.sets.nodeset import NodeSet


@pytest.fixture
def told():
    lines: list[str] = []
    observe(lines.append)
    yield lines
    observe(None)


def test_each_file_and_each_command_is_told(tmp_path, told) -> None:
    (tmp_path / "groups.conf").write_text(
        "[Main]\nconfdir: $CFGDIR\nautodir: $CFGDIR\n[lab]\nmap: echo n-$GROUP\ncache_persist: 9\n"
    )
    (tmp_path / "groups.conf").rename(tmp_path / "groups.cnf")
    (tmp_path / "flat.conf").write_text("[flat]\nreader: flat\npath: f\n")
    (tmp_path / "f").write_text("g: n1\n")
    (tmp_path / "bad.yaml").write_text("- x\n")
    conf, cache = str(tmp_path / "groups.cnf"), Persistence(directory=str(tmp_path / "cache"))

    def ask(text: str) -> list[str]:
        told.clear()
        NodeSet(text, resolver=from_file(conf, cache))
        return [line.replace(str(tmp_path), ".") for line in told]

    configuration = [
        "reading ./groups.cnf",
        "reading ./flat.conf",
        "reading ./bad.yaml",
        "not used: ./bad.yaml: invalid content (base is not a dict) (line 1)",
    ]
    assert ask("@flat:g") == [*configuration, "flat: reading ./f"]
    assert ask("@lab:g") == [*configuration, "EXEC 'echo n-g'", "READ 'n-g'"]
    [*same, last] = ask("@lab:g")
    assert same == configuration
    assert last.startswith("map g: known from ./cache/groups-lab-")
    assert ask("n1") == []


def test_a_failure_is_told(told) -> None:
    source = UpcallSource("lab", {"list": "exit 3"})
    with pytest.raises(GroupSourceQueryFailed):
        source.list_groups()
    assert told == ["EXEC 'exit 3'", "FAIL exit code 3"]
