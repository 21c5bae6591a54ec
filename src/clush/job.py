"""What is wanted, as a value: a command or a file, the nodes it is for, and the limits.

A job or a copy says nothing about how it is carried out; the transport it names does.
What both have in common is explained with ``Job`` and checked in ``_Checked``.
"""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, NamedTuple, Optional, Union

from clush.errors import JobError

if TYPE_CHECKING:
    from clush.sets.nodeset import NodeSet
    from clush.transport.base import Transport

# In the name of a file to be fetched they would stand for several files.
_WILDCARDS = "*?["


class _Checked:
    """A value that is refused when it makes no sense."""

    __slots__ = ()

    if not TYPE_CHECKING:  # the arguments are those of the fields

        def __new__(cls, *args, **kwargs):
            work = super().__new__(cls, *args, **kwargs)
            work._check()
            _check_limits(work)
            return work


class _JobFields(NamedTuple):
    nodes: NodeSet
    command: str
    transport: Transport
    timeout: Optional[float] = None
    fanout: Optional[int] = None
    stdin: bool = False
    merge_stderr: bool = False
    rank: int = 0
    raw: bool = False


class Job(_Checked, _JobFields):
    """``command`` for every node of ``nodes``, reached by ``transport``.

    ``timeout`` (seconds) bounds each node's command, counted from its own start;
    ``fanout`` gives the job a window of its own instead of the task's.  ``stdin`` keeps
    standard input open for :meth:`clush.runtime.task.Run.write`; without it the command
    sees the end of its input at once.  ``merge_stderr`` sends standard error down the
    same pipe as standard output, in the order of arrival.  ``rank`` is the index of the
    first node, where the nodes are a part of a larger set.  ``raw`` says that standard output
    is no text: it is told as it comes, and not in whole lines.
    """

    __slots__ = ()

    def _check(self) -> None:
        if not isinstance(self.command, str):
            raise JobError(f"a command is text, not {type(self.command).__name__}")
        if not self.command:
            raise JobError("no command given")


class _CopyFields(NamedTuple):
    source: str
    dest: str
    nodes: NodeSet
    transport: Transport
    reverse: bool = False
    preserve: bool = False
    timeout: Optional[float] = None
    fanout: Optional[int] = None
    merge_stderr: bool = False
    stdin: bool = False


class Copy(_Checked, _CopyFields):
    """The local ``source`` copied to ``dest`` on every node of ``nodes``, or back from there.

    ``reverse`` fetches ``source`` of each node into the local directory ``dest``, where
    :meth:`landing` says it arrives.  ``preserve`` keeps times and modes.  A directory is
    copied with all that is in it.  The other fields are those of :class:`Job`; ``stdin`` is
    for a copying program that asks for a password there.
    """

    __slots__ = ()

    raw = False  # what the copying program says is text

    @property
    def basename(self) -> str:
        """The last part of ``source``, whatever slashes stand behind it."""
        return os.path.basename(self.source.rstrip("/"))

    def landing(self, node: str) -> str:
        """Where the file that is fetched from ``node`` arrives."""
        return os.path.join(self.dest, f"{self.basename}.{node}")

    def _check(self) -> None:
        if not self.source:
            raise JobError("no file to be copied given")
        if not self.dest:
            raise JobError(f"no destination given for '{self.source}'")
        if self.reverse:
            self._check_name()

    def _check_name(self) -> None:
        if self.basename in ("", ".", ".."):
            raise JobError(f"cannot fetch '{self.source}': its copies would have no name")
        if any(character in self.source for character in _WILDCARDS):
            raise JobError(f"cannot fetch '{self.source}': a wildcard, where one file is meant")


Work = Union[Job, Copy]


def _check_limits(work: Work) -> None:
    if work.timeout is not None and not work.timeout >= 0:  # as "nan" is not, either
        raise JobError(f"timeout must not be negative: {work.timeout}")
    if work.fanout is not None and work.fanout < 1:
        raise JobError(f"fanout must be at least 1: {work.fanout}")
