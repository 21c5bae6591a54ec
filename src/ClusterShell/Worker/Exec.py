"""Commands run on this machine, once per node."""

from __future__ import annotations

from clush.job import Job
from clush.transport.exec import Exec
from ClusterShell.NodeSet import NodeSet
from ClusterShell.Worker.Worker import DistantWorker, WorkerError

__all__ = ["ExecWorker", "WorkerError"]


class ExecWorker(DistantWorker):
    """Runs ``command`` for each of ``nodes``; base of the workers that reach them remotely."""

    def __init__(self, nodes, handler, timeout=None, **kwargs):
        super().__init__(handler)
        self.nodes = NodeSet(nodes)
        self.command = kwargs.get("command")
        self._timeout = timeout if timeout is not None and timeout >= 0 else None
        self._stderr = kwargs.get("stderr", False)
        if self.command is None and self.nodes:
            raise ValueError("missing command for the worker")

    def job(self, task):
        """What is wanted, as a value; read from the settings of ``task`` as they are now."""
        return Job(
            nodes=self.nodes,
            # An empty command is an empty shell line: it does nothing, successfully.
            command=self.command or ":",
            transport=self._transport(task),
            timeout=self._timeout,
            merge_stderr=not self._stderr,
        )

    def _transport(self, task):
        return Exec()


WORKER_CLASS = ExecWorker
