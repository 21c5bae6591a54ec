"""The walls of the house: which room may import which, read from the sources with ``ast``.

An import inside ``if TYPE_CHECKING`` is an import, too: who names another room's types
depends on it. A new room, or a new arrow between two of them, is a line in a table here.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

SOURCES = Path(__file__).resolve().parents[1] / "src"

# Room -> the rooms it may import. What is not listed may not be imported.
ARROWS = {
    "document": set(),
    "errors": set(),
    "gather": set(),
    "linegather": {"gather"},
    "lines": set(),
    "sets": {"errors"},
    "events": {"errors"},
    "topology": {"errors", "sets"},
    "wire": {"errors"},
    "plan": {"errors", "sets", "topology"},
    "engine": {"errors"},
    "job": {"errors", "sets"},
    "result": {"document", "errors", "events", "gather", "sets"},
    "transport": {"engine", "errors", "events", "job", "sets"},
    "runtime": {
        "engine", "errors", "events", "gather", "job", "lines", "plan", "result", "sets",
        "transport",
    },
    "tree": {
        "engine", "errors", "events", "job", "lines", "plan", "runtime", "sets", "topology",
        "transport", "wire",
    },
    "config": {"errors", "sets", "topology"},
    "groups": {"config", "errors", "sets"},
    "site": {"config", "groups", "sets"},
    "lab": {"errors", "sets"},
    "cli": {
        "config", "document", "engine", "errors", "events", "gather", "groups", "job",
        "linegather", "lines", "plan", "result", "runtime", "sets", "site", "transport", "tree",
    },
}  # fmt: skip

# Arrows that would make a circle, and exist only as the names of types.
TYPES_ONLY = {("job", "transport")}

# Rooms that may know the root package, for its version or its place on the disk.
KNOW_THE_ROOT = {"cli", "lab"}

# What touches the system -> the only rooms or modules that may import it.
SYSTEM = {
    "asyncio": {"cli", "engine", "lab", "runtime", "transport", "tree"},
    "asyncssh": {"lab", "transport"},
    "ctypes": {"lab"},
    "fcntl": {"engine", "groups.store"},
    "multiprocessing": set(),
    "resource": {"engine"},
    "select": {"cli", "engine", "groups.shell"},
    "selectors": {"engine"},
    "signal": {"cli", "config.__main__", "engine", "groups.shell", "lab", "transport"},
    "socket": {"lab"},
    "subprocess": {"lab"},
    "threading": {"cli", "engine", "runtime"},
}

# Starting and collecting processes is for these; groups.shell because nodeset cannot wait for
# asyncio to be imported before it asks a group source.
PROCESS_CALLS = {"fork", "forkpty", "popen", "system", "wait", "waitid", "waitpid"}
PROCESS_CALL_PREFIXES = ("exec", "posix_spawn", "spawn")
START_PROCESSES = {"engine", "groups.shell", "lab"}

# Modules on the way of the tools that must start fast -> what importing them may not load.
HEAVY = {
    "argparse", "asyncio", "collections.abc", "dataclasses", "enum", "functools", "inspect", "json",
    "logging", "optparse", "pathlib", "re", "subprocess", "threading", "typing", "yaml",
}  # fmt: skip
LIGHT = {
    "clush": HEAVY,
    "clush.errors": HEAVY,
    "clush.gather": HEAVY,
    "clush.sets.nodeset": HEAVY,
    "clush.cli.options": HEAVY,
    "clush.cli.clubak": HEAVY,
    "clush.cli.nodeset": HEAVY,
}


class Import(NamedTuple):
    """One imported module, and the names taken from it."""

    module: str
    names: tuple[str, ...]
    for_types: bool
    place: str


class Source(NamedTuple):
    """A module of the packages; ``room`` is the first part below ``clush``."""

    module: str
    path: Path

    @property
    def room(self) -> str:
        return self.module.split(".")[1] if "." in self.module else ""


def sources(package: str) -> list[Source]:
    found = []
    for path in sorted((SOURCES / package).rglob("*.py")):
        parts = path.relative_to(SOURCES).with_suffix("").parts
        found.append(Source(".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return found


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


@cache
def imports(source: Source) -> list[Import]:
    """All imports of a module, wherever they stand in it."""
    for_types = {
        inner
        for node in ast.walk(tree(source.path))
        if is_type_checking(node)
        for statement in node.body  # type: ignore[attr-defined]
        for inner in ast.walk(statement)
    }
    found = []
    for node in ast.walk(tree(source.path)):
        if isinstance(node, ast.Import):
            pairs = [(alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            pairs = from_import(source, node)
        else:
            continue
        place = f"{source.path.relative_to(SOURCES)}:{node.lineno}"
        found += [Import(module, names, node in for_types, place) for module, names in pairs]
    return found


def from_import(source: Source, node: ast.ImportFrom) -> list[tuple[str, tuple[str, ...]]]:
    """The modules of ``from X import a, b``; ``from package import module`` names the module."""
    package = source.module.split(".")
    if source.path.name != "__init__.py":
        package.pop()
    above = package[: len(package) - node.level + 1] if node.level else []
    base = ".".join([*above, *([node.module] if node.module else [])])
    names = tuple(alias.name for alias in node.names)
    modules = {name for name in names if is_module(f"{base}.{name}")}
    rest = tuple(name for name in names if name not in modules)
    found: list[tuple[str, tuple[str, ...]]] = [(f"{base}.{name}", ()) for name in modules]
    return [*found, (base, rest)] if rest else found


def is_module(name: str) -> bool:
    path = SOURCES.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def within(module: str, places: set[str]) -> bool:
    """Is this module of ours in one of the rooms, or one of the modules, listed?"""
    name = module.partition(".")[2]
    return any(name == place or name.startswith(place + ".") for place in places)


def rooms() -> list[str]:
    return sorted({source.room for source in sources("clush") if source.room})


def test_every_room_is_on_the_plan() -> None:
    assert set(rooms()) <= set(ARROWS)


def test_the_plan_has_no_circle() -> None:
    TopologicalSorter(ARROWS).prepare()


@pytest.mark.parametrize("room", rooms())
def test_arrows_point_downward(room: str) -> None:
    wrong = []
    for source in sources("clush"):
        for one in imports(source) if source.room == room else []:
            if one.module == "clush":
                allowed = room in KNOW_THE_ROOT
            elif one.module.startswith("clush."):
                target = one.module.split(".")[1]
                allowed = target == room or target in ARROWS[room]
                allowed = allowed or (one.for_types and (room, target) in TYPES_ONLY)
            else:
                continue
            if not allowed:
                wrong.append(f"{one.place} imports {one.module}")
    assert wrong == []


def test_nothing_below_knows_the_classic_package() -> None:
    assert [
        one.place
        for source in sources("clush")
        for one in imports(source)
        if one.module.split(".")[0] == "ClusterShell"
    ] == []


def test_the_classic_package_uses_public_names() -> None:
    assert [
        f"{one.place} imports {one.module}: {', '.join(one.names)}"
        for source in sources("ClusterShell")
        for one in imports(source)
        if one.module.split(".")[0] == "clush"
        and any(part.startswith("_") for part in (*one.module.split("."), *one.names))
    ] == []


@pytest.mark.parametrize("module", SYSTEM)
def test_the_system_is_touched_by_few(module: str) -> None:
    assert [
        one.place
        for source in sources("clush")
        for one in imports(source)
        if one.module.split(".")[0] == module
        and not one.for_types
        and not within(source.module, SYSTEM[module])
    ] == []


def test_processes_are_started_by_few() -> None:
    wrong = []
    for source in sources("clush"):
        if within(source.module, START_PROCESSES):
            continue
        for node in ast.walk(tree(source.path)):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "os"
                and (node.attr in PROCESS_CALLS or node.attr.startswith(PROCESS_CALL_PREFIXES))
            ):
                wrong.append(f"{source.path.relative_to(SOURCES)}:{node.lineno} os.{node.attr}")
    assert wrong == []


def loaded(statement: str) -> set[str]:
    """The modules of a new interpreter after this statement."""
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    return set(subprocess.check_output([sys.executable, "-c", script], text=True).split())


@cache
def bare() -> set[str]:
    return loaded("pass")


@pytest.mark.parametrize("module", LIGHT)
def test_fast_tools_stay_light(module: str) -> None:
    assert (loaded(f"import {module}") - bare()) & LIGHT[module] == set()
