"""The engine that waits with select(2)."""

from __future__ import annotations

from ClusterShell.Engine.Engine import Engine


class EngineSelect(Engine):
    """Every system has it; it refuses descriptors above 1023."""

    identifier = "select"
