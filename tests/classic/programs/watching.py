"""Looking at results while the task runs; autoclose workers and timers."""

import time

from ClusterShell.Event import EventHandler
from ClusterShell.MsgTree import MsgTree
from ClusterShell.NodeSet import NodeSet
from ClusterShell.Task import task_self

task = task_self()


class Report(EventHandler):
    def __init__(self):
        self.tree = MsgTree()
        self.codes = {}
        self.started = NodeSet()

    def ev_pickup(self, worker, node):
        self.started.add(node)

    def ev_read(self, worker, node, sname, msg):
        self.tree.add(node, msg)
        assert worker.node_buffer(node).endswith(msg)

    def ev_hup(self, worker, node, rc):
        self.codes.setdefault(rc, NodeSet()).add(node)
        assert worker.node_retcode(node) == worker.task.key_retcode(node) == rc

    def ev_close(self, worker, timedout):
        print(self.started, sorted((rc, str(nodes)) for rc, nodes in self.codes.items()))
        for buf, keys in sorted((bytes(buf), sorted(keys)) for buf, keys in self.tree.walk()):
            print(keys, buf)


command = "echo a; case $NODE in *[13579]) echo odd; exit 1;; *) echo even; exit 2;; esac"
task.run(command, nodes="n[1-5]", handler=Report())
task.set_default("stdout_msgtree", False)
report = Report()
report.ev_read = lambda worker, node, sname, msg: report.tree.add(node, msg)
task.run("echo x", nodes="n[1-4]", handler=report)
task.set_default("stdout_msgtree", True)


class Flush(EventHandler):
    def ev_read(self, worker, node, sname, msg):
        if msg == b"1":
            task.timer(0, self)

    def ev_timer(self, timer):
        for buf, keys in task.iter_buffers():
            print("so far", bytes(buf), keys)
        task.flush_buffers()


task.run("echo 1; sleep .3; echo 2", nodes="n1", handler=Flush())
print(task.key_buffer("n1"))


class Ticks(EventHandler):
    count = 0

    def ev_timer(self, timer):
        self.count += 1


class Monitor(EventHandler):
    def ev_start(self, worker):
        print("monitor starts")

    def ev_read(self, worker, node, sname, msg):
        print("monitor", msg)


ticks = Ticks()
task.timer(0.05, ticks, interval=0.05, autoclose=True)
task.shell("echo up; exec sleep 30", handler=Monitor(), key="monitor", autoclose=True)
begun = time.time()
task.run("sleep .4; echo done", nodes="n1")
print(3 <= ticks.count <= 9, time.time() - begun < 10, task.key_buffer("n1"), task.max_retcode())


class Silence(EventHandler):
    """Aborts what says nothing for a while."""

    def ev_read(self, worker, node, sname, msg):
        print("alive", msg)
        timer.set_nextfire(0.8)

    def ev_timer(self, timer):
        print("silence")
        worker.abort()

    def ev_close(self, worker, timedout):
        print("close", timedout)
        timer.invalidate()


silence = Silence()
timer = task.timer(0.8, silence)
command = "for i in 1 2 3; do echo $i; sleep .1; done; exec sleep 10"
worker = task.shell(command, nodes="n1", handler=silence)
task.resume()
