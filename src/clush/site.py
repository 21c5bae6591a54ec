"""Where node sets meet the site: its groups, and the way it wants sets to be written.

``sets`` knows no files, so that it can travel; it has two slots. The public doors (the
package, the commands, the classic package) fill them here with what reads the site's
configuration once it is needed: a set of plain names never does.
"""

from __future__ import annotations

from clush.sets import axes, resolver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

    from clush.groups.resolver import ConfiguredResolver


_connected = False


def connect() -> None:
    """Let node sets find the groups and the defaults of this site; only the first call counts."""
    global _connected
    if not _connected:
        _connected = True
        resolver.set_standard_factory(_groups)
        axes.set_standard_factory(_fold_axis)


def _groups() -> ConfiguredResolver:
    from clush import groups

    return groups.standard()


def _fold_axis() -> Optional[tuple[int, ...]]:
    from clush.config.axes import fold_axis

    return fold_axis()
