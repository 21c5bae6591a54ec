"""The arguments that programs give, by place or by name, and what they leave out."""

from __future__ import annotations

import inspect

import pytest

from ClusterShell.Engine.Engine import EngineBaseTimer, EngineTimer
from ClusterShell.Event import EventHandler
from ClusterShell.Task import Task, task_self
from ClusterShell.Worker.EngineClient import EngineClient, EnginePort
from ClusterShell.Worker.Exec import CopyClient, ExecClient, ExecWorker
from ClusterShell.Worker.Pdsh import WorkerPdsh
from ClusterShell.Worker.Popen import WorkerPopen
from ClusterShell.Worker.Rsh import RcpClient, RshClient, WorkerRsh
from ClusterShell.Worker.Ssh import ScpClient, SshClient, WorkerSsh
from ClusterShell.Worker.Worker import (
    DistantWorker,
    StreamWorker,
    Worker,
    WorkerSimple,
)

STREAM = "handler, key=None, stderr=False, timeout=-1, autoclose=False"
SHELL = "node, command, worker, stderr, timeout, autoclose=False, rank=None"
COPY = "node, source, dest, worker, stderr, timeout, autoclose, preserve, reverse, rank=None"

SIGNATURES = [
    (Task, "thread=None, defaults=None"),
    (task_self, "defaults=None"),
    (Task.timer, "self, fire, handler, interval=-1.0, autoclose=False"),
    (Task.port, "self, handler=None, autoclose=False"),
    (Task.remove_port, "self, port"),
    (Task.schedule, "self, worker"),
    (Task.run, "self, command=None, **kwargs"),
    (Task.resume, "self, timeout=None"),
    (Task.abort, "self, kill=False"),
    (Task.rcopy, "self, source, dest, nodes, **kwargs"),
    (Task.default, "self, default_key, def_val=None"),
    (Task.set_default, "self, default_key, value"),
    (Task.info, "self, info_key, def_val=None"),
    (Task.set_info, "self, info_key, value"),
    (Task.iter_buffers, "self, match_keys=None"),
    (Task.iter_errors, "self, match_keys=None"),
    (Task.iter_retcodes, "self, match_keys=None"),
    (Task.key_buffer, "self, key"),
    (Task.load_topology, "self, topology_file"),
    (EnginePort.msg, "self, send_msg, send_once=False"),
    (EnginePort.msg_send, "self, send_msg"),
    (EngineBaseTimer, "fire_delay, interval=-1.0, autoclose=False"),
    (EngineTimer, "fire_delay, interval, autoclose, handler"),
    (EngineTimer.set_nextfire, "self, fire_delay, interval=-1"),
    (Worker, "handler"),
    (DistantWorker, "handler"),
    (WorkerPopen, "command, key=None, handler=None, stderr=False, timeout=-1, autoclose=False"),
    *((cls, "nodes, handler, timeout=None, **kwargs")
      for cls in (ExecWorker, WorkerSsh, WorkerRsh, WorkerPdsh)),
    *((cls, SHELL) for cls in (ExecClient, SshClient, RshClient)),
    *((cls, COPY) for cls in (CopyClient, ScpClient, RcpClient)),
    (EngineClient, "worker, key, stderr, timeout, autoclose"),
    (Worker.read, "self, node=None, sname='stdout'"),
    (ExecWorker.write, "self, buf, sname=None"),
    (ExecWorker.set_write_eof, "self, sname=None"),
    (StreamWorker.write, "self, buf, sname=None"),
    (StreamWorker.set_write_eof, "self, sname=None"),
    (StreamWorker.set_reader, "self, sname, sfile, retain=True, closefd=True"),
    (StreamWorker.set_writer, "self, sname, sfile, retain=True, closefd=True"),
    (StreamWorker.set_key, "self, key"),
    (DistantWorker.iter_buffers, "self, match_keys=None"),
    (DistantWorker.iter_node_buffers, "self, match_keys=None"),
    (DistantWorker.iter_retcodes, "self, match_keys=None"),
    (EventHandler.ev_start, "self, worker"),
    (EventHandler.ev_pickup, "self, worker, node"),
    (EventHandler.ev_read, "self, worker, node, sname, msg"),
    (EventHandler.ev_error, "self, worker"),
    (EventHandler.ev_written, "self, worker, node, sname, size"),
    (EventHandler.ev_hup, "self, worker, node, rc"),
    (EventHandler.ev_close, "self, worker, timedout"),
    (EventHandler.ev_port_start, "self, port"),
    (EventHandler.ev_msg, "self, port, msg"),
    (EventHandler.ev_timer, "self, timer"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "parameters"), SIGNATURES)
def test_signatures(call, parameters: str) -> None:
    assert str(inspect.signature(call)) == f"({parameters})"


@pytest.mark.parametrize(
    ("cls", "parameters"),
    [
        (StreamWorker, STREAM),
        (
            WorkerSimple,
            "file_reader, file_writer, file_error, key, handler, stderr=False, timeout=-1, "
            "autoclose=False, closefd=True",
        ),
    ],
)
def test_workers_that_may_be_given_a_class_of_clients(cls, parameters: str) -> None:
    *rest, last = inspect.signature(cls).parameters.values()
    assert ", ".join(map(str, rest)) == parameters
    assert last.name == "client_class"
    assert last.default.__name__ == "StreamClient"


def test_commands_are_given_by_name() -> None:
    """What follows the command, or the nodes of a copy, has names only."""
    shell = inspect.signature(Task.shell).parameters
    copy = inspect.signature(Task.copy).parameters
    assert list(shell)[:2] == ["self", "command"]
    assert list(copy)[:4] == ["self", "source", "dest", "nodes"]
    assert {p.name for p in shell.values() if p.kind is p.KEYWORD_ONLY} == {
        "autoclose", "handler", "key", "nodes", "remote", "stderr", "stdin", "timeout", "tree",
    }  # fmt: skip
    assert {p.name for p in copy.values() if p.kind is p.KEYWORD_ONLY} == {
        "autoclose", "handler", "preserve", "remote", "reverse", "stderr", "timeout", "tree",
    }  # fmt: skip
