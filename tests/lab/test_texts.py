"""The files of a lab, as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from clush.errors import LabError
from clush.lab import texts
from clush.lab.cluster import OPEN, SILENT, UNKNOWN, Node

FOLDER = Path("/tmp/my lab/50%")
PORTS = {(OPEN, 0.0): 1001, (OPEN, 0.5): 1002, (SILENT, 0.0): 1003}


def block(text: str, host: str) -> dict[str, str]:
    """The options of one Host block."""
    _, _, rest = text.partition(f"Host {host}\n")
    lines = rest.partition("\nHost ")[0].splitlines()
    return dict(line.split(maxsplit=1) for line in lines if line.strip())


@pytest.mark.parametrize(
    ("node", "option", "expected"),
    [
        (Node("n1"), "Port", "1001"),
        (Node("n1"), "SetEnv", "LAB_NODE=n1"),
        (Node("n1"), "HostKeyAlias", "n1"),
        (Node("n1"), "IdentityFile", '"/tmp/my lab/50%%/user_key"'),
        (Node("n1", delay=0.5), "Port", "1002"),
        (Node("n1", door=SILENT), "Port", "1003"),
        (Node("n1", door=SILENT, delay=0.5), "Port", "1003"),
        (Node("n1", door=UNKNOWN), "Port", None),
        (Node("n1", door=UNKNOWN), "HostName", None),
        (Node("n1", badkey=True), "IdentityFile", '"/tmp/my lab/50%%/other_key"'),
    ],
)
def test_a_node_is_a_block_of_ssh_config(node: Node, option: str, expected: str | None) -> None:
    text = texts.ssh_config(FOLDER, [Node("n0"), node], PORTS)
    assert block(text, "n1").get(option) == expected


def test_names_outside_the_lab_resolve_nowhere() -> None:
    text = texts.ssh_config(FOLDER, [Node("n1")], PORTS)
    assert block(text, "*")["HostName"] == "%h..invalid"
    assert text.index("Host n1") < text.index("Host *")


def test_known_hosts_trust_all_but_those_that_changed() -> None:
    nodes = [Node("n1"), Node("n2", hostkey=True), Node("n3", hostkey=True)]
    assert texts.known_hosts(nodes, "good", "other").splitlines() == [
        "*,!n2,!n3 good",
        "n2 other",
        "n3 other",
    ]


def test_sshd_expands_percent_in_some_paths_only() -> None:
    text = texts.sshd_config(FOLDER, "/bin", None, {})
    assert 'HostKey "/tmp/my lab/50%/host_key"' in text
    assert 'AuthorizedKeysFile "/tmp/my lab/50%%/authorized_keys"' in text
    assert "Subsystem" not in text


@pytest.mark.parametrize("character", ['"', "\\", "\n"])
def test_a_folder_that_cannot_be_quoted_is_refused(character: str) -> None:
    with pytest.raises(LabError, match="quote or backslash"):
        texts.quoted(Path(f"/tmp/a{character}b"))
