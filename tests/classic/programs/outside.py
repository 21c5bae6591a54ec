"""Workers and clients of the program's own."""

import sys
import types

from ClusterShell.Task import task_self
from ClusterShell.Worker.Exec import CopyClient, ExecClient, ExecWorker
from ClusterShell.Worker.Ssh import ScpClient, SshClient, WorkerSsh

task = task_self()


class Shell(ExecClient):
    def _build_cmd(self):
        text = f"echo {self.key}-$RANK $CLASS; {self.command}"
        return ["sh", "-c", text], {"RANK": str(self.rank), "CLASS": type(self.worker).__name__}


class Copy(CopyClient):
    def _build_cmd(self):
        how = [str(self.preserve), str(bool(self.reverse)), str(bool(self.isdir))]
        return ["echo", str(self.key), self.source, self.dest, *how], None


class Mine(ExecWorker):
    SHELL_CLASS = Shell
    COPY_CLASS = Copy


module = sys.modules["mine"] = types.ModuleType("mine")
module.WORKER_CLASS = Mine
task.set_default("distant_workername", "mine")
worker = task.run("exit 4", nodes="n[1-3]")
print(type(worker).__name__, task.max_retcode())
print(sorted((node, bytes(buf)) for node, buf in worker.iter_node_buffers()))
worker = task.copy("/etc/hosts", "/tmp", nodes="n[1-2]", preserve=True)
task.resume()
print(sorted((node, bytes(buf)) for node, buf in worker.iter_node_buffers()))
worker = task.rcopy("/etc/hosts", "/tmp", nodes="n1", preserve=True)
task.resume()
print(worker.node_buffer("n1"))


class Traced(SshClient):
    def _build_cmd(self):
        command, env = SshClient._build_cmd(self)
        print(command, env)
        return command, env


class TracedWorker(WorkerSsh):
    SHELL_CLASS = Traced


task.set_default("distant_worker", TracedWorker)
task.set_info("ssh_user", "bob")
task.set_info("ssh_options", "-p 22")
print(task.run("echo hi $NODE", nodes="n1").node_buffer("n1"))


class Limited(ScpClient):
    def _build_cmd(self):
        command, env = super()._build_cmd()
        return ["echo", command[0], command[-2], command[-1]], env


class LimitedWorker(WorkerSsh):
    COPY_CLASS = Limited


task.set_default("distant_worker", LimitedWorker)
worker = task.copy("/etc/hosts", "/dst", nodes="n1")
task.resume()
print(worker.node_buffer("n1"))


class Text(ExecClient):
    def _build_cmd(self):
        command, env = ExecClient._build_cmd(self)
        print(repr(command), env, self.key, self.rank)
        return command, env


class TextWorker(ExecWorker):
    SHELL_CLASS = Text


task.set_default("distant_worker", TextWorker)
print(task.run("echo %h %n", nodes="n1").node_buffer("n1"))
print(task.run("echo %hosts", nodes="n[1-2]").node_buffer("n1"))
