"""Results of a run: outputs, errors, return codes, by node and folded."""

from ClusterShell.NodeSet import NodeSet
from ClusterShell.Task import task_self

task = task_self()
task.shell("uname -s", nodes="n[1-4]")
failing = task.shell("echo err >&2; exit 3", nodes="n[3-6]", stderr=True)
task.run()
for buf, nodes in task.iter_buffers():
    print(NodeSet.fromlist(nodes), buf.message().decode())
for buf, nodes in task.iter_errors():
    print("errors", NodeSet.fromlist(nodes), buf.message().decode())
for rc, nodes in sorted(task.iter_retcodes()):
    print("rc", rc, NodeSet.fromlist(nodes))
print(task.max_retcode(), task.key_retcode("n3"), task.node_retcode("n1"), task.num_timeout())
for node in ("n1", "n6", "other"):
    print(node, task.key_buffer(node), task.node_buffer(node), task.key_error(node))
try:
    task.key_retcode("other")
except KeyError as error:
    print("KeyError", error)
print([(str(nodes), bytes(buf)) for buf, nodes in failing.iter_errors()])
print([(node, bytes(buf)) for node, buf in sorted(failing.iter_node_errors())])
task.flush_errors()
print(failing.node_error("n3"), task.max_retcode())

task.run("printf 'a\\nb\\n'; test $NODE = n3 && echo extra", nodes="n[1-3]")
for buf, keys in sorted(task.iter_buffers(), key=lambda item: bytes(item[0])):
    print(bytes(buf), buf.message(), list(buf), list(buf.lines()), buf[0], len(buf), sorted(keys))
    print(buf == b"a\nb")
task.run("echo", nodes="n1")
print([bytes(buf) for buf, keys in task.iter_buffers()], task.key_buffer("n1"))
print(task.run("true", nodes="n1").node_buffer("n1"), list(task.iter_buffers()))

for code in range(3):
    task.shell(f"exit {code}", nodes="n1")
worker = task.shell("echo $NODE", nodes="n[1-3]")
task.resume()
print(task.key_retcode("n1"), task.max_retcode(), sorted(task.iter_retcodes(["n1"])))
print(sorted(str(nodes) for buf, nodes in worker.iter_buffers(NodeSet("n[2-9]"))))
print(list(worker.iter_buffers([])), sorted((rc, str(n)) for rc, n in worker.iter_retcodes(["n2"])))
for getter in (task.iter_buffers, lambda text: list(worker.iter_buffers(text))):
    try:
        getter("n1")
    except TypeError:
        print("TypeError")
for key in (("a", 1), 5, 0, "", frozenset("x")):
    worker = task.run("echo k; exit 2", key=key)
    print(key, task.key_buffer(key), task.key_retcode(key), [k for buf, k in task.iter_buffers()])
