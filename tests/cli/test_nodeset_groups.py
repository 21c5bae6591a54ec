"""``nodeset`` and node groups: what it lists, resolves and regroups, and what it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import groups_site
import pytest

from clush.cli.nodeset import main
from clush.groups import observe

NOLIST = "Warning: No list upcall defined for group source nolist\n"
USAGE = "Usage: nodeset [COMMAND] [OPTIONS] [ns1 [-ixX] ns2|...]\n\nnodeset: error: "


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a site whose groups are found; configuration is in ``etc``."""
    for name, value in groups_site.make(tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path


# Words after the program's name, standard input, output, what is complained about.
ANSWERS = [
    # The groups of a source
    ("-l", "", "@db\n@front\n@mix\n@web\n", ""),
    ("-R -l", "", "@db\n@front\n@mix\n@web\n", ""),
    ("--list", "web1", "@db\n@front\n@mix\n@web\n", ""),
    ("-ll", "", "@db db[1-2]\n@front web[1-2]\n@mix db[1-2],web[1-4]\n@web web[1-4]\n", ""),
    ("-s racks -ll", "", "@racks:r1 db1,web[1-2]\n@racks:r2 db2,web[3-4]\n", ""),
    ("-s racks -G -lll", "", "@r1 db1,web[1-2] 3\n@r2 db2,web[3-4] 3\n", ""),
    ("-llll -s racks -G", "", "@r1 db1,web[1-2] 3\n@r2 db2,web[3-4] 3\n", ""),
    # The groups of nodes
    ("-l web1", "", "@front\n@mix\n@web\n", ""),
    ("-l -", "web1 # x\n", "@front\n@mix\n@web\n", ""),
    ("-lll web1 db1", "", "@db db1 1/2\n@front web1 1/2\n@mix db1,web1 2/6\n@web web1 1/4\n", ""),
    ("-s racks -ll web1 db1", "", "@racks:r1 db1,web1\n", ""),
    ("-s racks -G -l web1", "", "@r1\n", ""),
    ("-a -l -x @web", "", "@db\n@mix\n", ""),
    ("-l zoo", "", "", ""),
    ("-l web1 -x web1", "", "", ""),
    ("-l @nosuch", "", "", ""),
    ("-s nolist -l web1", "", "", ""),
    # All sources
    ("-L", "", "@db\n@front\n@mix\n@web\n@racks:r1\n@racks:r2\n", NOLIST),
    (
        "-s racks -L",
        "",
        "@r1\n@r2\n@roles:db\n@roles:front\n@roles:mix\n@roles:web\n",
        NOLIST,
    ),
    (
        "-G -LL",
        "",
        "@db db[1-2]\n@front web[1-2]\n@mix db[1-2],web[1-4]\n@web web[1-4]\n"
        "@r1 db1,web[1-2]\n@r2 db2,web[3-4]\n",
        NOLIST,
    ),
    (
        "-s racks -LLL web1 db1",
        "",
        "@r1 db1,web1 2/3\n@roles:db db1 1/2\n@roles:front web1 1/2\n"
        "@roles:mix db1,web1 2/6\n@roles:web web1 1/4\n",
        "",
    ),
    ("-LL zoo", "", "", ""),
    # Sources
    ("--list-sources", "", "roles (default)\nracks\nnolist\n", ""),
    ("-s racks --groupsources", "", "racks (default)\nroles\nnolist\n", ""),
    ("-q --list-sources", "", "roles\nracks\nnolist\n", ""),
    # Completion
    (
        "--completion @front",
        "",
        "@roles:\n@racks:\n@nolist:\n@db\n@front\n@mix\n@web\nweb1 web2\n",
        "",
    ),
    ("-s racks --completion", "", "@racks:r1\n@racks:r2\n", ""),
    ("-s racks -G -S, --completion a b", "", "@r1\n@r2\na,b\n", ""),
    ("-s nolist --completion a -x a", "", "", ""),
    # Groups among the operands
    ("-f @web @racks:r[1-2] -x @db", "", "web[1-4]\n", ""),
    ("-f web*!@front&@racks:r2", "", "web[3-4]\n", ""),
    ("-s racks -f @r1,@roles:db,@:r2 -x web*", "", "db[1-2]\n", ""),
    ("-f @@ @@racks", "", "db,front,mix,r[1-2],web\n", ""),
    ("-f", "@db\n", "db[1-2]\n", ""),
    ("-f @nosuch", "", "\n", ""),
    ("-c @nosuch", "", "0\n", ""),
    ("--index web3 @web", "", "2\n", ""),
    ("--pick 1 -f @nolist:any", "", "n1\n", ""),
    # All nodes
    ("-f -a -x @db", "", "web[1-4]\n", ""),
    ("-a -f zoo -x @db", "zoo9", "web[1-4],zoo\n", ""),
    ("-s racks -a -c", "", "6\n", ""),
    # Regrouping
    ("-r web[1-4] db[1-2] zoo", "", "@mix,zoo\n", ""),
    ("-r", "web1 web2\n", "@front\n", ""),
    ("-r @web -x web1", "", "web[2-4]\n", ""),
    ("-r n1 -x n1", "", "\n", ""),
    ("-s racks -r -a", "", "@racks:r[1-2]\n", ""),
    ("-s racks -G -r -a", "", "@r[1-2]\n", ""),
    ("-r --autostep 3 n[1,3,5] @db", "", "@db,n[1-5/2]\n", ""),
    ("-r --split 2 @web zoo", "", "@front,web3\nweb4,zoo\n", ""),
    ("-r --contiguous @web db1", "", "db1\n@web\n", ""),
    ("-r -O <%s> @web", "", "<@web>\n", ""),
    ("-r -O %s-x @web n[1-2] zoo", "", "@web-x,n[1-2]-x,zoo-x\n", ""),
]


@pytest.mark.parametrize(("line", "stdin", "out", "err"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_answers(tool, site: Path, line: str, stdin: str, out: str, err: str) -> None:
    assert tool(main, "nodeset", *line.split(), stdin=stdin) == (out, err, 0)


@pytest.mark.parametrize(
    ("line", "rc", "err"),
    [
        ("-s nolist -l", 1, 'nodeset: No list upcall defined for group source "nolist"'),
        ("-s zork -f n1", 1, 'nodeset: Unknown group source: "zork"'),
        ("-s zork -l", 1, 'nodeset: Unknown group source: "zork"'),
        ("-s zork -a -f", 1, 'nodeset: Unknown group source: "zork"'),
        ("-f @zork:a", 1, 'nodeset: Unknown group source: "zork"'),
        (
            "-s nolist -f -a",
            1,
            "nodeset: External error:"
            " Not enough working methods (all or map + list) to get all nodes",
        ),
        ("-s -x -f n1", 2, USAGE + "option -s: invalid value: '-x'"),
        ("-L -l", 2, USAGE + "Multiple commands not allowed."),
        ("-R -f -a", 2, USAGE + "-a/-r only supported in NodeSet mode"),
        ("-R -r 1", 2, USAGE + "-a/-r only supported in NodeSet mode"),
        (
            "--groupsconf /nonexistent/g -l",
            1,
            "nodeset: Group resolver error: cannot read /nonexistent/g: No such file or directory",
        ),
    ],
)
def test_errors(tool, site: Path, line: str, rc: int, err: str) -> None:
    assert tool(main, "nodeset", *line.split()) == ("", err + "\n", rc)


BROKEN = """\
[Main]
default: good
[good]
map: echo n-$GROUP
list: echo b a a10 a2
[bad]
map: exit 3
list: exit 4
all: exit 5
[worse]
map: echo x
list: exit 6
[odd]
map: echo x
list: echo a&b
"""


@pytest.mark.parametrize(
    ("line", "out", "err"),
    [
        ("-f @bad:g", "", 'Parse error: exit 3: "@bad:g" (exit code 3)'),
        ("-s bad -l", "", "Group error: exit 4 (exit code 4)"),
        ("-s bad -f -a", "", "External error: Failed to get all nodes: exit 5 (exit code 5)"),
        ("-s odd -l", "", 'Illegal group character: "&"'),
        (
            "-L",
            "@a\n@a2\n@a10\n@b\n",
            "Group error: exit 4 (exit code 4)\nnodeset: Group error: exit 6 (exit code 6)\n"
            'nodeset: Illegal group character: "&"',
        ),
    ],
)
def test_sources_that_fail(tool, site: Path, line: str, out: str, err: str) -> None:
    conf = site / "other.conf"
    conf.write_text(BROKEN.replace("a&b", "'a&b'"))
    ran = tool(main, "nodeset", "--groupsconf", str(conf), *line.split())
    assert ran == (out, f"nodeset: {err}\n", 1)


@pytest.mark.parametrize(
    ("text", "err"),
    [
        ("[Main\n", "nodeset: File contains no section headers."),
        ("[Main]\ndefault: zork\n", "nodeset: Group resolver error: Default group source"),
        ("[b]\nlist: x\n", "nodeset: Group resolver error: No option 'map' or 'mapall' in"),
    ],
)
def test_a_bad_file_matters_when_there_is_a_group(tool, site: Path, text: str, err: str) -> None:
    (site / "etc" / "groups.conf").write_text(text)
    assert tool(main, "nodeset", "-f", "n1", "n2").out == "n[1-2]\n"
    ran = tool(main, "nodeset", "-f", "@web")
    assert ran.err.startswith(err) and ran.err.count("\n") == 1
    assert str(site / "etc" / "groups.conf") in ran.err
    assert (ran.out, ran.rc) == ("", 1)


def test_a_site_without_groups(tool, site: Path) -> None:
    (site / "etc" / "groups.conf").unlink()
    unknown = 'nodeset: Unknown group source: "<default>"\n'
    assert tool(main, "nodeset", "-f", "@web") == ("", unknown, 1)
    assert tool(main, "nodeset", "-l") == ("", unknown, 1)
    assert tool(main, "nodeset", "--completion", "n[1-2]") == ("n1 n2\n", "", 0)


KEPT = "[Main]\ncache_persist: 600\n[log]\nmap: echo $GROUP >> $CFGDIR/asked; echo n1\n"


def test_answers_on_disk_are_used_bypassed_and_cleared(tool, site: Path) -> None:
    (site / "etc" / "groups.conf").write_text(KEPT)

    def asked_after(*words: str) -> int:
        assert tool(main, "nodeset", *words, "-f", "@g") == ("n1\n", "", 0)
        return len((site / "etc" / "asked").read_text().split())

    assert asked_after() == 1
    assert asked_after() == 1
    assert asked_after("--no-cache") == 2
    assert asked_after("--clear-cache") == 3
    assert tool(main, "nodeset", "--clear-cache") == ("", "", 0)
    assert asked_after() == 4


def test_upcalls_are_shown(tool, site: Path) -> None:
    try:
        ran = tool(main, "nodeset", "-d", "-f", "@db")
    finally:
        observe(None)
    assert (ran.out, ran.rc) == ("db[1-2]\n", 0)
    lines = ran.err.splitlines()
    assert all(line.startswith("DEBUG:clush.groups:") for line in lines)
    assert any("sed -n" in line and "db" in line for line in lines)


def test_plain_names_need_nothing_of_groups() -> None:
    code = (
        "import sys; sys.argv = ['nodeset', '-G', '-f', 'a1', 'a2']\n"
        "from clush.cli.nodeset import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    folded, modules = ran.stdout.splitlines()
    assert folded == "a[1-2]"
    assert "configparser" not in modules.split()
    assert not [name for name in modules.split() if name.startswith("clush.groups")]


def test_completion_asks_a_slow_source_once(tmp_path: Path) -> None:
    """Its answers are kept for the next completion; what is run is always asked afresh."""
    asked = tmp_path / "asked"
    conf = tmp_path / "groups.conf"
    conf.write_text(f"[main]\nmap: echo n1\nlist: echo x >>{asked}; echo g1\n")
    environ = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def nodeset(*words: str) -> str:
        argv = [sys.executable, "-c", "from clush.cli.nodeset import main; main()"]
        argv += ["--groupsconf", str(conf), *words]
        return subprocess.run(argv, env=environ, capture_output=True, text=True).stdout

    assert [nodeset("--completion").split()[-1] for _ in range(3)] == ["@g1"] * 3
    assert asked.read_text() == "x\n"
    assert nodeset("-l") == "@g1\n"
    assert asked.read_text() == "x\n" * 2
