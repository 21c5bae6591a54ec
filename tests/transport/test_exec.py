"""Placeholders and command lines of local execution."""

from __future__ import annotations

import pytest

from clush.errors import JobError
from clush.events import Status
from clush.job import Copy, Job
from clush.sets.nodeset import NodeSet
from clush.transport.base import Closing
from clush.transport.exec import Exec


def commands(command: str, nodes: str = "n[1-3]") -> list[tuple[tuple[str, ...], str]]:
    job = Job(NodeSet(nodes), command, Exec())
    return [(launch.nodes, launch.argv[2]) for launch in job.transport.launches(job)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("date", ["date", "date", "date"]),
        ("ping %h", ["ping n1", "ping n2", "ping n3"]),
        ("ping %host", ["ping n1", "ping n2", "ping n3"]),
        ("%{h}x %{host}", ["n1x n1", "n2x n2", "n3x n3"]),
        ("%n:%rank", ["0:0", "1:1", "2:2"]),
        ("%{n}0", ["00", "10", "20"]),
        ("100%% of %h%%", ["100% of n1%", "100% of n2%", "100% of n3%"]),
        ("%%h", ["%h", "%h", "%h"]),
        ("%h.%n", ["n1.0", "n2.1", "n3.2"]),
    ],
)
def test_one_process_per_node(command: str, expected: list[str]) -> None:
    assert commands(command) == [((f"n{i}",), text) for i, text in enumerate(expected, 1)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("wall %hosts", "wall n[1-3]"),
        ("%{hosts}", "n[1-3]"),
        ("%h in %hosts is %n", "n[1-3] in n[1-3] is 0"),
    ],
)
def test_the_set_as_a_whole_runs_once(command: str, expected: str) -> None:
    assert commands(command) == [(("n1", "n2", "n3"), expected)]


@pytest.mark.parametrize("command", ["date", "echo %hosts"])
def test_no_nodes_no_process(command: str) -> None:
    assert commands(command, "") == []


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("date +%s", "s"),
        ("echo %hfoo", "hfoo"),
        ("echo %H", "H"),
        ("echo 100%", ""),
        ("echo %{x}", "x"),
        ("echo %5", ""),
        ("echo %{h", ""),
    ],
)
def test_what_is_no_placeholder_is_refused_before_anything_starts(command: str, word: str) -> None:
    with pytest.raises(JobError) as caught:
        commands(command)
    assert str(caught.value) == f"'{word}' is not a valid pattern, use '%%' to escape '%'"


def test_a_shell_runs_it() -> None:
    job = Job(NodeSet("n1"), "echo hi", Exec())
    (launch,) = job.transport.launches(job)
    assert launch.argv == ["/bin/sh", "-c", "echo hi"]
    assert launch.env is None


@pytest.mark.parametrize(
    ("source", "dest", "fields", "expected"),
    [
        ("afile", "dst/", {}, [["cp", "afile", "dst/"]] * 2),
        ("/", "dst", {"preserve": True}, [["cp", "-r", "-p", "/", "dst"]] * 2),
        ("%h.cf", "out.%h.%n", {}, [["cp", "n1.cf", "out.n1.0"], ["cp", "n2.cf", "out.n2.1"]]),
        ("100%%", "-x", {}, [["cp", "100%", "./-x"]] * 2),
        (
            "/etc/%h/", "dst/", {"reverse": True},
            [["cp", "-r", "/etc/n1/", "dst/n1.n1"], ["cp", "-r", "/etc/n2/", "dst/n2.n2"]],
        ),
        ("f", "d", {"reverse": True}, [["cp", "-r", "f", "d/f.n1"], ["cp", "-r", "f", "d/f.n2"]]),
        ("f", "all-%hosts", {}, [["cp", "f", "all-n[1-2]"]]),
    ],
)  # fmt: skip
def test_copy_lines(source: str, dest: str, fields: dict, expected: list[list[str]]) -> None:
    copy = Copy(source, dest, NodeSet("n[1-2]"), Exec(), **fields)
    assert [launch.argv for launch in copy.transport.launches(copy)] == expected


def test_placeholders_in_file_names_are_checked_too() -> None:
    with pytest.raises(JobError, match="'s' is not a valid pattern"):
        Exec().launches(Copy("f", "%s", NodeSet("n1"), Exec()))


@pytest.mark.parametrize(
    ("returncode", "status", "rc", "detail"),
    [
        (0, Status.OK, 0, ""),
        (3, Status.FAILED, 3, ""),
        (-9, Status.SIGNALLED, 137, "killed by SIGKILL"),
        (-34, Status.SIGNALLED, 162, "killed by SIGRTMIN"),
        (-40, Status.SIGNALLED, 168, "killed by signal 40"),
        (None, Status.FAILED, 255, "exit status lost (is SIGCHLD ignored?)"),
    ],
)
def test_verdicts(returncode, status: Status, rc: int, detail: str) -> None:
    job = Job(NodeSet("n1"), "x", Exec())
    assert Exec().verdict(job, Closing(returncode, False, b"")) == (status, rc, detail)
