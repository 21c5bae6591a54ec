"""The engine that waits with poll(2)."""

from __future__ import annotations

from ClusterShell.Engine.Engine import Engine


class EnginePoll(Engine):
    """For any number of descriptors, slower with many."""

    identifier = "poll"
