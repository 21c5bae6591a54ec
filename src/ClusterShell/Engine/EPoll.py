"""The engine that waits with epoll(7)."""

from __future__ import annotations

from ClusterShell.Engine.Engine import Engine


class EngineEPoll(Engine):
    """For any number of descriptors; only Linux has it."""

    identifier = "epoll"
