"""The interpreters of this machine, whatever their version."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

_QUESTION = "import sys; sys.stdout.write('%d.%d %s' % (sys.version_info[:2] + (sys.executable,)))"


class Python(NamedTuple):
    version: tuple[int, int]
    path: str

    @property
    def name(self) -> str:
        return "{}.{}".format(*self.version)


@cache
def pythons() -> tuple[Python, ...]:
    """One of each version, the oldest first; those of PATH, and those that pyenv keeps."""
    names = ["python2", "python2.7", "python3", *(f"python3.{minor}" for minor in range(30))]
    places = [place for place in map(shutil.which, names) if place]
    home = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    places += map(str, home.glob("versions/*/bin/python"))
    found = {}
    for place in places:
        asked = subprocess.run([place, "-c", _QUESTION], capture_output=True, text=True)
        if asked.returncode == 0:  # a shim may refuse to run
            version, _, path = asked.stdout.partition(" ")
            major, minor = version.split(".")
            found[int(major), int(minor)] = Python((int(major), int(minor)), path)
    return tuple(sorted(found.values()))
