"""What the group system does, told to whoever wants to know.

A line for each file that is read, each command (``EXEC``) and its answer (``READ``, ``FAIL``).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Optional

    Listener = Optional[Callable[[str], None]]

_listener: Listener = None


def observe(listener: Listener) -> None:
    """Have ``listener`` called with a line for each thing that is done; None: nobody."""
    global _listener
    _listener = listener


def tell(what: str) -> None:
    """Something is done."""
    if _listener is not None:
        _listener(what)
