"""Defaults and info of a task, recording, tracing, errors."""

from ClusterShell.Defaults import DEFAULTS
from ClusterShell.Task import (
    AlreadyRunningError,
    TaskError,
    TaskMsgTreeError,
    TimeoutError,
    task_self,
    task_terminate,
)

task = task_self()
DEFAULT = """stderr stdin stdout_msgtree stderr_msgtree engine port_qlimit auto_tree
    local_workername distant_workername other"""
INFO = """debug fanout grooming_delay connect_timeout command_timeout engine ssh_user ssh_path
    other"""
for key in DEFAULT.split():
    print(key, task.default(key))
for key in INFO.split():
    print(key, task.info(key))
print(task.default("local_worker").__name__, task.default("distant_worker").__name__)
task.set_info("USER_one", 1)
task.set_default("USER_two", 2)
print(task.info("USER_one"), task.default("USER_two"), task.default("other", 5))
for name in ("rsh", "RSH", "pdsh", "ClusterShell.Worker.Exec"):
    task.set_default("distant_workername", name)
    print(task.default("distant_worker").__name__)
try:
    task.set_default("local_workername", "bogus")
except ImportError:
    print("ImportError")
task_terminate()

task = task_self()
print(task.topology, task.router, task.gateways, task.running())
task.set_info("debug", True)
task.set_info("print_debug", lambda task, text: print("traced", text))
task.run("echo a", nodes="n1")
task.run("echo b", key="k")
task.run("echo %h", nodes="x1", remote=False)
task.set_info("debug", False)

task.set_default("stdout_msgtree", False)
worker = task.run("echo a", nodes="n1")
for call in (
    task.iter_buffers,
    lambda: task.key_buffer("n1"),
    lambda: worker.read("n1"),
    lambda: worker.node_buffer("n1"),
    lambda: next(worker.iter_buffers()),
    lambda: next(worker.iter_node_buffers()),
):
    try:
        call()
    except TaskMsgTreeError:
        print("TaskMsgTreeError")
task.flush_buffers()
task.flush_errors()
worker.flush_buffers()
print(task.max_retcode(), DEFAULTS.fanout, DEFAULTS.port_qlimit, DEFAULTS.distant_workername)
for error in (TimeoutError, AlreadyRunningError, TaskMsgTreeError):
    print(error.__name__, issubclass(error, TaskError))

for engine in ("epoll", "poll", "select", "auto"):
    DEFAULTS.engine = engine
    task_terminate()
    task = task_self()
    print(engine, task.info("engine"), task.default("engine"))
    task.run("echo $NODE", nodes="n[1-3]")
    print(sorted(keys[0] for buf, keys in task.iter_buffers()))
DEFAULTS.engine = "none of them"
task_terminate()
try:
    task_self()
except KeyError as error:
    print("KeyError", error)
DEFAULTS.engine = "auto"
print(task_self().info("engine"))
