"""What is proposed at the prompt for what stands before the cursor."""

from __future__ import annotations

from pathlib import Path

import groups_site
import pytest

from clush import groups
from clush.cli.interactive.commands import State
from clush.cli.interactive.proposals import Proposals
from clush.sets.nodeset import NodeSet


@pytest.fixture
def proposals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Proposals:
    for name, value in groups_site.make(tmp_path).items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, mode in (("zork", 0o755), ("zorkify", 0o755), ("zorknot", 0o644)):
        (folder / name).touch(mode)
    (tmp_path / "folder").mkdir()
    for name in ("file", "file with blanks", ".hidden"):
        (tmp_path / name).touch()
    monkeypatch.setenv("PATH", f"{folder}:/nonexistent:/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    return Proposals(State(NodeSet("n[1-3],web9"), gathered=False), groups.standard, None)


# What stands there, the part that is replaced, by what.
TABLE = [
    ("@@fr", "@fr", ["@front"]),
    ("+web", "web", ["web1", "web2", "web3", "web4"]),
    ("+n1,@m", "@m", ["@mix"]),
    ("+ @racks:", "@racks:", ["@racks:r1", "@racks:r2"]),
    ("-n", "n", ["n1", "n2", "n3"]),
    ("-we", "we", ["web9"]),
    ("-@fr", "@fr", ["@front"]),
    ("?w", "?w", []),
    ("zor", "zor", ["zork ", "zorkify "]),
    ("quit", "quit", ["quit "]),
    ("!zork", "zork", ["zork ", "zorkify "]),
    ("! zorki", "zorki", ["zorkify "]),
    ("!quit", "quit", []),
    ("zork f", "f", ["file ", "folder/"]),
    ("zork .h", ".h", [".hidden "]),
    ("zork ", "", ["bin/", "etc/", "file ", "folder/"]),
    ("zork bin/zorkn", "bin/zorkn", ["bin/zorknot "]),
    ("bin/zorki", "bin/zorki", ["bin/zorkify "]),
    ("a | zorki", "zorki", ["zorkify "]),
    ("a; zorki", "zorki", ["zorkify "]),
    ("a && zorki", "zorki", ["zorkify "]),
    ("sudo zorki", "zorki", ["zorkify "]),
    ("zork 'f", "'f", []),
    ("zork $f", "$f", []),
    ("zork nowhere/f", "nowhere/f", []),
]


@pytest.mark.parametrize(("before", "replaced", "texts"), TABLE)
def test_proposals(proposals: Proposals, before: str, replaced: str, texts: list[str]) -> None:
    start, found = proposals(before)
    assert found == texts
    if texts:
        assert before[start:] == replaced
