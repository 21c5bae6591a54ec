"""Event handlers: the methods a program defines to be told what happens.

Both generations of signatures work: ``ev_read(self, worker, node, sname, msg)`` and the
older ``ev_read(self, worker)``, which reads ``worker.current_node`` and its kin.
"""

from __future__ import annotations

import inspect
import warnings

# Events whose older form takes the worker alone.
_OLDER_FORM = ("ev_pickup", "ev_read", "ev_hup", "ev_close")


class EventHandler:
    """Base class of handlers; every event does nothing unless it is overridden."""

    def ev_start(self, worker):
        """The worker starts its first command."""

    def ev_pickup(self, worker, node):
        """The command of ``node`` was started."""

    def ev_read(self, worker, node, sname, msg):
        """``node`` said the line ``msg`` (bytes, no line end) on stream ``sname``."""

    def ev_written(self, worker, node, sname, size):
        """``size`` bytes were written to ``node`` on stream ``sname``."""

    def ev_hup(self, worker, node, rc):
        """The command of ``node`` is over, with return code ``rc``."""

    def ev_close(self, worker, timedout):
        """The worker is over; ``timedout`` tells whether a node ran out of time."""

    def ev_port_start(self, port):
        """A port is ready."""

    def ev_msg(self, port, msg):
        """A message came in on a port."""

    def ev_timer(self, timer):
        """A timer fired."""


class Handlers:
    """Calls the methods of one handler, each in the form it was written in."""

    def __init__(self, handler):
        self._handler = handler
        self._older = {name for name in _OLDER_FORM if _takes_worker_only(handler, name)}
        # Then ev_read is told of standard output only, and ev_error of the rest.
        self.older_form = "ev_read" in self._older

    def call(self, name, worker, *arguments):
        """Call event ``name``; a handler that lacks it is not told."""
        method = getattr(self._handler, name, None)
        if method is None:
            return
        if name in self._older:
            warnings.warn(
                f"{name}(self, worker) is the old form: it should use new {name}() signature",
                DeprecationWarning,
                stacklevel=2,
            )
            arguments = ()
        method(worker, *arguments)


def _takes_worker_only(handler, name):
    """True if the bound method takes exactly one positional parameter: the worker."""
    method = getattr(handler, name, None)
    if method is None:
        return False
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    named = [p for p in inspect.signature(method).parameters.values() if p.kind in kinds]
    return len(named) == 1
