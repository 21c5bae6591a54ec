"""A handler that notes all it is told, and may do something then."""

from __future__ import annotations

from ClusterShell.Event import EventHandler


class Recorder(EventHandler):
    """``Recorder(read=call)`` makes ``call(worker)`` after it has noted an ``ev_read``."""

    def __init__(self, **reactions) -> None:
        self.seen: list[tuple] = []
        self.workers: list[object] = []
        self._reactions = reactions

    def _note(self, name: str, worker: object, *what: object) -> None:
        self.seen.append((name, *what))
        self.workers.append(worker)
        if name in self._reactions:
            self._reactions[name](worker)

    def ev_start(self, worker):
        self._note("start", worker)

    def ev_pickup(self, worker, node):
        self._note("pickup", worker, node)

    def ev_read(self, worker, node, sname, msg):
        self._note("read", worker, node, sname, msg)

    def ev_written(self, worker, node, sname, size):
        self._note("written", worker, node, sname, size)

    def ev_hup(self, worker, node, rc):
        self._note("hup", worker, node, rc)

    def ev_close(self, worker, timedout):
        self._note("close", worker, timedout)

    def ev_timer(self, timer):
        self._note("timer", timer)

    def ev_port_start(self, port):
        self._note("port_start", port)

    def ev_msg(self, port, msg):
        self._note("msg", port, msg)

    @property
    def names(self) -> list[str]:
        return [event[0] for event in self.seen]

    def of(self, name: str) -> list[tuple]:
        """What came with the events of this name."""
        return [event[1:] for event in self.seen if event[0] == name]
