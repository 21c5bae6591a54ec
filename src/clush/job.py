"""What is wanted, as a value: a command, the nodes it is for, and its limits.

A job says nothing about how it is carried out; the transport it names does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Optional

from clush.errors import JobError

if TYPE_CHECKING:
    from clush.sets.nodeset import NodeSet
    from clush.transport.base import Transport


class _Fields(NamedTuple):
    nodes: NodeSet
    command: str
    transport: Transport
    timeout: Optional[float] = None
    fanout: Optional[int] = None
    stdin: bool = False
    merge_stderr: bool = False


class Job(_Fields):
    """``command`` for every node of ``nodes``, reached by ``transport``.

    ``timeout`` (seconds) bounds each node's command, counted from its own start;
    ``fanout`` gives the job a window of its own instead of the task's.  ``stdin`` keeps
    standard input open for :meth:`clush.runtime.task.Run.write`; without it the command
    sees the end of its input at once.  ``merge_stderr`` sends standard error down the
    same pipe as standard output, in the order of arrival.
    """

    __slots__ = ()

    if not TYPE_CHECKING:  # the arguments are those of the fields

        def __new__(cls, *args, **kwargs):
            job = super().__new__(cls, *args, **kwargs)
            job._check()
            return job

    def _check(self) -> None:
        if not self.command:
            raise JobError("no command given")
        if self.timeout is not None and self.timeout < 0:
            raise JobError(f"timeout must not be negative: {self.timeout}")
        if self.fanout is not None and self.fanout < 1:
            raise JobError(f"fanout must be at least 1: {self.fanout}")
