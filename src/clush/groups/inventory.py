"""Ansible inventories in files, as groups of hosts: INI and YAML, with ranges and children.

Variables are passed over. Names are those of the inventory, not addresses. What only
Ansible itself can read (executables, plugins) raises `NeedsAnsible`; its own account of
an inventory, in JSON, is understood too.
"""

from __future__ import annotations

import os
import re
from itertools import product
from string import ascii_letters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from clush.groups.files import Table

ALL, UNGROUPED = "all", "ungrouped"

# Files of an inventory directory that are none of it.
_IGNORED = re.compile(
    r"\.|(host_vars|group_vars|vars_plugins)$|.*(~|\.(orig|ini|cfg|retry|bak|swp|pyc|pyo))$"
)
_YAML = (".yml", ".yaml", ".json")
_SECTION = re.compile(r"\[([^:\]]+)(?::(hosts|children|vars))?\]\s*([#;].*)?$")
_PORT = re.compile(r"((?:\[[^\]]*\]|[^:\[\]])+):\d+")
_RANGE = re.compile(r"\[([0-9a-zA-Z]*:[0-9a-zA-Z]+(?::[0-9]+)?)\]")

# What a range may stand for; more is a mistake.
LARGEST_RANGE = 1 << 20


class NeedsAnsible(Exception):  # noqa: N818 (it is no error)
    """An inventory that is not in files only."""


class Inventory:
    """Groups with their own hosts and the groups that are part of them."""

    def __init__(self) -> None:
        self.hosts: dict[str, dict[str, None]] = {}
        self.children: dict[str, dict[str, None]] = {}

    def add(self, group: str, hosts: Iterable[str] = (), children: Iterable[str] = ()) -> None:
        """Add hosts, and groups, to a group."""
        self.hosts.setdefault(group, {}).update(dict.fromkeys(hosts))
        self.children.setdefault(group, {}).update(dict.fromkeys(children))
        for child in self.children[group]:
            self.hosts.setdefault(child, {})

    def members(self, group: str) -> dict[str, None]:
        """The hosts of a group and of all groups below it."""
        found: dict[str, None] = {}
        seen, waiting = {group}, [group]
        while waiting:
            name = waiting.pop()
            found.update(self.hosts.get(name, {}))
            fresh = [child for child in self.children.get(name, {}) if child not in seen]
            seen.update(fresh)
            waiting += reversed(fresh)
        return found

    def table(self) -> Table:
        """The groups as text, all and those without hosts of their own apart."""
        named = [group for group in self.hosts if group not in (ALL, UNGROUPED)]
        members = {group: self.members(group) for group in named}
        grouped = {host for hosts in members.values() for host in hosts}
        every = dict.fromkeys(host for hosts in self.hosts.values() for host in hosts)
        rest = [host for host in every if host not in grouped]
        if rest:
            members[UNGROUPED] = dict.fromkeys(rest)
        return {group: ",".join(hosts) for group, hosts in members.items()}, ",".join(every)


def read(paths: list[str]) -> Table:
    """The groups of inventory files and directories of them, all together.

    `NeedsAnsible` if one of them cannot be read here, ``ValueError`` if one is wrong.
    """
    inventory = Inventory()
    for path in files(paths):
        if os.access(path, os.X_OK) or path.endswith(".toml"):
            raise NeedsAnsible(path)
        with open(path, "rb") as file:
            text = os.fsdecode(file.read())
        parse = _parse_yaml if _is_yaml(path, text) else _parse_ini
        parse(text, path, inventory)
    return inventory.table()


def files(paths: Iterable[str]) -> Iterator[str]:
    """The files of an inventory: those named, and those in directories named."""
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        names = sorted(name for name in os.listdir(path) if not _IGNORED.match(name))
        yield from files(os.path.join(path, name) for name in names)


def _is_yaml(path: str, text: str) -> bool:
    extension = os.path.splitext(path)[1]
    if extension:
        return extension in _YAML
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and line[0] not in "#;"), "")
    return first == "---" or first.endswith(":")


def from_json(text: str) -> Table:
    """The groups of what ``ansible-inventory --list`` prints; ``ValueError`` if it is not that."""
    import json

    inventory = Inventory()
    try:
        for name, group in json.loads(text).items():
            if name != "_meta":
                inventory.add(name, group.get("hosts", ()), group.get("children", ()))
    except (AttributeError, TypeError) as error:
        raise ValueError(f"not an inventory: {error}") from None
    return inventory.table()


# INI


def _parse_ini(text: str, path: str, inventory: Inventory) -> None:
    group, kind = UNGROUPED, "hosts"
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        header = _SECTION.match(line)
        try:
            if header:
                group, kind = header[1].strip(), header[2] or "hosts"
                inventory.add(group)
            elif kind == "children":
                inventory.add(group, children=[line.split()[0]])
            elif kind == "hosts":
                inventory.add(group, expanded(line.split()[0]))
        except ValueError as error:
            raise ValueError(f"{path}: {error} (line {number})") from None


def expanded(host: str) -> Iterator[str]:
    """The hosts of a name with ranges ``[01:50]``, ``[a:f]``, ``[0:9:3]``; a port is dropped."""
    port = _PORT.fullmatch(host)
    parts = _RANGE.split(port[1] if port else host)
    texts, ranges = parts[::2], [list(_range(text)) for text in parts[1::2]]
    for chosen in product(*ranges):
        yield "".join(map("".join, zip(texts, (*chosen, ""))))


def _range(text: str) -> Iterator[str]:
    first, last, step, *_ = [*text.split(":"), "1"]
    first = first or "0"
    if first.isdigit() and last.isdigit():
        width = len(first) if first[0] == "0" else 0
        if int(last) - int(first) > LARGEST_RANGE:
            raise ValueError(f"range too large: [{text}]")
        return (f"{n:0{width}}" for n in range(int(first), int(last) + 1, int(step) or 1))
    if len(first) != 1 or len(last) != 1 or not (first + last).isalpha():
        raise ValueError(f"not a range: [{text}]")
    letters = ascii_letters[ascii_letters.index(first) : ascii_letters.index(last) + 1]
    return iter(letters[:: int(step) or 1])


# YAML


def _parse_yaml(text: str, path: str, inventory: Inventory) -> None:
    import yaml

    try:
        content: Any = yaml.load(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict) or "plugin" in content:
        raise NeedsAnsible(path)
    try:
        for name, group in content.items():
            _add_yaml(name, group, inventory)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _add_yaml(name: str, group: Any, inventory: Inventory) -> None:
    parts = group or {}
    if not isinstance(parts, dict):
        raise ValueError(f"group {name} is not a mapping")
    hosts, children = parts.get("hosts") or {}, parts.get("children") or {}
    for part, content in (("hosts", hosts), ("children", children)):
        if not isinstance(content, dict):
            raise ValueError(f"{part} of group {name} are not a mapping")
    inventory.add(name, (host for text in hosts for host in expanded(text)), children)
    for child, content in children.items():
        _add_yaml(child, content, inventory)
