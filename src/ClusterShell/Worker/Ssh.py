"""Commands run through ssh and files copied through scp."""

from __future__ import annotations

from ClusterShell.Worker.Exec import CopyClient, ExecClient, ExecWorker


class SshClient(ExecClient):
    """The ssh of one node."""

    is_native = True

    def _build_cmd(self):
        return self._native_cmd()


class ScpClient(CopyClient):
    """The scp of one node."""

    is_native = True


class WorkerSsh(ExecWorker):
    """Uses ssh and scp as the settings of the task say (``ssh_path``, ``ssh_options``...)."""

    SHELL_CLASS = SshClient
    COPY_CLASS = ScpClient

    _transport_name = "ssh"

    def _together(self):
        return False


WORKER_CLASS = WorkerSsh
