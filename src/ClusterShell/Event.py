"""Event handlers: the methods a program defines to be told what happens.

Both generations of signatures work: ``ev_read(self, worker, node, sname, msg)`` and the
older ``ev_read(self, worker)``, which reads ``worker.current_node`` and its kin.
"""

from __future__ import annotations


class EventHandler:
    """Base class of handlers; every event does nothing unless it is overridden."""

    def ev_start(self, worker):
        """The worker starts its first command."""

    def ev_pickup(self, worker, node):
        """The command of ``node`` was started."""

    def ev_read(self, worker, node, sname, msg):
        """``node`` said the line ``msg`` (bytes, no line end) on stream ``sname``."""

    def ev_error(self, worker):
        """Older than ``ev_read``: ``worker.current_errmsg`` was said on standard error."""

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

    def _ev_routing(self, worker, arg):
        """A gateway was chosen or lost."""
