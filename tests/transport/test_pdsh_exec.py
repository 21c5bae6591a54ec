"""The real pdsh, running a program here for nodes that lend their names."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Optional

import pytest

import clush
from clush.events import Status
from clush.transport.pdsh import Pdsh

pytestmark = pytest.mark.skipif(not shutil.which("pdsh"), reason="no pdsh on this machine")

HERE = Pdsh(path="pdsh -R exec")


def run(
    script: str,
    folder: Path,
    nodes: str = "n[1-2]",
    pdsh: Pdsh = HERE,
    timeout: Optional[float] = None,
) -> clush.Result:
    """How it went to have pdsh run ``script``, which it starts without a shell."""
    program = folder / "program"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return clush.run(str(program), nodes, transport=pdsh, timeout=timeout)


@pytest.mark.parametrize("options", ["", " -S"])
@pytest.mark.parametrize(
    ("script", "status", "rc", "detail"),
    [
        ("exit 0", Status.OK, 0, ""),
        ("exit 3", Status.FAILED, 3, ""),
        ("exit 255", Status.FAILED, 255, ""),
        ("kill -9 $$", Status.SIGNALLED, 137, "killed by SIGKILL"),
    ],
)
def test_ends(script: str, status: Status, rc: int, detail: str, options: str, tmp_path) -> None:
    result = run(script, tmp_path, pdsh=HERE._replace(path=HERE.path + options))
    assert {(end.status, end.rc, end.detail) for end in result.values()} == {(status, rc, detail)}


@pytest.mark.parametrize(
    "nodes", ["n1.cluster,n2.cluster", "n1.a,n1.b", "10.0.0.1,10.0.0.2", "r[1-2]n[01-02],m1"]
)
def test_names(nodes: str, tmp_path: Path) -> None:
    """pdsh leaves the domain away where it can."""
    result = run("echo out; exit 3", tmp_path, nodes)
    assert result.nodes == clush.NodeSet(nodes)
    assert {(end.stdout, end.rc) for end in result.values()} == {(b"out\n", 3)}


def test_an_unended_line_of_standard_error_hides_no_end(tmp_path: Path) -> None:
    node = run("printf oops >&2; exit 3", tmp_path, "n1")["n1"]
    assert (node.stderr, node.rc) == (b"oops", 3)


def test_each_node_has_its_time(tmp_path: Path) -> None:
    """Those who wait in the window of pdsh have not begun."""
    assert run("sleep 0.5", tmp_path, "n[1-3]", HERE._replace(fanout=1), timeout=1).ok


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("pdsh -R nosuch", 'No such rcmd module "nosuch"'),
        ("pdsh --nosuch", "pdsh: invalid option -- '-'"),
    ],
)
def test_what_pdsh_complains_about(path: str, detail: str) -> None:
    result = clush.run("true", "n[1-2]", transport=Pdsh(path=path))
    assert {(end.status, end.rc, end.detail) for end in result.values()} == {
        (Status.FAILED, 1, detail)
    }
