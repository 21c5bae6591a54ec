"""Sources of other distributions: entry points of the group ``clush.group_sources``.

The name of an entry point is that of the source. It refers to a class or function that is
called with the name and gives a `Source`:

    [project.entry-points."clush.group_sources"]
    netbox = "site_groups:NetboxSource"

Looking for entry points takes longer than most runs, so it is done for names that
no configuration knows, and to list all sources.
"""

from __future__ import annotations

from clush.errors import GroupResolverConfigError
from clush.groups.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from typing import Any

GROUP = "clush.group_sources"


def names() -> list[str]:
    """The names of the sources that there are, in alphabetic order."""
    return sorted({point.name for point in _points()})


def load(name: str) -> Source | None:
    """The source ``name``, None if there is none.

    `GroupResolverConfigError`, saying where it came from, when it cannot be had.
    """
    point = next((point for point in _points() if point.name == name), None)
    if point is None:
        return None
    try:
        source = point.load()(name)
    except Exception as error:  # what others wrote may fail in any way
        reason = f"{type(error).__name__}: {error}"
        raise GroupResolverConfigError(f"{_origin(point)}: {reason}") from error
    if not isinstance(source, Source):
        raise GroupResolverConfigError(f"{_origin(point)}: not a clush.groups.Source: {source!r}")
    return source


def _points() -> list[EntryPoint]:
    from importlib.metadata import entry_points

    found: Any = entry_points()
    select = getattr(found, "select", None)
    return list(select(group=GROUP) if select else found.get(GROUP, ()))  # no select: Python 3.9


def _origin(point: EntryPoint) -> str:
    return f"group source '{point.name}' (entry point {point.value})"
