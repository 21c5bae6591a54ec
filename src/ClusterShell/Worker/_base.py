"""What all workers share, and what those with nodes do: attributes and results.

How a worker runs is up to its class: ``_submit`` gives it to a native task.  Its sink is
there for as long as that lasts.
"""

from __future__ import annotations

from clush.runtime.task import UNLIMITED
from ClusterShell._results import chooser
from ClusterShell.Engine.Engine import FANOUT_DEFAULT, FANOUT_UNLIMITED
from ClusterShell.NodeSet import NodeSet


class WorkerException(Exception):
    """Root of the errors about workers."""


class WorkerError(WorkerException):
    """A worker used in a way it cannot be."""


WorkerBadArgumentError = ValueError


class Worker:
    """Base of all workers.

    ``current_node``, ``current_sname``, ``current_msg``, ``current_errmsg`` and ``current_rc``
    are set just before the event they belong to and keep their value afterwards.
    """

    SNAME_STDIN = "stdin"
    SNAME_STDOUT = "stdout"
    SNAME_STDERR = "stderr"

    # Whether results have one key, and not one for each node; whether there is a process,
    # and so a return code; whether `ev_timeout` goes together with `ev_close`.
    _has_key = False
    _has_process = True
    _timeout_before_close = True

    _autoclose = False
    _separate_stderr = False
    _timeout = None

    def __init__(self, handler):
        self.eh = handler
        self.task = None
        self.started = False
        self.current_node = None
        self.current_sname = None
        self.current_msg = None
        self.current_errmsg = None
        self.current_rc = 0
        self._own_fanout = FANOUT_DEFAULT
        self._sink = None  # while it runs, or waits for its turn in a run

    def abort(self):
        """Stop what the worker runs and start nothing more of it."""
        raise NotImplementedError

    def read(self, node=None, sname=SNAME_STDOUT):
        """What ``node`` said on stream ``sname``, or ``None``."""
        return self._results().buffer(self, node, sname)

    def did_timeout(self):
        """True if a node ran out of time."""
        return bool(self._results().timed_out(self))

    def flush_buffers(self):
        """Forget what was said on standard output."""
        self._results().flush(self.SNAME_STDOUT, self)

    def flush_errors(self):
        """Forget what was said on standard error."""
        self._results().flush(self.SNAME_STDERR, self)

    @property
    def _fanout(self):
        """How many clients may run at a time: ``FANOUT_DEFAULT`` is the task's own window."""
        return self._own_fanout

    @_fanout.setter
    def _fanout(self, fanout):
        self._own_fanout = fanout
        if self._sink is not None:
            self._sink.run.set_fanout(self._native_fanout())

    def _native_fanout(self):
        return UNLIMITED if self._own_fanout == FANOUT_UNLIMITED else self._own_fanout

    def _results(self):
        if self.task is None:
            raise WorkerError("worker is not task bound")
        return self.task._results

    def _stop(self):
        """What :meth:`abort` does for workers that can be run."""
        if self._sink is not None:
            self._sink.abort()
        elif self.task is not None:
            self.task._unschedule(self)

    # -- for the sink and the results -------------------------------------------------

    def _submit(self, native_task, sink):
        """Give the work to a native task and return the handle of it."""
        raise NotImplementedError

    def _result_keys(self):
        """The keys of the results, in order; it has as many ends."""
        raise NotImplementedError

    def _command_line(self, node):
        """How the start for ``node`` is traced."""
        raise NotImplementedError

    def _not_started(self, rc):
        """The program could not be executed; an error raised here ends the run."""

    def _note_retcode(self, rc):
        """A return code came."""


class DistantWorker(Worker):
    """A worker whose results are by node."""

    nodes = ()

    def node_buffer(self, node):
        """What ``node`` said, or ``None``."""
        return self.read(node, self.SNAME_STDOUT)

    def node_error(self, node):
        """What ``node`` said on standard error, or ``None`` (also when it was not apart)."""
        return self.read(node, self.SNAME_STDERR)

    node_error_buffer = node_error

    def node_retcode(self, node):
        """The return code of ``node``; ``KeyError`` if it has none."""
        return self._results().retcode(self, node)

    node_rc = node_retcode

    def iter_buffers(self, match_keys=None):
        """Pairs of (message, node set), one per distinct output."""
        yield from self._iter_groups(self.SNAME_STDOUT, match_keys)

    def iter_errors(self, match_keys=None):
        """As :meth:`iter_buffers`, of standard error."""
        yield from self._iter_groups(self.SNAME_STDERR, match_keys)

    def iter_node_buffers(self, match_keys=None):
        """Pairs of (node, message)."""
        yield from self._results().messages(self.SNAME_STDOUT, self, chooser(match_keys))

    def iter_node_errors(self, match_keys=None):
        """As :meth:`iter_node_buffers`, of standard error."""
        yield from self._results().messages(self.SNAME_STDERR, self, chooser(match_keys))

    def iter_retcodes(self, match_keys=None):
        """Pairs of (return code, node set); an empty ``match_keys`` matches all."""
        chosen = chooser(match_keys)
        nodes_of = {}
        for node, rc in self._results().retcodes(self):
            if chosen is None or not match_keys or chosen(node):
                nodes_of.setdefault(rc, []).append(node)
        for rc in sorted(nodes_of):
            yield rc, NodeSet.fromlist(nodes_of[rc])

    def iter_node_retcodes(self):
        """Pairs of (node, return code)."""
        yield from self._results().retcodes(self)

    def num_timeout(self):
        """How many nodes ran out of time."""
        return len(self._results().timed_out(self))

    def iter_keys_timeout(self):
        """The nodes that ran out of time."""
        yield from self._results().timed_out(self)

    def _iter_groups(self, sname, match_keys):
        for message, nodes in self._results().groups(sname, self, chooser(match_keys)):
            yield message, NodeSet.fromlist(nodes)

    def _result_keys(self):
        return self._node_names

    @property
    def _node_names(self):
        """The nodes as texts, in their order."""
        names = self.__dict__.get("_names_of_nodes")
        if names is None:
            names = self.__dict__["_names_of_nodes"] = tuple(self.nodes)
        return names
