"""What is shipped to gateways: all that they import, and nothing else.

Reads the imports as ``test_layers.py`` does.  What is imported only for types is never
imported there, so it does not count.
"""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterable
from functools import cache
from importlib.util import MAGIC_NUMBER, find_spec
from pathlib import Path
from typing import Callable

import pytest

from clush.tree.bundle import MOST, SHIPPED, bundle
from clush.tree.greeting import NO_MAGIC
from test_layers import Import, Source, imports, sources, tree

# Where a gateway begins.
ENTRANCES = {"clush.tree.bootstrap", "clush.tree.gateway"}

# Imported within functions that no gateway calls, by the modules that do so.
HEAD_ONLY = {
    "clush": {"clush.site"},
    "clush.runtime.run": {"clush.runtime.interpreted"},
    "clush.runtime.task": {"clush.runtime.streams"},
    "clush.tree.pack": {"clush.tree.bundle"},
}

# Rooms that no gateway has any use for.
NEVER = {"cli", "config", "gather", "groups", "lab", "linegather", "result", "sets", "site"}


@cache
def by_name() -> dict[str, Source]:
    return {source.module: source for source in sources("clush")}


def ours(imported: Iterable[Import]) -> set[str]:
    """The modules of ours among them, without those that are only for types."""
    return {one.module for one in imported if not one.for_types and is_ours(one.module)}


def is_ours(module: str) -> bool:
    return module.split(".")[0] == "clush"


def at_once(module: str) -> set[str]:
    """What ``module`` imports as soon as it is imported itself."""
    source = by_name()[module]
    within = {
        place
        for node in ast.walk(tree(source.path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for place in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    lines = ((one, int(one.place.rpartition(":")[2])) for one in imports(source))
    return ours(one for one, line in lines if line not in within)


def some_time(module: str) -> set[str]:
    """What ``module`` imports on a gateway."""
    return ours(imports(by_name()[module])) - HEAD_ONLY.get(module, set())


def closure(used: Callable[[str], set[str]]) -> set[str]:
    """What a gateway imports, and what that is within."""
    found: set[str] = set()
    waiting = set(ENTRANCES)
    while waiting:
        module = waiting.pop()
        found.add(module)
        parts = module.split(".")
        waiting |= used(module) | {".".join(parts[:n]) for n in range(1, len(parts))}
        waiting -= found
    return found


def test_what_a_gateway_imports_is_shipped_and_nothing_else() -> None:
    assert sorted(SHIPPED["first"] + SHIPPED["rest"]) == sorted(closure(some_time))


def test_what_is_imported_at_once_comes_first() -> None:
    assert closure(at_once) - set(SHIPPED["first"]) == set()


@pytest.mark.parametrize("part", SHIPPED)
def test_the_list_is_in_order(part: str) -> None:
    assert list(SHIPPED[part]) == sorted(SHIPPED[part])


def test_exceptions_are_needed() -> None:
    for module, excepted in HEAD_ONLY.items():
        seen = {one.module for one in imports(by_name()[module])}
        assert excepted <= seen


def test_nothing_of_the_head_is_shipped() -> None:
    rooms = {module.split(".")[1] for modules in SHIPPED.values() for module in modules[1:]}
    assert rooms & NEVER == set()


def test_only_the_standard_library_is_needed() -> None:
    library = Path(sysconfig.get_path("stdlib"))
    others = {
        one.module.split(".")[0]
        for modules in SHIPPED.values()
        for module in modules
        for one in imports(by_name()[module])
        if not one.for_types and not is_ours(one.module)
    }
    assert [name for name in sorted(others) if not in_library(name, library)] == []


def in_library(module: str, library: Path) -> bool:
    spec = find_spec(module)
    assert spec is not None
    if spec.origin in ("built-in", "frozen"):
        return True
    place = Path(spec.origin or "")
    return library in place.parents and "site-packages" not in place.parts


@pytest.mark.parametrize("part", SHIPPED)
@pytest.mark.parametrize("magic", [MAGIC_NUMBER, NO_MAGIC], ids=["compiled", "source"])
def test_size(part: str, magic: bytes) -> None:
    size = len(bundle(magic, part))
    print(f"{part}: {len(SHIPPED[part])} modules, {size} bytes")
    assert size <= MOST
