"""The lab's own keys: ed25519, without a passphrase, used nowhere else."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from clush.errors import LabError

if TYPE_CHECKING:
    from pathlib import Path


def make_key(path: Path) -> str:
    """Write a new private key to ``path``, and return its public half as one line."""
    program = shutil.which("ssh-keygen")
    if program:
        _with_keygen(program, path)
    else:
        _with_asyncssh(path)
    return path.with_suffix(".pub").read_text().strip()


def _with_keygen(program: str, path: Path) -> None:
    command = [program, "-q", "-t", "ed25519", "-N", "", "-C", "clush lab", "-f", str(path)]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode:
        raise LabError(f"cannot make a key: {(result.stderr or result.stdout).strip()}")


def _with_asyncssh(path: Path) -> None:
    try:
        import asyncssh  # an optional extra, and a slow import
    except ImportError:
        raise LabError(
            "cannot make a key: install ssh-keygen (openssh-client) or asyncssh (clush[asyncssh])"
        ) from None
    key = asyncssh.generate_private_key("ssh-ed25519", comment="clush lab")
    path.touch(mode=0o600)
    key.write_private_key(path)
    key.write_public_key(path.with_suffix(".pub"))
