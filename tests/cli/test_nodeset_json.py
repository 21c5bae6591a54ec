"""``nodeset --json``: what its commands show, for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import groups_site
import pytest

from clush.cli.nodeset import main


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in groups_site.make(tmp_path).items():
        monkeypatch.setenv(name, value)


SETS = [
    ("-f n1 n2", [{"nodes": "n[1-2]", "count": 2}]),
    ("-c n1 n2", [{"nodes": "n[1-2]", "count": 2}]),
    ("-f n1 -x n1", [{"nodes": "", "count": 0}]),
    ("-e n[1-2]", [{"nodes": "n[1-2]", "count": 2, "names": ["n1", "n2"]}]),
    ("-O %s-ib -e n1", [{"nodes": "n1-ib", "count": 1, "names": ["n1-ib"]}]),
    ("--split=2 -f n[1-3]", [{"nodes": "n[1-2]", "count": 2}, {"nodes": "n3", "count": 1}]),
    ("--axis=1 -f a[1-2]b[1-2]", [{"nodes": "a[1-2]b1,a[1-2]b2", "count": 4}]),
    (
        "-R --contiguous -e 1-2,007",
        [
            {"ranges": "1-2", "count": 2, "indexes": ["1", "2"]},
            {"ranges": "007", "count": 1, "indexes": ["007"]},
        ],
    ),
]


@pytest.mark.parametrize(("words", "sets"), SETS)
def test_sets(tool, words: str, sets: list[dict[str, object]]) -> None:
    ran = tool(main, "nodeset", "--json", *words.split())
    assert (ran.err, ran.rc) == ("", 0)
    assert json.loads(ran.out) == {"schema": "clush-nodeset/1", "sets": sets}


WEB = {"group": "@web", "nodes": "web1", "count": 1, "total": 4}
FRONT = {"group": "@front", "nodes": "web1", "count": 1, "total": 2}
MIX = {"group": "@mix", "nodes": "web1", "count": 1, "total": 6}
RACKS = [
    {"group": "@racks:r1", "nodes": "db1,web[1-2]", "count": 3},
    {"group": "@racks:r2", "nodes": "db2,web[3-4]", "count": 3},
]
SOURCES = [
    {"source": "roles", "default": True},
    {"source": "racks", "default": False},
    {"source": "nolist", "default": False},
]


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("-l", {"groups": [{"group": f"@{name}"} for name in ("db", "front", "mix", "web")]}),
        ("-s racks -ll", {"groups": RACKS}),
        ("-lll web1", {"groups": [FRONT, MIX, WEB]}),
        ("-l zoo", {"groups": []}),
        ("--list-sources", {"sources": SOURCES}),
        ("--list-sources -q", {"sources": SOURCES}),
        ("--index web2 @web", {"index": 1}),
        ("-r web[1-4] x", {"sets": [{"nodes": "web[1-4],x", "count": 5, "regrouped": "@web,x"}]}),
    ],
)
def test_groups(tool, words: str, fields: dict[str, object]) -> None:
    ran = tool(main, "nodeset", "--json", *words.split())
    assert (ran.err, ran.rc) == ("", 0)
    assert json.loads(ran.out) == {"schema": "clush-nodeset/1", **fields}


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("words", "rc"), [("--index n9 n1", 1), ("-s nolist -l", 1), ("--completion", 2), ("n1", 2)]
)
def test_an_error_leaves_no_document(tool, words: str, rc: int) -> None:
    ran = tool(main, "nodeset", "--json", *words.split())
    assert (ran.out, ran.rc) == ("", rc)
    assert ran.err


def test_a_reader_that_leaves_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "from clush.cli.nodeset import main; main()",
                "--json",
                "-e",
                "n1",
            ],
            stdout=gone,
            stderr=subprocess.PIPE,
        )
    assert (done.stderr, done.returncode) == (b"", 1)


def test_json_is_imported_on_demand() -> None:
    script = (
        "import sys; from clush.cli.nodeset import main\n"
        "try: main()\n"
        "finally: print('json' in sys.modules)"
    )
    for option, needed in (("-q", "False"), ("--json", "True")):
        words = [sys.executable, "-c", script, option, "-f", "n1"]
        out = subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True).stdout
        assert needed in out.split()
