"""What a section of ``groups.conf`` says, as numbers, words and paths; or where it is wrong.

A percent sign stands for itself in the section of a source. What a section does not say,
``[Main]`` may say for all.
"""

from __future__ import annotations

import os

from clush.config.paths import directories
from clush.errors import GroupResolverConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from clush.config.ini import Ini

MAIN = "Main"


class Section:
    """The section ``name`` of ``ini``; ``main`` has the ``[Main]`` that counts."""

    def __init__(self, ini: Ini, name: str, main: Ini) -> None:
        self.ini = ini
        self.name = name
        self._main = main

    @property
    def cfgdir(self) -> str:
        """The directory of the file: where upcalls run, and what ``$CFGDIR`` means."""
        return self.ini.cfgdir

    def text(self, key: str) -> str | None:
        """The value of a key as it stands, None if there is no such key."""
        return self.ini.get(self.name, key, raw=True)

    def words(self, key: str) -> list[str]:
        """The words of a value."""
        return (self.text(key) or "").split()

    def number(self, key: str, default: float) -> float:
        """The number that a key of this section, else of ``[Main]``, says."""
        for ini, section in ((self.ini, self.name), (self._main, MAIN)):
            text = ini.get(section, key, raw=True)
            if text:
                try:
                    return float(text)
                except ValueError as error:
                    raise misplaced(str(error), ini, section, key) from None
        return default

    def paths(self, key: str) -> list[str]:
        """The files that a value names, as for a shell; relative ones are beside this file."""
        try:
            names = directories(self.text(key) or "", self.cfgdir)
        except ValueError as error:
            raise self.error(str(error), key) from None
        return [os.path.join(self.cfgdir, os.path.expanduser(name)) for name in names]

    def error(self, reason: str, key: str | None = None) -> GroupResolverConfigError:
        """The error about a key, or about the section, with its place."""
        return misplaced(reason, self.ini, self.name, key)


def misplaced(
    reason: str, ini: Ini, section: str, key: str | None = None
) -> GroupResolverConfigError:
    """The error about what stands in a section."""
    file, line = ini.where(section, key)
    return GroupResolverConfigError(reason, file=file, line=line)
