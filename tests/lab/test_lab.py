"""Real ssh on the lab: what each knob does, in both flavours, and that nothing remains."""

from __future__ import annotations

import grp
import os
import select
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from clush.errors import LabError
from clush.lab import Lab, keeper, openssh, processes
from clush.lab import folder as folders

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FLAVOURS = ("sshd", "asyncssh")
KNOBS = ("refuse", "unknown", "silent", "off", "badkey", "hostkey", "noisy")
NEEDS_SSHD = pytest.mark.skipif(bool(openssh.obstacle()), reason=str(openssh.obstacle()))
SHORT = 5.0  # seconds within which what was told to end has ended


@pytest.fixture(scope="module", params=FLAVOURS)
def any_lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A lab of each flavour, with one node per knob, named after it."""
    try:
        keeper.choose(request.param)
    except LabError as error:
        pytest.skip(str(error))
    nodes = ",".join(("node[1-60]", *KNOBS, "late"))
    knobs = {knob: knob for knob in KNOBS}
    with Lab(nodes, delay="late:0.3", flavour=request.param, **knobs) as lab:
        yield lab


def ssh(
    lab: Lab, node: str, command: str, *options: str, **more: str
) -> subprocess.CompletedProcess[str]:
    argv = ["ssh", *options, node, command]
    more.setdefault("input", "")
    return subprocess.run(argv, env=lab.environ(), capture_output=True, text=True, **more)  # type: ignore[call-overload,no-any-return]


def test_a_command_runs_as_the_node(any_lab: Lab) -> None:
    done = ssh(any_lab, "node7", "echo $LAB_NODE in $PWD; echo oops >&2; exit 3")
    assert done.stdout == f"node7 in {any_lab.home('node7')}\n"
    assert done.stderr == "oops\n"
    assert done.returncode == 3


def test_input_and_output_pass_unharmed(any_lab: Lab) -> None:
    text = "".join(f"line {number}\n" for number in range(50_000))
    assert ssh(any_lab, "node1", "cat", input=text).stdout == text


def test_a_command_ended_by_a_signal_is_lost_for_ssh(any_lab: Lab) -> None:
    assert ssh(any_lab, "node1", "kill -9 $$").returncode == 255


def sshd_cannot_own_terminals() -> bool:
    """Without privileges sshd needs /dev/pts mounted such that terminals are born right."""
    ours, its = os.openpty()
    try:
        return os.geteuid() != 0 and os.fstat(its).st_gid != grp.getgrnam("tty").gr_gid
    finally:
        os.close(ours)
        os.close(its)


def test_a_terminal_can_be_had(any_lab: Lab) -> None:
    if any_lab.flavour == "sshd" and sshd_cannot_own_terminals():
        pytest.skip("/dev/pts is not mounted with the group tty: sshd can give no terminal")
    done = ssh(any_lab, "node1", "tty; exit 4", "-tt")
    assert done.stdout.startswith("/dev/pts/")
    assert done.returncode == 4


def test_nodes_reach_each_other(any_lab: Lab) -> None:
    done = ssh(any_lab, "node1", "ssh node2 'echo $LAB_NODE'")
    assert (done.stdout, done.stderr) == ("node2\n", "")


@pytest.mark.parametrize("options", [[], ["-O"]], ids=["sftp", "scp"])
def test_files_land_in_the_home_of_the_node(
    any_lab: Lab, tmp_path: Path, options: list[str]
) -> None:
    (tmp_path / "here").write_text("content")
    for source, target in ((tmp_path / "here", "node3:there"), ("node3:there", tmp_path / "back")):
        argv = ["scp", "-q", *options, str(source), str(target)]
        subprocess.run(argv, env=any_lab.environ(), check=True)
    assert (any_lab.home("node3") / "there").read_text() == "content"
    assert (tmp_path / "back").read_text() == "content"


TROUBLE = {
    "refuse": "ssh: connect to host 127.0.0.1 port {port}: Connection refused",
    "unknown": "ssh: Could not resolve hostname unknown..invalid: ",
    "elsewhere": "ssh: Could not resolve hostname elsewhere..invalid: ",
    "silent": "Connection timed out during banner exchange",
    "off": "ssh: connect to host 127.0.0.1 port {port}: Connection timed out",
    "badkey": "{user}@127.0.0.1: Permission denied (publickey).",
    "hostkey": "Host key verification failed.",
}
TIMEOUTS = {"silent": 1, "off": 1}  # seconds: the others answer, if late on a busy machine


def test_trouble_looks_as_it_does_in_real_life(any_lab: Lab) -> None:
    def reach(node: str) -> subprocess.CompletedProcess[str]:
        return ssh(any_lab, node, "echo reached", f"-oConnectTimeout={TIMEOUTS.get(node, 30)}")

    with ThreadPoolExecutor(len(TROUBLE)) as pool:  # two of them take their time
        done = list(pool.map(reach, TROUBLE))
    for (node, stderr), one in zip(TROUBLE.items(), done):
        assert (node, one.stdout, one.returncode) == (node, "", 255)
        options = dict(line.split(" ", 1) for line in resolved(any_lab, node))
        assert stderr.format(**options) in one.stderr


def resolved(lab: Lab, node: str) -> list[str]:
    """ssh's own view of a node's configuration."""
    argv = ["ssh", "-G", node]
    return subprocess.check_output(argv, env=lab.environ(), text=True).splitlines()


def test_a_noisy_node_prints_before_the_command(any_lab: Lab) -> None:
    assert ssh(any_lab, "noisy", "echo done").stdout == "Welcome to noisy\ndone\n"


def test_a_noisy_node_breaks_copies(any_lab: Lab, tmp_path: Path) -> None:
    argv = ["scp", "-q", "/dev/null", "noisy:"]
    done = subprocess.run(argv, env=any_lab.environ(), capture_output=True, text=True)
    assert done.returncode
    assert "Received message too long" in done.stderr


def test_a_late_node_answers_after_its_delay(any_lab: Lab) -> None:
    script = 'sed "s/ .*//" /proc/uptime'
    before = float(subprocess.check_output(["sh", "-c", script]))
    done = ssh(any_lab, "late", script)
    assert 0.25 <= float(done.stdout) - before < SHORT


def test_many_log_in_at_once(any_lab: Lab) -> None:
    nodes = [f"node{number}" for number in range(1, 61)]
    with ThreadPoolExecutor(len(nodes)) as pool:
        done = list(pool.map(lambda node: ssh(any_lab, node, "echo $LAB_NODE"), nodes))
    assert [one.stdout.strip() for one in done] == nodes


def test_two_labs_at_once_are_strangers() -> None:
    with Lab("node1") as one, Lab("node1") as other:
        assert one.port != other.port
        for lab in (one, other):
            assert ssh(lab, "node1", "echo $LAB_DIR").stdout == f"{lab.folder}\n"


def test_a_folder_with_an_awkward_name_will_do(tmp_path: Path) -> None:
    folder = tmp_path / "it's 100%d $HOME"
    with Lab("node1", folder=folder) as lab:
        assert ssh(lab, "node1", "pwd").stdout == f"{folder}/home/node1\n"


# Nothing remains.


@contextmanager
def session(lab: Lab) -> Iterator[list[processes.Process]]:
    """A running command on the lab; all processes of the lab, two of which are that command."""
    argv = ["ssh", "-n", "node1", "echo started; sleep 60 & wait"]
    client = subprocess.Popen(
        argv, env=lab.environ(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert client.stdout is not None
    assert client.stdout.readline() == b"started\n"
    yield members_of(lab)
    client.stdout.close()
    client.wait(60)  # with 255, or with 0 where its shell outlived its command


def members_of(lab: Lab) -> list[processes.Process]:
    pids = {lab.state.pid, *processes.family(lab.state.pid, lab.state.birth)}
    return [process for process in map(processes.look, pids) if process is not None]


def still_there(members: list[processes.Process]) -> list[processes.Process]:
    return [one for one in members if processes.is_alive(one.pid, one.birth)]


def test_stop_leaves_no_process_and_no_folder() -> None:
    with Lab("node1") as lab:
        folder = lab.folder
        # a process that has left its login and its session behind
        ssh(lab, "node1", "setsid sleep 60 >/dev/null 2>&1 </dev/null &")
        with session(lab) as members:
            assert len(members) >= 4
            lab.stop()
    assert not folder.exists()
    assert still_there(members) == []


def test_a_folder_without_permissions_goes_as_well() -> None:
    lab = Lab("node1")
    lab.start()
    folder = lab.folder
    ssh(lab, "node1", "mkdir -p a/b && chmod 0 a")
    lab.stop()
    assert not folder.exists()


def test_the_lab_ends_with_its_owner() -> None:
    script = (
        "import os; from clush.lab import Lab; lab = Lab('node1'); lab.start();"
        "print(lab.state.pid, lab.folder, flush=True); os.kill(os.getpid(), 9)"
    )
    owner = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert owner.returncode == -signal.SIGKILL
    pid, folder = owner.stdout.split()
    wait_for_end(int(pid))
    assert not os.path.exists(folder)


def wait_for_end(pid: int) -> None:
    """Until the process is gone (it may be already)."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([fd], [], [], SHORT)[0], f"process {pid} does not end"
    finally:
        os.close(fd)


@NEEDS_SSHD
def test_what_a_killed_keeper_left_is_removed_by_the_next_lab() -> None:
    lab = Lab("node1", flavour="sshd")
    lab.start()
    folder, pid = lab.folder, lab.state.pid
    with session(lab) as members:
        os.kill(pid, signal.SIGKILL)
        wait_for_end(pid)
        assert folder.exists()
        with Lab("node1"):
            assert not folder.exists()
            assert still_there(members) == []
    lab.stop()


@NEEDS_SSHD
def test_stop_does_what_a_killed_keeper_cannot() -> None:
    with Lab("node1", flavour="sshd") as lab:
        folder = lab.folder
        with session(lab) as members:
            os.kill(lab.state.pid, signal.SIGKILL)
            lab.stop()
    assert not folder.exists()
    assert still_there(members) == []


# Errors.


def test_a_lab_cannot_be_started_twice() -> None:
    with Lab("node1") as lab, pytest.raises(LabError, match="up already"):
        lab.start()


def test_a_lab_that_is_not_up_has_no_folder() -> None:
    with pytest.raises(LabError, match="not up"):
        Lab("node1").ssh_config  # noqa: B018


def test_a_folder_that_exists_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    with pytest.raises(LabError, match="there already"):
        Lab("node1", folder=tmp_path).start()
    assert (tmp_path / "mine").exists()


def test_a_wrong_knob_is_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError, match="no such knob: wobbly"):
        Lab("node1", wobbly="node1")


@pytest.mark.parametrize(
    ("flavour", "message"),
    [
        ("sshd", "no sshd here: install openssh-server"),
        ("asyncssh", "no asyncssh for this Python: install openssh-server or `pip install"),
        ("auto", "no sshd here, and no asyncssh: install openssh-server or `pip install"),
    ],
)
def test_without_a_server_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, flavour: str, message: str
) -> None:
    monkeypatch.setattr(openssh, "obstacle", lambda: "no sshd here")
    monkeypatch.setitem(sys.modules, "asyncssh", None)
    with pytest.raises(LabError) as raised:
        keeper.choose(flavour)
    assert message in str(raised.value)


@pytest.mark.parametrize(("there", "flavour"), [(None, "sshd"), ("no sshd here", "asyncssh")])
def test_sshd_comes_first(monkeypatch: pytest.MonkeyPatch, there: str | None, flavour: str) -> None:
    pytest.importorskip("asyncssh")
    monkeypatch.setattr(openssh, "obstacle", lambda: there)
    assert keeper.choose("auto") == flavour


def test_the_word_of_another_user_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = folders.State(os.getpid(), "birth", "node1", "sshd", 22)
    folders.write_state(tmp_path, state)
    assert folders.read_state(tmp_path) == state
    (tmp_path / "link").symlink_to(tmp_path)
    assert folders.read_state(tmp_path / "link") is None
    monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
    assert folders.read_state(tmp_path) is None


def test_sweep_keeps_what_is_alive_and_what_may_be_starting() -> None:
    with Lab("node1") as lab:
        starting = folders.temporary()
        try:
            folders.sweep()
            assert lab.folder.exists()
            assert starting.exists()
            os.utime(starting, (0, 0))
            assert starting in folders.sweep()
        finally:
            folders.remove(starting)
