"""``clush`` and node groups: targets, labels, and what is said when there is no target."""

from __future__ import annotations

import signal
from pathlib import Path

import groups_site
import pytest
from clush_runs import NO_INPUT, Ran, read_until, run, started

RULE = "-" * 15 + "\n"
USAGE = "Usage: clush [options] command\n\nclush: error: "


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in groups_site.make(tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path


def clush(line: str) -> Ran:
    return run(*NO_INPUT, *line.split(" "))


# Options and who is run on.
TARGETS = [
    ("-a", "db[1-2],web[1-4]"),
    ("-s racks -a -w n1", "db[1-2],n1,web[1-4]"),
    ("-g db", "db[1-2]"),
    ("-g front,db", "db[1-2],web[1-2]"),
    ("-g front -g racks:r2", "db2,web[1-4]"),
    ("-s racks -g r[1,2]", "db[1-2],web[1-4]"),
    ("-g racks:r[1-2]!racks:r2", "db1,web[1-2]"),
    ("-g web!front", "web[1-4]"),
    ("-w @web -X front", "web[3-4]"),
    ("-w @web -x @front", "web[3-4]"),
    ("-a -X front,db", "web[3-4]"),
    ("-X db -x web1 -a", "web[2-4]"),
    ("-w web* -x ?b1,web2", "web[1,3-4]"),
    ("-w @web&@racks:r1", "web[1-2]"),
    ("-q -g nosuch -w n1", "n1"),
]


@pytest.mark.parametrize(("options", "nodes"), TARGETS)
def test_targets(site: Path, options: str, nodes: str) -> None:
    assert clush(f"-b -N {options} [ %n = 0 ] && echo %hosts") == (nodes + "\n", "", 0)


# Options, and the groups that are told to be unknown; others are there, or left alone.
SLIPS = [
    ("-w @web,@bew", ["@bew"]),
    ("-g web,bew,racks:r9", ["@bew", "@racks:r9"]),
    ("-w @web -x @fornt -X bd", ["@fornt", "@bd"]),
    ("-a -x @web[1-2]&@db", ["@web[1-2]"]),
    ("-w @web,@nolist:x,@*,n1,n* -x @front", []),
]


@pytest.mark.parametrize(("options", "unknown"), SLIPS)
def test_a_slip_in_the_name_of_a_group_is_told(
    site: Path, options: str, unknown: list[str]
) -> None:
    warnings = "".join(f"Warning: {group}: unknown group\n" for group in unknown)
    assert clush(f"-b {options} true") == ("", warnings, 0)
    assert clush(f"-q {options} true") == ("", "", 0)


def test_a_host_file_may_hold_groups(site: Path) -> None:
    path = site / "hosts"
    path.write_text("@front # the first two\ndb1 n[1-2]\n")
    ran = clush(f"-b -N -d --hostfile {path} echo %hosts")
    assert ran.out.endswith("\ndb1,n[1-2],web[1-2]\n")
    assert f"Using nodeset db1,n[1-2],web[1-2] from hostfile {path}\n" in ran.err


def test_a_host_file_of_groups_that_are_empty(site: Path) -> None:
    path = site / "hosts"
    path.write_text(" ".join(f"@g{number}" for number in range(20)))
    ran = clush(f"--hostfile {path} true")
    assert ran.err.startswith(USAGE + "No node to run on. (@g0: unknown group) (@g1: unknown")
    assert ran.err.count("unknown group") == 8


# Options, command, what is shown on each stream.
LABELS = [
    ("-a -b -r", "echo a", f"{RULE}@mix (6)\n{RULE}a\n", ""),
    ("-a -b", "echo a", f"{RULE}db[1-2],web[1-4] (6)\n{RULE}a\n", ""),
    ("-s racks -w @r1,web4 -b -r", "echo a", f"{RULE}@racks:r1,web4 (4)\n{RULE}a\n", ""),
    ("-s racks -w @r1,web4 -b -r -G -q", "echo a", f"{RULE}@r1,web4\n{RULE}a\n", ""),
    ("-a -bL -r", "echo a", "@mix: a\n", ""),
    ("-w @front -L -r", "echo a", "web1: a\nweb2: a\n", ""),
    ("-w @nolist:x -s nolist -b -r", "echo a", f"{RULE}n1\n{RULE}a\n", ""),
    (
        "-a -b -r",
        "exit 3",
        "",
        "clush: db[1-2],web[1-4] (6): exited with exit code 3\n",
    ),
    (
        "-a -r --diff",
        "[ %n = 1 ] || echo b",
        "--- @web,db1 (5)\n+++ db2\n@@ -1 +0,0 @@\n-b\n",
        "",
    ),
]


@pytest.mark.parametrize(("options", "command", "out", "err"), LABELS)
def test_labels(site: Path, options: str, command: str, out: str, err: str) -> None:
    assert run(*NO_INPUT, *options.split(), command) == (out, err, 0)


def test_a_source_that_fails_at_the_end_does_not_cost_the_output(site: Path) -> None:
    (site / "etc" / "groups.conf").write_text("[bad]\nmap: exit 3\nlist: echo a\n")
    ran = clush("-w n[1-2] -b -r echo a")
    assert (ran.out, ran.rc) == (f"{RULE}n[1-2] (2)\n{RULE}a\n", 0)
    assert ran.err.startswith("clush: External error: Unable to map a group previously listed")


# Words, standard error, status: nothing was run.
REFUSALS = [
    ("-w @typo true", USAGE + "No node to run on. (@typo: unknown group)", 2),
    ("-g typo,racks:r9 true", f"{USAGE}No node to run on. {{}} {{}}", 2),
    ("-w @empty true", USAGE + "No node to run on. (@empty: empty group)", 2),
    ("-w @nolist:* -x n1 true", None, 1),
    ("-w zoo* true", USAGE + "No node to run on. (zoo*: no such node)", 2),
    ("-w @some:x true", USAGE + "No node to run on. (@some:x: unknown or empty group)", 2),
    ("-w @typo,n1 -x n1 true", USAGE + "No node to run on.", 2),
    ("-a -X mix true", USAGE + "No node to run on.", 2),
    ("-g @web true", 'clush: Unknown group source: "web"', 1),
    ("-s zork -w n1 true", 'clush: Unknown group source: "zork"', 1),
    ("-w @zork:a true", 'clush: Unknown group source: "zork"', 1),
    ("-s nolist -a true", None, 1),
    ("-g  true", USAGE + "option -g: invalid value: ''", 2),
    (
        "--groupsconf /nowhere/g -a true",
        "clush: Group resolver error: cannot read /nowhere/g: No such file or directory",
        1,
    ),
]
NO_WAY = "clush: External error: Not enough working methods (all or map + list) to get all nodes"


@pytest.mark.parametrize(("words", "err", "rc"), REFUSALS)
def test_refusals(site: Path, words: str, err: str | None, rc: int) -> None:
    with open(site / "etc" / "groups.conf", "a") as conf:
        conf.write("[some]\nmap: true\n")
    with open(site / "etc" / "roles.groups", "a") as groups:
        groups.write("empty: \n")
    said = (err or NO_WAY).format("(@racks:r9: unknown group)", "(@typo: unknown group)")
    assert clush(words) == ("", said + "\n", rc)


def test_the_cache_of_sources_can_be_cleared_without_a_command(site: Path) -> None:
    (site / "etc" / "groups.conf").write_text(
        "[Main]\ncache_persist: 600\n[log]\nmap: echo x >> $CFGDIR/asked; echo n1\n"
    )

    def asked_after(options: str) -> int:
        assert clush(f"{options}-w @g true") == ("", "", 0)
        return len((site / "etc" / "asked").read_text().split())

    assert [asked_after(""), asked_after(""), asked_after("--no-cache ")] == [1, 1, 2]
    assert clush("--clear-cache") == ("", "", 0)
    assert asked_after("") == 3


def test_an_interrupt_while_a_source_is_asked(site: Path) -> None:
    (site / "etc" / "groups.conf").write_text("[slow]\nmap: echo asked >&2; exec sleep 60\n")
    with started(*NO_INPUT, "-w", "@g", "true") as process:
        read_until(process.stderr.fileno(), b"asked\n")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (out, err, process.returncode) == (b"", b"Keyboard interrupt.\n", 130)
