"""Handlers that are no handlers by birth."""

import functools

from ClusterShell.Event import EventHandler
from ClusterShell.Task import task_self

task = task_self()


class Duck:
    __slots__ = ("told",)

    def __init__(self):
        self.told = []

    def ev_start(self, worker):
        self.told.append("start")

    def ev_pickup(self, worker, node):
        self.told.append("pickup")

    def ev_read(self, worker, node, sname, msg):
        self.told.append(msg)

    def ev_error(self, worker):
        self.told.append("error")

    def ev_written(self, worker, node, sname, size):
        self.told.append(size)

    def ev_hup(self, worker, node, rc):
        self.told.append(rc)

    def ev_close(self, worker, timedout):
        self.told.append(timedout)


class Any:
    """Answers to every event."""

    def __init__(self):
        self.told = []

    def __getattr__(self, name):
        if not name.startswith("ev_"):
            raise AttributeError(name)

        def note(worker, *what):
            self.told.append((name, *what))

        return note


class Base(EventHandler):
    def ev_read(self, worker, node, sname, msg):
        print("base", msg)


class Derived(Base):
    def ev_read(self, worker, node, sname, msg):
        super().ev_read(worker, node, sname, msg)
        print("derived", msg)

    def ev_close(self, worker, timedout):
        EventHandler.ev_close(self, worker, timedout)
        print("close")


for handler in (Duck(), Any()):
    task.run("echo 1; echo 2 >&2", nodes="n1", handler=handler, stdin=False)
    print(handler.told)
handler = EventHandler()
handler.ev_read = functools.partial(lambda tag, worker, *what: print(tag, what), "partial")
handler.ev_hup = lambda worker, node, rc: print(node, rc)
task.run("echo 1", nodes="n1", handler=handler)
task.run("echo 1", nodes="n1", handler=Derived())
