"""Handlers in the older form, which take the worker alone, and both forms mixed."""

from ClusterShell.Event import EventHandler
from ClusterShell.Task import task_self


class Older(EventHandler):
    def ev_start(self, worker):
        print("start")

    def ev_pickup(self, worker):
        print("pickup", worker.current_node)

    def ev_read(self, worker):
        print("read", worker.current_node, worker.current_sname, worker.current_msg)

    def ev_error(self, worker):
        print("error", worker.current_node, worker.current_errmsg)

    def ev_hup(self, worker):
        print("hup", worker.current_node, worker.current_rc)

    def ev_timeout(self, worker):
        print("timeout", worker.current_node)

    def ev_close(self, worker):
        print("close", worker.current_node, worker.did_timeout())


class Mixed(EventHandler):
    def ev_read(self, worker, node, sname, msg):
        print("read", node, sname, msg)

    def ev_error(self, worker):
        print("error", worker.current_errmsg)

    def ev_timeout(self, worker):
        print("timeout")

    def ev_close(self, worker, timedout):
        print("close", timedout)


task = task_self()
both = "echo a; sleep .05; echo b >&2; sleep .05"
task.run(both, nodes="n1", handler=Older(), stderr=True)
task.run(both, nodes="n1", handler=Older())
task.run(both, handler=Older(), stderr=True)
task.run("echo a; exec sleep 10", nodes="n1", handler=Older(), timeout=0.5)
task.run("echo a; exec sleep 10", handler=Older(), timeout=0.5)
task.run("echo b >&2", nodes="n1", handler=Mixed(), stderr=True)
task.run("exec sleep 10", nodes="n1", handler=Mixed(), timeout=0.1)
task.run("exec sleep 10", key="k", handler=Mixed(), timeout=0.1)
