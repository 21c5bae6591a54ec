"""The bundle: our modules on their way to an interpreter that has none of them.

The head makes it from its own files, a relay passes on what it was given.  It is ``zlib`` of
``marshal`` of a dictionary: name of the module -> source, which suits every Python.
"""

from __future__ import annotations

import marshal
import zlib
from importlib.util import find_spec

# All that a gateway imports, and nothing else; a test compares this with the imports.
SHIPPED = (
    "clush",
    "clush.engine",
    "clush.engine.child",
    "clush.engine.inlets",
    "clush.engine.limits",
    "clush.engine.loop",
    "clush.engine.outlet",
    "clush.engine.spawn",
    "clush.errors",
    "clush.events",
    "clush.job",
    "clush.lines",
    "clush.plan",
    "clush.plan.fanout",
    "clush.plan.hops",
    "clush.plan.router",
    "clush.runtime",
    "clush.runtime.activity",
    "clush.runtime.interpreted",
    "clush.runtime.process",
    "clush.runtime.run",
    "clush.runtime.streams",
    "clush.runtime.task",
    "clush.runtime.timer",
    "clush.transport",
    "clush.transport.base",
    "clush.transport.causes",
    "clush.transport.exec",
    "clush.transport.files",
    "clush.transport.rsh",
    "clush.transport.ssh",
    "clush.tree",
    "clush.tree.bootstrap",
    "clush.tree.branch",
    "clush.tree.carried",
    "clush.tree.feed",
    "clush.tree.gateway",
    "clush.tree.greeting",
    "clush.tree.groom",
    "clush.tree.intake",
    "clush.tree.link",
    "clush.tree.local",
    "clush.tree.pack",
    "clush.tree.share",
    "clush.tree.stage0",
    "clush.tree.upward",
    "clush.wire",
    "clush.wire.channel",
    "clush.wire.frame",
    "clush.wire.message",
)

# Bytes: a few round trips of a fresh connection.  A gateway must come up fast from afar, too.
MOST = 48 * 1024

_bundles: dict[bytes, bytes] = {}


def pack(magic: bytes) -> bytes:
    """The bundle for interpreters with this magic number.

    ``KeyError`` on a relay that has none for them: it may ask for one and adopt it.
    """
    if magic not in _bundles:
        _bundles[magic] = _made(magic)
    return _bundles[magic]


def adopt(magic: bytes, bundle: bytes) -> None:
    """From now on this is the bundle for ``magic``."""
    _bundles[magic] = bundle


def _made(magic: bytes) -> bytes:
    from clush.tree.minify import minify

    return zlib.compress(marshal.dumps({name: minify(_source(name)) for name in SHIPPED}), 9)


def _source(name: str) -> str:
    spec = find_spec(name)
    assert spec is not None and spec.loader is not None
    source: str = spec.loader.get_source(name)  # type: ignore[attr-defined]
    return source
