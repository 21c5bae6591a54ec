"""A class of workers as a native transport: out-of-tree workers on the command line of clush."""

from __future__ import annotations

from clush.job import Copy
from ClusterShell.Task import task_self


class WorkerTransport:
    """Starts what a worker of ``worker_class`` would, under the ``settings`` of a task."""

    def __init__(self, worker_class, settings):
        self.name = worker_class.__module__
        self._class = worker_class
        self._settings = settings
        self._transport = None

    def launches(self, work):
        task = task_self()
        for key, value in self._settings.items():
            if value is not None:
                task.set_info(key, value)
        worker = self._class(
            work.nodes, handler=None, timeout=work.timeout, stderr=True, **_what(work)
        )
        worker.task = task
        self._transport = worker._make_transport()
        return self._transport.launches(work)

    def verdict(self, work, closing):
        return self._transport.verdict(work, closing)


def _what(work):
    if isinstance(work, Copy):
        names = ("source", "dest", "reverse", "preserve")
        return {name: getattr(work, name) for name in names}
    return {"command": work.command}
