"""Have the programs of this folder run by the ClusterShell of this interpreter, and write down
what they print: ``.peers/python3.13/bin/python tests/classic/programs/record.py [NAME...]``.

A program that does not print the same twice, or that fails, is an error.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAMS = sorted(path for path in HERE.glob("*.py") if path != Path(__file__).resolve())
PATIENCE = 60


def printed(program: Path, seed: str) -> str:
    """What a program prints, in a folder of its own, its nodes being those of ``bin``."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-W", "ignore::DeprecationWarning", str(program)],
            cwd=folder,
            env={
                **os.environ,
                "PATH": f"{HERE}/bin:{os.environ['PATH']}",
                "PYTHONHASHSEED": seed,
                "HOME": folder,
                "LC_ALL": "C.UTF-8",
                "CLUSTERSHELL_CFGDIR": folder,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    return done.stdout + f"exit code {done.returncode}\n"


def main(names: list) -> int:
    status = 0
    for program in PROGRAMS:
        if names and program.stem not in names:
            continue
        once, again = printed(program, "1"), printed(program, "2")
        if once == again and once.endswith("exit code 0\n"):
            program.with_suffix(".txt").write_text(once)
        else:
            print(f"{program.stem}: not the same twice, or failed\n{once}\n{again}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
