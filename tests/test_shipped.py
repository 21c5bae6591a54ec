"""What is shipped to gateways: all that they import, and nothing else.

Reads the imports as ``test_layers.py`` does.  What is imported only for types is never
imported there, so it does not count.
"""

from __future__ import annotations

import sysconfig
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from clush.tree.pack import MOST, SHIPPED, pack
from test_layers import Source, imports, sources

# Where a gateway begins.
ENTRANCES = {"clush.tree.bootstrap", "clush.tree.gateway"}

# Imported within functions that only the head calls, by the modules that do so.
HEAD_ONLY = {
    "clush": {"clush.site"},
    "clush.tree.pack": {"clush.tree.minify"},
}

# Rooms that no gateway has any use for.
NEVER = {"cli", "config", "gather", "groups", "lab", "linegather", "result", "sets", "site"}


@cache
def by_name() -> dict[str, Source]:
    return {source.module: source for source in sources("clush")}


def used_by(module: str) -> set[str]:
    """The modules of ours that ``module`` imports when it runs."""
    used = {one.module for one in imports(by_name()[module]) if not one.for_types}
    return {name for name in used if name.split(".")[0] == "clush"} - HEAD_ONLY.get(module, set())


def closure() -> set[str]:
    found: set[str] = set()
    waiting = set(ENTRANCES)
    while waiting:
        module = waiting.pop()
        found.add(module)
        parts = module.split(".")
        waiting |= used_by(module) | {".".join(parts[:n]) for n in range(1, len(parts))}
        waiting -= found
    return found


def test_what_a_gateway_imports_is_shipped_and_nothing_else() -> None:
    assert sorted(SHIPPED) == sorted(closure())


def test_the_list_is_in_order() -> None:
    assert list(SHIPPED) == sorted(SHIPPED)


def test_exceptions_are_needed() -> None:
    for module, excepted in HEAD_ONLY.items():
        seen = {one.module for one in imports(by_name()[module])}
        assert excepted <= seen


def test_nothing_of_the_head_is_shipped() -> None:
    assert {module.split(".")[1] for module in SHIPPED if "." in module} & NEVER == set()


def test_only_the_standard_library_is_needed() -> None:
    library = Path(sysconfig.get_path("stdlib"))
    others = {
        one.module.split(".")[0]
        for module in SHIPPED
        for one in imports(by_name()[module])
        if not one.for_types
    } - {"clush"}
    assert [name for name in sorted(others) if not in_library(name, library)] == []


def in_library(module: str, library: Path) -> bool:
    spec = find_spec(module)
    assert spec is not None
    if spec.origin in ("built-in", "frozen"):
        return True
    place = Path(spec.origin or "")
    return library in place.parents and "site-packages" not in place.parts


def test_size() -> None:
    size = len(pack(b""))
    print(f"bundle: {len(SHIPPED)} modules, {size} bytes")
    assert size <= MOST
