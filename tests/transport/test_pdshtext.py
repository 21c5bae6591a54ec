"""What pdsh says, in the words of pdsh 2.34, and what is made of it."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.events import STDERR, STDOUT, Output, Status
from clush.job import Copy, Job
from clush.lines import LineBuffer
from clush.sets.nodeset import NodeSet
from clush.transport.base import Closing
from clush.transport.pdsh import Pdsh
from clush.transport.pdshtext import PdshText, by_label
from clush.transport.ssh import command_verdict

HERE = os.fsencode(os.uname().nodename.partition(".")[0])
SAYS = b"pdsh@%s: " % HERE
NODES = ("n1", "n2", "n3")
FINE = Closing(0, False, b"")


def text(nodes: Iterable[str] = NODES, *, command: str = "x", merge: bool = False) -> PdshText:
    job = Job(NodeSet.fromlist(nodes), command, Pdsh(), merge_stderr=merge)
    return PdshText(nodes, job)


def fed(reader: PdshText, stream: str, *chunks: bytes) -> list[Output]:
    said = [output for chunk in chunks for output in reader.feed(stream, chunk)]
    return [*said, *reader.close()]


# -- lines --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (b"n1: out\n", [("n1", b"out\n")]),
        (b"n1: a\nn2: b\nn1: c\n", [("n1", b"a\nc\n"), ("n2", b"b\n")]),
        (b"n1: \nn1: \n", [("n1", b"\n\n")]),
        (b"n1: a\r\nn1: b\rc\n", [("n1", b"a\r\nb\rc\n")]),
        (b"n1: \xff: x\n", [("n1", b"\xff: x\n")]),
        (b"n1: n2: hello\n", [("n1", b"n2: hello\n")]),
        (b"n1: a\nn1: part", [("n1", b"a\npart")]),
        (b"n1: a\nn2: part", [("n1", b"a\n"), ("n2", b"part")]),
        (b"no label\n", []),
        (b"n9: not ours\n", []),
        (b": \n\n:\n", []),
        (b"n1:\n", []),
    ],
)
def test_lines_go_to_their_nodes(lines: bytes, expected: list) -> None:
    said = fed(text(), STDOUT, lines)
    assert [(output.node, output.data) for output in said] == expected
    assert all(output.stream == STDOUT for output in said)


def test_the_pieces_of_a_line_too_long_stay_together() -> None:
    said = fed(text(), STDOUT, b"n1: lo", b"n2: ng", b" line\nn2: b\n")
    assert said == [
        ("n1", STDOUT, b"lo"),
        ("n1", STDOUT, b"n2: ng"),
        ("n1", STDOUT, b" line\n"),
        ("n2", STDOUT, b"b\n"),
    ]


@pytest.mark.parametrize("merge", [False, True])
def test_streams_are_apart_or_merged(merge: bool) -> None:
    reader = text(merge=merge)
    (out,) = reader.feed(STDOUT, b"n1: out\n")
    (err,) = reader.feed(STDERR, b"n1: err\n")
    assert out == ("n1", STDOUT, b"out\n")
    assert err == ("n1", STDOUT if merge else STDERR, b"err\n")


LINE = st.tuples(st.sampled_from(NODES), st.binary(max_size=8).map(lambda b: b.replace(b"\n", b"")))


@given(st.lists(LINE, max_size=12), st.integers(1, 9))
def test_any_cut_of_the_stream_says_the_same(lines: list[tuple[str, bytes]], size: int) -> None:
    stream = b"".join(b"%s: %s\n" % (node.encode(), words) for node, words in lines)
    expected = dict.fromkeys(NODES, b"")
    for node, words in lines:
        expected[node] += words + b"\n"
    buffer, reader, said = LineBuffer(), text(), dict.fromkeys(NODES, b"")
    for start in range(0, len(stream), size):
        for output in reader.feed(STDOUT, buffer.feed(stream[start : start + size])):
            said[output.node] += output.data
    assert said == expected


@pytest.mark.parametrize(
    ("nodes", "labels"),
    [
        (("a.b.c", "d.b.c"), {b"a": "a.b.c", b"d": "d.b.c"}),
        (("n1.x", "n1.y"), {}),
        (("n1", "n1.x"), {b"n1": "n1"}),
    ],
)
def test_labels(nodes: tuple[str, ...], labels: dict) -> None:
    assert by_label(nodes) == {**{node.encode(): node for node in nodes}, **labels}


# -- ends ---------------------------------------------------------------------------------

REFUSED = b"ssh: connect to host n1 port 22: Connection refused\r\n"
REFUSED_TEXT = REFUSED.decode().strip()
NO_WORD = command_verdict("x", Closing(255, False, b""))

ENDS = [
    ([], (Status.OK, 0, "")),
    ([SAYS + b"n1: sh exited with exit code 3\n"], (Status.FAILED, 3, "")),
    ([SAYS + b"n1: sh killed by signal 9\n"], (Status.SIGNALLED, 137, "killed by SIGKILL")),
    ([SAYS + b"n2: sh exited with exit code 3\n"], (Status.OK, 0, "")),
    ([SAYS + b"n9: sh exited with exit code 3\n"], (Status.OK, 0, "")),
    (
        [
            SAYS + b"n1: command timeout\n",
            b"sending SIGTERM to ssh n1\nsending signal 15 to n1 [ssh] pid 123\n",
            SAYS + b"n1: ssh exited with exit code 255\n",
        ],
        (Status.TIMED_OUT, None, "command timeout"),
    ),
    (
        [b"n1: " + REFUSED, SAYS + b"n1: ssh exited with exit code 255\n"],
        (Status.REFUSED, 255, REFUSED_TEXT),
    ),
    (
        [b"n1: @@@\nn1: Host key verification failed.\r\n" + SAYS
         + b"n1: ssh exited with exit code 255\n"],
        (Status.HOST_KEY, 255, "Host key verification failed."),
    ),
    (
        [b"n2: " + REFUSED, SAYS + b"n1: ssh exited with exit code 255\n"],
        NO_WORD,
    ),
    (
        [b"n1: " + REFUSED, SAYS + b"n1: mysh exited with exit code 255\n"],
        (Status.FAILED, 255, ""),
    ),
    (
        [SAYS + b"n1: connect: Connection refused\n"],
        (Status.REFUSED, 255, "connect: Connection refused"),
    ),
    (
        [SAYS + b"n1: mcmd: connect failed: No route to host\n"],
        (Status.UNREACHABLE, 255, "mcmd: connect failed: No route to host"),
    ),
    ([SAYS + b"n1: xpoll: odd\n"], (Status.FAILED, 255, "xpoll: odd")),
    (
        [b"n1: errpdsh@%s.dom: n1: ssh exited with exit code 4\n" % HERE],
        (Status.FAILED, 4, ""),
    ),
    # a pdsh that the node runs speaks from there, or begins a line
    ([b"n1: errpdsh@n1: n1: ssh exited with exit code 4\n"], (Status.OK, 0, "")),
    ([b"n1: " + SAYS + b"n1: ssh exited with exit code 4\n"], (Status.OK, 0, "")),
]  # fmt: skip


@pytest.mark.parametrize(("chunks", "expected"), ENDS)
def test_ends(chunks: list[bytes], expected: tuple) -> None:
    reader = text()
    fed(reader, STDERR, *chunks)
    assert reader.verdict("n1", FINE) == expected


@pytest.mark.parametrize(("chunks", "expected"), ENDS)
def test_ends_of_a_pdsh_that_was_stopped(chunks: list[bytes], expected: tuple) -> None:
    """Return code 0 is what nobody told, so it is not known then."""
    reader = text()
    fed(reader, STDERR, *chunks)
    verdict = reader.verdict("n1", None)
    assert verdict == (None if expected == (Status.OK, 0, "") else expected)


def test_a_command_that_spoke_did_run() -> None:
    reader = text()
    fed(reader, STDERR, b"n1: " + REFUSED, SAYS + b"n1: ssh exited with exit code 255\n")
    fed(reader, STDOUT, b"n1: out\n")
    assert reader.verdict("n1", FINE) == (Status.FAILED, 255, "")


def test_a_command_with_an_ssh_of_its_own_may_speak_of_another_host() -> None:
    reader = text(command="ssh n2 true")
    fed(reader, STDERR, b"n1: " + REFUSED, SAYS + b"n1: ssh exited with exit code 255\n")
    assert reader.verdict("n1", FINE) == (Status.FAILED, 255, REFUSED_TEXT)


def test_what_pdsh_says_is_shown_unless_it_is_the_end() -> None:
    lines = (
        SAYS + b"n1: sh exited with exit code 3\n"
        + SAYS + b"n2: connect: Connection refused\n"
        + b"n3: errpdsh@%s: n3: sh killed by signal 9\n" % HERE
        + b"n3: more\n"
    )  # fmt: skip
    assert fed(text(), STDERR, lines) == [
        ("n2", STDERR, SAYS + b"connect: Connection refused\n"),
        ("n3", STDERR, b"errmore\n"),
    ]


@pytest.mark.parametrize(
    ("words", "returncode", "expected"),
    [
        (b'No such rcmd module "x"\n', 1, (Status.FAILED, 1, 'No such rcmd module "x"')),
        (
            SAYS + b"no remote hosts specified\nmore\n", 1,
            (Status.FAILED, 1, SAYS.decode() + "no remote hosts specified"),
        ),
        (b"", 2, (Status.FAILED, 2, "pdsh exited with exit code 2")),
        (b"", -9, (Status.SIGNALLED, 137, "pdsh killed by SIGKILL")),
        # pdsh -S: the code is that of a node
        (SAYS + b"n2: sh exited with exit code 7\n", 7, (Status.OK, 0, "")),
        (SAYS + b"n2: connect: Connection refused\n", 254, (Status.OK, 0, "")),
        (
            SAYS + b"n2: sh exited with exit code 7\n", 1,
            (Status.FAILED, 1, "pdsh exited with exit code 1"),
        ),
    ],
)  # fmt: skip
def test_when_pdsh_itself_fails(words: bytes, returncode: int, expected: tuple) -> None:
    reader = text()
    fed(reader, STDERR, words)
    assert reader.verdict("n1", Closing(returncode, False, b"")) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (b"pdcp@vm: n1: fatal: /x: No such file or directory\n",
         (Status.FAILED, 2, "fatal: /x: No such file or directory")),
        (b"pdcp@vm: n1: fatal: /x: Denied\npdcp@vm: n1: ssh exited with exit code 1\n",
         (Status.FAILED, 1, "fatal: /x: Denied")),
        (b"n1: " + REFUSED + b"pdcp@vm: n1: ssh exited with exit code 255\n",
         (Status.REFUSED, 255, REFUSED_TEXT)),
        (b"n1: rpdcp@vm: can't stat f\nrpdcp@vm: n1: ssh exited with exit code 1\n",
         (Status.FAILED, 1, "")),
    ],
)  # fmt: skip
def test_ends_of_copies(words: bytes, expected: tuple) -> None:
    reader = PdshText(NODES, Copy("f", "d", NodeSet("n[1-3]"), Pdsh()))
    fed(reader, STDERR, words)
    assert reader.verdict("n1", FINE) == expected
    assert reader.verdict("n2", FINE) == (Status.OK, 0, "")
