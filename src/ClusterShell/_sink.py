"""From native events to what a worker is and tells: attributes, results, handler calls.

One sink per worker, for the time it runs.  The order it keeps: ``ev_start`` once, per node
``ev_pickup``, then its lines and its writes, then ``ev_hup``; ``ev_close`` once after all of
them and nothing behind it.  Once muted, a sink tells only how things end.

The way of a line is short: lines are made of a chunk at once and go through one tight loop.
The handler is looked up for each event: programs exchange it, or its methods, meanwhile.
"""

from __future__ import annotations

import os
from operator import length_hint

from clush.events import (
    STDERR,
    STDIN,
    STDOUT,
    Ended,
    GatewayNews,
    Output,
    Started,
    Status,
    Written,
)
from clush.gather import normalize
from ClusterShell._handlers import Line, OlderForm, listener
from ClusterShell.NodeSet import NodeSet


class Sink:
    """The sink of ``worker`` in a run; ``debug(text)`` is for tracing, or ``None``.

    ``on_error(error)`` is called when the handler raises, ``on_close(worker)`` when it is over.
    """

    __slots__ = (
        "_debug", "_key", "_keyed", "_left", "_names", "_on_close", "_on_error", "_results",
        "_stderr", "_timed_out", "closed", "muted", "run", "worker",
    )  # fmt: skip

    def __init__(self, worker, results, debug, on_error, on_close):
        self.worker = worker
        self.run = None
        self.muted = self.closed = False
        self._results = results
        self._debug = debug
        self._on_error = on_error
        self._on_close = on_close
        self._names = {STDOUT: worker.SNAME_STDOUT, STDERR: worker.SNAME_STDERR}
        self._names[STDIN] = worker.SNAME_STDIN
        self._stderr = worker.SNAME_STDERR
        keys = worker._result_keys()
        self._left = len(keys)
        self._keyed = worker._has_key
        self._key = keys[0] if self._keyed else None
        self._timed_out = False
        results.register(worker)

    def __call__(self, event):
        try:
            _ON_EVENT[type(event)](self, event)
        except BaseException as error:
            self._on_error(error)
            raise

    # -- stopping ---------------------------------------------------------------------

    def abort(self):
        """Stop what runs; ``ev_close`` comes before this returns, unless nothing had begun."""
        self.muted = True
        self.run.abort()  # what was over already tells its end now
        self.close()

    def close(self):
        """Tell the end of the worker, once."""
        if self.closed:
            return
        self.closed = self.muted = True
        self._on_close(self.worker)
        worker = self.worker
        if not worker.started:
            return
        if self._timed_out and worker._timeout_before_close:
            self._tell("ev_timeout", worker)
        self._tell("ev_close", worker, self._timed_out)

    # -- events -----------------------------------------------------------------------

    def _started(self, event):
        if self.muted:
            return
        worker = self.worker
        key = self._place(event.node)
        self._begin()
        if self._debug:
            self._debug(worker._command_line(event.node))
        if not self.muted:
            self._tell("ev_pickup", worker, key)

    def _output(self, event):
        if self.muted:
            return
        key = self._place(event.node)
        sname = self._names.get(event.stream, event.stream)
        text = normalize(event.data)
        if self._debug:
            self._trace(event.node, text)
        handler = self.worker.eh
        if not (listener(handler, "ev_read") or listener(handler, "ev_error")):
            self._results.feed(self.worker, key, sname, text)
            self._note_last(sname, text)
            return
        lines = self._results.deliver(self.worker, key, sname, text)
        read_out = self._read_stdout if sname != self._stderr else self._read_stderr
        try:
            while length_hint(lines) and not self.muted:
                read_out(key, sname, lines)
        finally:
            self._results.delivered()

    def _read_stdout(self, key, sname, lines):
        """Tell lines until there are no more, or there is another ``ev_read``."""
        worker, handler = self.worker, self.worker.eh
        own = getattr(handler, "__dict__", _NOTHING)
        method = own.get("ev_read")
        read = listener(handler, "ev_read") or _nobody
        node = worker.current_node
        for line in map(Line, lines) if isinstance(read, OlderForm) else lines:
            worker.current_node = node
            worker.current_sname = sname
            worker.current_msg = line
            read(worker, key, sname, line)
            if self.muted or worker.eh is not handler or own.get("ev_read") is not method:
                break

    def _read_stderr(self, key, sname, lines):
        """As :meth:`_read_stdout`; an ``ev_read`` of the older form is not told of these."""
        worker, handler = self.worker, self.worker.eh
        own = getattr(handler, "__dict__", _NOTHING)
        method = own.get("ev_read")
        error, read = listener(handler, "ev_error"), listener(handler, "ev_read")
        older = isinstance(read, OlderForm)
        node = worker.current_node
        for line in map(Line, lines) if older else lines:
            worker.current_node = node
            worker.current_sname = sname
            worker.current_errmsg = line
            if error:
                error(worker)
            if read and not (older or self.muted):
                read(worker, key, sname, line)
            if self.muted or worker.eh is not handler or own.get("ev_read") is not method:
                break

    def _note_last(self, sname, text):
        """What is left to be seen of lines that were told to nobody."""
        worker = self.worker
        worker.current_sname = sname
        last = text[text.rfind(b"\n", 0, -1) + 1 : -1]
        if sname != self._stderr:
            worker.current_msg = last
        else:
            worker.current_errmsg = last

    def _written(self, event):
        if self.muted:
            return
        key = self._place(event.node)
        sname = self.worker.current_sname = self._names.get(event.stream, event.stream)
        self._tell("ev_written", self.worker, key, sname, event.size)

    def _ended(self, event):
        self._left -= 1
        if self.closed:
            return
        try:
            _END.get(event.status, Sink._end_with_code)(self, event)
        except BaseException as error:
            self._on_error(error)
            raise
        finally:
            if self._left == 0:
                self.close()

    def _end_unstarted(self, event):
        if event.rc is None:
            return
        self.worker._not_started(event.rc)
        # Its program is missing: what a shell would say, as it would say it.
        self._started(Started(event.node, event.ended))
        stream = STDERR if self.worker._separate_stderr else STDOUT
        self._output(Output(event.node, stream, os.fsencode(event.detail)))
        self._end_with_code(event)

    def _end_in_time_out(self, event):
        self._timed_out = True
        key = self._place(event.node)
        self._results.set_timed_out(self.worker, key)
        if not self.worker._has_process:
            self._tell("ev_timeout", self.worker)
            self._hup(key, None)

    def _end_with_code(self, event):
        key = self._place(event.node)
        if event.rc is not None:
            self._results.set_retcode(self.worker, key, event.rc)
            self.worker._note_retcode(event.rc)
        elif self.worker._has_process:
            return  # there is nothing to be said of how it ended
        self._hup(key, event.rc)

    def _end_cancelled(self, event):
        """Nothing is told of what was stopped."""

    def _hup(self, key, rc):
        self.worker.current_rc = rc
        if not self.closed:
            self._tell("ev_hup", self.worker, key, rc)

    def _tell(self, name, *arguments):
        method = listener(self.worker.eh, name)
        if method is not None:
            method(*arguments)

    def _news(self, news):
        """What a gateway says, or is said of it, is its standard error."""
        worker = self.worker
        if self.muted or news.kind == "up":
            return
        if news.kind == "rerouted":
            routing = getattr(worker.eh, "_ev_routing", None)
            if routing is not None:
                targets = NodeSet.fromlist(news.nodes)
                event = {"event": "reroute", "gateway": news.gateway, "targets": targets}
                routing(worker, event)
        else:
            self._begin()
            self._results.add_key(worker, news.gateway)
            self._output(Output(news.gateway, STDERR, f"{news.text}\n".encode()))

    def _begin(self):
        """Tell the start of the worker, once."""
        if not self.worker.started:
            self.worker.started = True
            self._tell("ev_start", self.worker)

    def _place(self, node):
        """The key of ``node``, noted as the place of what is about to be told."""
        if self._keyed:
            return self._key
        self.worker.current_node = node
        return node

    def _trace(self, node, text):
        label = "LINE" if self._keyed else f"{node}:"
        for line in text[:-1].split(b"\n"):
            self._debug(f"{label} {line}")


def _nobody(*_arguments):
    """In place of an ``ev_read`` that is not there."""


_NOTHING = {}  # of a handler without attributes of its own


_ON_EVENT = {
    Started: Sink._started,
    Output: Sink._output,
    Written: Sink._written,
    Ended: Sink._ended,
    GatewayNews: Sink._news,
}

_END = {
    Status.NOT_STARTED: Sink._end_unstarted,
    Status.TIMED_OUT: Sink._end_in_time_out,
    Status.CANCELLED: Sink._end_cancelled,
}
