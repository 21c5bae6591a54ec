"""pdsh: one process for all nodes, which labels what each of them says.

``pdsh`` runs commands, ``pdcp`` and ``rpdcp`` copy.  How they reach the nodes (``ssh``,
``rsh``, ``exec``) is theirs to choose (``PDSH_RCMD_TYPE``, or ``-R`` in ``path``).
Their limits are ours: no input for the commands; a node whose return code is 0 is known
by nothing being said of it, so all nodes end when pdsh does; and a last line without its
end may run into the next line of another node.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING, NamedTuple, Optional

from clush.errors import JobError
from clush.job import Copy
from clush.transport.base import (
    Closing,
    Launch,
    Verdict,
    check_names,
    exit_verdict,
    no_option,
    whole_seconds,
    words,
)
from clush.transport.files import flags, local
from clush.transport.pdshtext import PdshText

if TYPE_CHECKING:
    from clush.job import Job, Work
    from clush.sets.nodeset import NodeSet

# What the first sign of a name means to -w: exclude, read a file, match.
_SIGNS = "-^/"

# Has the effect of -t, which in such releases goes to their ssh, ahead of other options.
_CONNECT_TIMEOUT = "PDSH_CONNECT_TIMEOUT"

# pdsh gives its ssh no input and never closes it: a command that reads would wait forever.
_SSH_NO_INPUT = "-n"
_SSH_OPTIONS = "PDSH_SSH_ARGS_APPEND"


class Pdsh(NamedTuple):
    """Runs commands through ``pdsh``, and copies files through ``pdcp`` and ``rpdcp``.

    The paths are words as a shell splits them (``pdsh -R ssh``).  ``fanout`` is how many
    nodes pdsh works on at a time, and ``command_timeout`` how long on each, unless the job
    says so itself.  Timeouts are in seconds, cut to integers (but not to 0), none if 0;
    that of a job is rounded up.
    """

    path: str = "pdsh"
    pdcp_path: str = "pdcp"
    rpdcp_path: str = "rpdcp"
    user: Optional[str] = None
    connect_timeout: Optional[float] = None
    command_timeout: Optional[float] = None
    fanout: Optional[int] = None

    @property
    def name(self) -> str:
        return "pdsh"

    def launches(self, work: Work) -> Iterator[Launch]:
        if work.stdin:
            raise JobError("writing to stdin is not supported by pdsh")
        check_names(work.nodes, "pdsh", _SIGNS)
        argv = self._copy(work) if isinstance(work, Copy) else self._command(work)
        if not work.nodes:
            return iter(())
        nodes = tuple(work.nodes)
        launch = Launch(
            nodes,
            argv,
            self._env(work),
            PdshText(nodes, work),
            apart=True,
            keeps_time=bool(work.timeout),
        )
        return iter((launch,))

    def _command(self, job: Job) -> list[str]:
        argv = words("pdsh path", self.path) + self._options(job)
        limit = _seconds("-u", ceil(job.timeout or 0) or self.command_timeout)
        return [*argv, *limit, _targets(job.nodes), no_option(job.command)]

    def _copy(self, copy: Copy) -> list[str]:
        path = self.rpdcp_path if copy.reverse else self.pdcp_path
        argv = words("pdcp path", path) + self._options(copy)
        argv += _seconds("-t", self.connect_timeout) + _seconds("-u", ceil(copy.timeout or 0))
        argv.append(_targets(copy.nodes))
        if copy.reverse:
            return [*argv, *flags(copy), copy.source.rstrip("/"), local(copy.dest)]
        return [*argv, *flags(copy), local(copy.source), copy.dest]

    def _options(self, work: Work) -> list[str]:
        fanout = work.fanout or self.fanout
        user = ["-l", self.user] if self.user else []
        return ["-b", *user, *([f"-f {fanout}"] if fanout else [])]

    def _env(self, work: Work) -> dict[str, str]:
        """The connect timeout, and what pdsh leaves to be said to its ssh."""
        env = {}
        options = [os.environ.get(_SSH_OPTIONS, "")]
        timeout = whole_seconds(self.connect_timeout)
        if timeout:
            env[_CONNECT_TIMEOUT] = str(timeout)
            options.append(f"-o ConnectTimeout={timeout}")
        if not isinstance(work, Copy):
            options.append(_SSH_NO_INPUT)
        return {**env, _SSH_OPTIONS: " ".join(filter(None, options))}

    def verdict(self, work: Work, closing: Closing) -> Verdict:
        return exit_verdict(closing.returncode)


def _targets(nodes: NodeSet) -> str:
    """The nodes for ``-w``, in ranges without steps, which pdsh does not know."""
    if nodes.autostep is not None:
        nodes = nodes.copy()
        nodes.autostep = None
    return f"-w {nodes}"


def _seconds(option: str, limit: Optional[float]) -> list[str]:
    return [f"{option} {whole_seconds(limit)}"] if whole_seconds(limit) else []
