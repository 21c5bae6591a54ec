"""A worker of a module outside of the library does what those of the library do."""

from __future__ import annotations

import os
from pathlib import Path

import podworker
import pytest
from classic_recorder import Recorder

from ClusterShell.Task import Task

pytestmark = pytest.mark.usefixtures("no_leaks")

# Pods are folders; a command runs in that of its pod.
PODCTL = """#!/bin/sh
log="podctl"
for word; do log="$log|$word"; done
echo "$log" >>LOG
case $1 in
exec)
    while [ "$1" != -- ]; do pod=$rest rest=$1; shift; done
    cd PODS/"$rest" && exec /bin/sh -c "$2" ;;
cp)
    shift; options=
    while case $1 in -*) true;; *) false;; esac; do options="$options $1"; shift; done
    exec cp $options "$(echo "$1" | sed 's|^\\(.*\\):/*|PODS/\\1/|')" \\
                     "$(echo "$2" | sed 's|^\\(.*\\):/*|PODS/\\1/|')" ;;
esac
"""


@pytest.fixture
def pods(task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders of ``web[1-3]``, and ``podctl`` in the path; tasks reach pods by default."""
    for number in (1, 2, 3):
        (tmp_path / "pods" / f"web{number}").mkdir(parents=True)
        (tmp_path / "pods" / f"web{number}" / "name").write_text(f"web{number}\n")
    script = PODCTL.replace("PODS", f"{tmp_path}/pods").replace("LOG", f"{tmp_path}/log")
    (tmp_path / "podctl").write_text(script)
    (tmp_path / "podctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    task.set_default("distant_workername", "podworker")
    return tmp_path


def started(pods: Path) -> list[str]:
    """The command lines that podctl was given."""
    return sorted((pods / "log").read_text().splitlines())


def test_commands(task: Task, pods: Path) -> None:
    handler = Recorder()
    task.set_info("pod_namespace", "prod")
    worker = task.shell(
        "cat name - ; echo $POD_WORKER >&2; test $(cat name) != web2",
        nodes="web[1-3]", handler=handler, stderr=True,
    )  # fmt: skip
    worker.write(b"input\n")
    worker.set_write_eof()
    task.resume()
    assert type(worker) is podworker.WorkerPod
    assert [(node, bytes(text)) for node, text in worker.iter_node_buffers()] == [
        (f"web{number}", f"web{number}\ninput".encode()) for number in (1, 2, 3)
    ]
    assert worker.node_error("web3") == b"WorkerPod"
    assert [(rc, str(nodes)) for rc, nodes in worker.iter_retcodes()] == [
        (0, "web[1,3]"), (1, "web2"),
    ]  # fmt: skip
    assert handler.names[:2] == ["start", "pickup"]
    assert sorted(handler.of("hup")) == [("web1", 0), ("web2", 1), ("web3", 0)]
    assert handler.seen[-1] == ("close", False)
    assert started(pods)[1].startswith("podctl|exec|--rank|1|-n|prod|web2|--|cat name - ;")


def test_the_path_is_the_users(task: Task, pods: Path) -> None:
    task.set_info("podctl_path", f"env VIA=wrapper {pods}/podctl")
    task.run("echo $VIA", nodes="web1")
    assert task.key_buffer("web1") == b"wrapper"


def test_commands_as_text_for_the_shell(task: Task, pods: Path) -> None:
    task.set_default("distant_worker", podworker.WorkerLoggedPod)
    worker = task.run("echo 'a  b' $POD_WORKER; exit 3", nodes="web1", stderr=True)
    assert worker.node_buffer("web1") == b"a  b WorkerLoggedPod"
    assert worker.node_error("web1") == b"web1"
    assert worker.node_retcode("web1") == 3


def test_percent_signs_are_left_to_the_client(task: Task, pods: Path) -> None:
    assert task.run("date +%Y%% %h", nodes="web1", stderr=True).node_retcode("web1") == 1
    assert started(pods) == ["podctl|exec|--rank|0|web1|--|date +%Y%% %h"]


def test_copies(task: Task, pods: Path, tmp_path: Path) -> None:
    handler = Recorder()
    (tmp_path / "file").write_text("content")
    (tmp_path / "back").mkdir()
    task.copy(f"{tmp_path}/file", "/copied", nodes="web[1-2]", preserve=True, handler=handler)
    task.rcopy("/name", f"{tmp_path}/back", nodes="web[1-3]")
    task.resume()
    assert task.max_retcode() == 0
    assert (pods / "pods" / "web2" / "copied").read_text() == "content"
    assert sorted(os.listdir(tmp_path / "back")) == ["name.web1", "name.web2", "name.web3"]
    assert (tmp_path / "back" / "name.web3").read_text() == "web3\n"
    assert handler.names == ["start", "pickup", "pickup", "hup", "hup", "close"]
    assert f"podctl|cp|-p|{tmp_path}/file|web1:/copied" in started(pods)
    assert f"podctl|cp|-r|web3:/name|{tmp_path}/back/name.web3" in started(pods)


def test_limits_and_stops(task: Task, pods: Path) -> None:
    late, aborted = Recorder(), Recorder(read=lambda worker: worker.abort())
    task.set_info("fanout", 2)
    task.run("test $(cat name) = web1 || sleep 600", nodes="web[1-3]", handler=late, timeout=0.5)
    assert late.of("hup") == [("web1", 0)]
    assert late.seen[-1] == ("close", True)
    assert list(task.iter_keys_timeout()) == ["web2", "web3"]
    task.run("echo up; sleep 600", nodes="web[1-3]", handler=aborted)
    assert aborted.names[-2:] == ["read", "close"]
    assert task.max_retcode() is None


def test_a_pod_that_is_not_there(task: Task, pods: Path) -> None:
    worker = task.run("true", nodes="web[3-4]")
    assert dict(worker.iter_node_retcodes())["web3"] == 0
    assert worker.node_retcode("web4") != 0


def test_tracing(task: Task, pods: Path) -> None:
    lines = []
    task.set_info("print_debug", lambda task, text: lines.append(text))
    task.set_info("debug", True)
    task.run("echo x", nodes="web1")
    assert lines == ["PODCLIENT: podctl exec --rank 0 web1 -- echo x", "web1: b'x'"]
