"""The axes that node sets fold when they were not told which.

The one slot of this module holds a function that knows the site's choice; it is called when
a node set is first written, and its answer kept. Where nobody has filled the slot, as on
the far side of a gateway, all axes are folded.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Optional

    Axes = Optional[tuple[int, ...]]

_standard: Axes = None
_factory: Callable[[], Axes] | None = None


def standard() -> Axes:
    """The axes of node sets that were given none; None: all of them."""
    global _standard, _factory
    if _factory is not None:
        _standard, _factory = _factory(), None
    return _standard


def set_standard_factory(factory: Callable[[], Axes] | None) -> None:
    """Say how the standard axes are found out when they are needed; None: all of them."""
    global _standard, _factory
    _standard, _factory = None, factory
