"""The files of a lab as text: both ssh configurations, the keys' lists, the scripts.

Pure functions from values to text; writing them is the keeper's business.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from clush.errors import LabError
from clush.lab.cluster import NAMELESS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from clush.lab.cluster import Node

NODE_VARIABLE = "LAB_NODE"  # set to the node's name in whatever runs on it
FOLDER_VARIABLE = "LAB_DIR"  # set to the lab's folder, on the nodes and for its user

# sshd options that older releases do not know; left out where they are refused.
RECENT_SSHD_OPTIONS = {
    # from 9.8 on: a few refused keys would shut out everything on loopback
    "PerSourcePenalties": "no",
}

# The new default (sntrup761) costs ten times the CPU of a login; nothing secret is said here.
KEY_EXCHANGE = "curve25519-sha256,curve25519-sha256@libssh.org"


def quoted(path: Path | str) -> str:
    """A path as ssh's and sshd's configurations take it where they expand no ``%``."""
    text = str(path)
    if any(character in text for character in '"\\\n'):
        raise LabError(f"the lab's folder may hold no quote or backslash: {text!r}")
    return f'"{text}"'


def expanded(path: Path | str) -> str:
    """A path where the configuration expands ``%``."""
    return quoted(path).replace("%", "%%")


def sshd_config(folder: Path, path: str, sftp: str | None, recent: Mapping[str, str]) -> str:
    """The server's configuration.

    ``path`` is the PATH of commands on the nodes, ``sftp`` the program that serves files,
    ``recent`` what this release knows of ``RECENT_SSHD_OPTIONS``.
    """
    options = {
        "HostKey": quoted(folder / "host_key"),
        "AuthorizedKeysFile": expanded(folder / "authorized_keys"),
        "PasswordAuthentication": "no",
        "KbdInteractiveAuthentication": "no",
        "PermitRootLogin": "yes",
        "UsePAM": "no",
        "StrictModes": "no",
        "UseDNS": "no",
        "PidFile": "none",
        "PrintMotd": "no",
        "PrintLastLog": "no",
        "MaxStartups": "10000",
        "MaxSessions": "1000",
        "AcceptEnv": NODE_VARIABLE,
        "SetEnv": " ".join(
            quoted(f"{name}={value}")
            for name, value in (("PATH", path), (FOLDER_VARIABLE, folder), ("HOME", folder))
        ),
        "ForceCommand": shlex.quote(str(folder / "login")),
        **({"Subsystem": f"sftp {sftp}"} if sftp else {}),
        "LogLevel": "ERROR",
        **recent,
    }
    return "".join(f"{name} {value}\n" for name, value in options.items())


def ssh_config(folder: Path, nodes: Iterable[Node], ports: Mapping[tuple[str, float], int]) -> str:
    """The client's configuration: one block per node, then what holds for all of them.

    ``ports`` says behind which port a (door, delay) is found. A name that is not in the
    lab does not resolve: nothing that runs in a lab reaches a real machine by mistake.
    """
    blocks = [_block(folder, node, ports) for node in nodes]
    common = {
        # an empty label: refused by the resolver itself, no name server is asked
        "HostName": "%h..invalid",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "PreferredAuthentications": "publickey",
        "UserKnownHostsFile": expanded(folder / "known_hosts"),
        "GlobalKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "yes",
        "CheckHostIP": "no",
        "UpdateHostKeys": "no",
        "KexAlgorithms": KEY_EXCHANGE,
    }
    return "\n".join([*blocks, _options("*", common)])


def _block(folder: Path, node: Node, ports: Mapping[tuple[str, float], int]) -> str:
    key = folder / ("other_key" if node.badkey else "user_key")
    options = {
        "SetEnv": f"{NODE_VARIABLE}={node.name}",
        "HostKeyAlias": node.name,
        "IdentityFile": expanded(key),
    }
    if node.door != UNKNOWN:
        options["HostName"] = "127.0.0.1"
        options["Port"] = str(ports[node.behind])
    return _options(node.name, options)


def _options(host: str, options: Mapping[str, str]) -> str:
    lines = [f"    {name} {value}\n" for name, value in options.items()]
    return f"Host {host}\n" + "".join(lines)


def known_hosts(nodes: Iterable[Node], key: str, other_key: str) -> str:
    """Whom the client trusts: every name has the host key, those that changed another."""
    changed = [node.name for node in nodes if node.hostkey]
    lines = [",".join(["*", *(f"!{name}" for name in changed)]) + " " + key]
    lines += [f"{name} {other_key}" for name in changed]
    return "".join(line.strip() + "\n" for line in lines)


def client(program: str, folder: Path) -> str:
    """A wrapper that makes ``program`` (ssh, scp, sftp) find the lab's nodes."""
    config = shlex.quote(str(folder / "ssh_config"))
    return f'#!/bin/sh\nexec {shlex.quote(program)} -F {config} "$@"\n'


def login(folder: Path) -> str:
    """What each login runs: a home of the node's own, the noise, then what was asked for."""
    return f"""\
#!/bin/sh
lab={shlex.quote(str(folder))}
HOME=$lab/home/${{{NODE_VARIABLE}:={NAMELESS}}}
export HOME {NODE_VARIABLE}
cd "$HOME" || exit 1
if [ -e "$lab/noisy/${NODE_VARIABLE}" ]; then echo "Welcome to ${NODE_VARIABLE}"; fi
command=${{SSH_ORIGINAL_COMMAND-}}
unset SSH_ORIGINAL_COMMAND
if [ -n "$command" ]; then exec "$SHELL" -c "$command"; fi
exec "$SHELL" -l
"""
