"""Commands run and files copied on this machine, once per node; base of the remote workers.

Programs derive workers of their own: a client with another ``_build_cmd()`` and a worker
that names it as ``SHELL_CLASS`` or ``COPY_CLASS``.
"""

from __future__ import annotations

import os

from clush.errors import JobError
from clush.job import Copy, Job
from clush.transport.exec import Template
from clush.transport.files import check_local_end
from clush.transport.registry import make_transport
from ClusterShell.NodeSet import NodeSet
from ClusterShell.Worker._base import DistantWorker, WorkerError
from ClusterShell.Worker._clients import ClientTransport, is_native
from ClusterShell.Worker._command import CommandMixin
from ClusterShell.Worker.EngineClient import EngineClient

__all__ = ["WORKER_CLASS", "CopyClient", "ExecClient", "ExecWorker", "WorkerError"]


class ExecClient(EngineClient):
    """The command of one node, or of all of them where one process stands for all.

    ``key`` is the node, or the set; ``rank`` the 0-based index of the node, or ``None``.
    """

    is_native = True

    _transport = None
    _launch = None

    def __init__(self, node, command, worker, stderr, timeout, autoclose=False, rank=None):
        super().__init__(worker, node, stderr, timeout, autoclose)
        self.command = command
        self.rank = rank

    def _build_cmd(self):
        """What to start: words, or a text for ``/bin/sh -c``; and what to add to the environment.

        The environment is a dictionary or ``None``.
        """
        argv, env = self._native_cmd()
        return argv[-1], env

    def _native_cmd(self):
        self._launch = self._transport.native_launch(self.rank)
        return self._launch.argv, self._launch.env


class CopyClient(ExecClient):
    """The copy for one node."""

    is_native = True

    def __init__(
        self, node, source, dest, worker, stderr, timeout, autoclose, preserve, reverse, rank=None
    ):
        super().__init__(node, None, worker, stderr, timeout, autoclose, rank)
        self.source = source
        self.dest = dest
        self.preserve = preserve
        self.reverse = reverse
        self.isdir = reverse or os.path.isdir(source)

    def _build_cmd(self):
        return self._native_cmd()


class ExecWorker(CommandMixin, DistantWorker):
    """Runs ``command``, or copies ``source`` to ``dest``, for each of ``nodes``.

    Further keywords are ``stderr``, ``autoclose``, ``preserve`` and ``reverse``, as for
    ``Task.shell`` and ``Task.copy``.
    """

    SHELL_CLASS = ExecClient
    COPY_CLASS = CopyClient

    _transport_name = "exec"
    _transport_class = ClientTransport

    def __init__(self, nodes, handler, timeout=None, **kwargs):
        super().__init__(handler)
        self._check_keywords(kwargs)
        self.nodes = NodeSet(nodes)
        self.command = kwargs.get("command")
        self.source = self.dest = None
        if self.command is None:
            self.source = kwargs.get("source")
            self.dest = kwargs.get("dest")
        self._timeout = timeout if timeout is not None and timeout >= 0 else None
        self._separate_stderr = bool(kwargs.get("stderr", False))
        self._autoclose = bool(kwargs.get("autoclose", False))
        self._preserve = bool(kwargs.get("preserve", False))
        self._reverse = bool(kwargs.get("reverse", False))
        self._transport = None
        if self.nodes and self.command is None:
            self._check_copy()

    @classmethod
    def transport(cls, settings):
        """A native transport that starts what a worker of this class would; for ``clush -R``."""
        from ClusterShell.Worker._transport import WorkerTransport

        return WorkerTransport(cls, settings)

    # -- the work ---------------------------------------------------------------------

    def _work(self):
        """What is wanted, as a value; made of the settings of the task as they are now."""
        limits = {
            "transport": self._make_transport(),
            "timeout": self._timeout,
            "fanout": self._native_fanout(),
            "merge_stderr": not self._separate_stderr,
        }
        if self.command is None and self.nodes:
            return self._copy(**limits)
        return Job(
            nodes=self.nodes,
            # An empty command is an empty shell line: it does nothing, successfully.
            command=os.fsdecode(self.command or b":"),
            stdin=self._wants_stdin,
            **limits,
        )

    def _copy(self, transport, **limits):
        return Copy(
            source=os.fsdecode(self.source or ""),
            dest=os.fsdecode(self.dest or ""),
            nodes=self.nodes,
            transport=transport,
            reverse=self._reverse,
            preserve=self._preserve,
            **limits,
        )

    def _make_transport(self):
        native = make_transport(self._transport_name, self._transport_settings())
        client_class = self.SHELL_CLASS if self.command is not None else self.COPY_CLASS
        make = None if is_native(client_class) else self._make_client
        traced = self.task.info("debug")
        self._transport = self._transport_class(native, make, self._together(), traced)
        return self._transport

    def _transport_settings(self):
        return self.task._settings.all_info()

    def _together(self):
        """True if one process stands for all nodes: the text names the whole set."""
        texts = (self.command,) if self.command is not None else (self.source, self.dest)
        try:
            return any(Template(os.fsdecode(text)).for_all for text in texts)
        except JobError:  # it is a text for something else than us, if it works at all
            return False

    def _make_client(self, key, rank):
        ends = (self, self._separate_stderr, self._timeout, self._autoclose)
        if self.command is not None:
            return self.SHELL_CLASS(key, self.command, *ends, rank)
        how = (self._preserve, self._reverse)
        return self.COPY_CLASS(key, self.source, self.dest, *ends, *how, rank)

    def _command_line(self, node):
        client_class = self.SHELL_CLASS if self.command is not None else self.COPY_CLASS
        argv = self._transport.command_lines.get(node, ())
        if client_class is ExecClient:
            argv = argv[-1:]
        return f"{client_class.__name__.upper()}: {' '.join(map(os.fsdecode, argv))}"

    # -- checks -----------------------------------------------------------------------

    def _check_keywords(self, keywords):
        unknown = set(keywords) - _KEYWORDS
        # A class of a program may have been given keywords of its own.
        if unknown and type(self).__module__.startswith("ClusterShell."):
            raise TypeError(f"{type(self).__name__} got an unknown keyword: {min(unknown)}")

    def _check_copy(self):
        if not self.source:
            raise ValueError("missing command or source parameter")
        try:
            copy = self._copy(make_transport(self._transport_name, {}))
            if self._reverse:
                check_local_end(copy)
        except JobError as error:
            raise ValueError(str(error)) from None


_KEYWORDS = {
    "autoclose", "command", "dest", "preserve", "remote", "reverse", "source", "stderr",
}  # fmt: skip


WORKER_CLASS = ExecWorker
