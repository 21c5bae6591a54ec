"""``clush`` through gateways, over real ssh: as without them, but for what tells of them."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from itertools import accumulate
from pathlib import Path

import pytest
from clush_runs import CLUSH, Ran, in_order, run
from clush_trees import CHAIN, HERE, ONE, RULE, TWO, Trees, topology
from screens import screen

FLAT: tuple[str, ...] = ()
LEVELS = pytest.mark.parametrize("routes", [ONE, TWO], ids=["one level", "two levels"])


@pytest.fixture
def trees(lab, tmp_path: Path) -> Trees:
    return Trees(lab, tmp_path)


def gateways(ran: Ran) -> set[str | None]:
    """Those that nodes went through in a run with ``--jsonl``; None for nodes without."""
    events = [json.loads(line) for line in ran.out.splitlines()]
    return {event.get("gateway") for event in events if event["event"] == "end"}


# -- as without gateways ----------------------------------------------------------------

COMMAND = """
case $LAB_NODE in
    node[5-6]) echo odd; echo aside >&2; exit 3 ;;
    node7) printf unfinished ;;
    *) echo ok; echo; echo end ;;
esac
"""


@pytest.mark.parametrize("mode", ["", "-b", "-B", "-L", "-bL", "-q -b", "--diff"])
def test_it_looks_as_without_gateways(trees: Trees, mode: str) -> None:
    words = ("-n", "-S", *mode.split(), "-w", "node[1,5-11]", COMMAND)
    flat, one, two = (trees(routes, *words) for routes in (FLAT, ONE, TWO))
    assert flat.rc == 3
    assert "odd" in flat.out
    for ran in (one, two):
        if mode:
            assert ran.out == flat.out
        assert in_order(ran.out) == in_order(flat.out)
        assert in_order(ran.err) == in_order(flat.err)
        assert ran.rc == flat.rc


@LEVELS
def test_what_is_gathered_can_be_watched(trees: Trees, routes: tuple[str, ...]) -> None:
    ran = trees(
        routes, "-n", "-b", "-v", "-w", "node[5-12]", "echo $((${LAB_NODE#node} / 9)); echo end"
    )
    shown = ran.out.splitlines(keepends=True)
    assert "".join(shown[16:]) == (
        f"{RULE}node[5-8] (4)\n{RULE}0\nend\n{RULE}node[9-12] (4)\n{RULE}1\nend\n"
    )
    for number in range(5, 13):
        said = [line for line in shown[:16] if line.startswith(f"node{number}: ")]
        assert said == [f"node{number}: {number // 9}\n", f"node{number}: end\n"]
    announced, *news = ran.err.splitlines()
    assert announced == f"clush: enabling tree topology ({len(routes[1:]) * 2} gateways)"
    ready = [
        re.fullmatch(r"clush: gateway (node\d) is ready \(Python 3\.[\d.]+\)", line)
        for line in news
    ]
    assert all(ready)
    assert {"node1", "node2"} <= {match[1] for match in ready}
    assert ran.rc == 0


def test_each_node_has_a_file_of_its_own(trees: Trees) -> None:
    folders = {name: trees.folder / name for name in ("outdir", "errdir")}
    options = [f"--{name}={path}" for name, path in folders.items()]
    command = "echo $((${LAB_NODE#node} / 7)); echo b >&2"
    ran = trees(TWO, "-n", "-b", *options, "-w", "node[1,5-8]", command)
    assert ran.rc == 0
    saved = {
        name: {path.name: path.read_text() for path in folder.iterdir()}
        for name, folder in folders.items()
    }
    numbers = (1, 5, 6, 7, 8)
    assert saved["outdir"] == {f"node{number}": f"{number // 7}\n" for number in numbers}
    assert saved["errdir"] == {f"node{number}": "b\n" for number in numbers}


@LEVELS
def test_input_reaches_all(trees: Trees, routes: tuple[str, ...]) -> None:
    data = bytes(range(256)) * 2000
    summed = run("cksum", input=data).out
    ran = trees(routes, "-b", "-w", "node[1,5-10]", "cksum", input=data)
    assert ran == Ran(f"{RULE}node[1,5-10] (7)\n{RULE}{summed}", "", 0)


# Options, nodes, command, the last line of errors, status with -S.
ENDS = [
    ("", "node[5-8]", "exit 3", "node[5-8] (4): exited with exit code 3", 3),
    ("-u 1", "node[5-8]", "echo a; exec sleep 60", "node[5-8]: command timeout", 255),
    ("", "node5,refuse", "true", "connection refused: refuse", 255),
    ("-t 1", "node5,silent", "true", "connection timed out: silent", 255),
]


@pytest.mark.parametrize(("options", "nodes", "command", "told", "rc"), ENDS)
def test_how_commands_end(
    trees: Trees, options: str, nodes: str, command: str, told: str, rc: int
) -> None:
    routes = (*TWO[:2], f"{TWO[2]},refuse,silent")
    ran = trees(routes, "-n", "-b", "-S", *options.split(), "-w", nodes, command)
    assert ran.err.splitlines()[-1:] == [f"clush: {told}"]
    assert ran.rc == rc


# -- which tree it is -------------------------------------------------------------------

# Options, what stands in defaults.conf, the gateways of node[5-8].
CHOICES = [
    ("", "", {"node1"}),
    ("-R ssh", "", {None}),
    ("", "auto_tree: no", {None}),
    ("--topology OTHER", "", {"node2"}),
    ("--topology OTHER", "auto_tree: no", {"node2"}),
    ("--topology OTHER -R ssh", "", {None}),
    ("--tree=1", "", {None, "node7"}),
    ("--tree=1", "auto_tree: no", {None, "node7"}),
]


@pytest.mark.parametrize(("options", "defaults", "expected"), CHOICES)
def test_which_tree_counts(
    trees: Trees,
    monkeypatch: pytest.MonkeyPatch,
    options: str,
    defaults: str,
    expected: set[str | None],
) -> None:
    folder = trees.folder
    topology(folder, "HERE: node1", "node1: node[5-100]", name="topology.conf")
    other = topology(folder, "HERE: node2", "node2: node[5-100]", name="other.conf")
    (folder / "defaults.conf").write_text(f"[task.default]\n{defaults}\n")
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", str(folder))
    words = options.replace("OTHER", other).split()
    ran = trees(FLAT, "-n", "--jsonl", *words, "-w", "node[5-8]", "true")
    assert (gateways(ran), ran.err, ran.rc) == (expected, "", 0)


# Options, the number of gateways and the drawing, the gateways that are opened.
DRAWN = [
    (
        "--topology FILE",
        "2 gateways\nHERE\n`- node1\n   `- node3\n      `- node[5-100]\n",
        {"node1", "node3"},
    ),
    ("--tree=2", "2 gateways\nHERE\n`- node[3,7]\n   `- node[1-2,4-6,8]\n", {"node3", "node7"}),
    ("--tree", "0 gateways\nHERE\n`- node[1-8]\n", set()),
]


@pytest.mark.parametrize(("options", "drawn", "opened"), DRAWN)
def test_the_tree_is_drawn_for_debug(
    trees: Trees, options: str, drawn: str, opened: set[str]
) -> None:
    words = options.replace("FILE", topology(trees.folder, *CHAIN)).split()
    ran = trees(FLAT, "-n", "-d", "-L", *words, "-w", "node[1-8]", "echo ok")
    count, _, drawing = drawn.replace("HERE", HERE).partition("\n")
    assert ran.err.startswith(f"clush: enabling tree topology ({count})\n")
    assert f"\n{RULE}{drawing}{RULE}" in ran.out
    assert ran.out.endswith("".join(f"node{number}: ok\n" for number in range(1, 9)))
    assert set(re.findall("gateway (.*) is ready", ran.err)) == opened


def test_many_nodes_have_gateways_among_them(trees: Trees, monkeypatch: pytest.MonkeyPatch) -> None:
    (trees.folder / "defaults.conf").write_text("[task.default]\ndistant_workername: exec\n")
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", str(trees.folder))
    ran = trees(FLAT, "-n", "--jsonl", "--tree", "-w", "n[1-129]", "true")
    summary = json.loads(ran.out.splitlines()[-1])
    assert summary["by_status"] == {"ok": "n[1-129]"}
    through = gateways(ran)
    assert None in through  # these are gateways
    assert 1 < len(through) <= 13


def test_commands_that_are_not_remote_run_on_the_last_gateways(trees: Trees) -> None:
    words = ("-n", "-L", "--remote=no", "-w", "node[5-8,110]", "echo ${LAB_NODE:-here} %h %n")
    ran = trees(TWO, *words)
    assert (ran.err, ran.rc) == ("", 0)
    *routed, direct = ran.out.splitlines()
    assert direct == "node110: here node110 4"
    assert [re.sub("node[34] ", "GATEWAY ", line) for line in routed] == [
        f"node{number}: GATEWAY node{number} {number - 5}" for number in range(5, 9)
    ]


# -- how many at once -------------------------------------------------------------------


@pytest.mark.parametrize("routes", [FLAT, TWO], ids=["flat", "two levels"])
def test_the_most_that_may_run_is_for_the_whole_tree(trees: Trees, routes: tuple[str, ...]) -> None:
    """The first wait for the third, all stay a little for a fourth that must not come."""
    log = trees.folder / "log"
    third = f"until [ $(grep -c + {log}) -ge 3 ]; do sleep 0.01; done; sleep 0.1"
    command = f"echo + >> {log}; {third}; echo - >> {log}"
    nodes = "node[1,5-12]"  # one of them is direct
    words = ("-n", "-S", "-f", "64", "-u", "20", "--max-running", "3", "-w", nodes, command)
    assert trees(routes, *words) == Ran("", "", 0)
    steps = log.read_text().split()
    assert Counter(steps) == {"+": 9, "-": 9}
    assert max(accumulate(1 if step == "+" else -1 for step in steps)) == 3


# -- for programs -----------------------------------------------------------------------


def test_events_tell_of_gateways(trees: Trees) -> None:
    ran = trees(CHAIN, "-n", "--jsonl", "-w", "node[1,5-6]", "echo a")
    events = [json.loads(line) for line in ran.out.splitlines()]
    told = [event for event in events if event["event"] == "gateway"]
    assert {(event["gateway"], event["kind"]) for event in told} == {
        ("node1", "up"),
        ("node3", "up"),
    }
    assert all(event["text"].startswith("3.") for event in told)
    for kind in ("start", "end"):
        seen = {event["node"]: event.get("gateway") for event in events if event["event"] == kind}
        assert seen == {"node1": None, "node5": "node1", "node6": "node1"}
    assert events[-1]["by_status"] == {"ok": "node[1,5-6]"}


def test_results_tell_the_gateway(trees: Trees) -> None:
    ran = trees(CHAIN, "-n", "--json", "-w", "node[1,5-6]", "echo a")
    document = json.loads(ran.out)
    assert {one["node"]: one.get("gateway") for one in document["results"]} == {
        "node1": None,
        "node5": "node1",
        "node6": "node1",
    }
    assert document["by_stdout"] == [{"nodes": "node[1,5-6]", "count": 3, "stdout": "a\n"}]


# -- copies -----------------------------------------------------------------------------


@LEVELS
def test_files_go_there_and_come_back(trees: Trees, routes: tuple[str, ...]) -> None:
    name = f"{trees.folder.name}-{os.getpid()}"  # homes are of all tests
    content = os.urandom(300_000)
    source = trees.folder / name
    (source / "sub").mkdir(parents=True)
    (source / "sub" / "file").write_bytes(content)
    nodes = [f"node{number}" for number in (1, 5, 6, 7)]
    words = ("-n", "-S", "-v", "-w", ",".join(nodes))
    there = trees(routes, *words, "--copy", str(source), "--dest", ".")
    assert there.out.endswith(f"`{source}' -> node[1,5-7]:`.'\n")
    assert there.rc == 0
    for node in nodes:
        path = trees.lab.home(node) / name / "sub" / "file"
        assert path.read_bytes() == content
        path.write_text(f"of {node}")
    (trees.folder / "back").mkdir()
    back = trees(routes, *words, "--rcopy", f"{name}/sub/file", "--dest", f"{trees.folder}/back")
    assert re.search(r"gateway node[12] is ready", back.err)
    assert back.rc == 0
    fetched = {path.name: path.read_text() for path in (trees.folder / "back").iterdir()}
    assert fetched == {f"file.{node}": f"of {node}" for node in nodes}


# -- on a terminal ----------------------------------------------------------------------


def test_a_terminal_shows_how_many_gateways_there_are(in_lab, tmp_path: Path) -> None:
    routes = topology(tmp_path, "HERE: node1", "node1: node[5-100]")
    command = "[ $LAB_NODE = node5 ] || exec sleep 60"
    words = ("-b", "--topology", routes, "-w", "node[5-7]", command)
    with screen(tmp_path, *CLUSH, *words) as seen:
        seen.wait_for("waiting for node[6-7]")
        assert re.match(r"clush: 1/3  0:\d\d  .*gw 1  waiting", seen.text)
        seen.type("Enter")
        seen.wait_for("clush: gateways(1): node1")
        seen.type("C-c")
        assert "gateway node1" not in seen.wait_for("status: 130")  # it is not lost
