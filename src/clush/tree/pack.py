"""Bundles: our modules on their way to an interpreter that has none of them.

A gateway is sent the bundle "first" at once, and "rest" when it is needed.  The head makes them
from its own files (see ``bundle.py``), a gateway passes on what it was given.
"""

from __future__ import annotations

from importlib.util import MAGIC_NUMBER

# In the order in which they are sent to who asks for both.
PARTS = ("rest", "first")

_bundles: dict[tuple[bytes, str], bytes] = {}


def pack(magic: bytes, part: str = "first") -> bytes:
    """The bundle for interpreters with this magic number.

    ``KeyError`` on a relay that has none for them: it may ask for one and adopt it.
    """
    key = magic, part
    if hasattr(__spec__.loader, "get_source"):
        if magic != MAGIC_NUMBER:
            key = b"", part  # its source, whatever it is
        if key not in _bundles:
            from clush.tree.bundle import bundle

            _bundles[key] = bundle(magic, part)
    return _bundles[key]


def prepare() -> None:
    """Have at hand what most gateways will be sent: there is time while they are connected."""
    try:
        pack(MAGIC_NUMBER)
    except KeyError:
        pass


def adopt(magic: bytes, part: str, bundle: bytes) -> None:
    """From now on this is the bundle for ``magic``."""
    _bundles[magic, part] = bundle
