"""Workers: what they start, what can be written to them, and those that programs derive."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import pytest
from classic_recorder import Recorder

from ClusterShell.NodeSet import NodeSet
from ClusterShell.Task import Task
from ClusterShell.Worker.EngineClient import EngineClientNotSupportedError
from ClusterShell.Worker.Exec import CopyClient, ExecClient, ExecWorker
from ClusterShell.Worker.Pdsh import PdshClient, WorkerPdsh
from ClusterShell.Worker.Popen import WorkerPopen
from ClusterShell.Worker.Rsh import RshClient, WorkerRsh
from ClusterShell.Worker.Ssh import ScpClient, SshClient, WorkerSsh
from ClusterShell.Worker.Worker import FANOUT_DEFAULT, FANOUT_UNLIMITED, Worker, WorkerError

pytestmark = pytest.mark.usefixtures("no_leaks")

PROGRAMS = ("ssh", "scp", "rsh", "rcp", "pdsh", "pdcp", "rpdcp")


@pytest.fixture
def stubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs in the path that note their arguments in a file called ``log`` and end well."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for program in PROGRAMS:
        stub = folder / program
        stub.write_text(
            f"#!/bin/sh\nline={program}\n"
            'for word; do line="$line|$word"; done\n'
            f"printf '%s\\n' \"$line\" >>{tmp_path}/log\n"  # at once: others write, too
        )
        stub.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", "/home/me")
    return tmp_path / "log"


# -- placeholders and return codes ------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("echo %h %host %n %rank", {"b1": b"b1 b1 0 0", "b2": b"b2 b2 1 1"}),
        ("echo %{h}x %{rank}y %%h", {"b1": b"b1x 0y %h", "b2": b"b2x 1y %h"}),
        ("echo %hosts %h %n", {"b1": b"b[1-2] b[1-2] 0", "b2": b"b[1-2] b[1-2] 0"}),
        ("", {}),
    ],
)
def test_placeholders(task: Task, command: str, said: dict) -> None:
    worker = task.run(command, nodes="b[1-2]")
    assert {node: bytes(text) for node, text in worker.iter_node_buffers()} == said
    assert task.max_retcode() == 0


def test_no_placeholders_without_nodes(task: Task) -> None:
    assert task.run("echo %h %n %foo").read() == b"%h %n %foo"


@pytest.mark.parametrize(
    ("command", "rc"),
    [("exit 3", 3), ("kill -9 $$", 137), ("no-such-command-here 2>/dev/null", 127)],
)
@pytest.mark.parametrize("nodes", [None, "n1"])
def test_return_codes(task: Task, nodes, command: str, rc: int) -> None:
    task.run(command, nodes=nodes)
    assert task.max_retcode() == rc


@pytest.mark.parametrize(("stderr", "stream"), [(False, "stdout"), (True, "stderr")])
def test_a_missing_program_says_so(task: Task, stderr: bool, stream: str) -> None:
    handler = Recorder()
    task.set_default("distant_workername", "ssh")
    task.set_info("ssh_path", "/no/such/\udcff")  # of a file name that is no text
    task.run("true", nodes="n1", handler=handler, stderr=stderr)
    assert handler.seen == [
        ("start",),
        ("pickup", "n1"),
        ("read", "n1", stream, b"/no/such/\xff: No such file or directory"),
        ("hup", "n1", 127),
        ("close", False),
    ]


def test_a_command_of_bytes(task: Task) -> None:
    assert task.run(b"echo \xff").read() == b"\xff"
    worker = task.run(b"echo %h", nodes="n1")
    assert worker.node_buffer("n1") == b"n1"


# -- command lines ----------------------------------------------------------------------

COMMANDS = [
    ("ssh", {}, "ssh|-oForwardAgent=no|-oForwardX11=no|-oConnectTimeout=10|-oBatchMode=yes|n1|"),
    (
        "ssh",
        {
            "ssh_options": '-i ~/.ssh/k "-o C=d e"', "ssh_user": "bob", "connect_timeout": 2.9,
            "ssh_path": "ssh -4",
        },
        "ssh|-4|-i|/home/me/.ssh/k|-o C=d e|-oForwardAgent=no|-oForwardX11=no|-l|bob|"
        "-oConnectTimeout=2|-oBatchMode=yes|n1|",
    ),
    ("ssh", {"connect_timeout": 0}, "ssh|-oForwardAgent=no|-oForwardX11=no|-oBatchMode=yes|n1|"),
    ("rsh", {}, "rsh|n1|"),
    ("rsh", {"rsh_user": "bob", "rsh_options": "-x '-y z'"}, "rsh|-l|bob|-x|-y z|n1|"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "info", "line"), COMMANDS)
def test_command_lines(task: Task, stubs: Path, name: str, info: dict, line: str) -> None:
    task.set_default("distant_workername", name)
    for key, value in info.items():
        task.set_info(key, value)
    task.run("uptime %hosts", nodes="n1")
    end = "|; echo XXRETCODE: $?" if name == "rsh" else ""
    assert stubs.read_text() == f"{line}uptime %hosts{end}\n"


def test_remote_commands_have_no_placeholders(task: Task, stubs: Path) -> None:
    task.set_default("distant_workername", "ssh")
    task.run("echo %hosts %h", nodes="n[1-2]")
    lines = sorted(stubs.read_text().splitlines())
    assert [line.rsplit("|", 2)[1:] for line in lines] == [
        ["n1", "echo %hosts %h"], ["n2", "echo %hosts %h"],
    ]  # fmt: skip


def test_copies(task: Task, stubs: Path, tmp_path: Path) -> None:
    task.set_default("distant_workername", "ssh")
    task.set_info("ssh_options", "-v")
    task.set_info("scp_user", "ann")
    task.copy("/etc/hosts", "/dst", nodes="n1", preserve=True)
    task.copy(str(tmp_path), "/dst", nodes=NodeSet("n1"))
    task.rcopy("/etc/hosts/", str(tmp_path), nodes="n1")
    task.resume()
    options = "-oConnectTimeout=10|-oBatchMode=yes"
    assert sorted(stubs.read_text().splitlines()) == sorted(
        [
            f"scp|-v|-p|{options}|/etc/hosts|ann@[n1]:/dst",
            f"scp|-v|-r|{options}|{tmp_path}|ann@[n1]:/dst",
            f"scp|-v|-r|{options}|ann@[n1]:/etc/hosts|{tmp_path}/hosts.n1",
        ]
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("/etc/hosts", "/no/such/directory"), "not found"),
        (("/etc/hosts", "/etc/passwd"), "is not a directory"),
        (("/etc/*", "/tmp"), "wildcard"),
        (("/", "/tmp"), "would have no name"),
        (("", "/tmp"), "missing command or source"),
        (("/etc/hosts", ""), "no destination"),
    ],
)
def test_fetching_that_makes_no_sense(task: Task, arguments, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        task.rcopy(*arguments, nodes="n1")


def test_local_copies(task: Task, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    handler = Recorder()
    task.copy(tmp_path / "file", str(tmp_path / "out.%h.%n"), nodes="b[1-2]", handler=handler)
    task.rcopy(str(tmp_path / "file"), str(tmp_path), nodes="c1")
    task.resume()
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "file", "file.c1", "out.b1.0", "out.b2.1",
    ]  # fmt: skip
    assert handler.names == ["start", "pickup", "pickup", "hup", "hup", "close"]
    missing = task.copy("/no/such/file", str(tmp_path), nodes="n1")
    task.resume()
    assert missing.node_retcode("n1") == 1
    assert b"No such file" in missing.node_buffer("n1")


# -- pdsh and rsh -----------------------------------------------------------------------


def pdsh(path: Path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_pdsh(task: Task, tmp_path: Path) -> None:
    handler = Recorder()
    task.set_default("distant_workername", "pdsh")
    task.set_info("fanout", 7)
    task.set_info("command_timeout", 3)
    script = (
        f"printf '%s\\n' \"$@\" >{tmp_path}/log\n"
        "echo 'n1: one'; echo 'n2: two'; echo 'no label'\n"
        "echo 'pdsh@here: n2: ssh exited with exit code 4' >&2"
    )
    task.set_info("pdsh_path", pdsh(tmp_path / "pdsh", script))
    task.run("uptime", nodes="n[1-3]", handler=handler, stdin=False)
    assert handler.names[:4] == ["start", "pickup", "pickup", "pickup"]
    assert ("n1", "stdout", b"one") in handler.of("read")
    assert ("n2", "stdout", b"two") in handler.of("read")
    assert handler.of("hup") == [("n1", 0), ("n2", 4), ("n3", 0)]
    assert (tmp_path / "log").read_text() == "-b\n-f 7\n-u 3\n-w n[1-3]\nuptime\n"


@pytest.mark.parametrize("method", ["write", "set_write_eof"])
def test_pdsh_takes_no_input(method: str) -> None:
    worker = WorkerPdsh("n1", None, command="cat")
    with pytest.raises(EngineClientNotSupportedError):
        getattr(worker, method)(*([b"x"] if method == "write" else []))


@pytest.mark.parametrize(("script", "code"), [("exit 3", 3), (None, 127)])
def test_a_pdsh_that_fails_is_an_error(task: Task, tmp_path: Path, script, code: int) -> None:
    task.set_default("distant_workername", "pdsh")
    task.set_info("pdsh_path", pdsh(tmp_path / "pdsh", script) if script else "/no/such/pdsh")
    with pytest.raises(WorkerError, match=rf"Cannot run pdsh \(error {code}\)"):
        task.run("uptime", nodes="n[1-3]")
    task.set_default("distant_workername", "exec")
    task.run("true", nodes="n1")
    assert task.max_retcode() == 0


def test_an_aborted_pdsh_has_no_return_codes(task: Task, tmp_path: Path) -> None:
    task.set_default("distant_workername", "pdsh")
    task.set_info("pdsh_path", pdsh(tmp_path / "pdsh", "echo 'n1: up'; sleep 600"))
    handler = Recorder(read=lambda worker: worker.abort())
    worker = task.run("uptime", nodes="n[1-3]", handler=handler)
    assert handler.names == ["start", "pickup", "pickup", "pickup", "read", "close"]
    assert list(worker.iter_node_retcodes()) == []


def test_the_timeout_of_a_pdsh_is_for_all_nodes(task: Task, tmp_path: Path) -> None:
    task.set_default("distant_workername", "pdsh")
    task.set_info("pdsh_path", pdsh(tmp_path / "pdsh", "echo 'n1: up'; sleep 600"))
    handler = Recorder()
    worker = task.run("uptime", nodes="n[1-2]", handler=handler, timeout=0.2)
    assert handler.names == ["start", "pickup", "pickup", "read", "close"]
    assert handler.seen[-1] == ("close", True)
    assert sorted(worker.iter_keys_timeout()) == ["n1", "n2"]


def test_rsh_tells_return_codes(task: Task, tmp_path: Path) -> None:
    task.set_default("distant_workername", "rsh")
    task.set_info("rsh_path", pdsh(tmp_path / "rsh", 'eval "$2$3"'))
    worker = task.run("printf 'part\\377'; (exit 5)", nodes="n1")
    assert worker.node_retcode("n1") == 5
    assert worker.node_buffer("n1") == b"part\xff"


# -- input ------------------------------------------------------------------------------


@pytest.mark.parametrize("nodes", [None, "n[1-3]"])
def test_writing_before_and_after_the_start(task: Task, nodes) -> None:
    def more(worker) -> None:
        worker.write(b"more\n")
        worker.write(b"not here\n", sname="elsewhere")
        worker.set_write_eof()

    task.set_info("fanout", 2)
    worker = task.shell("cat", nodes=nodes, key=None, handler=Recorder(start=more))
    worker.write(b"early\n")
    task.resume()
    worker.write(b"too late")
    worker.set_write_eof()
    for source in (nodes and NodeSet(nodes)) or [worker]:
        assert worker.read(source) == b"early\nmore"


@pytest.mark.parametrize("nodes", [None, "n1"])
def test_without_input_there_is_its_end(task: Task, nodes) -> None:
    task.run("cat; echo end", nodes=nodes, stdin=False)
    assert [bytes(text) for text, _ in task.iter_buffers()] == [b"end"]
    task.set_default("stdin", False)
    task.run("cat; echo end", nodes=nodes)
    worker = task.shell("cat", nodes=nodes, stdin=True, timeout=0.2)
    task.resume()
    assert worker.did_timeout()


def test_only_bytes_can_be_written(task: Task) -> None:
    for worker in (task.shell("cat", stdin=False), task.shell("cat", nodes="n1", stdin=False)):
        with pytest.raises(TypeError):
            worker.write("text")
    task.resume()


@pytest.mark.parametrize("nodes", ["n1", None])
def test_writing_to_who_has_closed_its_input_is_warned_of(
    task: Task, caplog: pytest.LogCaptureFixture, nodes
) -> None:
    def write(worker) -> None:
        worker.write(b"nobody reads this")

    handler = Recorder(read=write)
    with caplog.at_level(logging.WARNING, "ClusterShell.Worker.EngineClient"):
        task.run("exec <&-; echo closed; sleep 0.1; exit 3", nodes=nodes, handler=handler)
    assert task.max_retcode() == 3
    assert "17 bytes of input were not taken" in caplog.text


@pytest.mark.parametrize("command", ["head -c 1", "exec sleep 0.1"])
def test_a_command_need_not_read_all_its_input(
    task: Task, caplog: pytest.LogCaptureFixture, command: str
) -> None:
    worker = task.shell(command, nodes="n1")
    worker.write(b"x" * 1_000_000)
    worker.set_write_eof()
    with caplog.at_level(logging.INFO, "ClusterShell.Worker.EngineClient"):
        task.resume()
    assert task.max_retcode() == 0
    assert {record.levelno for record in caplog.records} == {logging.INFO}


# -- fanout -----------------------------------------------------------------------------


class Peak(Recorder):
    """How many ran at once, at most."""

    running = most = 0

    def ev_pickup(self, worker, node):
        Peak.running += 1
        Peak.most = max(Peak.most, Peak.running)

    def ev_hup(self, worker, node, rc):
        Peak.running -= 1


@pytest.mark.parametrize(
    ("fanout", "own", "most"),
    [
        (2, [FANOUT_DEFAULT], 2),
        (2, [FANOUT_DEFAULT, FANOUT_DEFAULT], 2),
        (2, [4], 4),
        (2, [FANOUT_UNLIMITED], 6),
        (2, [1, FANOUT_DEFAULT], 3),
        (FANOUT_UNLIMITED, [FANOUT_DEFAULT], 6),
    ],
)
def test_windows(task: Task, fanout: int, own: list, most: int) -> None:
    Peak.running = Peak.most = 0
    task.set_info("fanout", fanout)
    for each in own:
        task.shell("sleep 0.03", nodes="n[1-6]", handler=Peak())._fanout = each
    task.resume()
    assert (Peak.running, Peak.most) == (0, most)


def test_the_fanout_may_change_during_a_run(task: Task) -> None:
    Peak.running = Peak.most = 0
    task.set_info("fanout", 1)
    task.shell("sleep 0.05", nodes="n[1-8]", handler=Peak())
    task.timer(0.02, Recorder(timer=lambda timer: task.set_info("fanout", 4)))
    task.resume()
    assert Peak.most == 4


def test_the_window_of_a_worker_that_waits_may_change(task: Task) -> None:
    Peak.running = Peak.most = 0
    task.set_info("fanout", 1)

    def schedule(worker) -> None:
        task.shell("sleep 0.03", nodes="m[1-5]", handler=Peak())._fanout = 5

    task.run("echo x; sleep 0.2", nodes="n1", handler=Recorder(read=schedule))
    assert Peak.most == 5


# -- constructors -----------------------------------------------------------------------


def test_attributes() -> None:
    worker = ExecWorker("n[1-2]", None, command="x", timeout=3)
    assert (worker.command, worker.source, worker.dest) == ("x", None, None)
    assert type(worker.nodes) is NodeSet
    copy = ExecWorker("n1", None, source="/a", dest="/b")
    assert (copy.command, copy.source, copy.dest) == (None, "/a", "/b")
    both = ExecWorker("n1", None, command="x", source="/a", dest="/b")
    assert (both.command, both.source) == ("x", None)
    local = WorkerPopen("x", key="k")
    assert (local.command, local.key) == ("x", "k")
    for bases in ((WorkerSsh, ExecWorker), (WorkerRsh, ExecWorker), (WorkerPdsh, ExecWorker)):
        assert issubclass(*bases)


@pytest.mark.parametrize("cls", [ExecWorker, WorkerSsh, WorkerRsh, WorkerPdsh])
def test_nothing_to_do_is_an_error_with_nodes(cls: type) -> None:
    for keywords in ({}, {"command": None}, {"source": ""}):
        with pytest.raises(ValueError, match="missing command or source"):
            cls("n1", None, **keywords)
        assert len(cls("", None, **keywords).nodes) == 0


@pytest.mark.parametrize("command", ["", None, b""])
def test_nothing_to_do_is_an_error_without_nodes(task: Task, command) -> None:
    with pytest.raises(ValueError, match="missing command"):
        task.shell(command)


def test_misspelt_keywords_are_errors(task: Task) -> None:
    for call in (
        lambda: task.shell("rm -rf /scratch", node="n1"),
        lambda: task.run("true", nodes="n1", timout=5),
        lambda: task.run(timout=5),
        lambda: task.copy("/etc/hosts", "/tmp", nodes="n1", timout=5),
        lambda: ExecWorker("n1", None, command="true", timout=5),
    ):
        with pytest.raises(TypeError):
            call()


def test_local_key_is_not_for_nodes(task: Task) -> None:
    with pytest.raises(AssertionError):
        task.shell("true", nodes="n1", key="k")
    with pytest.raises(AssertionError):
        task.copy("/etc/hosts", "/tmp", nodes=None)
    for nodes in (["n1"], ("n1",)):
        with pytest.raises(TypeError):
            task.shell("true", nodes=nodes)


def test_a_worker_is_scheduled_once_in_its_life(task: Task) -> None:
    worker = task.run("true", nodes="n1")
    with pytest.raises(WorkerError):
        task.schedule(worker)


def test_the_base_cannot_be_aborted() -> None:
    with pytest.raises(NotImplementedError):
        Worker(None).abort()


# -- of programs ------------------------------------------------------------------------


class Wrapped(ExecClient):
    def _build_cmd(self):
        command, _env = ExecClient._build_cmd(self)
        return f"echo {self.key} {self.rank}; {command}", {"MARK": "set"}


class WrappedCopy(CopyClient):
    def _build_cmd(self):
        argv, env = CopyClient._build_cmd(self)
        return ["echo", type(self.worker).__name__, *argv], env


class WrappedWorker(ExecWorker):
    SHELL_CLASS = Wrapped
    COPY_CLASS = WrappedCopy


class Launcher(ExecClient):
    """Neither placeholders nor anything else of ours."""

    def _build_cmd(self):
        return ["printf", "%s", f"{self.key}: {self.command}"], None


class LauncherWorker(ExecWorker):
    SHELL_CLASS = Launcher

    def __init__(self, nodes, handler, timeout=None, **kwargs):
        self.partition = kwargs.get("partition")
        super().__init__(nodes, handler, timeout, **kwargs)


def test_a_client_may_wrap_the_command(task: Task) -> None:
    task.set_default("distant_worker", WrappedWorker)
    worker = task.run("echo %h $MARK", nodes="n[1-2]")
    assert worker.node_buffer("n2") == b"n2 1\nn2 set"
    task.copy("/etc/hosts", "/tmp/x.%n", nodes="n[1-2]")
    task.resume()
    assert task.key_buffer("n2") == b"WrappedWorker cp /etc/hosts /tmp/x.1"


def test_a_client_stands_for_all_nodes_where_the_command_names_them(task: Task) -> None:
    task.set_default("distant_worker", WrappedWorker)
    worker = task.run("echo %hosts", nodes="n[1-2]")
    assert worker.node_buffer("n1") == worker.node_buffer("n2") == b"n[1-2] None\nn[1-2]"


def test_a_client_may_make_commands_of_its_own(task: Task) -> None:
    worker = LauncherWorker("n[1-2]", None, command="date +%s", partition="fast")
    task.schedule(worker)
    task.resume()
    assert worker.partition == "fast"
    assert worker.node_buffer("n1") == b"n1: date +%s"


def test_clients_of_remote_workers(task: Task, stubs: Path) -> None:
    class Sudo(SshClient):
        def _build_cmd(self):
            argv, _env = SshClient._build_cmd(self)
            return [*argv[:-1], f"sudo {argv[-1]}"], {"PATH": os.environ["PATH"]}

    class Slow(ScpClient):
        def _build_cmd(self):
            argv, env = super()._build_cmd()
            return [argv[0], "-l", "99", *argv[1:]], env

    class Derived(WorkerSsh):
        SHELL_CLASS = Sudo
        COPY_CLASS = Slow

    task.set_default("distant_worker", Derived)
    task.set_info("connect_timeout", 0)
    task.run("reboot %hosts", nodes="n[1-2]")
    task.copy("/etc/hosts", "/dst", nodes="n1")
    task.resume()
    lines = stubs.read_text().splitlines()
    ssh = "ssh|-oForwardAgent=no|-oForwardX11=no|-oBatchMode=yes"
    assert sorted(lines[:2]) == [f"{ssh}|n1|sudo reboot %hosts", f"{ssh}|n2|sudo reboot %hosts"]
    assert lines[2:] == ["scp|-l|99|-oBatchMode=yes|/etc/hosts|[n1]:/dst"]


def test_clients_keep_what_belongs_to_their_program(task: Task, tmp_path: Path) -> None:
    """The marker of rsh and the labels of pdsh are still understood."""

    class MyRsh(RshClient):
        def _build_cmd(self):
            argv, env = RshClient._build_cmd(self)
            return [pdsh(tmp_path / "rsh", 'eval "$2$3"'), *argv[1:]], env

    class MyPdsh(PdshClient):
        def _build_cmd(self):
            argv, env = PdshClient._build_cmd(self)
            assert str(self.key) == "n[1-2]"
            return [pdsh(tmp_path / "pdsh", "echo n1: one; echo n2: two"), *argv[1:]], env

    classes = [
        type("R", (WorkerRsh,), {"SHELL_CLASS": MyRsh}),
        type("P", (WorkerPdsh,), {"SHELL_CLASS": MyPdsh}),
    ]
    task.schedule(classes[0]("n1", None, command="(exit 7)"))
    task.resume()
    assert task.key_retcode("n1") == 7
    task.schedule(classes[1]("n[1-2]", None, command="x"))
    task.resume()
    assert (task.key_buffer("n1"), task.key_buffer("n2")) == (b"one", b"two")


def test_an_error_in_a_client_stops_the_run(task: Task) -> None:
    class Broken(ExecClient):
        def _build_cmd(self):
            if self.key == "n3":
                raise WorkerError("no way to n3")
            return "sleep 600", None

    handler = Recorder()
    worker = type("B", (ExecWorker,), {"SHELL_CLASS": Broken})("n[1-5]", handler, command="x")
    task.schedule(worker)
    with pytest.raises(WorkerError, match="no way to n3"):
        task.resume()
    assert handler.names == ["start", "pickup", "pickup", "close"]


def test_workers_are_found_by_name(task: Task, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "mywk.py").write_text(
        "from ClusterShell.Worker.Exec import ExecWorker\n"
        "class Mine(ExecWorker): pass\n"
        "WORKER_CLASS = Mine\n"
    )
    (tmp_path / "noworker.py").write_text("")
    (tmp_path / "broken.py").write_text("import no_such_module_at_all\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name, cls in (("RSH", "WorkerRsh"), ("ClusterShell.Worker.Exec", "ExecWorker"),
                      ("mywk", "Mine"), ("pdsh", "WorkerPdsh")):  # fmt: skip
        task.set_default("distant_workername", name)
        assert task.default("distant_worker").__name__ == cls
    for name, error in (("bogus", ImportError), ("noworker", AttributeError),
                        ("broken", ImportError)):  # fmt: skip
        with pytest.raises(error):
            task.set_default("distant_workername", name)
    assert task.default("distant_workername") == "pdsh"
    assert task.default("distant_worker") is WorkerPdsh
    for name in ("mywk", "noworker", "broken"):
        sys.modules.pop(name, None)


def test_tracing(task: Task, capsys: pytest.CaptureFixture[str], stubs: Path) -> None:
    task.set_info("debug", True)
    task.run("echo a b", nodes="n1")
    task.run("echo local")
    task.set_default("distant_workername", "ssh")
    task.set_info("connect_timeout", 0)
    lines = []
    task.set_info("print_debug", lambda task, text: lines.append(text))
    task.run("uptime", nodes="n1")
    assert capsys.readouterr().out.splitlines() == [
        "EXECCLIENT: echo a b", "n1: b'a b'", "POPEN: echo local", "LINE b'local'",
    ]  # fmt: skip
    assert lines == [
        "SSHCLIENT: ssh -oForwardAgent=no -oForwardX11=no -oBatchMode=yes n1 uptime"
    ]  # fmt: skip
