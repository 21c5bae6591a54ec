"""Node groups: where they come from, how they are asked for, what a resolver makes of them.

``standard`` gives the resolver of the site's configuration, ``from_file`` that of another
file. Sources of other kinds derive from `Source`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from clush.groups.readers import Persistence
    from clush.groups.resolver import ConfiguredResolver, Resolver
    from clush.groups.source import DictSource, Source
    from clush.groups.telling import observe
    from clush.groups.upcall import UpcallSource

__all__ = [
    "ConfiguredResolver",
    "DictSource",
    "Persistence",
    "Resolver",
    "Source",
    "UpcallSource",
    "clear_persistent",
    "from_file",
    "observe",
    "standard",
]

_HOMES = {
    "ConfiguredResolver": "resolver",
    "DictSource": "source",
    "Persistence": "readers",
    "Resolver": "resolver",
    "Source": "source",
    "UpcallSource": "upcall",
    "observe": "telling",
}


def standard(persistence: Persistence | None = None) -> ConfiguredResolver:
    """A resolver for ``groups.conf`` in the places where it is looked for."""
    from clush.groups.configuration import ILLEGAL_GROUP_CHARS, load
    from clush.groups.resolver import ConfiguredResolver

    return ConfiguredResolver(lambda: load(None, persistence), ILLEGAL_GROUP_CHARS)


def from_file(path: str, persistence: Persistence | None = None) -> ConfiguredResolver:
    """A resolver for the configuration in ``path`` alone, which has to be there."""
    from clush.groups.configuration import ILLEGAL_GROUP_CHARS, load_file
    from clush.groups.resolver import ConfiguredResolver

    return ConfiguredResolver(lambda: load_file(path, persistence), ILLEGAL_GROUP_CHARS)


def clear_persistent() -> None:
    """Remove all answers of sources that are on disk."""
    from clush.groups.store import clear

    clear()


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'clush.groups' has no attribute '{name}'")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"clush.groups.{_HOMES[name]}"), name)
    return value
