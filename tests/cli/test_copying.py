"""Files to the nodes and from them: what is asked of the copying program, and what is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from clush_runs import CLUSH, LOCALLY, Ran, in_order, run
from terminals import terminal

USAGE = "Usage: clush [options] command\n\nclush: error: "

# In place of scp: tells its words, fails for n2.
SCP = """\
#!/bin/sh
echo "$*" >> $LOG
case "$*" in *n2*) echo "no such luck" >&2; exit 3;; esac
echo arrived
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("src/d").mkdir(parents=True)
    for name in ("a", "b", "d/f"):
        Path("src", name).write_text(f"{name}\n")
    Path("dst").mkdir()
    Path("scp").write_text(SCP)
    Path("scp").chmod(0o755)
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    return tmp_path


def asked(words: str, here: Path, clush) -> tuple[Ran, list[str]]:
    """What ``clush`` did with ``words``, and how it called scp."""
    ran = clush("-n", "-O", f"scp_path={here}/scp", "-t", "4", *words.format(here=here).split())
    log = Path("log")
    calls = log.read_text().replace(str(here), "HERE").splitlines() if log.exists() else []
    return ran, sorted(calls)


LIMITS = "-oConnectTimeout=4 -oBatchMode=yes"

# Words for one node, and what scp is asked for.
CALLS = [
    ("-c src/a --dest x", [f"{LIMITS} src/a [n1]:x"]),
    ("-c src/a", [f"{LIMITS} src/a [n1]:HERE/src/"]),
    ("-c {here}/src/a --dest=", [f"{LIMITS} HERE/src/a [n1]:HERE/src/"]),
    ("-c src/d/", [f"-r {LIMITS} src/d/ [n1]:HERE/src/"]),
    ("-c / --dest x", [f"-r {LIMITS} / [n1]:x"]),
    ("-c .", [f"-r {LIMITS} HERE [n1]:{{above}}/"]),
    ("-c src/. --dest x", [f"-r {LIMITS} HERE/src [n1]:x"]),
    ("-c src/a src/b --dest x", [f"{LIMITS} src/a [n1]:x/", f"{LIMITS} src/b [n1]:x/"]),
    ("-cp src/a -l bob -o -4 --dest x", [f"-4 -p {LIMITS} src/a bob@[n1]:x"]),
    ("-O scp_options=-6 -o -4 -c src/a --dest x", [f"-6 {LIMITS} src/a [n1]:x"]),
    ("-O command_prefix=sudo -c src/a --dest x", [f"{LIMITS} src/a [n1]:x"]),
    ("--rcopy etc/motd --dest dst/", [f"-r {LIMITS} [n1]:etc/motd dst/motd.n1"]),
    ("--rcopy src/a", [f"-r {LIMITS} [n1]:src/a HERE/src/a.n1"]),
    ("--rcopy src/d/", [f"-r {LIMITS} [n1]:src/d HERE/src/d.n1"]),
    (
        "--rcopy -p /x/a b --dest dst",
        [f"-r -p {LIMITS} [n1]:{name} dst/{name[-1]}.n1" for name in ("/x/a", "b")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("words", "calls"), CALLS)
def test_what_scp_is_asked_for(clush, here: Path, words: str, calls: list[str]) -> None:
    ran, said = asked(f"-w n1 {words}", here, clush)
    assert said == [call.format(above=here.parent) for call in calls]
    assert ran == Ran("n1: arrived\n" * len(calls), "", 0)


# Options, what is told on both outputs, status; on n[1-2], the second of which fails.
REPORTS = [
    ("-c src/a --dest x", "", 0),
    ("-v -c src/a --dest x", "`src/a' -> n1:`x'\n", 0),
    ("-vS -c src/a src/b --dest x", "`src/a' -> n1:`x'\n`src/b' -> n1:`x'\n", 3),
    ("-v -c src/a", "`src/a' -> n1:`{here}/src/'\n", 0),
    ("-v --rcopy src/a src/d/", "n1:`src/a' -> `{here}/src'\nn1:`src/d/' -> `{here}/src'\n", 0),
    ("-v -b --rcopy /etc/motd --dest dst/", "n1:`/etc/motd' -> `dst/'\n", 0),
    ("--diff -c src/a --dest x", "", 0),
]


@pytest.mark.parametrize(("words", "out", "rc"), REPORTS)
def test_what_is_told_of_each_file(clush, here: Path, words: str, out: str, rc: int) -> None:
    ran, calls = asked(f"-w n[1-2] {words}", here, clush)
    files = len(calls) // 2
    arrived = "n1: arrived\n" * files
    assert in_order(ran.out) == in_order(arrived + out.format(here=here))
    failed = "n2: no such luck\nclush: n2: exited with exit code 3\n"
    assert in_order(ran.err) == in_order(failed * files)
    assert ran.rc == rc


def test_labels_and_codes_go_as_with_commands(clush, here: Path) -> None:
    ran, _ = asked("-w n[1-2] -NqS -c src/a --dest x", here, clush)
    assert ran == Ran("arrived\n", "no such luck\n", 3)


def test_nodes_that_all_have_it_are_folded(clush, here: Path) -> None:
    ran, _ = asked("-w n[3-7,9] -v -c src/a --dest x", here, clush)
    assert ran.out.endswith("`src/a' -> n[3-7,9]:`x'\n")


def test_a_node_that_takes_too_long_is_told_once(clush, here: Path) -> None:
    Path("scp").write_text("#!/bin/sh\nexec sleep 60\n")
    ran, _ = asked("-w n[1-2] -S -u 0.2 -c src/a src/b --dest x", here, clush)
    assert ran == Ran("", "clush: n[1-2]: command timeout\n", 255)


# Words, standard error, status: nothing was copied.
REFUSALS = [
    ("-c", USAGE + "--[r]copy option requires at least one argument\n", 2),
    ("--rcopy", USAGE + "--[r]copy option requires at least one argument\n", 2),
    ("-c --rcopy src/a", USAGE + "--copy and --rcopy: only one direction at a time\n", 2),
    ("-c src/nope", 'ERROR: file "src/nope" not found\n', 1),
    ("-c src/a src/nope", 'ERROR: file "src/nope" not found\n', 1),
    ("-c src/a/", 'ERROR: file "src/a/" not found\n', 1),
    ("-c src/a -- --dest x", 'ERROR: file "--dest" not found\n', 1),
    ("-R exec -c src/nope", 'ERROR: file "src/nope" not found\n', 1),
    ("--rcopy a --dest nope", 'ERROR: directory "nope" not found\n', 1),
    ("--rcopy nope/a", 'ERROR: directory "{here}/nope" not found\n', 1),
    ("--rcopy a --dest src/a", 'ERROR: destination "src/a" is not a directory\n', 1),
    (
        "--rcopy a/* --dest dst",
        "ERROR: cannot fetch 'a/*': a wildcard, where one file is meant\n",
        1,
    ),
    ("--rcopy .. --dest dst", "ERROR: cannot fetch '..': its copies would have no name\n", 1),
    (
        "-c src/a src/b src/d/../a --dest x",
        "ERROR: 'src/a' and 'src/d/../a' would be the same in x/\n",
        1,
    ),
    ("--rcopy x/a y/a --dest dst", "ERROR: 'x/a' and 'y/a' would be the same in dst\n", 1),
]  # fmt: skip


@pytest.mark.parametrize(("words", "err", "rc"), REFUSALS)
def test_refusals(clush, here: Path, words: str, err: str, rc: int) -> None:
    ran, calls = asked(f"-w n1 {words}", here, clush)
    assert ran == Ran("", err.format(here=here), rc)
    assert calls == []


def test_an_empty_name_is_no_file(clush) -> None:
    assert clush("-n", "-w", "n1", "-c", "") == Ran("", 'ERROR: file "" not found\n', 1)


def test_standard_input_is_left_alone() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"mine\n")
    os.close(writer)
    words = (*LOCALLY, "-w", "n1", "-v", "-c", "src/a", "--dest", "dst")
    assert run(*words, stdin=reader) == Ran("`src/a' -> n1:`dst'\n", "", 0)
    assert os.read(reader, 9) == b"mine\n"
    os.close(reader)


def test_a_program_that_asks_for_a_password_is_given_it(here: Path) -> None:
    Path("scp").write_text('#!/bin/sh\nread secret; echo "got $secret"; cat\n')
    words = ("-R", "ssh", "-O", "password_prompt=yes", "-O", f"scp_path={here}/scp")
    with terminal(*words, "-w", "n[1-2]", "-c", "src/a", "src/b", "--dest", "x") as screen:
        screen.wait_for("Password: ")
        screen.type("sesame\n")
        assert screen.end() == 0
    assert sorted(screen.shown.split("\n")[1:-1]) == ["n1: got sesame"] * 2 + ["n2: got sesame"] * 2


def test_a_local_copy_per_node(clush) -> None:
    ran = clush("-n", "-R", "exec", "-w", "n[1-2]", "-c", "src/a", "src/d", "--dest", "dst/%h")
    assert ran.rc == 0
    assert ran.out == ""
    ran = clush("-n", "-R", "exec", "-w", "n[1-2]", "-v", "--rcopy", "src/d", "--dest", "dst")
    assert ran == Ran("n[1-2]:`src/d' -> `dst'\n", "", 0)
    assert Path("dst/d.n1/f").read_text() == Path("dst/d.n2/f").read_text() == "d/f\n"


def test_over_real_ssh(lab, here: Path) -> None:
    words = (*CLUSH, "-n", "-S", "-w", "node[1-3],refuse")
    there = f"got-{here.name}"
    ran = run(*words, "-v", "--copy", "src/d", "--dest", there, env=lab.environ())
    assert ran.out == f"`src/d' -> node[1-3]:`{there}'\n"
    assert ran.err.endswith(
        "clush: refuse: exited with exit code 255\nclush: connection refused: refuse\n"
    )
    assert ran.rc == 255
    words = (*CLUSH, "-n", "-S", "-w", "node[1-3]")
    ran = run(*words, "-v", "--rcopy", f"{there}/f", "--dest", "dst", env=lab.environ())
    assert ran == Ran(f"node[1-3]:`{there}/f' -> `dst'\n", "", 0)
    assert [Path(f"dst/f.node{n}").read_text() for n in (1, 2, 3)] == ["d/f\n"] * 3
