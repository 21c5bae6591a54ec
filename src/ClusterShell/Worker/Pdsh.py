"""Commands run through one pdsh for all nodes, and files copied through pdcp and rpdcp."""

from __future__ import annotations

from ClusterShell.Engine.Engine import FANOUT_DEFAULT, FANOUT_UNLIMITED
from ClusterShell.Worker._base import WorkerError
from ClusterShell.Worker._clients import ClientTransport
from ClusterShell.Worker.EngineClient import EngineClientNotSupportedError
from ClusterShell.Worker.Exec import CopyClient, ExecClient, ExecWorker


class PdshClient(ExecClient):
    """The pdsh of all nodes."""

    is_native = True

    MODE = "pdsh"

    def _build_cmd(self):
        return self._native_cmd()


class PdcpClient(CopyClient, PdshClient):
    """The pdcp, or rpdcp, of all nodes."""

    is_native = True

    MODE = "pdcp"


class _PdshTransport(ClientTransport):
    """The timeout of a worker is for the whole pdsh, and a pdsh that fails is an error of it.

    pdsh itself bounds the time of each node by ``command_timeout``.
    """

    def launches(self, work):
        return super().launches(work._replace(timeout=None))

    def verdict(self, work, closing):
        # With -S it ends with the return code of a node.
        if closing.returncode and "-S" not in self.last_launch.argv:
            raise WorkerError(f"Cannot run pdsh (error {closing.returncode})")
        return super().verdict(work, closing)


class WorkerPdsh(ExecWorker):
    """Uses pdsh as the settings of the task say (``pdsh_path``, ``command_timeout``...)."""

    SHELL_CLASS = PdshClient
    COPY_CLASS = PdcpClient

    _transport_name = "pdsh"
    _transport_class = _PdshTransport

    def __init__(self, nodes, handler, timeout=None, **kwargs):
        super().__init__(nodes, handler, timeout, **kwargs)
        self._input_ended = True

    def write(self, buf, sname=None):
        """Not possible: pdsh has no input for the commands."""
        raise EngineClientNotSupportedError("writing is not supported by pdsh worker")

    def set_write_eof(self, sname=None):
        """Not possible, as :meth:`write`."""
        raise EngineClientNotSupportedError("writing is not supported by pdsh worker")

    def _not_started(self, rc):
        raise WorkerError(f"Cannot run pdsh (error {rc})")

    def _together(self):
        return True

    def _transport_settings(self):
        fanout = self._own_fanout
        if fanout is FANOUT_DEFAULT:
            fanout = self.task.info("fanout")
        if fanout == FANOUT_UNLIMITED:
            fanout = max(len(self.nodes), 1)
        return {**super()._transport_settings(), "fanout": fanout}


WORKER_CLASS = WorkerPdsh
