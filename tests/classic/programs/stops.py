"""What ends a run before its end: aborts, timeouts, errors of handlers."""

from ClusterShell.Event import EventHandler
from ClusterShell.Task import AlreadyRunningError, TimeoutError, task_self

task = task_self()
task.set_info("fanout", 1)


class Reaction(EventHandler):
    def __init__(self, event, reaction):
        self.event = event
        self.reaction = reaction

    def told(self, event, worker, *what):
        print(event, *what)
        if event == self.event:
            self.reaction(worker)

    def ev_start(self, worker):
        self.told("start", worker)

    def ev_pickup(self, worker, node):
        self.told("pickup", worker, node)

    def ev_read(self, worker, node, sname, msg):
        self.told("read", worker, node, msg)

    def ev_hup(self, worker, node, rc):
        self.told("hup", worker, node, rc)

    def ev_close(self, worker, timedout):
        self.told("close", worker, timedout)


def fail(worker):
    raise ValueError("of a handler")


def nested(worker):
    try:
        task.resume()
    except AlreadyRunningError:
        print("AlreadyRunningError")


for event, end in (("read", "exec sleep 10"), ("hup", "exit 3"), ("close", "exit 3")):
    print("-- the worker, in", event)
    handler = Reaction(event, lambda worker: worker.abort())
    task.run(f"echo a; {end}", nodes="n1", handler=handler, stdin=False)
    print(task.max_retcode(), task.key_buffer("n1"))
for event, end in (("read", "exec sleep 10"), ("close", "exit 3")):
    print("-- the task, in", event)
    handler = Reaction(event, lambda worker: task.abort())
    worker = task.shell(f"echo a; {end}", nodes="n1", handler=handler, stdin=False)
    task.resume()
    print(task.max_retcode(), task.key_buffer("n1"), worker.read("n1"), task.running())
for event in ("read", "close"):
    print("-- an error, in", event)
    try:
        task.run("echo a; exec sleep .2", nodes="n1", handler=Reaction(event, fail), stdin=False)
    except ValueError as error:
        print("ValueError", error)
task.run("echo fine", key="k")
print(task.key_buffer("k"))
print("-- a run within a run")
task.run("echo a", nodes="n1", handler=Reaction("read", nested), stdin=False)

print("-- too long")
task.set_info("fanout", 10)
quick = task.shell("exit 3", key="quick")
nodes = task.shell("echo x; exec sleep 10", nodes="n[1-2]")
local = task.shell("exec sleep 10", key="local")
try:
    task.resume(0.8)
except TimeoutError:
    print("TimeoutError")
print(task.num_timeout(), sorted(task.iter_keys_timeout()), task.max_retcode())
print(nodes.num_timeout(), quick.retcode(), local.retcode(), local.did_timeout())
print(nodes.node_buffer("n1"))
task.abort()
print(task.key_buffer("n1"), task.max_retcode(), nodes.read("n1"))
task.abort(kill=True)
task.abort()
print(task.running(), task.key_buffer("quick"), task.max_retcode())
