"""What all workers share: their events, and their results as the task holds them."""

from __future__ import annotations

from clush.events import STDERR, Ended, Output, Started, Status, Written
from clush.gather import normalize
from clush.sets.nodeset import NodeSet
from ClusterShell.Event import Handlers


class WorkerException(Exception):
    """Root of the errors about workers."""


class WorkerError(WorkerException):
    """A worker used in a way it cannot be."""


WorkerBadArgumentError = ValueError


class Line(bytes):
    """A line as handlers of the older form see it: it also equals its text.

    They were written when both were one type: ``if worker.current_msg != "2.0a"``.
    """

    def __eq__(self, other):
        if isinstance(other, str):
            other = other.encode(errors="surrogateescape")
        return bytes.__eq__(self, other)

    def __ne__(self, other):
        return not self == other

    __hash__ = bytes.__hash__


class Worker:
    """Base of all workers.

    ``current_node``, ``current_sname``, ``current_msg``, ``current_errmsg`` and ``current_rc``
    are set just before the event they belong to and keep their value afterwards.
    """

    SNAME_STDIN = "stdin"
    SNAME_STDOUT = "stdout"
    SNAME_STDERR = "stderr"

    def __init__(self, handler):
        self.eh = handler
        self.task = None
        self.started = False
        self.current_node = None
        self.current_sname = None
        self.current_msg = None
        self.current_errmsg = None
        self.current_rc = 0

    def abort(self):
        """Stop what the worker runs and start nothing more of it."""
        raise NotImplementedError

    def did_timeout(self):
        """True if a node ran out of time."""
        return any(self._results().timed_out(self))

    def _results(self):
        if self.task is None:
            raise WorkerError("worker is not bound to a task")
        return self.task.results


class DistantWorker(Worker):
    """A worker whose results are by node.

    It is the sink of its job: it files each event in the results of the task and passes it
    on to the handler, line by line where the handler wants lines.
    """

    def __init__(self, handler):
        super().__init__(handler)
        self._handlers = None
        self._run = None
        self._left = 0
        self._timedout = False

    # -- results ----------------------------------------------------------------------

    def node_buffer(self, node):
        """What ``node`` said, or ``None``."""
        return self._results().buffer(self, node, self.SNAME_STDOUT)

    def node_error(self, node):
        """What ``node`` said on standard error, or ``None`` (also when it was not apart)."""
        return self._results().buffer(self, node, self.SNAME_STDERR)

    node_error_buffer = node_error

    def read(self, node=None, sname="stdout"):
        """What ``node`` said on stream ``sname``, or ``None``."""
        return self._results().buffer(self, node, sname)

    def node_retcode(self, node):
        """The return code of ``node``; ``KeyError`` if it has none."""
        return self._results().retcode(self, node)

    node_rc = node_retcode

    def iter_buffers(self, match_keys=None):
        """Pairs of (message, node set), one per distinct output."""
        for message, nodes in self._results().iter_buffers(self.SNAME_STDOUT, self, match_keys):
            yield message, NodeSet.fromlist(nodes)

    def iter_errors(self, match_keys=None):
        """As :meth:`iter_buffers`, of standard error."""
        for message, nodes in self._results().iter_buffers(self.SNAME_STDERR, self, match_keys):
            yield message, NodeSet.fromlist(nodes)

    def iter_retcodes(self, match_keys=None):
        """Pairs of (return code, node set)."""
        for rc, nodes in self._results().iter_retcodes(self, match_keys):
            yield rc, NodeSet.fromlist(nodes)

    def num_timeout(self):
        """How many nodes ran out of time."""
        return len(list(self.iter_keys_timeout()))

    def iter_keys_timeout(self):
        """The nodes that ran out of time."""
        return self._results().timed_out(self)

    # -- input ------------------------------------------------------------------------

    def abort(self):
        """Stop what runs and start nothing more; legal in every event."""
        if self._run is not None:
            self._run.abort()

    # -- events -----------------------------------------------------------------------

    def begin(self, run, count):
        """Bound to ``run``, which has ``count`` targets."""
        self._run = run
        self._left = count
        self._handlers = Handlers(self.eh) if self.eh is not None else None

    def sink(self, event):
        """Take one event of the job."""
        _ON_EVENT[type(event)](self, event)

    def _on_started(self, event):
        self.current_node = event.node
        if not self.started:
            self.started = True
            self._tell("ev_start")
        self._tell("ev_pickup", event.node)

    def _on_output(self, event):
        text = normalize(event.data)
        sname = self.SNAME_STDERR if event.stream == STDERR else self.SNAME_STDOUT
        self.task.results.feed(self, event.node, sname, text)
        if self._handlers is None:
            return
        for line in text[:-1].split(b"\n"):
            self._on_line(event.node, sname, line)

    def _on_line(self, node, sname, line):
        self.current_node, self.current_sname = node, sname
        if self._handlers.older_form:
            line = Line(line)
        if sname != self.SNAME_STDERR:
            self.current_msg = line
            self._tell("ev_read", node, sname, line)
            return
        self.current_errmsg = line
        self._tell("ev_error")
        if not self._handlers.older_form:
            self._tell("ev_read", node, sname, line)

    def _on_written(self, event):
        self.current_node, self.current_sname = event.node, self.SNAME_STDIN
        self._tell("ev_written", event.node, self.SNAME_STDIN, event.size)

    def _on_ended(self, event):
        self._left -= 1
        self.task.results.end(self, event)
        if event.status is Status.TIMED_OUT:
            self._timedout = True
            self.current_node = event.node
        elif event.rc is not None:
            if event.started is None:  # its program is missing: an end without a beginning
                self._on_started(event)
            self.current_node, self.current_rc = event.node, event.rc
            self._tell("ev_hup", event.node, event.rc)
        if self._left == 0 and self.started:
            if self._timedout:
                self._tell("ev_timeout")
            self._tell("ev_close", self._timedout)

    def _tell(self, name, *arguments):
        if self._handlers is not None:
            self._handlers.call(name, self, *arguments)


_ON_EVENT = {
    Started: DistantWorker._on_started,
    Output: DistantWorker._on_output,
    Written: DistantWorker._on_written,
    Ended: DistantWorker._on_ended,
}
