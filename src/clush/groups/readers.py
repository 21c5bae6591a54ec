"""Sources as sections of ``groups.conf`` define them: by upcalls, or by files that are read here.

A section with a key ``reader`` names one of `READERS`, and with ``path`` the files.
"""

from __future__ import annotations

from clush.groups.answers import CACHE_TIME
from clush.groups.shell import TIMEOUT
from clush.groups.upcall import KINDS, UpcallSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from clush.groups.section import Section
    from clush.groups.source import Source

    Maker = Callable[[str, Section, "Persistence"], Source]

READER, PATH = "reader", "path"


class Persistence:
    """What is decided about answers on disk for all sources at once.

    ``enabled`` False: there are none. They are kept for what a source asks for, and not less
    than ``at_least`` seconds, in ``directory`` (None: the user's).
    """

    __slots__ = ("at_least", "directory", "enabled")

    def __init__(
        self, enabled: bool = True, at_least: float = 0.0, directory: str | None = None
    ) -> None:
        self.enabled = enabled
        self.at_least = at_least
        self.directory = directory

    def lifetime(self, section: Section) -> float:
        """How long the answers of a source are kept, in seconds."""
        wanted = section.number("cache_persist", 0.0)
        return max(wanted, self.at_least) if self.enabled else 0.0


def source(name: str, section: Section, persistence: Persistence) -> Source:
    """The source ``name`` that a section defines; `GroupResolverConfigError` if it does not."""
    reader = section.text(READER)
    if not reader:
        return _upcalls(name, section, persistence)
    if reader not in READERS:
        known = ", ".join(READERS)
        raise section.error(
            f"No reader '{reader}' in section: '{section.name}' (there are: {known})", READER
        )
    return READERS[reader](name, section, persistence)


def _upcalls(name: str, section: Section, persistence: Persistence) -> Source:
    upcalls = {kind: section.text(kind) for kind in KINDS}
    if upcalls["map"] is None and upcalls["mapall"] is None:
        raise section.error(f"No option 'map' or 'mapall' in section: '{section.name}'")
    return UpcallSource(
        name,
        {kind: text for kind, text in upcalls.items() if text},
        cfgdir=section.cfgdir,
        timeout=section.number("upcall_timeout", TIMEOUT),
        cache_time=section.number("cache_time", CACHE_TIME),
        cache_persist=persistence.lifetime(section),
        cache_env=section.words("cache_env"),
        cache_directory=persistence.directory,
    )


def _flat(name: str, section: Section, persistence: Persistence) -> Source:
    from clush.groups.files import FileSource
    from clush.groups.flatfile import read

    paths = section.paths(PATH)
    if not paths:
        raise section.error(f"No option 'path' in section: '{section.name}'")
    return FileSource(name, paths, read, section.number("cache_time", CACHE_TIME))


def _ansible(name: str, section: Section, persistence: Persistence) -> Source:
    from clush.groups.ansible import AnsibleSource

    return AnsibleSource(
        name,
        section.paths(PATH),
        timeout=section.number("upcall_timeout", TIMEOUT),
        cache_time=section.number("cache_time", CACHE_TIME),
        cache_persist=persistence.lifetime(section),
        cache_directory=persistence.directory,
    )


READERS: dict[str, Maker] = {"ansible": _ansible, "flat": _flat}
