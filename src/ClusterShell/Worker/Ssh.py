"""Commands run on the nodes, reached by ssh."""

from __future__ import annotations

from clush.transport.ssh import Ssh
from ClusterShell.Worker.Exec import ExecWorker


class WorkerSsh(ExecWorker):
    """Runs the command through ssh, as the settings of the task say."""

    def _transport(self, task):
        return Ssh(
            path=task.info("ssh_path") or "ssh",
            options=task.info("ssh_options") or "",
            user=task.info("ssh_user"),
            connect_timeout=task.info("connect_timeout"),
        )


WORKER_CLASS = WorkerSsh
