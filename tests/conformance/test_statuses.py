"""Every way in which a node may fail has a name: shown with real ssh on nodes that are ill."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

import clush
from clush.events import Status
from clush.transport.base import Transport
from clush.transport.pdsh import Pdsh
from clush.transport.ssh import Ssh

# What ails the nodes of the lab, and what their failure is called: status and return code.
TROUBLE = {
    "refuse": Status.REFUSED,
    "unknown": Status.DNS,
    "badkey": Status.AUTH,
    "hostkey": Status.HOST_KEY,
    "silent": Status.CONNECT_TIMEOUT,
    "off": Status.CONNECT_TIMEOUT,
}
NODES = ",".join(("node1", *TROUBLE))


@pytest.fixture(autouse=True)
def _lab(in_lab) -> None:
    """All of it runs in the lab."""


def ends(result: clush.Result) -> dict[str, tuple[Status, object]]:
    return {node: (end.status, end.rc) for node, end in result.items()}


HAS_PDSH = pytest.mark.skipif(not shutil.which("pdsh"), reason="no pdsh on this machine")


@pytest.mark.parametrize(
    ("transport", "merge_stderr"),
    [
        pytest.param(Ssh(connect_timeout=1), False, id="ssh"),
        pytest.param(Pdsh("pdsh -R ssh", connect_timeout=1), True, id="pdsh", marks=HAS_PDSH),
    ],
)
def test_commands(transport: Transport, merge_stderr: bool) -> None:
    result = clush.run("echo ok", NODES, transport=transport, merge_stderr=merge_stderr)
    assert ends(result) == {
        "node1": (Status.OK, 0),
        **{node: (status, 255) for node, status in TROUBLE.items()},
    }
    stream = "stdout" if merge_stderr else "stderr"
    for node in TROUBLE:  # the client's own words
        assert result[node].detail.encode() in getattr(result[node], stream)


@pytest.mark.parametrize("protocol", ["", "-O"], ids=["sftp", "rcp"])
def test_copies(protocol: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    transport = Ssh(connect_timeout=1, scp_options=protocol)
    result = clush.copy(f"{tmp_path}/file", f"{tmp_path}/copied", NODES, transport=transport)
    assert {node: status for node, (status, _) in ends(result).items()} == {
        "node1": Status.OK,
        **TROUBLE,
    }
    assert all(result[node].rc for node in TROUBLE)


@pytest.mark.parametrize(
    ("command", "options", "expected"),
    [
        ("sh -c 'exit 3'", {}, (Status.FAILED, 3)),
        ("/no/such/program", {}, (Status.FAILED, 127)),
        # ssh reports a command that was killed there as its own failure
        ("kill -9 $$", {}, (Status.FAILED, 255)),
        ("echo out; kill -9 $$", {}, (Status.FAILED, 255)),
        ("exec sleep 60", {"timeout": 0.3}, (Status.TIMED_OUT, None)),
        ("true", {"transport": Ssh(path="/no/such/ssh")}, (Status.NOT_STARTED, 127)),
        ("true", {"transport": Ssh(path="/etc/passwd")}, (Status.NOT_STARTED, 126)),
    ],
)
def test_how_commands_end(command: str, options: dict, expected: tuple) -> None:
    assert ends(clush.run(command, "node1", **options)) == {"node1": expected}


def test_a_client_that_is_killed() -> None:
    """It is the child of this process, so its signal is seen."""
    path = f"sh -c 'kill -{signal.SIGTERM.value} $$' ssh"
    result = clush.run("true", "node1", transport=Ssh(path=path))
    assert ends(result) == {"node1": (Status.SIGNALLED, 128 + signal.SIGTERM)}
    assert result["node1"].detail == "killed by SIGTERM"


def test_noise_at_login_hides_nothing() -> None:
    result = clush.run("sh -c 'exit 3'", "noisy")
    assert ends(result) == {"noisy": (Status.FAILED, 3)}
    assert result["noisy"].stdout == b"Welcome to noisy\n"


def test_a_command_that_speaks_of_another_host_did_run() -> None:
    result = clush.run("ssh -oBatchMode=yes refuse true", "node1")
    assert ends(result) == {"node1": (Status.FAILED, 255)}
    assert "Connection refused" in result["node1"].detail
    assert os.fsencode(result["node1"].detail) in result["node1"].stderr
