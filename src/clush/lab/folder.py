"""A lab's folder: where it is, what it says about itself, and how it goes away.

Folders live beside each other in the system's temporary folder, named so that a lab
whose keeper was killed is found by the next one and removed with what is left of it.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from clush.errors import LabError
from clush.lab import processes

STATE = "state.json"
STARTING = 60.0  # seconds a keeper may take to write its state before it counts as dead
CLOSING = 5.0  # seconds a keeper may take to clean up: more than its own patience


class State(NamedTuple):
    """What a running lab says about itself: its keeper, and what was asked for."""

    pid: int
    birth: str
    nodes: str
    flavour: str
    port: int


def prefix() -> str:
    """How the folders of this user's labs begin."""
    return f"clush-lab-{os.getuid()}"


def standing() -> Path:
    """The folder of the lab that ``up`` starts when none is named."""
    return Path(tempfile.gettempdir(), prefix())


def temporary() -> Path:
    """A new folder, for this user only, for a lab that ends with its owner."""
    return Path(tempfile.mkdtemp(prefix=prefix() + "-"))


def claim(folder: Path) -> None:
    """Create the folder of a lab that stays up; LabError when there is something already."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        raise LabError(f"{folder} is there already: choose another --dir") from None
    except OSError as error:
        raise LabError(f"{folder}: {error.strerror}") from error


def write_state(folder: Path, state: State) -> None:
    """Record the lab, at once as a whole."""
    draft = folder / (STATE + ".new")
    draft.write_text(json.dumps(state._asdict()))
    draft.replace(folder / STATE)


def read_state(folder: Path) -> State | None:
    """What the lab in ``folder`` says; None when there is none of this user, or not yet."""
    if not _is_ours(folder):
        return None  # whoever wrote it could name any process for us to end
    try:
        return State(**json.loads((folder / STATE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def all_labs() -> list[Path]:
    """The folders of this user's labs in the temporary folder, dead or alive."""
    name = prefix()
    found = Path(tempfile.gettempdir()).glob(name + "*")
    named = (path for path in found if path.name == name or path.name.startswith(name + "-"))
    return sorted(path for path in named if _is_ours(path))


def _is_ours(folder: Path) -> bool:
    """Is it a folder (no link to one), and this user's?"""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()


def is_alive(folder: Path) -> bool:
    """Is there a keeper, or may one be starting?"""
    state = read_state(folder)
    if state is not None:
        return processes.is_alive(state.pid, state.birth)
    try:
        return time.time() - folder.stat().st_mtime < STARTING
    except OSError:
        return False


def end(folder: Path) -> None:
    """End the lab in ``folder``: its keeper, which cleans up; what is left, by ourselves."""
    state = read_state(folder)
    if state is not None:
        keeper = (state.pid, state.birth)
        processes.end(lambda: {state.pid} if processes.is_alive(*keeper) else (), CLOSING)
        processes.end(lambda: processes.family(*keeper))
    remove(folder)


def sweep() -> list[Path]:
    """Remove the labs of this user whose keeper is dead; returns their folders."""
    dead = [folder for folder in all_labs() if not is_alive(folder)]
    for folder in dead:
        end(folder)
    return dead


def remove(folder: Path) -> None:
    """Remove the folder whatever is in it; a node may have taken permissions away."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        for parent, folders, _ in os.walk(folder):
            for path in (Path(parent, name) for name in folders):
                if not path.is_symlink():
                    path.chmod(0o700)
        shutil.rmtree(folder, ignore_errors=True)
