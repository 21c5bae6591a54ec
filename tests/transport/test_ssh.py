"""Command lines of ssh, and what its last words tell."""

from __future__ import annotations

from os.path import expanduser

import pytest

from clush.errors import JobError
from clush.events import Status
from clush.job import Copy, Job
from clush.sets.nodeset import NodeSet
from clush.transport.base import Closing
from clush.transport.ssh import Ssh

FIXED = ["-oForwardAgent=no", "-oForwardX11=no"]
BATCH = ["-oBatchMode=yes"]


def argv(ssh: Ssh, node: str = "n1", command: str = "uptime") -> list[str]:
    (launch,) = ssh.launches(Job(NodeSet(node), command, ssh))
    assert launch.nodes == (node,)
    return launch.argv


@pytest.mark.parametrize(
    ("ssh", "expected"),
    [
        (Ssh(), ["ssh", *FIXED, *BATCH]),
        (Ssh(user="bob"), ["ssh", *FIXED, "-l", "bob", *BATCH]),
        (Ssh(connect_timeout=2.9), ["ssh", *FIXED, "-oConnectTimeout=2", *BATCH]),
        (Ssh(connect_timeout=0), ["ssh", *FIXED, *BATCH]),
        (Ssh(connect_timeout=0.5), ["ssh", *FIXED, "-oConnectTimeout=1", *BATCH]),
        (Ssh(path="sshpass -f /p ssh"), ["sshpass", "-f", "/p", "ssh", *FIXED, *BATCH]),
        (Ssh(path="~/bin/ssh"), [expanduser("~/bin/ssh"), *FIXED, *BATCH]),
        (
            Ssh(options='-i ~/.ssh/k "-o C=d e"', user="bob", connect_timeout=2.9),
            ["ssh", "-i", expanduser("~/.ssh/k"), "-o C=d e", *FIXED, "-l", "bob",
             "-oConnectTimeout=2", *BATCH],
        ),
    ],
)  # fmt: skip
def test_command_line(ssh: Ssh, expected: list[str]) -> None:
    assert argv(ssh) == [*expected, "n1", "uptime"]


def test_the_command_is_one_word_and_percent_signs_stay() -> None:
    assert argv(Ssh(), command="date +%s; echo %h")[-1] == "date +%s; echo %h"


@pytest.mark.parametrize("command", ["-V", "-oProxyCommand=touch x", "-E/tmp/x"])
def test_a_command_is_never_an_option(command: str) -> None:
    """ssh looks for options behind the name of the host, too."""
    assert argv(Ssh(), command=command)[-1] == f" {command}"


def test_one_process_per_node_in_order() -> None:
    ssh = Ssh()
    launches = ssh.launches(Job(NodeSet("n[1-3,10]"), "x", ssh))
    assert [launch.argv[-2] for launch in launches] == ["n1", "n2", "n3", "n10"]


@pytest.mark.parametrize("node", ["-oProxyCommand=touch x", "-n1"])
def test_a_node_name_is_never_an_option(node: str) -> None:
    with pytest.raises(JobError, match="ssh would take this name for an option"):
        argv(Ssh(), node=node)


def test_unbalanced_quotes_are_named() -> None:
    with pytest.raises(JobError, match="ssh options '-o \"x': No closing quotation"):
        argv(Ssh(options='-o "x'))


BOB = Ssh(options="-x 'a b' ~/k", user="bob", connect_timeout=2.9)
BOBS = ["-x", "a b", expanduser("~/k")]


@pytest.mark.parametrize(
    ("ssh", "source", "dest", "fields", "expected"),
    [
        (Ssh(), "afile", "dst/", {}, ["scp", *BATCH, "afile", "[n1]:dst/"]),
        (Ssh(), "/", "dst/", {}, ["scp", "-r", *BATCH, "/", "[n1]:dst/"]),
        (
            BOB, "afile", "dst/", {"preserve": True},
            ["scp", *BOBS, "-p", "-oConnectTimeout=2", *BATCH, "afile", "bob@[n1]:dst/"],
        ),
        (
            BOB._replace(scp_options="-C", scp_user="eve", scp_path="sshpass scp"),
            "f", "d", {}, ["sshpass", "scp", "-C", "-oConnectTimeout=2", *BATCH, "f", "eve@[n1]:d"],
        ),
        (Ssh(), "a/b/", "dst", {"reverse": True}, ["scp", "-r", *BATCH, "[n1]:a/b", "dst/b.n1"]),
        (
            BOB, "a/b", "dst", {"reverse": True, "preserve": True},
            ["scp", *BOBS, "-r", "-p", "-oConnectTimeout=2", *BATCH, "bob@[n1]:a/b", "dst/b.n1"],
        ),
    ],
)  # fmt: skip
def test_copy_lines(ssh: Ssh, source: str, dest: str, fields: dict, expected: list[str]) -> None:
    (launch,) = ssh.launches(Copy(source, dest, NodeSet("n1"), ssh, **fields))
    assert (launch.nodes, launch.argv) == (("n1",), expected)


def test_unbalanced_quotes_for_scp_are_named() -> None:
    ssh = Ssh(scp_options='"')
    with pytest.raises(JobError, match="scp options '\"': No closing quotation"):
        ssh.launches(Copy("f", "d", NodeSet("n1"), ssh))


REFUSED = b"ssh: connect to host n1 port 22: Connection refused\r\n"

# Texts of OpenSSH 9.2 on Linux, with the line ends it gives them.
CAUSES = [
    (REFUSED, Status.REFUSED),
    (b"ssh: connect to host n1 port 22: Connection timed out\r\n", Status.CONNECT_TIMEOUT),
    (b"Connection timed out during banner exchange\r\n", Status.CONNECT_TIMEOUT),
    (
        b"Connection timed out during banner exchange\r\nConnection to ::1 port 22 timed out\r\n",
        Status.CONNECT_TIMEOUT,
    ),
    (b"ssh: connect to host n1 port 22: No route to host\r\n", Status.UNREACHABLE),
    (b"ssh: connect to host n1 port 22: Network is unreachable\r\n", Status.UNREACHABLE),
    (b"ssh: Could not resolve hostname n1: Name or service not known\r\n", Status.DNS),
    (b"n1: Permission denied (publickey,password).\r\n", Status.AUTH),
    (b"root@n1: Permission denied (publickey).\r\n", Status.AUTH),
    (b"Host key verification failed.\r\n", Status.HOST_KEY),
    (b"banner exchange: x\r\nConnection closed by ::1 port 22\r\n", Status.UNREACHABLE),
    (b"kex_exchange_identification: read: Connection reset by peer\r\n", Status.UNREACHABLE),
    (b"Connection reset by 127.0.0.1 port 22\r\n", Status.UNREACHABLE),
]  # fmt: skip


def verdict(closing: Closing, command: str = "uptime"):
    ssh = Ssh()
    return ssh.verdict(Job(NodeSet("n1"), command, ssh), closing)


@pytest.mark.parametrize(("words", "status"), CAUSES)
def test_causes(words: bytes, status: Status) -> None:
    said = words.splitlines()[-1].decode()
    assert verdict(Closing(255, False, words)) == (status, 255, said)
    assert not status.never_ran  # ssh's word is no proof


@pytest.mark.parametrize(
    "closing",
    [
        Closing(255, True, REFUSED),  # it spoke first: the command ran
        Closing(1, False, REFUSED),  # not ssh's own code
        Closing(255, False, REFUSED.replace(b"\r\n", b"\n")),  # a program's words, not ssh's
        Closing(255, False, REFUSED + b"bye\n"),  # not the last words
        Closing(255, False, b""),
        Closing(255, False, b"some other line\r\n"),
    ],
)
def test_no_cause_is_named_without_evidence(closing: Closing) -> None:
    assert verdict(closing).status is Status.FAILED
    assert verdict(closing).rc == closing.returncode


def test_a_command_that_is_ssh_itself_may_speak_of_another_host() -> None:
    status, rc, detail = verdict(Closing(255, False, REFUSED), "ssh n2 true")
    assert (status, rc) == (Status.FAILED, 255)
    assert detail == "ssh: connect to host n1 port 22: Connection refused"


def test_other_ends_are_the_exit_status() -> None:
    assert verdict(Closing(0, False, b"")) == (Status.OK, 0, "")
    assert verdict(Closing(-15, False, b"")).status is Status.SIGNALLED


CLOSED = b"/usr/bin/scp: Connection closed\r\n"  # since OpenSSH 9
LOST = b"lost connection\n"  # before, and with -O


def copy_verdict(closing: Closing):
    ssh = Ssh()
    return ssh.verdict(Copy("f", "d", NodeSet("n1"), ssh), closing)


@pytest.mark.parametrize(("words", "status"), CAUSES)
@pytest.mark.parametrize(("rc", "end"), [(255, CLOSED), (1, LOST)])
def test_causes_of_failed_copies(words: bytes, status: Status, rc: int, end: bytes) -> None:
    said = words.splitlines()[-1].decode()
    assert copy_verdict(Closing(rc, False, words + end)) == (status, rc, said)


@pytest.mark.parametrize(
    "closing",
    [
        Closing(255, False, b'scp: stat local "nosuch": No such file or directory\r\n'),
        Closing(1, False, b'scp: dest open "/no/such": No such file or directory\r\n'),
        Closing(1, False, REFUSED),  # not scp's last words: somebody else's ssh
        Closing(2, False, REFUSED + CLOSED),
        Closing(255, False, b""),
    ],
)
def test_copies_that_failed_for_other_reasons(closing: Closing) -> None:
    assert copy_verdict(closing) == (Status.FAILED, closing.returncode, "")
