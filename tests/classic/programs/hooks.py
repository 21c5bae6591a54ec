"""What goes wrong in the thread of a task, and its hook."""

from ClusterShell.Event import EventHandler
from ClusterShell.Task import Task


class Broken(EventHandler):
    def ev_read(self, worker, node, sname, msg):
        raise RuntimeError("of a handler")


def hook(kind, value, traceback):
    print("hook", kind.__name__, traceback is not None)


def ended(task):
    task.thread.join(20)
    print(task.thread.is_alive(), task.running())


task = Task()
task.excepthook = hook
task.shell("echo x", nodes="n1", handler=Broken())
task.resume()
ended(task)

task = Task()
task.excepthook = hook
task.shell("exec sleep 10", nodes="n1")
task.resume(0.1)
ended(task)

task = Task()
task.excepthook = hook
worker = task.shell("echo a")
task.schedule(worker)
task.resume()
ended(task)
