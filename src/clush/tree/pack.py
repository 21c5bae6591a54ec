"""The bundle: our modules on their way to an interpreter that has none of them.

The head makes it from its own files; a relay passes on what it was given.  A bundle is
``zlib`` of ``marshal`` of a dictionary, name of the module -> code or source.
"""

from __future__ import annotations

import marshal
import zlib
from importlib.util import MAGIC_NUMBER, find_spec

# All that a gateway imports; a test compares this with the imports.
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
    "clush.plan.router",
    "clush.runtime",
    "clush.runtime.activity",
    "clush.runtime.interpreted",
    "clush.runtime.process",
    "clush.runtime.run",
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

# What fits into one window of a fresh connection, more or less: a gateway must start fast.
MOST = 48 * 1024

_bundles: dict[bytes, bytes] = {}


def pack(magic: bytes) -> bytes:
    """The bundle for interpreters with this magic number.

    ``KeyError`` on a relay that has none for them: it may ask for one and adopt it.
    """
    if magic not in _bundles:
        _bundles[magic] = _make(magic)
    return _bundles[magic]


def adopt(magic: bytes, bundle: bytes) -> None:
    """From now on this is the bundle for ``magic``."""
    _bundles[magic] = bundle


def _make(magic: bytes) -> bytes:
    sources = {name: _source(name, magic) for name in SHIPPED}
    if magic != MAGIC_NUMBER:
        return zlib.compress(marshal.dumps(sources), 9)
    codes = {
        name: compile(source, f"<{name}>", "exec", dont_inherit=True, optimize=2)
        for name, source in sources.items()
    }
    return zlib.compress(marshal.dumps(codes), 9)


def _source(name: str, magic: bytes) -> str:
    spec = find_spec(name)
    get_source = getattr(spec and spec.loader, "get_source", None)
    if get_source is None:
        raise KeyError(magic)
    source: str = get_source(name)
    return source
