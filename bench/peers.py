"""The peers that benchmarks run beside us: where they are, and how the missing one is made.

``python bench/peers.py`` prepares ``.peers/`` in the root of the repository (not under version
control): a virtual environment with ClusterShell.  Each version of Python has its own, so that both
sides always run on the same interpreter.  pdsh, dshbak and xargs are the system's.  A benchmark
skips the peers that are not there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

CLUSTERSHELL = "ClusterShell==1.10.1"
ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".peers" / "python{}.{}".format(*sys.version_info)
ABSENT = "not installed, see bench/peers.py"
SYSTEM = ("pdsh", "dshbak", "xargs")


def clustershell(program: str) -> str | None:
    """The path of ``program`` (clush, clubak, nodeset, python) of ClusterShell, if it is there."""
    path = HOME / "bin" / program
    return str(path) if path.exists() and (HOME / "bin" / "clush").exists() else None


def system(program: str) -> str | None:
    """The path of a program of the system, if it is there."""
    return shutil.which(program)


def prepare() -> None:
    """Make ``.peers/``; CalledProcessError if the package cannot be fetched."""
    venv.create(HOME, with_pip=True, clear=True)
    argv = [str(HOME / "bin" / "python"), "-m", "pip", "install", "--quiet", CLUSTERSHELL]
    subprocess.run([*argv, "--disable-pip-version-check"], check=True)


def main(argv: list[str]) -> int:
    """Prepare what can be prepared and say what is there; ``--force`` starts anew."""
    if clustershell("clush") is None or "--force" in argv:
        try:
            prepare()
        except subprocess.CalledProcessError as error:
            print(f"{CLUSTERSHELL} cannot be installed in {HOME}: {error}", file=sys.stderr)
            return 1
    print(f"{CLUSTERSHELL}: {HOME}")
    for program in SYSTEM:
        print(f"{program}: {system(program) or 'not installed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
