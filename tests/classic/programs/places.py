"""The environment, the directory and the signals of commands."""

import os
import resource
import signal
import subprocess

from ClusterShell.Task import task_self

task = task_self()
os.mkdir("sub")
os.environ["COLOUR"] = "red"
task.shell("echo $COLOUR; basename $PWD; umask", key="early")
os.environ["COLOUR"] = "blue"
os.chdir("sub")
task.shell("echo $COLOUR; basename $PWD", nodes="n1", remote=False)
task.resume()
print(task.key_buffer("early").split()[0], task.key_buffer("n1"))
del os.environ["COLOUR"]
for key, command in (
    ("gone", "echo [$COLOUR]"),
    ("text", "echo h\u00e9 '\u20ac'; printf '\\377\\n'"),
    ("shell", "echo $0"),
    ("traps", "trap"),
    ("jobs", "sleep 0.05 & wait; echo $?"),
):
    task.run(command, key=key)
    print(key, task.key_buffer(key))

seen = []
signal.signal(signal.SIGCHLD, lambda *arguments: seen.append(1))
child = subprocess.Popen(["sh", "-c", "sleep .1; exit 7"])
task.run("exit 3", nodes="n[1-3]")
print(task.max_retcode(), child.wait(), bool(seen))
signal.signal(signal.SIGCHLD, signal.SIG_DFL)

hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 20, hard))
task.set_info("fanout", 64)
try:
    task.run("exec sleep 1", nodes="n[1-60]", remote=False)
except OSError as error:
    print("OSError", error.errno)
task.set_info("fanout", 3)
task.run("echo x", nodes="n[1-10]", remote=False)
print(sum(len(keys) for buf, keys in task.iter_buffers()), task.max_retcode())

# As a daemon: nothing is left of the standard streams.
standard = os.dup(1)
for fd in (0, 1, 2):
    os.close(fd)
task.run("echo hello; echo err >&2", nodes="n1", remote=False, stderr=True)
said = task.key_buffer("n1"), task.key_error("n1")
os.dup2(standard, 1)
print(said)
