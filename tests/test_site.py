"""Node sets find the site's groups through every door, and read nothing for plain names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DOORS = {
    "package": "import clush; print(clush.NodeSet('@web,login'))",
    "classic": "from ClusterShell.NodeSet import NodeSet; print(NodeSet('@web,login'))",
    "command": "import sys; sys.argv = ['nodeset', '-f', '@web,login']\n"
    "from clush.cli.nodeset import main; main()",
}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "groups.conf").write_text("[Main]\ndefault: here\n[here]\nmap: echo w[1-3]\n")
    keep = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")}
    return {**keep, "HOME": str(tmp_path), "CLUSTERSHELL_CFGDIR": str(tmp_path)}


@pytest.mark.parametrize("door", DOORS)
def test_groups_of_the_site(door: str, environ: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DOORS[door]], env=environ, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("login,w[1-3]\n", "")


def test_the_site_says_which_axes_are_folded(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "defaults.conf").write_text("[nodeset]\nfold_axis: 0\n")
    code = "import clush; print(clush.NodeSet('r[1-2]n[1-2]'))"
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("r[1-2]n1,r[1-2]n2\n", "")


@pytest.mark.parametrize("door", DOORS)
def test_plain_names_need_no_configuration(door: str, environ: dict[str, str]) -> None:
    Path(environ["CLUSTERSHELL_CFGDIR"], "groups.conf").write_text("[[[ nonsense")
    code = DOORS[door].replace("@web,login", "n[1-2]")
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("n[1-2]\n", "")
