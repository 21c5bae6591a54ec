"""Files to nodes and back, with what is told of them."""

import os

from ClusterShell.Event import EventHandler
from ClusterShell.NodeSet import NodeSet
from ClusterShell.Task import task_self

task = task_self()
here = os.getcwd()


class Teller(EventHandler):
    def ev_start(self, worker):
        print("start", os.path.basename(worker.source), worker.command)
        self.seen = []

    def ev_pickup(self, worker, node):
        self.seen.append(("pickup", node))

    def ev_read(self, worker, node, sname, msg):
        self.seen.append(("read", node))

    def ev_hup(self, worker, node, rc):
        self.seen.append(("hup", node, rc))

    def ev_close(self, worker, timedout):
        print(sorted(self.seen), timedout)


def show(folder):
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(place, name)
            with open(path) as file:
                print(os.path.relpath(path, here), file.read().strip())


with open("file", "w") as file:
    file.write("content\n")
os.makedirs("folder/sub")
with open("folder/sub/inner", "w") as file:
    file.write("inner\n")
os.mkdir("dst")
task.copy(here + "/file", here + "/dst/copied", "n1", handler=Teller())
task.resume()
task.copy(here + "/folder", here + "/dst/new", nodes=NodeSet("n1"), handler=Teller())
task.resume()
task.copy(here + "/folder", here + "/dst", nodes="n1", preserve=True, handler=Teller())
task.resume()
task.rcopy(here + "/file", here + "/dst", "n[1-3]", handler=Teller())
task.resume()
for _ in range(2):
    task.rcopy(here + "/folder", here + "/dst", "n[1-2]", handler=Teller())
    task.resume()
show("dst")
for stderr in (False, True):
    worker = task.copy("/no/such/file", here + "/dst", "n1", handler=Teller(), stderr=stderr)
    task.resume()
    said = worker.node_error("n1") if stderr else worker.node_buffer("n1")
    print(worker.node_retcode("n1"), b"No such file" in said)
for arguments in (("file", "nowhere", "n1"), ("file", "file", "n1"), ("", "dst", "n1")):
    try:
        task.rcopy(*arguments)
    except ValueError:
        print("ValueError", arguments)
for arguments in (("file", "x", None), ("", "x", "n1")):
    try:
        task.copy(*arguments)
    except (AssertionError, ValueError) as error:
        print(type(error).__name__, arguments)
task.set_default("distant_worker", task.default("local_worker"))
task.copy("file", "out.%h.%n", nodes="b[1-2]")
task.resume()
print(sorted(name for name in os.listdir(".") if name.startswith("out.")), task.max_retcode())
