"""Commands run through rsh and files copied through rcp."""

from __future__ import annotations

from ClusterShell.Worker.Exec import CopyClient, ExecClient, ExecWorker


class RshClient(ExecClient):
    """The rsh of one node."""

    is_native = True

    def _build_cmd(self):
        return self._native_cmd()


class RcpClient(CopyClient):
    """The rcp of one node."""

    is_native = True


class WorkerRsh(ExecWorker):
    """Uses rsh and rcp as the settings of the task say (``rsh_path``, ``rsh_options``...)."""

    SHELL_CLASS = RshClient
    COPY_CLASS = RcpClient

    _transport_name = "rsh"

    def _together(self):
        return False


WORKER_CLASS = WorkerRsh
