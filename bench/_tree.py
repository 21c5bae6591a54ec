"""A site to run trees on: a lab with real sshd, its files, and both sides' commands measured.

Gateways are reached by real ssh, their names begin with ``gw``.  Targets are reached as a script
asks: by real ssh, too, or by a stub that runs the command in a local shell, so that the tool is
measured and not ssh (*null connector*).  The stub may be slow on some gateways, and the way to
gateways may be long.  What a gateway needed is written down by what starts it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import peers
from _measure import ENVIRONMENT, MEGABYTE, MeasureError
from clush.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT = 900  # seconds for one command: whatever takes longer hangs

# Runs a tool in a process of its own and writes down what that needed.
HEAD = """
import atexit, json, resource, runpy, sys
note, script = sys.argv[1:3]
sys.argv = sys.argv[2:]
def end():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    with open(note, "w") as file:
        json.dump([usage.ru_utime + usage.ru_stime, usage.ru_maxrss], file)
atexit.register(end)
runpy.run_path(script, run_name="__main__")
"""

# Stands for the interpreter of a gateway: runs it, and notes what it alone needed.
GATEWAY = """\
#!{python} -IS
import json, os, sys
pid = os.posix_spawn({interpreter!r}, [{interpreter!r}, *sys.argv[1:]], os.environ)
with open({notes!r} + ".pids", "a") as file:
    file.write("%d\\n" % pid)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
with open("/proc/%d/stat" % pid) as file:
    words = file.read().rpartition(")")[2].split()
_, status, usage = os.wait4(pid, 0)
used = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
with open({notes!r}, "a") as file:
    file.write(json.dumps([used, usage.ru_maxrss]) + "\\n")
code = os.waitstatus_to_exitcode(status)
sys.exit(code if code >= 0 else 128 - code)
"""

STUB = """\
#!/bin/sh
for word; do host=$last; last=$word; done
case $host in gw*) exec {to_gateways} "$@" ;; esac
{before}
{target}
"""

# A long way: what goes in comes out a while later, both ways.
DELAY = """\
import collections, os, subprocess, sys, threading, time
seconds = float(sys.argv[1])
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

def carry(source, target):
    queue, ready = collections.deque(), threading.Semaphore(0)
    def read():
        data = True
        while data:
            data = os.read(source, 1 << 16)
            queue.append((time.monotonic() + seconds, data))
            ready.release()
    threading.Thread(target=read, daemon=True).start()
    while True:
        ready.acquire()
        due, data = queue.popleft()
        time.sleep(max(0, due - time.monotonic()))
        if not data:
            return os.close(target)
        while data:
            data = data[os.write(target, data):]

threading.Thread(target=carry, args=(0, child.stdin.fileno()), daemon=True).start()
try:
    carry(child.stdout.fileno(), 1)
except BrokenPipeError:
    child.kill()
os._exit(child.wait())
"""


class Usage(NamedTuple):
    """What one process alone needed, at most."""

    cpu: float  # seconds
    megabytes: float


class Run(NamedTuple):
    """One command, its head and its gateways."""

    seconds: float
    head: Usage
    gateways: list[Usage]
    lines: int
    end: str  # of what it printed
    returncode: int


class Side(NamedTuple):
    """A tool, its name, and the interpreter on gateways."""

    name: str
    script: str
    python: str
    gateway: str


def sides() -> list[Side]:
    """Ours, whose gateways have nothing installed; and the peer's, if it is there."""
    base = getattr(sys, "_base_executable", sys.executable)
    ours = Side("ours", str(Path(sys.executable).with_name("clush")), sys.executable, base)
    script, python = peers.clustershell("clush"), peers.clustershell("python")
    return [ours, Side("peer", script, python, python)] if script and python else [ours]


class Site:
    """A lab and its files, as a context manager.

    ``routes`` follow those from here to the gateways.  ``stub`` is whether targets are local
    shells, ``before`` a shell command that each of them begins with, ``delay`` how long the way
    to gateways is, in seconds for one way.
    """

    def __init__(
        self, nodes: str, routes: Sequence[str], *, stub: bool = True, before: str = ":",
        delay: float = 0.0, fanout: int = 64,
    ) -> None:  # fmt: skip
        self._lab = Lab(nodes)
        self._routes = routes
        self._stub, self.before, self._delay, self._fanout = stub, before, delay, fanout
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)

    def __enter__(self) -> Site:
        self._lab.start()
        folder = self.folder
        self.environment = {
            **self._lab.environ(ENVIRONMENT),
            "CLUSTERSHELL_CFGDIR": str(folder),
            "CLUSTERSHELL_GW_LOG_DIR": str(folder),
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
        }
        here = os.uname().nodename.partition(".")[0]
        routes = [route.replace("HERE", here, 1) for route in self._routes]
        (folder / "tree").write_text("\n".join(["[routes]", *routes, ""]))
        ssh = shutil.which("ssh", path=self.environment["PATH"])
        (folder / "delay").write_text(DELAY)
        gateways = f"{sys.executable} {folder}/delay {self._delay} {ssh}" if self._delay else ssh
        target = 'eval "$last"' if self._stub else f'exec {ssh} "$@"'
        stub = STUB.format(to_gateways=gateways, before=self.before, target=target)
        self._program("ssh", stub)
        (folder / "clush.conf").write_text(
            f"[Main]\nfanout: {self._fanout}\nconnect_timeout: 30\nssh_path: {folder}/ssh\n"
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._lab.stop()
        self._folder.cleanup()

    def _program(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def start(
        self, side: Side, *words: str, tree: bool = True, measured: bool = True, **options: object
    ) -> subprocess.Popen[bytes]:
        """Start a command; ``options`` are those of ``Popen``."""
        self.notes = self.folder / "notes"
        for name in ("notes", "notes.pids", "head"):
            (self.folder / name).unlink(missing_ok=True)
        gateway = side.gateway
        if measured:
            notes = str(self.notes)
            text = GATEWAY.format(python=sys.executable, interpreter=side.gateway, notes=notes)
            gateway = str(self._program(f"python-{side.name}", text))
        argv = [side.python, "-c", HEAD, str(self.folder / "head"), side.script]
        argv += ["--conf", str(self.folder / "clush.conf")]
        argv += ["--topology", str(self.folder / "tree")] if tree else []
        environment = {**self.environment, "CLUSTERSHELL_GW_PYTHON_EXECUTABLE": gateway}
        return subprocess.Popen([*argv, *words], env=environment, **options)  # type: ignore[call-overload]

    def run(
        self, side: Side, *words: str, tree: bool = True, measured: bool = True,
        stdin: str = os.devnull,
    ) -> Run:  # fmt: skip
        """Run a command to its end; MeasureError if it takes too long."""
        output = self.folder / "output"
        with open(stdin, "rb") as given, open(output, "wb") as out:
            begun = time.perf_counter()
            child = self.start(
                side, *words, tree=tree, measured=measured, stdin=given, stdout=out,
                stderr=subprocess.STDOUT,
            )  # fmt: skip
            # With a limit of its own, wait() would look every 50 ms only.
            watchdog = threading.Timer(LIMIT, child.kill)
            watchdog.start()
            child.wait()
            seconds = time.perf_counter() - begun
            watchdog.cancel()
            if seconds >= LIMIT:
                raise MeasureError(f"{side.name}: still running after {LIMIT} s")
        lines, end = 0, b""
        with open(output, "rb") as printed:
            while data := printed.read(1 << 20):
                lines += data.count(b"\n")
                end = (end + data)[-300:]
        text = end.decode(errors="replace").strip()
        return Run(seconds, self.head(), self.gateways(), lines, text, child.returncode)

    def head(self) -> Usage:
        """What the head of the command that has ended needed."""
        path = self.folder / "head"
        cpu, kilobytes = json.loads(path.read_text()) if path.exists() else (0.0, 0)
        return Usage(cpu, kilobytes * 1024 / MEGABYTE)

    def gateways(self) -> list[Usage]:
        """What its gateways needed; those that are on their way out are waited for."""
        deadline = time.monotonic() + 10
        while self.pids() and time.monotonic() < deadline:
            time.sleep(0.02)
        lines = self.notes.read_text().splitlines() if self.notes.exists() else []
        return [Usage(cpu, size * 1024 / MEGABYTE) for cpu, size in map(json.loads, lines)]

    def pids(self) -> list[int]:
        """The gateways that run."""
        path = Path(f"{self.notes}.pids")
        known = map(int, path.read_text().split()) if path.exists() else ()
        return [pid for pid in known if _runs(pid)]


def _runs(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def checked(run: Run, lines: int) -> Run:
    """``run``, if it has printed that many lines and ended well; else MeasureError."""
    if run.returncode or run.lines != lines:
        raise MeasureError(f"exit code {run.returncode}, {run.lines} lines of {lines}: {run.end}")
    return run
