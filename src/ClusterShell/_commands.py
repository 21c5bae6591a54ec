"""Commands and copies: from the words of a program to a worker that is scheduled."""

from __future__ import annotations

from ClusterShell._errors import TaskError
from ClusterShell.NodeSet import NodeSet
from ClusterShell.Worker.EngineClient import EngineClientNotSupportedError
from ClusterShell.Worker.Popen import WorkerPopen


class Commands:
    """For the class that schedules workers and holds how they are made."""

    def shell(
        self,
        command,
        *,
        key=None,
        nodes=None,
        handler=None,
        timeout=None,
        autoclose=False,
        stderr=None,
        stdin=None,
        tree=None,
        remote=True,
    ):
        """Schedule a command, for ``nodes`` or else on this machine; returns its worker.

        On a running task it starts before this returns, if the fanout allows.  ``key`` is
        for results of a command without nodes, ``timeout`` in seconds from its start.
        ``stderr`` keeps standard error apart, ``stdin=False`` gives it the end of input at
        once, ``autoclose`` does not let the run wait for it; ``remote=False`` runs it on
        this machine once per node, ``tree`` asks for gateways or forbids them.
        """
        self._check_alive()
        if stderr is None:
            stderr = self.default("stderr")
        if nodes is None:
            worker = WorkerPopen(command, key, handler, stderr, timeout, autoclose)
        else:
            assert key is None, "'key' is for commands without nodes"
            worker = self._worker_class(tree, remote)(
                NodeSet(nodes),
                command=_some(command),
                handler=handler,
                stderr=stderr,
                timeout=timeout,
                autoclose=autoclose,
                remote=remote,
            )
        if not (self.default("stdin") if stdin is None else stdin):
            try:
                worker.set_write_eof()
            except EngineClientNotSupportedError:
                pass  # it has no input anyway
        self.schedule(worker)
        return worker

    def copy(
        self,
        source,
        dest,
        nodes,
        *,
        handler=None,
        stderr=None,
        timeout=None,
        preserve=False,
        reverse=False,
        tree=None,
        autoclose=False,
        remote=True,
    ):
        """Schedule the copy of a local file or directory to ``nodes``; returns its worker.

        ``preserve`` keeps times and modes.  ``reverse`` is :meth:`rcopy`.  ``autoclose`` and
        ``remote`` have no effect: a copy is waited for, and it is remote.
        """
        self._check_alive()
        assert nodes is not None, "local copy not supported"
        worker = self._worker_class(tree, remote=True)(
            NodeSet(nodes),
            source=source,
            dest=dest,
            handler=handler,
            stderr=self.default("stderr") if stderr is None else stderr,
            timeout=timeout,
            preserve=preserve,
            reverse=reverse,
        )
        self.schedule(worker)
        return worker

    def rcopy(self, source, dest, nodes, **kwargs):
        """Schedule the copy of ``source`` of each node into the local directory ``dest``.

        It arrives there as ``source.node``.  ``ValueError`` if there is no such directory.
        """
        return self.copy(source, dest, nodes, reverse=True, **kwargs)

    def _worker_class(self, tree, remote):
        if tree is not False and self._finds_topology():
            from ClusterShell.Worker.Tree import TreeWorker  # few have gateways

            return TreeWorker
        if tree:
            raise TaskError("tree mode was asked for, and there is no topology")
        return self.default("distant_worker" if remote else "local_worker")


_SHELL_KEYWORDS = set(Commands.shell.__kwdefaults__)


def check_shell_keywords(keywords):
    """Raise ``TypeError`` for a keyword that ``shell`` does not know."""
    unknown = set(keywords) - _SHELL_KEYWORDS
    if unknown:
        raise TypeError(f"got an unexpected keyword argument {min(unknown)!r}")


def _some(command):
    if command is None:
        raise ValueError("missing command")
    return command
