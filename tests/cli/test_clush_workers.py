"""``clush -R``: workers of ClusterShell that are modules of the site."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from clush_runs import CLUSH, Ran, in_order, run

MODULE = """\
from ClusterShell.Worker.Exec import CopyClient, ExecClient, ExecWorker

class Command(ExecClient):
    def _build_cmd(self):
        user = self.worker.task.info("ssh_user")
        return ["sh", "-c", f"echo {self.key} {self.rank} {user} $SITE; {self.command}"], {"SITE": "x"}

class File(CopyClient):
    def _build_cmd(self):
        return f"echo {self.key} {self.source} {self.dest} {self.preserve} {self.reverse}", None

class Worker(ExecWorker):
    SHELL_CLASS = Command
    COPY_CLASS = File

WORKER_CLASS = Worker
"""  # noqa: E501

# Words, standard output, standard error, status; on n[1-2].
RUNS = [
    ("-l joe exit %n", "n1: n1 0 joe x\nn2: n2 1 joe x\n", "", 0),
    ("-S cat; exit 3", "n1: n1 0 None x\nn2: n2 1 None x\n", "exited", 3),
    ("-w n1 -x n2 -c file --dest there", "n1: n1 file there False False\n", "", 0),
    ("-p --rcopy a --dest .", "n1: n1 a . True True\nn2: n2 a . True True\n", "", 0),
    ("-c nope", "", 'ERROR: file "nope" not found\n', 1),
]  # fmt: skip


@pytest.mark.parametrize(("words", "out", "err", "rc"), RUNS)
def test_a_worker_of_the_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, out: str, err: str, rc: int
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("site_worker.py").write_text(MODULE)
    Path("file").touch()
    given = ("-n", "-R", "site_worker", "-w", "n[1-2]", *words.replace("%n", "0").split())
    ran = run(*CLUSH, *given, env={**os.environ, "PYTHONPATH": str(tmp_path)})
    if err == "exited":
        err = "".join(f"clush: n{i}: exited with exit code 3\n" for i in (1, 2))
        err += "clush: exit code 3 (2): n[1-2]\n"
    assert Ran(*map(in_order, ran[:2]), ran.rc) == Ran(in_order(out), in_order(err), rc)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("zork", "choose from ssh, exec, rsh, pdsh"),
        ("json", "the module has no WORKER_CLASS that is a transport"),
    ],
)
def test_what_is_no_worker(clush, name: str, reason: str) -> None:
    err = f"ERROR: Could not load worker '{name}' ({reason})\n"
    assert clush("-n", "-w", "n1", "-R", name, "true") == Ran("", err, 1)


def test_a_worker_of_the_library(clush) -> None:
    for name in ("EXEC", "ClusterShell.Worker.Exec"):
        assert clush("-n", "-w", "n1", "-R", name, "echo %h") == Ran("n1: n1\n", "", 0)
