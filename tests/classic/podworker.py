"""A worker as sites write them for themselves, outside of the library.

Commands run in pods, which take the place of nodes, through a program called ``podctl``;
files are copied by it, too.  A second worker has the shell put its commands together.
"""

import os
import shlex

from ClusterShell.Worker.Exec import CopyClient, ExecClient, ExecWorker


class PodClient(ExecClient):
    """``podctl exec``."""

    def _build_cmd(self):
        task = self.worker.task
        cmd_l = shlex.split(task.info("podctl_path", "podctl"))
        cmd_l += ["exec", "--rank", str(self.rank)]
        namespace = task.info("pod_namespace")
        if namespace:
            cmd_l += ["-n", namespace]
        cmd_l += [self.key, "--", self.command]
        return (cmd_l, {"POD_WORKER": type(self.worker).__name__})


class PodCopyClient(CopyClient):
    """``podctl cp``."""

    def _build_cmd(self):
        cmd_l = ["podctl", "cp"]
        if self.isdir:
            cmd_l.append("-r")
        if self.preserve:
            cmd_l.append("-p")
        if self.reverse:
            landing = f"{os.path.basename(self.source)}.{self.key}"
            cmd_l += [f"{self.key}:{self.source}", os.path.join(self.dest, landing)]
        else:
            cmd_l += [self.source, f"{self.key}:{self.dest}"]
        return (cmd_l, None)


class WorkerPod(ExecWorker):
    """Runs commands in pods."""

    SHELL_CLASS = PodClient
    COPY_CLASS = PodCopyClient


class LoggedClient(PodClient):
    """As text for the shell, which writes down what it starts."""

    def _build_cmd(self):
        cmd_l, env = PodClient._build_cmd(self)
        text = " ".join(shlex.quote(word) for word in cmd_l)
        return (f"echo {shlex.quote(self.key)} >&2; exec {text}", env)


class WorkerLoggedPod(WorkerPod):
    """Runs commands in pods, and says so."""

    SHELL_CLASS = LoggedClient


WORKER_CLASS = WorkerPod
