"""``clubak`` and node groups: keys that are groups, and labels that become groups."""

from __future__ import annotations

from pathlib import Path

import groups_site
import pytest

from clush.cli.clubak import main

RULE = "-" * 15 + "\n"
SAMPLE = "@web: a\nweb3: b\ndb1: a\n"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in groups_site.make(tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path


def block(label: str, text: str) -> str:
    return f"{RULE}{label}\n{RULE}{text}"


# Options, standard input, output.
ANSWERS = [
    ("-b", SAMPLE, block("db1,web[1-2,4] (4)", " a\n") + block("web3", " a\n b\n")),
    ("-r", SAMPLE, block("@front,db1,web4 (4)", " a\n") + block("web3", " a\n b\n")),
    ("-r -q -s racks", "@r1: a\nweb3: b\n", block("@racks:r1", " a\n") + block("web3", " b\n")),
    ("-rL -s racks -G", "@r1: a\nweb3: b\n", "@r1:  a\nweb3:  b\n"),
    ("-bL", "@front: a\n", "web[1-2]:  a\n"),
    ("-r -S |", "@racks:r1|a\n", block("@front,db1 (3)", "a\n")),
    ("-r --diff", "@web: a\ndb2: b\n", "--- @web (4)\n+++ db2\n@@ -1 +1 @@\n- a\n+ b\n"),
    ("-r -TL", "@web: a\ndb2: b\n", "@web:\n a\ndb2:\n b\n"),
    ("-r", "web*: a\n", block("@web (4)", " a\n")),
    ("-r --axis=1", "@web: a\n", block("@web (4)", " a\n")),
    ("-r --interpret-keys=never", "@web: a\ndb2: a\n", block("@web,db2 (2)", " a\n")),
    ("-r", "", ""),
]


@pytest.mark.parametrize(("options", "stdin", "out"), ANSWERS)
def test_answers(tool, site: Path, options: str, stdin: str, out: str) -> None:
    assert tool(main, "clubak", *options.split(), stdin=stdin) == (out, "", 0)


@pytest.mark.parametrize(
    ("options", "stdin", "err"),
    [
        ("-S |", "@zork:a|x\n", 'Unknown group source: "zork"'),
        ("-S | --interpret-keys=always", "@zork:a|x\n", 'Unknown group source: "zork"'),
        ("-s zork -r", "n1: x\n", 'Unknown group source: "zork"'),
        ("", "@typo: x\n", 'no node found: "@typo"'),
        (
            "--groupsconf /nowhere/g -r",
            "n1: x\n",
            "Group resolver error: cannot read /nowhere/g: No such file or directory",
        ),
    ],
)
def test_errors(tool, site: Path, options: str, stdin: str, err: str) -> None:
    assert tool(main, "clubak", *options.split(), stdin=stdin) == ("", f"clubak: {err}\n", 1)


def test_keys_without_groups_need_no_configuration(tool, site: Path) -> None:
    (site / "etc" / "groups.conf").write_text("[Main\n")
    assert tool(main, "clubak", "-b", stdin="n1: x\n") == (block("n1", " x\n"), "", 0)
