"""The two dictionaries of a task, its engine, and what a star import gives."""

from __future__ import annotations

import importlib
import logging
import os
from pathlib import Path

import pytest

from ClusterShell import Task as module
from ClusterShell.Defaults import Defaults
from ClusterShell.Engine import Engine as engines
from ClusterShell.Engine.EPoll import EngineEPoll
from ClusterShell.Engine.Poll import EnginePoll
from ClusterShell.Engine.Select import EngineSelect
from ClusterShell.Task import Task, TaskError, TopologyError, task_self, task_terminate
from ClusterShell.Worker import EngineClient as clients
from ClusterShell.Worker import Worker as workers
from ClusterShell.Worker.Exec import ExecWorker
from ClusterShell.Worker.Ssh import WorkerSsh


def made_with(**values: object) -> Task:
    """The task of this thread, made anew with other defaults."""
    task_terminate()
    defaults = Defaults([])
    for name, value in values.items():
        setattr(defaults, name, value)
    return task_self(defaults)


DEFAULT = {
    "stderr": False,
    "stdin": True,
    "stdout_msgtree": True,
    "stderr_msgtree": True,
    "engine": "auto",
    "port_qlimit": 100,
    "auto_tree": True,
    "local_workername": "exec",
    "distant_workername": "ssh",
    "local_worker": ExecWorker,
    "distant_worker": WorkerSsh,
}
INFO = {
    "debug": False,
    "fanout": 64,
    "grooming_delay": 0.25,
    "connect_timeout": 10,
    "command_timeout": 0,
    "ssh_user": None,
}


def test_what_holds_without_any_file(task: Task) -> None:
    made = made_with()
    assert {key: made.default(key) for key in DEFAULT} == DEFAULT
    assert {key: made.info(key) for key in INFO} == INFO
    assert callable(made.info("print_debug"))


def test_other_keys_and_values_for_missing_ones(task: Task) -> None:
    task.set_info("USER_x", [1])
    task.set_default("USER_y", {})
    assert (task.info("USER_x"), task.default("USER_y")) == ([1], {})
    assert (task.info("none"), task.info("none", 3), task.default("none", 4)) == (None, 3, 4)


def test_each_task_has_its_own(task: Task) -> None:
    task.set_info("fanout", 5)
    task.set_default("stderr", True)
    other = Task()
    assert (other.info("fanout"), other.default("stderr")) == (64, False)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("fanout", 0),
        ("fanout", -2),
        ("fanout", "many"),
        ("fanout", 1.5),
        ("connect_timeout", "10"),
        ("command_timeout", []),
    ],
)
def test_values_that_cannot_work_are_refused(task: Task, key: str, value: object) -> None:
    before = task.info(key)
    with pytest.raises(ValueError, match=key):
        task.set_info(key, value)
    assert task.info(key) == before
    with pytest.raises(ValueError, match=key):
        Task().set_info(key, value)  # here, not in the other thread


# -- engines ----------------------------------------------------------------------------


@pytest.mark.parametrize("cls", [EngineEPoll, EnginePoll, EngineSelect])
def test_the_engine_asked_for(task: Task, cls: type) -> None:
    made = made_with(engine=cls.identifier)
    assert made.info("engine") == cls.identifier
    assert type(made._engine) is cls
    made.run("exit 3")
    assert made.max_retcode() == 3
    assert not made._engine.running
    assert made._engine.exited()
    assert len(made._engine.ports()) == 1


@pytest.mark.parametrize("engine", ["auto", None, ""])
def test_the_best_engine(task: Task, engine: object) -> None:
    assert made_with(engine=engine).info("engine") == "epoll"


def test_an_engine_that_this_system_lacks(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    import selectors

    monkeypatch.delattr(selectors, "EpollSelector")
    assert made_with(engine="epoll").info("engine") == "poll"


def test_an_unknown_engine(task: Task, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(KeyError), caplog.at_level(logging.ERROR):
        made_with(engine="kqueues")
    assert "kqueues" in caplog.text
    assert task_self().run("true") is not None


def test_select_says_what_it_cannot_do(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    from clush.engine import loop

    made = made_with(engine="select")
    free = os.dup(0)
    os.close(free)
    monkeypatch.setattr(loop, "SELECT_LIMIT", free + 12)
    for number in range(20):
        made.shell("sleep 600", key=number)
    with pytest.raises(OSError, match="the select engine cannot watch more than") as caught:
        made.resume()
    assert isinstance(caught.value, TaskError)
    monkeypatch.undo()
    made.run("exit 2")
    assert made.max_retcode() == 2


# -- trees ------------------------------------------------------------------------------


@pytest.mark.parametrize("auto", [True, False])
def test_forcing_a_tree_without_one_is_an_error(task: Task, auto: bool) -> None:
    task.set_default("auto_tree", auto)
    for call in (
        lambda: task.shell("true", nodes="n1", tree=True),
        lambda: task.copy("/etc/hosts", "/tmp", nodes="n1", tree=True),
    ):
        with pytest.raises(TaskError, match="no topology"):
            call()


def test_loading_a_topology(task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(socket, "gethostname", lambda: "head.example")
    file = tmp_path / "topology.conf"
    assert (task.topology, task.router, task.gateways) == (None, None, {})
    file.write_text("[routes]\nhead: gw[1-2]\ngw[1-2]: n[1-9]\n")
    task.load_topology(str(file))
    loaded = task.topology
    assert str(loaded.root.nodeset) == "head"
    file.write_text("[routes]\nx: y\ny: x\n")
    with pytest.raises(TopologyError):
        task.load_topology(str(file))
    assert task.topology is loaded
    assert all(path.endswith("topology.conf") for path in Task.TOPOLOGY_CONFIGS)


# -- names ------------------------------------------------------------------------------

STAR = [
    "AlreadyRunningError",
    "DEFAULTS",
    "EngineAbortException",
    "EngineAlreadyRunningError",
    "EngineClientError",
    "EnginePort",
    "EngineTimeoutException",
    "EngineTimer",
    "EventHandler",
    "FANOUT_UNLIMITED",
    "MsgTree",
    "NodeSet",
    "PreferredEngine",
    "Task",
    "TaskError",
    "TaskException",
    "TaskMsgTreeError",
    "TimeoutError",
    "TopologyError",
    "TopologyParser",
    "WorkerPopen",
    "config_paths",
    "logging",
    "os",
    "sleep",
    "socket",
    "sys",
    "task_cleanup",
    "task_self",
    "task_terminate",
    "task_wait",
    "threading",
    "traceback",
]


@pytest.mark.parametrize("name", STAR)
def test_a_star_import_gives(name: str) -> None:
    namespace: dict[str, object] = {}
    exec("from ClusterShell.Task import *", namespace)
    assert name in namespace


def test_a_star_import_gives_nothing_of_ours() -> None:
    """It would hide names of the program: ``Settings``, ``Results``..."""
    namespace: dict[str, object] = {}
    exec("from ClusterShell.Task import *", namespace)
    assert set(namespace) - set(STAR) == {"__builtins__"}


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("TaskError", "TaskException"),
        ("TimeoutError", "TaskError"),
        ("AlreadyRunningError", "TaskError"),
        ("TaskMsgTreeError", "TaskError"),
    ],
)
def test_errors_of_tasks(name: str, base: str) -> None:
    assert issubclass(getattr(module, name), getattr(module, base))


ERRORS = [
    (workers.WorkerError, workers.WorkerException),
    (clients.EngineClientEOF, clients.EngineClientException),
    (clients.EngineClientError, clients.EngineClientException),
    (clients.EngineClientNotSupportedError, clients.EngineClientError),
    (engines.EngineAbortException, engines.EngineException),
    (engines.EngineTimeoutException, engines.EngineException),
    (engines.EngineIllegalOperationError, engines.EngineException),
    (engines.EngineAlreadyRunningError, engines.EngineIllegalOperationError),
    (engines.EngineNotSupportedError, engines.EngineException),
]


@pytest.mark.parametrize(("error", "base"), ERRORS)
def test_errors_of_workers_and_engines(error: type, base: type) -> None:
    assert issubclass(error, base)
    assert issubclass(error, Exception)


def test_errors_with_something_to_tell() -> None:
    assert engines.EngineAbortException(True).kill is True
    assert engines.EngineNotSupportedError("x").engineid == "x"
    assert workers.WorkerBadArgumentError is ValueError


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("Event", "EventHandler"),
        ("Worker.Worker", "Worker DistantWorker StreamWorker WorkerSimple StreamClient"),
        ("Worker.Worker", "WorkerException WorkerError FANOUT_UNLIMITED FANOUT_DEFAULT"),
        ("Worker.Exec", "ExecWorker ExecClient CopyClient WorkerError WORKER_CLASS"),
        ("Worker.Ssh", "WorkerSsh SshClient ScpClient WORKER_CLASS"),
        ("Worker.Rsh", "WorkerRsh RshClient RcpClient WORKER_CLASS"),
        ("Worker.Pdsh", "WorkerPdsh PdshClient PdcpClient WORKER_CLASS"),
        ("Worker.Popen", "WorkerPopen PopenClient WORKER_CLASS"),
        ("Worker.EngineClient", "EngineClient EnginePort EngineClientException"),
        ("Engine.Engine", "Engine EngineTimer EngineBaseTimer FANOUT_UNLIMITED FANOUT_DEFAULT"),
        ("Engine.Factory", "PreferredEngine"),
    ],
)
def test_where_names_are_found(path: str, names: str) -> None:
    found = importlib.import_module(f"ClusterShell.{path}")
    for name in names.split():
        assert hasattr(found, name)
    assert (workers.FANOUT_UNLIMITED, workers.FANOUT_DEFAULT) == (-1, None)
