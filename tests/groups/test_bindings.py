"""The sample sources: each beside the program it asks, or a stand-in where it is not free.

Slurm runs here for real, on loopback, with a controller and three nodes of its own.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from pwd import getpwuid

import pytest

import clush.config
from clush.errors import NodeSetParseError
from clush.groups import Persistence, Resolver, from_file
from clush.sets.nodeset import NodeSet

SAMPLES = Path(clush.config.__file__).parent / "samples"


def installed(folder: Path, persistence: Persistence | None = None) -> Resolver:
    """A resolver for the samples, with all examples enabled."""
    conf = folder / "samples/groups.conf"
    if not conf.exists():
        shutil.copytree(SAMPLES, folder / "samples")
        for path in folder.glob("samples/**/*.example"):
            path.rename(path.with_suffix(""))
        conf.write_text(conf.read_text().replace("/etc/clustershell", "/nosuch"))
    return from_file(str(conf), persistence or Persistence(enabled=False))


def nodes(text: str, resolver: Resolver) -> str:
    return str(NodeSet(text, resolver=resolver))


def program(folder: Path, monkeypatch, name: str, script: str) -> None:
    (folder / "bin").mkdir(exist_ok=True)
    path = folder / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(path.parent), prepend=os.pathsep)


def test_all_samples_can_be_enabled_together(tmp_path) -> None:
    resolver = installed(tmp_path)
    assert resolver.default == "local"
    expected = {"local", "ansible", "genders", "xcat", "roles", "racks", "cpu"}
    expected |= {"slurmpart", "slurmresv", "slurmstate", "slurmjob", "slurmuser"}
    expected |= {"slurmaccount", "slurmqos", "sp", "sr", "st", "sj", "su", "sa", "sq"}
    assert set(resolver.sources()) == expected
    assert resolver.problems == []


def test_flat_file(tmp_path) -> None:
    resolver = installed(tmp_path)
    assert resolver.grouplist() == []
    local = tmp_path / "samples/groups.d/local.cfg"
    text = local.read_text().partition("#\n")[2].replace("# ", "")
    resolver.clear_cache()
    local.write_text(text)
    assert nodes("@compute", resolver) == "node[1-1024]"
    assert nodes("@*", resolver) == "login[1-2],node[1-1024]"
    assert NodeSet("login[1-2],x", resolver=resolver).regroup() == "@login,x"


def test_yaml(tmp_path) -> None:
    resolver = installed(tmp_path)
    assert nodes("@roles:*", resolver) == "admin[1-2],login[1-2],mds[1-2],node[1-64],oss[1-8]"
    assert nodes("@cpu:intel", resolver) == "node[1-16,33-64]"
    assert nodes("@racks:servers", resolver) == "admin[1-2],mds[1-2],oss[1-8]"


GENDERS = "node1 all,login,rack=1\nnode[2-4] all,compute,rack=1,gpu\nnode5 all,compute,rack=2\n"


@pytest.mark.skipif(not shutil.which("nodeattr"), reason="genders is not installed")
def test_genders(tmp_path, monkeypatch) -> None:
    (tmp_path / "genders").write_text(GENDERS)
    real = shutil.which("nodeattr")
    program(tmp_path, monkeypatch, "nodeattr", f'exec {real} -f {tmp_path}/genders "$@"')
    resolver = installed(tmp_path)
    groups = {name: nodes(f"@genders:{name}", resolver) for name in resolver.grouplist("genders")}
    assert groups == {
        "all": "node[1-5]",
        "compute": "node[2-5]",
        "gpu": "node[2-4]",
        "login": "node1",
        "rack": "node[1-5]",
        "rack=1": "node[1-4]",
        "rack=2": "node5",
    }
    assert nodes("@genders:*", resolver) == "node[1-5]"
    assert nodes("@genders:nosuch", resolver) == ""
    # What is not in the listing is a query of genders.
    assert nodes("@genders:compute--gpu", resolver) == "node5"
    assert NodeSet("node[1-2,5]", resolver=resolver).regroup("genders") == (
        "@genders:login,@genders:rack=2,node2"
    )


def test_xcat(tmp_path, monkeypatch) -> None:
    script = 'case "$*" in *" group") echo "all  (group)"; echo "rack1  (group)";;'
    script += ' *rack1) echo "n1  (node)";; *node) echo "n1  (node)"; echo "n2  (node)";; esac'
    program(tmp_path, monkeypatch, "lsdef", script)
    resolver = installed(tmp_path)
    assert resolver.grouplist("xcat") == ["all", "rack1"]
    assert nodes("@xcat:rack1", resolver) == "n1"
    assert nodes("@xcat:*", resolver) == "n[1-2]"


def test_ansible(tmp_path, monkeypatch) -> None:
    (tmp_path / "hosts").write_text("[web]\nweb[01:12]\n")
    monkeypatch.setenv("ANSIBLE_INVENTORY", str(tmp_path / "hosts"))
    assert nodes("@ansible:web,@ansible:all", installed(tmp_path)) == "web[01-12]"


# Slurm

SLURM = ("munged", "slurmctld", "slurmd", "sinfo", "squeue", "scontrol", "sbatch", "scancel")
CONFIGURATION = """\
ClusterName=private
SlurmctldHost=localhost(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmdSpoolDir={folder}/spool-%n
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
SlurmctldPort={ports[0]}
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/builtin
ReturnToService=2
KillWait=1
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
NodeName=cn1 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[1]} CPUs=1
NodeName=cn2 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[2]} CPUs=1
NodeName=cn3 NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[3]} CPUs=1
PartitionName=batch Nodes=cn[1-2] Default=YES
PartitionName=big-mem Nodes=cn[2-3]
"""


def slurm_path() -> str:
    return os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in sockets]
    for server in sockets:
        server.close()
    return ports


def printed(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True).stdout.strip()


def wait_until(what: str, *argv: str) -> None:
    deadline = time.monotonic() + 30
    while printed(*argv) != what:
        if time.monotonic() > deadline:
            pytest.skip(f"Slurm does not get ready here: {argv} says {printed(*argv)!r}")
        time.sleep(0.05)


@pytest.fixture(scope="module")
def slurm():
    """A private Slurm with two running jobs and a reservation."""
    missing = [name for name in SLURM if not shutil.which(name, path=slurm_path())]
    if missing:
        pytest.skip(f"Slurm is not installed (slurm-wlm, munge): no {', '.join(missing)}")
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    daemons: list[subprocess.Popen] = []
    patch = pytest.MonkeyPatch()
    try:
        patch.setenv("PATH", slurm_path())
        patch.setenv("SLURM_CONF", str(folder / "slurm.conf"))
        start_slurm(folder, daemons)
        start_jobs()
        yield folder
    finally:
        if daemons:
            printed("scancel", "1", "2")
            wait_until("", "squeue", "-h")
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait(20)
        patch.undo()
        shutil.rmtree(folder)


def start_slurm(folder: Path, daemons: list[subprocess.Popen]) -> None:
    user = getpwuid(os.geteuid()).pw_name
    for name in ("munge", "state", "spool-cn1", "spool-cn2", "spool-cn3"):
        (folder / name).mkdir(0o700)
    (folder / "munge/key").write_bytes(os.urandom(1024))
    (folder / "munge/key").chmod(0o600)
    text = CONFIGURATION.format(folder=folder, user=user, ports=free_ports(4))
    (folder / "slurm.conf").write_text(text)
    munge = [
        f"--{name}={folder}/munge/{file}"
        for name, file in (
            ("key-file", "key"),
            ("socket", "socket"),
            ("pid-file", "pid"),
            ("log-file", "log"),
            ("seed-file", "seed"),
        )
    ]
    commands = [["munged", "--foreground", "--force", *munge], ["slurmctld", "-D", "-c"]]
    commands += [["slurmd", "-D", "-N", f"cn{number}"] for number in (1, 2, 3)]
    for command in commands:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        daemons.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, **quiet))
        if command[0] == "munged":
            wait_until("yes", "sh", "-c", f"test -S {folder}/munge/socket && echo yes")
    wait_until("idle", "sinfo", "-h", "-o", "%T")


def start_jobs() -> None:
    jobs = [["-w", "cn1"], ["-N", "2", "-p", "big-mem", "-J", "x; y"]]
    for job in jobs:
        printed("sbatch", *job, "-o", "/dev/null", "--wrap", "exec sleep 600")
    wait_until("1 cn1\n2 cn[2-3]", "squeue", "-h", "-t", "R", "-S", "i", "-o", "%i %N")
    printed(
        *("scontrol", "create", "reservation", "ReservationName=maint", "StartTime=now"),
        *("Duration=60", "Nodes=cn2", "Users=root", "Flags=MAINT,IGNORE_JOBS,OVERLAP"),
    )
    printed("scontrol", "update", "nodename=cn3", "state=drain", "reason=test")


@pytest.mark.slurm
@pytest.mark.parametrize(
    ("source", "groups", "every"),
    [
        ("slurmpart", {"batch": "cn[1-2]", "big-mem": "cn[2-3]"}, "cn[1-3]"),
        ("slurmresv", {"maint": "cn2"}, "cn2"),
        ("slurmstate", {"allocated": "cn[1-2]", "draining": "cn3"}, "cn[1-3]"),
        ("slurmjob", {"1": "cn1", "2": "cn[2-3]"}, "cn[1-3]"),
        ("slurmuser", {"USER": "cn[1-3]"}, "cn[1-3]"),
        ("slurmaccount", {}, ""),
        ("slurmqos", {}, ""),
    ],
)
def test_slurm(slurm, tmp_path, source: str, groups: dict[str, str], every: str) -> None:
    user = printed("id", "-un")
    groups = {name.replace("USER", user): found for name, found in groups.items()}
    resolver = installed(tmp_path)
    names = resolver.grouplist(source)
    assert {name: nodes(f"@{source}:{name}", resolver) for name in names} == groups
    assert nodes(f"@{source}:*", resolver) == every
    # By node, where the source can tell the groups of one.
    of_cn2 = NodeSet("cn2", resolver=resolver).groups(source, noprefix=True)
    expected = {name for name, found in groups.items() if "cn2" in NodeSet(found)}
    assert set(of_cn2) == {f"@{name}" for name in expected}


@pytest.mark.slurm
def test_slurm_by_short_name_and_by_query(slurm, tmp_path) -> None:
    resolver = installed(tmp_path)
    assert nodes("@sp:batch!@st:allocated,@sj:[1-2]&@sr:maint", resolver) == "cn2"
    assert nodes("@st:drain,@st:idle", resolver) == "cn3"
    with pytest.raises(NodeSetParseError, match=r'"@sj:999" \(exit code 1\)$'):
        nodes("@sj:999", resolver)


@pytest.mark.slurm
def test_slurm_is_asked_once_by_many_programs(slurm, tmp_path, monkeypatch) -> None:
    cache = Persistence(directory=str(tmp_path / "cache"))
    text = "@sp:batch,@sp:*"
    assert nodes(text, installed(tmp_path, cache)) == "cn[1-3]"
    program(tmp_path, monkeypatch, "sinfo", "exit 1")
    assert nodes(text, installed(tmp_path, cache)) == "cn[1-3]"
    with pytest.raises(NodeSetParseError):
        nodes(text, installed(tmp_path))
