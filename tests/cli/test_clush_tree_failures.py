"""``clush`` and gateways that fail, trees that are none, and what is left when it is stopped."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from clush_runs import CLUSH, PATIENCE, Ran, gone, read_until, started
from clush_trees import HERE, ONE, RULE, TWO, Trees, topology

from clush.lab import Lab


@pytest.fixture
def trees(lab, tmp_path: Path) -> Trees:
    return Trees(lab, tmp_path)


# -- trees that are none ----------------------------------------------------------------

TREE = "clush: TREE MODE: "
USAGE = "Usage: clush [options] command\n\nclush: error: "

# Options, the file, errors, status.
REFUSED = [
    ("", "[routes]\nother: node1\n", f'{TREE}"{HERE}" is not a valid root node!', 1),
    ("", "[routes]\n", f"{TREE}No route found in topology definition!", 1),
    ("", None, f"{TREE}Invalid configuration file: FILE: No such file or directory", 1),
    ("", "[x]\n", f"{TREE}Invalid configuration file: FILE: no section [routes]", 1),
    (
        "",
        f"[routes]\n{HERE}: node1\nnode1: {HERE}\n",
        f"{TREE}Loop detected! Cannot add route node1 -> {HERE} (FILE, line 3)",
        1,
    ),
    (
        "",
        f"[routes]\n{HERE}: node[1-2]\nnode1: node5\nnode2: node5\n",
        f"{TREE}Convergent path detected! Cannot add route node2 -> node5 (FILE, line 4)",
        1,
    ),
    ("--tree", "", f"{USAGE}--tree makes a tree of the targets: it needs no --topology", 2),
]


@pytest.mark.parametrize(("options", "text", "told", "rc"), REFUSED)
def test_files_that_are_refused(
    trees: Trees, options: str, text: str | None, told: str, rc: int
) -> None:
    file = trees.folder / "file"
    if text is not None:
        file.write_text(text)
    ran = trees((), "-n", *options.split(), "--topology", str(file), "-w", "node5", "echo ran")
    assert ran == Ran("", told.replace("FILE", str(file)) + "\n", rc)


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--tree=0", "option --tree: must be at least 1: 0"),
        ("--tree=x", "option --tree: invalid integer value: 'x'"),
        ("--max-running=0", "option --max-running: must be at least 1: 0"),
    ],
)
def test_numbers_that_are_refused(trees: Trees, option: str, told: str) -> None:
    assert trees((), "-n", option, "-w", "node5", "echo ran") == Ran("", f"{USAGE}{told}\n", 2)


def test_what_stands_for_all_nodes_is_refused(trees: Trees) -> None:
    ran = trees(ONE, "-n", "--remote=no", "-w", "node[5-6]", "echo %hosts")
    assert (ran.out, ran.rc) == ("", 1)
    assert ran.err.splitlines()[-1:] == [
        "clush: '%hosts' stands for all nodes at once: it does not work behind gateways"
    ]


# -- gateways that fail -----------------------------------------------------------------

CONNECT = "the connection failed: ssh: connect to host 127.0.0.1 port PORT: Connection refused"
NOBODY = (
    "clush: node[5-8] (4): exited with exit code 76\n"
    "clush: no gateway left, not started (4): node[5-8]\n"
)
ALL = f"{RULE}node[5-12] (8)\n{RULE}ok\n"
REST = f"{RULE}node[9-12] (4)\n{RULE}ok\n"

# What happens, routes, options, output, errors, status with -S; on node[5-12].
FAILURES = {
    "the other one does it all": (
        ("HERE: refuse,node1", "refuse,node1: node[5-100]"),
        "", ALL, f"clush: gateway refuse: {CONNECT}\n", 0,
    ),
    "so it does, on request without a word": (
        ("HERE: refuse,node1", "refuse,node1: node[5-100]"),
        "-q", ALL.replace(" (8)", ""), "", 0,
    ),
    "so it does at the second level": (
        ("HERE: node1", "node1: refuse,node2", "refuse,node2: node[5-100]"),
        "", ALL, f"clush: gateway refuse: {CONNECT}\n", 0,
    ),
    "there is no other one": (
        ("HERE: refuse,node1", "refuse: node[5-8]", "node1: node[9-100]"),
        "", REST, f"clush: gateway refuse: {CONNECT}\n{NOBODY}", 76,
    ),
    "there is no other one, which is not told": (
        ("HERE: refuse,node1", "refuse: node[5-8]", "node1: node[9-100]"),
        "-q", REST.replace(" (4)", ""), "", 76,
    ),
    "there is no other one at the second level": (
        ("HERE: node1", "node1: refuse,node2", "refuse: node[5-8]", "node2: node[9-100]"),
        "", REST, f"clush: gateway refuse: {CONNECT}\n{NOBODY}", 76,
    ),
    "it does not answer in time": (
        ("HERE: silent,node1", "silent: node[5-8]", "node1: node[9-100]"),
        "-t 1", REST,
        "silent: Connection timed out during banner exchange\n"
        "clush: gateway silent: the connection failed:"
        f" Connection to 127.0.0.1 port PORT timed out\n{NOBODY}",
        76,
    ),
    "it prints a greeting": (
        ("HERE: noisy", "noisy: node[5-100]"),
        "", ALL, "noisy: Welcome to noisy\n", 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FAILURES)
def test_gateways_that_fail(trees: Trees, what: str) -> None:
    routes, options, out, err, rc = FAILURES[what]
    command = "echo ok"
    ran = trees(routes, "-n", "-b", "-S", *options.split(), "-w", "node[5-12]", command)
    assert ran._replace(err=re.sub(r"port \d+", "port PORT", ran.err)) == Ran(out, err, rc)


@pytest.mark.parametrize(
    ("gateways", "told"),
    [
        ("refuse,node1", f"clush: gateway refuse: {CONNECT}\n"),
        ("noisy", "noisy: Welcome to noisy\n"),
    ],
)
def test_what_concerns_all_files_is_told_once(trees: Trees, gateways: str, told: str) -> None:
    files = [trees.folder / f"{trees.folder.name}-{os.getpid()}.{number}" for number in range(3)]
    for file in files:
        file.write_text(file.name)
    routes = (f"HERE: {gateways}", f"{gateways}: node[5-100]")
    words = ("-n", "-S", "-w", "node[5-12]", "--copy", *map(str, files), "--dest", ".")
    ran = trees(routes, *words)
    assert ran._replace(err=re.sub(r"port \d+", "port PORT", ran.err)) == Ran("", told, 0)
    homes = [trees.lab.home(f"node{number}") for number in range(5, 13)]
    assert all((home / file.name).read_text() == file.name for home in homes for file in files)


def test_a_gateway_without_python_is_told(trees: Trees, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUSTERSHELL_GW_PYTHON_EXECUTABLE", "no-such-python")
    routes = ("HERE: node1", "node1: node[5-8]")
    ran = trees(routes, "-n", "-b", "-S", "-w", "node[5-8,110]", "echo ok")
    first, _, rest = ran.err.partition("\n")
    assert re.fullmatch(
        "clush: gateway node1: no Python there: .*no-such-python.*not found"
        r" \(set CLUSTERSHELL_GW_PYTHON_EXECUTABLE\)",
        first,
    )
    assert (ran.out, rest, ran.rc) == (f"{RULE}node110\n{RULE}ok\n", NOBODY, 76)


def test_what_a_gateway_that_is_killed_had_started_is_lost(trees: Trees) -> None:
    routes = ("HERE: node[1-2]", "node1: node5", "node2: node[6-100]")
    command = "[ $LAB_NODE = node1 ] && kill -9 $PPID; echo ok"
    ran = trees(routes, "-n", "-b", "-S", "--remote=no", "-w", "node[5-7]", command)
    assert ran.out == f"{RULE}node[6-7] (2)\n{RULE}ok\n"
    assert [line for line in ran.err.splitlines() if line.startswith("clush: ")] == [
        "clush: gateway node1: it was killed by signal 9",
        "clush: node5: exited with exit code 76",
        "clush: gateway lost, may have run: node5",
    ]
    assert ran.rc == 76


# -- stopped ----------------------------------------------------------------------------


@pytest.fixture
def own_lab(lab: Lab) -> Iterator[Lab]:
    """One in which nobody else has processes."""
    with Lab("node[1-8]") as own:
        yield own


def processes(lab: Lab) -> dict[int, str]:
    """What runs in a lab, and who was started to reach its nodes: pids and command lines."""
    mark = b"LAB_DIR=" + os.fsencode(lab.folder)
    found = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            if mark in Path(f"/proc/{entry}/environ").read_bytes().split(b"\0"):
                line = Path(f"/proc/{entry}/cmdline").read_bytes().replace(b"\0", b" ")
                found[int(entry)] = os.fsdecode(line)
        except OSError:
            continue
    return found


def clients(lab: Lab) -> list[str]:
    """Those that are gateways, or ssh clients."""
    return [
        line
        for pid, line in processes(lab).items()
        if re.match(r"\S*(ssh|python\S* -ESs|sh -c python3 -ESs) ", line) and not gone(pid)
    ]


# Which signal it is, what is said of it, the status.
STOPS = [
    (signal.SIGINT, "Keyboard interrupt.\n", 130),
    (signal.SIGTERM, "", -signal.SIGTERM),
    (signal.SIGKILL, "", -signal.SIGKILL),
]


@pytest.mark.parametrize(("number", "told", "rc"), STOPS)
def test_nobody_stays_behind(own_lab: Lab, tmp_path: Path, number: int, told: str, rc: int) -> None:
    """But the commands, which sshd lets go on, as without gateways."""
    file = topology(tmp_path, *TWO)
    words = ("-n", "--topology", file, "-w", "node[5-8]", "echo up $$; exec sleep 60")
    with started(*CLUSH, *words, env=own_lab.environ()) as process:
        text = b""
        while text.count(b"\n") < 4:
            text += read_until(process.stdout.fileno(), b"\n")
        nodes = sorted(line.split(b": up ")[0] for line in text.splitlines())
        assert nodes == [b"node5", b"node6", b"node7", b"node8"]
        before = clients(own_lab)
        # To a gateway, from there to another one, and to all nodes.
        assert sum("-ESs" in line for line in before) >= 4
        assert sum(line.endswith("exec sleep 60 ") for line in before) == 4
        process.send_signal(number)
        assert process.wait(PATIENCE) == rc
        assert process.stderr.read().decode() == told
    deadline = time.monotonic() + 10
    while left := clients(own_lab):
        assert time.monotonic() < deadline, left
        time.sleep(0.02)


def test_no_words_are_lost_when_it_is_interrupted(own_lab: Lab, tmp_path: Path) -> None:
    file = topology(tmp_path, *TWO)
    words = ("-n", "-b", "-v", "--topology", file, "-w", "node[5-8]", "echo up; exec sleep 60")
    with started(*CLUSH, *words, env=own_lab.environ()) as process:
        text = b""
        while text.count(b": up\n") < 4:
            text += read_until(process.stdout.fileno(), b"\n")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert process.stdout.read().decode() == f"{RULE}node[5-8] (4)\n{RULE}up\n"
        assert process.stderr.read().decode().splitlines()[-2:] == [
            "Warning: Caught keyboard interrupt!",
            "Keyboard interrupt (node[5-8] did not complete).",
        ]
