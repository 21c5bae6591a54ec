"""How the head makes a bundle, and what is in it.

A bundle is ``marshal`` of a dictionary, name of a module -> its code where the interpreter of
the gateway has the bytecode of ours, else its source.  To compile it all takes a gateway more
time than all the rest of coming up.  What is made is kept beside the bytecode of our modules,
where that can be written, and made again when one of them has changed.
"""

from __future__ import annotations

import marshal
import os
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source, find_spec
from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import CodeType

    Stamps = list[tuple[str, int, int]]

# All that a gateway imports, and nothing else; a test compares this with the imports.  The
# rest is for jobs with input, for rsh, and for gateways that reach others.
SHIPPED = {
    "first": (
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
        "clush.runtime.process",
        "clush.runtime.run",
        "clush.runtime.task",
        "clush.runtime.timer",
        "clush.transport",
        "clush.transport.base",
        "clush.transport.causes",
        "clush.transport.exec",
        "clush.transport.files",
        "clush.transport.ssh",
        "clush.tree",
        "clush.tree.bootstrap",
        "clush.tree.branch",
        "clush.tree.carried",
        "clush.tree.gateway",
        "clush.tree.groom",
        "clush.tree.local",
        "clush.tree.reports",
        "clush.tree.upward",
        "clush.wire",
        "clush.wire.channel",
        "clush.wire.fields",
        "clush.wire.frame",
        "clush.wire.message",
        "clush.wire.table",
        "clush.wire.value",
        "clush.wire.ways",
    ),
    "rest": (
        "clush.transport.rsh",
        "clush.tree.below",
        "clush.tree.feed",
        "clush.tree.greeting",
        "clush.tree.intake",
        "clush.tree.link",
        "clush.tree.links",
        "clush.tree.pack",
        "clush.tree.share",
        "clush.tree.stage0",
    ),
}

# Bytes of a bundle: a few round trips of a fresh connection.  A gateway is to come up fast
# from afar, too.
MOST = 48 * 1024

# What decides on the form of a bundle.
_MAKERS = ("clush.tree.bundle", "clush.tree.minify")


def bundle(magic: bytes, part: str) -> bytes:
    """``part`` for interpreters with this magic number."""
    compiled = magic == MAGIC_NUMBER
    specs = [_spec(name) for name in SHIPPED[part]]
    path, stamps = _place(part, compiled), _stamps(specs)
    made = _kept(path, stamps)
    if made is None:
        sources = {spec.name: _source(spec) for spec in specs}
        made = _compiled(sources) if compiled else _as_source(sources)
        _keep(path, stamps, made)
    return made


def _spec(name: str) -> ModuleSpec:
    spec = find_spec(name)
    assert spec is not None
    return spec


def _source(spec: ModuleSpec) -> str:
    """The source there.  A package is but a place: its names are for users of the library."""
    if spec.submodule_search_locations is not None:
        return ""
    from clush.tree.minify import minify  # not needed for what is kept

    return minify(spec.loader.get_source(spec.name))  # type: ignore[union-attr]


def _as_source(sources: dict[str, str]) -> bytes:
    from zlib import compress

    return compress(marshal.dumps(sources), 9)


def _compiled(sources: dict[str, str]) -> bytes:
    codes = {
        name: _slim(compile(source, f"<{name}>", "exec", dont_inherit=True, optimize=2))
        for name, source in sources.items()
    }
    from bz2 import compress  # smaller than zlib makes it by a fourth, and faster than lzma

    # In blocks of 200 kB, which hold it all.  Larger ones need 4 MB, and freeing so much at once
    # has glibc manage what is gathered later in a heap with holes.
    # Marshal marks what anybody here refers to, which is noise: what was just read has less of it.
    return compress(marshal.dumps(marshal.loads(marshal.dumps(codes))), 2)


def _slim(code: CodeType) -> CodeType:
    """``code`` without what is only for tracebacks, a third of it.

    The numbers of lines would be those of no file that anybody has.
    """
    slim: dict[str, Any] = {
        "co_consts": tuple(_slim(o) if isinstance(o, type(code)) else o for o in code.co_consts),
        "co_firstlineno": 1,
        "co_linetable" if sys.version_info >= (3, 10) else "co_lnotab": b"",
    }
    if sys.version_info >= (3, 11):
        slim["co_qualname"] = code.co_name
    return code.replace(**slim)


# -- what was made before ---------------------------------------------------------------------


def _place(part: str, compiled: bool) -> Optional[str]:
    """The file of a bundle, where Python keeps bytecode; None if it keeps none."""
    try:
        folder = os.path.dirname(cache_from_source(__file__))
    except NotImplementedError:
        return None
    kind = sys.implementation.cache_tag if compiled else "source"
    return os.path.join(folder, f"{part}.{kind}.bundle")


def _stamps(specs: list[ModuleSpec]) -> Optional[Stamps]:
    """What tells when one of the modules has changed; None if nothing does."""
    stamps = []
    try:
        for spec in [*specs, *map(_spec, _MAKERS)]:
            status = os.stat(spec.origin or "")
            stamps.append((spec.name, status.st_mtime_ns, status.st_size))
    except OSError:  # they are in an archive
        return None
    return stamps


def _kept(path: Optional[str], stamps: Optional[Stamps]) -> Optional[bytes]:
    if path is None or stamps is None:
        return None
    try:
        with open(path, "rb") as file:
            made_of, made = marshal.load(file)
    except (OSError, EOFError, ValueError, TypeError):
        return None
    return made if made_of == stamps else None


def _keep(path: Optional[str], stamps: Optional[Stamps], made: bytes) -> None:
    if path is None or stamps is None or sys.dont_write_bytecode:
        return
    draft = f"{path}.{os.getpid()}"
    try:
        with open(draft, "wb") as file:
            marshal.dump((stamps, made), file)
        os.replace(draft, path)
    except OSError:  # it is not our directory, or full: that only costs time
        try:
            os.unlink(draft)
        except OSError:
            pass
