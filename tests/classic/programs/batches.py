"""Schedulers on top of the library: retries, a sliding window, a limit of failures."""

from ClusterShell.Event import EventHandler
from ClusterShell.NodeSet import NodeSet
from ClusterShell.Task import task_self

task = task_self()


class Retry(EventHandler):
    """Runs the command again, twice at most, where it fails."""

    def __init__(self):
        self.tries = {}
        self.done = NodeSet()

    def ev_hup(self, worker, node, rc):
        if rc == 0:
            self.done.add(node)
        elif self.tries.setdefault(node, 0) < 2:
            self.tries[node] += 1
            worker.task.shell(worker.command, nodes=node, handler=self)


task.set_info("fanout", 2)
retry = Retry()
task.run("echo >> n.$NODE; test $(wc -l < n.$NODE) -ge 2", nodes="r[1-4]", handler=retry)
print(retry.done, sorted(retry.tries.items()), task.max_retcode())


class Batch(EventHandler):
    """Some nodes at a time, one command after the other on each."""

    def __init__(self, nodes, commands, size, most):
        self.waiting = list(NodeSet(nodes))
        self.commands = commands
        self.size = size
        self.most = most
        self.position = {}
        self.good, self.bad = NodeSet(), NodeSet()

    def start(self):
        for _ in range(self.size):
            self.go(self.waiting.pop(0))

    def go(self, node):
        command = self.commands[self.position.setdefault(node, 0)]
        task_self().shell(command, nodes=node, handler=self, timeout=1, stdin=False)

    def ev_hup(self, worker, node, rc):
        if rc:
            self.bad.add(node)
            self.following()
            return
        self.position[node] += 1
        if self.position[node] < len(self.commands):
            self.go(node)
        else:
            self.good.add(node)
            self.following()

    def ev_close(self, worker, timedout):
        if timedout:
            for node in worker.iter_keys_timeout():
                self.bad.add(node)
            self.following()

    def following(self):
        if len(self.bad) >= self.most:
            del self.waiting[:]
        elif self.waiting:
            task_self().timer(0.01, self)

    def ev_timer(self, timer):
        if self.waiting:
            self.go(self.waiting.pop(0))


task.set_info("fanout", 10)
second = "case $NODE in h2) exit 3;; h5) exec sleep 20;; esac"
batch = Batch("h[1-9]", ["true", second, "echo end"], 3, 9)
batch.start()
task.run(timeout=20, stdin=False)
print(batch.good, batch.bad)
print(sorted((str(NodeSet.fromlist(keys)), bytes(buf)) for buf, keys in task.iter_buffers()))
batch = Batch("h[1-9]", ["false"], 1, 3)
batch.start()
task.run(timeout=20)
print(batch.good, batch.bad, batch.waiting)
