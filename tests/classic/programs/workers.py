"""Workers that a program makes by itself, and schedules."""

from ClusterShell.Event import EventHandler
from ClusterShell.Task import task_self
from ClusterShell.Worker.Exec import ExecWorker
from ClusterShell.Worker.Popen import WorkerPopen
from ClusterShell.Worker.Ssh import WorkerSsh
from ClusterShell.Worker.Worker import Worker, WorkerError

task = task_self()
worker = WorkerSsh("n[1-3]", handler=None, timeout=5, command="echo $NODE; test $NODE != n2")
for name in ("read", "node_buffer", "node_retcode"):
    try:
        getattr(worker, name)("n1")
    except WorkerError:
        print(name, "WorkerError")
task.schedule(worker)
task.resume()
print(worker.nodes, type(worker.nodes).__name__, worker.command, worker.source, worker.dest)
print(sorted((str(nodes), bytes(buf)) for buf, nodes in worker.iter_buffers()))
print(sorted((rc, str(nodes)) for rc, nodes in worker.iter_retcodes()))
print(sorted((node, bytes(buf)) for node, buf in worker.iter_node_buffers()))
print(sorted(worker.iter_node_retcodes()), worker.num_timeout(), list(worker.iter_keys_timeout()))
print(worker.node_buffer("n1"), worker.node_rc("n2"), worker.node_error("n1"))
print(worker.node_error_buffer("n1"), worker.read("n3"), worker.read(), worker.read("other"))
try:
    task.schedule(worker)
except WorkerError:
    print("WorkerError")

worker = ExecWorker(nodes="n[1-2]", handler=None, command="cat; echo %h")
worker.write(b"in\n")
worker.set_write_eof()
task.schedule(worker)
task.resume()
print(worker.node_buffer("n1"), worker.node_buffer("n2"))

worker = WorkerPopen("cat; echo err >&2; exit 7", key="kk", stderr=True)
worker.write(b"pop")
worker.set_write_eof()
task.schedule(worker)
task.resume()
print(worker.read(), worker.error(), worker.retcode(), worker.key, worker.command)
print(task.key_buffer("kk"), worker.did_timeout())
worker = WorkerPopen("echo x")
task.schedule(worker)
task.resume()
print(
    worker.read(), task.key_buffer(worker), [keys == [worker] for buf, keys in task.iter_buffers()]
)

for cls in (ExecWorker, WorkerSsh):
    for keywords in ({}, {"source": ""}):
        try:
            cls("n1", None, **keywords)
        except ValueError:
            print("ValueError")
try:
    WorkerPopen("")
except ValueError:
    print("ValueError")
try:
    Worker(None).abort()
except NotImplementedError:
    print("NotImplementedError")

for nodes in (["n1"], ("n1",)):
    try:
        task.shell("x", nodes=nodes)
    except TypeError:
        print("TypeError")
for command in ("date +%s", "echo %H", "echo %hfoo", "echo %", "echo 100%"):
    try:
        task.run(command, nodes="n1", remote=False)
    except WorkerError:
        print("WorkerError", command)
for command in ("exit 300", "kill -9 $$", "/nonexistent", "exit 255"):
    worker = task.run(command, key=command, stderr=True)
    print(command, worker.retcode(), task.max_retcode())


class Chain(EventHandler):
    """Schedules the next worker when one is over."""

    def __init__(self, commands):
        self.commands = commands

    def ev_read(self, worker, node, sname, msg):
        print("read", type(worker).__name__, msg)

    def ev_close(self, worker, timedout):
        print("close", worker.command)
        if self.commands:
            command = self.commands.pop(0)
            if command.startswith("local "):
                following = WorkerPopen(command[6:], handler=self)
            else:
                following = WorkerSsh("n1", handler=self, timeout=5, command=command)
            worker.task.schedule(following)


commands = ["echo 1", "local echo 2", "echo 3; exit 3", "local exit 4"]
task.run("echo 0", nodes="n1", handler=Chain(commands))
print(task.max_retcode())
