"""Command lines of rsh and rcp, and the line with the return code in what nodes say."""

from __future__ import annotations

from os.path import expanduser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.errors import JobError
from clush.events import STDERR, STDOUT, Status
from clush.job import Copy, Job
from clush.sets.nodeset import NodeSet
from clush.transport.base import Closing
from clush.transport.rsh import Marker, Rsh

LAST = "; echo XXRETCODE: $?"


def argvs(rsh: Rsh, nodes: str = "n1") -> list[list[str]]:
    return [launch.argv for launch in rsh.launches(Job(NodeSet(nodes), "cmd x", rsh))]


def copy_argv(rsh: Rsh, source: str, dest: str, **fields: object) -> list[str]:
    (launch,) = rsh.launches(Copy(source, dest, NodeSet("n1"), rsh, **fields))
    assert launch.interpreter is None
    return launch.argv


@pytest.mark.parametrize(
    ("rsh", "expected"),
    [
        (Rsh(), ["rsh"]),
        (Rsh(user="bob"), ["rsh", "-l", "bob"]),
        (Rsh(path="~/bin/my rsh"), [expanduser("~/bin/my"), "rsh"]),
        (Rsh(options="-x 'a b' ~/k", user="bob"), ["rsh", "-l", "bob", "-x", "a b", "~/k"]),
    ],
)
def test_command_line(rsh: Rsh, expected: list[str]) -> None:
    assert argvs(rsh) == [[*expected, "n1", "cmd x", LAST]]


def test_a_command_is_no_option() -> None:
    rsh = Rsh()
    (launch,) = rsh.launches(Job(NodeSet("n1"), "-l root", rsh))
    assert launch.argv == ["rsh", "n1", " -l root", LAST]


def test_one_process_per_node_each_with_an_interpreter_of_its_own() -> None:
    rsh = Rsh()
    first, second = rsh.launches(Job(NodeSet("n[1-2]"), "x", rsh))
    assert (first.nodes, second.nodes) == (("n1",), ("n2",))
    assert first.interpreter is not second.interpreter


BOB = Rsh(user="bob", options="-x ~/k")


@pytest.mark.parametrize(
    ("rsh", "source", "dest", "fields", "expected"),
    [
        (Rsh(), "afile", "dst/", {}, ["rcp", "afile", "n1:dst/"]),
        (Rsh(), "/", "dst/", {}, ["rcp", "-r", "/", "n1:dst/"]),
        (Rsh(rcp_path="my rcp"), "f", "/d", {"preserve": True}, ["my", "rcp", "-p", "f", "n1:/d"]),
        (BOB, "f", "d", {"preserve": True}, ["rcp", "-p", "-x", "~/k", "f", "bob@n1:d"]),
        (BOB._replace(rcp_options="-K"), "f", "d", {}, ["rcp", "-K", "f", "bob@n1:d"]),
        (Rsh(), "a/b/", "dst", {"reverse": True}, ["rcp", "-r", "n1:a/b", "dst/b.n1"]),
        (
            BOB, "a/b", "dst", {"reverse": True, "preserve": True},
            ["rcp", "-r", "-p", "-x", "~/k", "bob@n1:a/b", "dst/b.n1"],
        ),
    ],
)  # fmt: skip
def test_copy_lines(rsh: Rsh, source: str, dest: str, fields: dict, expected: list[str]) -> None:
    assert copy_argv(rsh, source, dest, **fields) == expected


@pytest.mark.parametrize(
    ("rsh", "nodes", "text"),
    [
        (Rsh(), "-l", "node '-l': rsh would take this name for an option"),
        (Rsh(options="'"), "n1", 'rsh options "\'": No closing quotation'),
    ],
)
def test_what_cannot_be_run(rsh: Rsh, nodes: str, text: str) -> None:
    with pytest.raises(JobError) as caught:
        argvs(rsh, nodes)
    assert str(caught.value) == text


def read(*chunks: bytes) -> tuple[bytes, Marker]:
    marker = Marker("n1")
    said = [output for chunk in chunks for output in marker.feed(STDOUT, chunk)]
    said += marker.close()
    assert all(output.data and output[:2] == ("n1", STDOUT) for output in said)
    assert all(output.data.endswith(b"\n") for output in said[:-1])
    return b"".join(output.data for output in said), marker


MARK = b"XXRETCODE: "


@pytest.mark.parametrize(
    ("chunks", "said", "rc"),
    [
        ([MARK + b"0\n"], b"", 0),
        ([b"out\n", MARK + b"5\n"], b"out\n", 5),
        ([b"out\n" + MARK + b"5\r\n"], b"out\n", 5),
        ([b"part" + MARK + b"5\n"], b"part", 5),
        ([b"a\npart" + MARK + b"130"], b"a\npart", 130),
        ([b"\xff\xfe\n" + MARK + b"1\n"], b"\xff\xfe\n", 1),
        ([MARK + b"0\n", b"late\n"], b"late\n", 0),
        ([b"part" + MARK + b"3\n", b"late\n"], b"partlate\n", 3),
        ([MARK + b"7\n" + MARK + b"0\n"], b"", 0),
        ([b"echo " + MARK + b"$?\n", MARK + b"2\n"], b"echo " + MARK + b"$?\n", 2),
        ([MARK + b"1234\n"], MARK + b"1234\n", None),
        ([b"no mark\n"], b"no mark\n", None),
        ([], b"", None),
    ],
)
def test_the_return_code_is_taken_out(chunks: list[bytes], said: bytes, rc) -> None:
    text, marker = read(*chunks)
    assert text == said
    verdict = marker.verdict("n1", Closing(0, bool(said), b""))
    assert (verdict.rc if verdict else None) == rc


@given(st.binary(max_size=60).filter(lambda text: MARK not in text), st.integers(0, 255))
def test_whatever_was_said_before_stays(said: bytes, rc: int) -> None:
    text, marker = read(said + MARK + b"%d\n" % rc)
    assert text == said
    assert marker.verdict("n1", None) == (Status.FAILED if rc else Status.OK, rc, "")


def test_standard_error_is_left_alone() -> None:
    marker = Marker("n1")
    (output,) = marker.feed(STDERR, MARK + b"5\n")
    assert output == ("n1", STDERR, MARK + b"5\n")
    assert marker.verdict("n1", None) is None


@pytest.mark.parametrize(
    ("returncode", "expected"),
    [
        (0, (Status.FAILED, 5, "")),
        (1, (Status.FAILED, 5, "")),
        (255, None),
        (-15, None),
        (None, None),
    ],
)
def test_rsh_is_believed_when_it_says_more(returncode, expected) -> None:
    _, marker = read(MARK + b"5\n")
    assert marker.verdict("n1", Closing(returncode, True, b"")) == expected


@pytest.mark.parametrize(
    ("closing", "expected"),
    [
        (Closing(0, True, b""), (Status.OK, 0, "rsh passed on no return code")),
        (Closing(7, True, b""), (Status.FAILED, 7, "")),
        (Closing(-9, False, b""), (Status.SIGNALLED, 137, "killed by SIGKILL")),
        (
            Closing(1, False, b"connect to address 10.0.0.1: Connection refused\n"),
            (Status.REFUSED, 1, "connect to address 10.0.0.1: Connection refused"),
        ),
        (
            Closing(1, False, b"n1: Unknown host\n"),
            (Status.DNS, 1, "n1: Unknown host"),
        ),
        (
            Closing(1, False, b"trying...\nn1: Connection timed out\n"),
            (Status.CONNECT_TIMEOUT, 1, "n1: Connection timed out"),
        ),
        (
            Closing(1, False, b"n1: No route to host\n"),
            (Status.UNREACHABLE, 1, "n1: No route to host"),
        ),
        (
            Closing(1, False, b"rcmd: n1: Permission denied.\n"),
            (Status.AUTH, 1, "rcmd: n1: Permission denied."),
        ),
        (Closing(1, True, b"n1: Connection refused\n"), (Status.FAILED, 1, "")),
        (Closing(1, False, b"cat: /x: No such file or directory\n"), (Status.FAILED, 1, "")),
        (Closing(2, False, b"n1: Connection refused\n"), (Status.FAILED, 2, "")),
    ],
)
def test_without_a_return_code_rsh_itself_decides(closing: Closing, expected: tuple) -> None:
    rsh = Rsh()
    assert rsh.verdict(Job(NodeSet("n1"), "x", rsh), closing) == expected


def test_rcp_says_its_own_return_code() -> None:
    rsh = Rsh()
    copy = Copy("f", "d", NodeSet("n1"), rsh)
    assert rsh.verdict(copy, Closing(0, False, b"")) == (Status.OK, 0, "")
