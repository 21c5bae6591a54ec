"""Command lines of pdsh, pdcp and rpdcp."""

from __future__ import annotations

from os.path import expanduser

import pytest

from clush.errors import JobError
from clush.job import Copy, Job
from clush.sets.nodeset import NodeSet
from clush.transport.base import Launch
from clush.transport.pdsh import Pdsh

OPTIONS = "PDSH_SSH_ARGS_APPEND"


@pytest.fixture(autouse=True)
def no_options_of_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(OPTIONS, raising=False)


def launch(pdsh: Pdsh, nodes: str = "n[1-2]", **fields: object) -> Launch:
    (only,) = pdsh.launches(Job(NodeSet(nodes), "cmd x", pdsh, **fields))
    return only


def copy_launch(pdsh: Pdsh, source: str, **fields: object) -> Launch:
    (only,) = pdsh.launches(Copy(source, "dst", NodeSet("n[1-2]"), pdsh, **fields))
    return only


@pytest.mark.parametrize(
    ("pdsh", "fields", "expected"),
    [
        (Pdsh(), {}, ["pdsh", "-b", "-w n[1-2]", "cmd x"]),
        (Pdsh(fanout=7), {}, ["pdsh", "-b", "-f 7", "-w n[1-2]", "cmd x"]),
        (Pdsh(fanout=7), {"fanout": 3}, ["pdsh", "-b", "-f 3", "-w n[1-2]", "cmd x"]),
        (Pdsh(path="~/pdsh -R ssh"),
         {}, [expanduser("~/pdsh"), "-R", "ssh", "-b", "-w n[1-2]", "cmd x"]),
        (Pdsh(fanout=7, command_timeout=2.9, user="bob"),
         {}, ["pdsh", "-b", "-l", "bob", "-f 7", "-u 2", "-w n[1-2]", "cmd x"]),
        (Pdsh(command_timeout=0.9), {}, ["pdsh", "-b", "-u 1", "-w n[1-2]", "cmd x"]),
        (Pdsh(command_timeout=9), {"timeout": 0.5}, ["pdsh", "-b", "-u 1", "-w n[1-2]", "cmd x"]),
    ],
)  # fmt: skip
def test_command_line(pdsh: Pdsh, fields: dict, expected: list[str]) -> None:
    started = launch(pdsh, **fields)
    assert (started.nodes, started.argv) == (("n1", "n2"), expected)


FETCH = {"reverse": True}


@pytest.mark.parametrize(
    ("pdsh", "source", "fields", "expected"),
    [
        (Pdsh(fanout=7), "f", {}, ["pdcp", "-b", "-f 7", "-w n[1-2]", "f", "dst"]),
        (Pdsh(), "/", {}, ["pdcp", "-b", "-w n[1-2]", "-r", "/", "dst"]),
        (Pdsh(connect_timeout=2.9, command_timeout=5), "f", {"preserve": True},
         ["pdcp", "-b", "-t 2", "-w n[1-2]", "-p", "f", "dst"]),
        (Pdsh(), "f", {"timeout": 5}, ["pdcp", "-b", "-u 5", "-w n[1-2]", "f", "dst"]),
        (Pdsh(pdcp_path="my pdcp"), "f", {}, ["my", "pdcp", "-b", "-w n[1-2]", "f", "dst"]),
        (Pdsh(), "a/b/", FETCH, ["rpdcp", "-b", "-w n[1-2]", "-r", "a/b", "dst"]),
        (Pdsh(rpdcp_path="x", connect_timeout=3), "a/b", {"preserve": True, **FETCH},
         ["x", "-b", "-t 3", "-w n[1-2]", "-r", "-p", "a/b", "dst"]),
    ],
)  # fmt: skip
def test_copy_lines(pdsh: Pdsh, source: str, fields: dict, expected: list[str]) -> None:
    assert copy_launch(pdsh, source, **fields).argv == expected


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ("n[01-10]-[1-2],m5", "-w m5,n[01-10]-[1-2]"),
        ("n[2,4,6,8]", "-w n[2,4,6,8]"),
    ],
)
def test_targets_are_folded(nodes: str, expected: str) -> None:
    assert launch(Pdsh(), nodes).argv[-2] == expected


@pytest.mark.parametrize(("timeout", "kept"), [(None, False), (0, False), (0.5, True), (2, True)])
def test_pdsh_keeps_the_time_of_each_node(timeout, kept: bool) -> None:
    """But a time of 0 would be none for it."""
    assert launch(Pdsh(), timeout=timeout).keeps_time == kept


def test_targets_have_no_steps() -> None:
    nodes = NodeSet("n[2,4,6,8]", autostep=3)
    assert str(nodes) == "n[2-8/2]"
    (only,) = Pdsh().launches(Job(nodes, "x", Pdsh()))
    assert only.argv[-2] == "-w n[2,4,6,8]"
    assert str(nodes) == "n[2-8/2]"


@pytest.mark.parametrize(
    ("pdsh", "theirs", "expected"),
    [
        (Pdsh(), None, {OPTIONS: "-n"}),
        (
            Pdsh(connect_timeout=2.9), None,
            {OPTIONS: "-o ConnectTimeout=2 -n", "PDSH_CONNECT_TIMEOUT": "2"},
        ),
        (
            Pdsh(connect_timeout=2.9), "-i key",
            {OPTIONS: "-i key -o ConnectTimeout=2 -n", "PDSH_CONNECT_TIMEOUT": "2"},
        ),
    ],
)  # fmt: skip
def test_environment(pdsh: Pdsh, theirs, expected: dict, monkeypatch) -> None:
    if theirs:
        monkeypatch.setenv(OPTIONS, theirs)
    assert launch(pdsh).env == expected


def test_copies_need_the_input_of_ssh() -> None:
    assert "-n" not in copy_launch(Pdsh(connect_timeout=3), "f").env[OPTIONS].split()


def test_no_nodes_no_process() -> None:
    assert list(Pdsh().launches(Job(NodeSet(), "x", Pdsh()))) == []


@pytest.mark.parametrize(
    ("nodes", "fields", "text"),
    [
        ("n1", {"stdin": True}, "writing to stdin is not supported by pdsh"),
        ("-n1", {}, "node '-n1': pdsh would take this name for an option"),
        ("/x", {}, "node '/x': pdsh would take this name for an option"),
    ],
)
def test_what_cannot_be_run(nodes: str, fields: dict, text: str) -> None:
    with pytest.raises(JobError) as caught:
        launch(Pdsh(), nodes, **fields)
    assert str(caught.value) == text


def test_a_command_is_no_option() -> None:
    (only,) = Pdsh().launches(Job(NodeSet("n1"), "-V", Pdsh()))
    assert only.argv[-1] == " -V"
