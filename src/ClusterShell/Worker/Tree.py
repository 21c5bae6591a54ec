"""Commands and copies through the gateways of the task's topology."""

from __future__ import annotations

from clush.transport.registry import make_transport
from clush.tree.carried import CARRIED
from clush.tree.gateways import Gateways
from ClusterShell.Topology import native_tree
from ClusterShell.Worker.Exec import ExecWorker

__all__ = ["WORKER_CLASS", "TreeWorker"]


class TreeWorker(ExecWorker):
    """Takes the ways of ``task.topology``; with ``remote=False`` they end one hop earlier.

    Gateways and nodes are reached as the task's distant worker does it, or through ssh
    where that is one that gateways do not have.  What is said about a gateway is told as
    its standard error, under its name.
    """

    def __init__(self, nodes, handler, timeout=None, **kwargs):
        if kwargs.get("command") is None:
            kwargs["stderr"] = True  # of copies, it is always apart
        super().__init__(nodes, handler, timeout, **kwargs)
        self._remote = bool(kwargs.get("remote", True))

    def _start(self, native_task, work, sink):
        delay = self.task.info("grooming_delay")
        through = Gateways(
            tree=native_tree(self.task.topology),
            transport=self._distant(),
            **({} if delay is None else {"grooming": delay}),
        )
        return through.submit(native_task, work, sink, background=self._autoclose)

    def _make_transport(self):
        local = not self._remote and self.command is not None
        return make_transport("exec", {}) if local else self._distant()

    def _distant(self):
        name = getattr(self.task.default("distant_worker"), "_transport_name", None)
        if name not in CARRIED or name == "exec":
            name = "ssh"
        return make_transport(name, self._transport_settings())

    def _command_line(self, node):
        text = self.command if self.command is not None else f"{self.source} {self.dest}"
        return f"TREE: {node}: {text}"


WORKER_CLASS = TreeWorker
