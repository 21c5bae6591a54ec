"""Fanout, timeouts of commands, and many of them."""

from ClusterShell.Event import EventHandler
from ClusterShell.NodeSet import NodeSet
from ClusterShell.Task import TimeoutError, task_self
from ClusterShell.Worker.Worker import FANOUT_UNLIMITED

task = task_self()


class Peak(EventHandler):
    running = most = 0

    def ev_pickup(self, worker, node):
        Peak.running += 1
        Peak.most = max(Peak.most, Peak.running)

    def ev_hup(self, worker, node, rc):
        Peak.running -= 1


for fanout, windows in (
    (2, [None]),
    (2, [None, None]),
    (2, [4]),
    (2, [FANOUT_UNLIMITED]),
    (2, [1, None]),
):
    Peak.running = Peak.most = 0
    task.set_info("fanout", fanout)
    for window in windows:
        worker = task.shell("sleep .1", nodes="n[1-6]", handler=Peak(), stdin=False)
        if window is not None:
            worker._fanout = window
    task.resume()
    print(fanout, windows, Peak.running, Peak.most)

task.set_info("fanout", 1)
worker = task.run("sleep .2", nodes="n[1-4]", timeout=0.7, remote=False)
print(worker.num_timeout(), sorted(worker.iter_node_retcodes()))
task.set_info("fanout", 8)
command = "case %n in 0) exit 2;; 1) exec sleep 5;; *) echo part; exec sleep 5;; esac"
worker = task.run(command, nodes="n[1-3]", timeout=0.5, remote=False)
print(sorted(worker.iter_keys_timeout()), task.max_retcode(), task.num_timeout())
print(sorted((bytes(buf), keys) for buf, keys in task.iter_buffers()))
try:
    task.key_retcode("n2")
except KeyError:
    print("KeyError")
task.shell("exec sleep 3", nodes="n1")
timer = task.timer(5, Peak())
try:
    task.resume(0.2)
except TimeoutError:
    print("TimeoutError", task.num_timeout(), task.timeout, timer.is_valid())
task.shell("echo quick", nodes="n1", timeout=3)
task.resume(5)
print(task.key_buffer("n1"), task.num_timeout(), task.timeout)

task.set_info("fanout", 50)
for _ in range(2):
    for number in range(5):
        command = f"echo {number}-%n; test %n -lt 3"
        task.shell(command, nodes=f"m{number}-[1-20]", remote=False)
    task.resume()
    print(len(list(task.iter_buffers())), task.max_retcode())
    print(sorted((rc, len(keys)) for rc, keys in task.iter_retcodes()))
worker = task.run("echo %h | cut -c1-2", nodes="x[1-5],yy[1-5],zz[01-10]", remote=False)
print(sorted((bytes(buf), str(nodes)) for buf, nodes in worker.iter_buffers()))
print(sorted((bytes(buf), str(NodeSet.fromlist(keys))) for buf, keys in task.iter_buffers()))
print(sorted(str(nodes) for buf, nodes in worker.iter_buffers(NodeSet("x[2-3],zz05"))))
print(sorted((rc, str(nodes)) for rc, nodes in worker.iter_retcodes(NodeSet("x[1-2]"))))

task.set_default("distant_workername", "rsh")
worker = task.run("echo $NODE; echo e >&2; sh -c 'exit 5'", nodes="n[1-3]", stderr=True)
print(sorted((node, bytes(buf)) for node, buf in worker.iter_node_buffers()))
print(sorted(worker.iter_node_retcodes()), worker.node_error("n1"))
