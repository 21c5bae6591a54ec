"""One command on this machine, without any node."""

from __future__ import annotations

import os

from clush.job import Job
from clush.transport.base import Launch, exit_verdict
from ClusterShell.NodeSet import NodeSet
from ClusterShell.Worker._command import CommandMixin
from ClusterShell.Worker._stream import StreamClient, WorkerSimple


class _Local:
    """A transport to nowhere: the command is started as it is."""

    name = "local"

    def launches(self, work):
        return iter((Launch(("local",), ["/bin/sh", "-c", work.command]),))

    def verdict(self, work, closing):
        return exit_verdict(closing.returncode)


class PopenClient(StreamClient):
    """The process of the command."""


class WorkerPopen(CommandMixin, WorkerSimple):
    """Runs ``command`` with the shell; its results have the key ``key``, or else itself."""

    _has_process = True
    _timeout_before_close = True

    def __init__(self, command, key=None, handler=None, stderr=False, timeout=-1, autoclose=False):
        super().__init__(
            None, None, None, key, handler, stderr, timeout, autoclose, client_class=PopenClient
        )
        if not command:
            raise ValueError("missing command parameter in WorkerPopen constructor")
        self.command = command
        self._rc = None

    def retcode(self):
        """The return code; ``None`` if there is none (yet)."""
        return self._rc

    def _note_retcode(self, rc):
        self._rc = rc

    def _work(self):
        return Job(
            nodes=NodeSet(),
            command=os.fsdecode(self.command),
            transport=_Local(),
            timeout=self._timeout,
            fanout=self._native_fanout(),
            stdin=self._wants_stdin,
            merge_stderr=not self._separate_stderr,
        )

    def _command_line(self, node):
        return f"POPEN: {os.fsdecode(self.command)}"


WORKER_CLASS = WorkerPopen
