"""The listings of the ClusterShell paper and README, verbatim but for print().

The commands are the ones of the listings, carried out by a stub in place of ssh.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import ClusterShell.Task as classic

UNAME = "2.6.32-71.el6.x86_64"


@pytest.fixture
def ssh_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stub called ssh, first in the path: it notes who was asked what, and answers."""
    log = tmp_path / "log"
    stub = tmp_path / "ssh"
    stub.write_text(
        "#!/bin/sh\n"
        f'for last; do node=$command command=$last; done; echo "$node $command" >>{log}\n'
        "case $command in\n"
        f'"/bin/uname -r") echo {UNAME};;\n'
        "*dmidecode*) case $node in node4*) echo 2.0a;; *) echo 1.9;; esac;;\n"
        "esac\n"
    )
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    classic.task_terminate()
    return log


def test_listing_1_the_node_set_class(capsys: pytest.CaptureFixture[str]) -> None:
    done = []
    do_something_with = done.append

    from ClusterShell.NodeSet import NodeSet

    ns1 = NodeSet("node[10-42]")
    ns2 = NodeSet("node[1-16,18-39]")

    print(len(ns1))  # 33
    print(ns1[0])  # node10
    print(ns1 & ns2)  # node[10-16,18-39]
    print(ns1 - ns2)  # node[17,40-42]

    for node in ns1:
        do_something_with(node)

    expected = ["33", "node10", "node[10-16,18-39]", "node[17,40-42]"]
    assert capsys.readouterr().out.split() == expected
    assert done == [f"node{n}" for n in range(10, 43)]


def test_listing_2_the_task_class(ssh_log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from ClusterShell.Task import task_self

    task = task_self()

    # run cluster command (blocking call)
    task.run("/bin/uname -r", nodes="node[36-65]")

    # cluster command complete, check results...
    for buffer, nodes in task.iter_buffers():
        print(nodes, buffer)

    out = capsys.readouterr().out
    assert UNAME in out
    assert out.count("node") == 30
    assert len(ssh_log.read_text().splitlines()) == 30


def test_the_readme_listing(ssh_log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from ClusterShell.NodeSet import NodeSet
    from ClusterShell.Task import task_self

    task = task_self()
    worker = task.run("/bin/uname -r", nodes="linux[4-6,32-39]")
    for buf, key in task.iter_buffers():
        print(NodeSet.fromlist(key), buf)

    assert capsys.readouterr().out == f"linux[4-6,32-39] {UNAME}\n"
    assert type(worker).__name__ == "WorkerSsh"


@pytest.mark.filterwarnings("ignore:ev_read:DeprecationWarning")
def test_listing_3_an_event_handler(ssh_log: Path) -> None:
    from ClusterShell.Event import EventHandler
    from ClusterShell.Task import task_self

    class BIOSUpdater(EventHandler):
        def ev_read(self, worker):
            if worker.current_msg != "2.0a":
                return
            # fmt: off
            cmd = "flashrom -F -w " \
                  "/lib/firmware/BIOS2.1"
            worker.task.shell(cmd,
                              nodes=worker.current_node)
            # fmt: on

    task_self().run(
        "/usr/sbin/dmidecode -s bios-version", nodes="node[36-65]", handler=BIOSUpdater()
    )

    asked = ssh_log.read_text().splitlines()
    updated = sorted(line.split()[0] for line in asked if "flashrom" in line)
    assert updated == [f"node{n}" for n in range(40, 50)]
    assert sum("dmidecode" in line for line in asked) == 30
