"""The kinds of workers, and their errors."""

from __future__ import annotations

from ClusterShell.Engine.Engine import FANOUT_DEFAULT, FANOUT_UNLIMITED
from ClusterShell.Worker._base import (
    DistantWorker,
    Worker,
    WorkerBadArgumentError,
    WorkerError,
    WorkerException,
)
from ClusterShell.Worker._stream import StreamClient, StreamWorker, WorkerSimple

__all__ = [
    "FANOUT_DEFAULT",
    "FANOUT_UNLIMITED",
    "DistantWorker",
    "StreamClient",
    "StreamWorker",
    "Worker",
    "WorkerBadArgumentError",
    "WorkerError",
    "WorkerException",
    "WorkerSimple",
]
