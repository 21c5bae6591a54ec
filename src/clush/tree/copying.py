"""Copies over a tree: an archive as the input of its targets, or as their output.

What is copied is read from the files in pieces, as gateways ask for it; what is fetched is
written as it comes.  Neither is ever in memory as a whole.
"""

from __future__ import annotations

import os.path
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Callable, Optional

from clush.errors import ClushError
from clush.events import STDERR, STDOUT, Ended, Event, Output, Status, Written
from clush.job import Copy, Job
from clush.transport.files import check_local_end
from clush.tree.archive import Archive
from clush.tree.folder import Drafts
from clush.tree.head import Plan, TreeRun
from clush.tree.landing import fetch, land
from clush.tree.teller import Teller
from clush.tree.unpack import Unpacker

if TYPE_CHECKING:
    from clush.runtime.activity import Sink
    from clush.runtime.task import Task
    from clush.tree.share import Share

# What a copy ends with that did not come whole, as with scp.
RC_INCOMPLETE = 1

# Seconds for nodes to remove what has come of a copy that is broken off.
CLEARING_TIME = 10.0


class CopyRun(TreeRun):
    """``copy`` to targets behind gateways; those that are direct get it in the usual way."""

    def __init__(self, task: Task, copy: Copy, sink: Sink, plan: Plan, background: bool) -> None:
        check_local_end(copy)
        name = copy.basename or os.path.basename(os.path.abspath(copy.source))
        self._files = Files(Archive(copy.source, name, copy.preserve), self._broken)
        self._trouble = [f"clush: {reason}" for reason in self._files.archive.skipped]
        self._merged = copy.merge_stderr
        directory = os.path.isdir(copy.source)
        command = land(copy.dest, name, directory=directory, preserve=copy.preserve)
        job = _job(copy, command)._replace(stdin=True)
        super().__init__(task, job, sink, plan, background, local=copy)
        self.branch.intake = self._files

    def emit(self, event: Event) -> None:
        if isinstance(event, Written):
            return  # of the archive; nobody has written anything
        if isinstance(event, Ended) and self._trouble:
            event = self._troubled(event)
        super().emit(event)

    def _troubled(self, event: Ended) -> Ended:
        """What did not reach any target is told for each, as scp would."""
        if event.status not in (Status.OK, Status.CANCELLED):
            return event
        return _incomplete(event, self._trouble, self._merged, super().emit)

    def _broken(self, error: ClushError) -> None:
        """The files cannot be read to their end: nothing is put in its place."""
        self._trouble.append(f"clush: {error}")
        self._task.loop.call_soon(self.branch.stop, CLEARING_TIME)

    def _now_over(self) -> None:
        self._files.archive.close()
        super()._now_over()


class Files:
    """An archive as the input of a branch; ``broken(error)`` is told once if it cannot be read."""

    def __init__(self, archive: Archive, broken: Callable[[ClushError], object]) -> None:
        self.archive = archive
        self._broken: Optional[Callable[[ClushError], object]] = broken

    @property
    def source(self) -> Files:
        return self

    def read(self, offset: int, size: int) -> Optional[bytes]:
        if self._broken is None:
            return None
        try:
            return self.archive.read(offset, size)
        except ClushError as exc:
            broken, self._broken = self._broken, None
            broken(exc)
            return None

    def wanted(self) -> None:
        """It is always there."""

    def starting(self) -> None:
        """It is always there."""

    def moved(self) -> None:
        """Nobody waits for the readers."""

    def restart(self, share: Share) -> bool:
        return True


class FetchRun(TreeRun):
    """``copy`` from all targets, below its local directory."""

    def __init__(self, task: Task, copy: Copy, sink: Sink, plan: Plan, background: bool) -> None:
        check_local_end(copy)
        job, teller = _job(copy, fetch(copy.source)), partial(FetchTeller, copy)
        super().__init__(task, job, sink, plan, background, teller=teller)
        self.job = copy


class FetchTeller(Teller):
    """Standard output is an archive: it is unpacked, and nobody else hears of it."""

    def __init__(
        self,
        copy: Copy,
        names: dict[int, str],
        emit: Callable[[Event], object],
        input_lost: Callable[[tuple[str, ...], int], object],
        changed: Callable[[], object],
    ) -> None:
        super().__init__(names, emit, input_lost, changed)
        self._copy = copy
        self._drafts = Drafts()
        self._unpackers: dict[int, Unpacker] = {}
        self._trouble: dict[int, list[str]] = {}

    def output(self, ids: Sequence[int], stream: str, data: bytes) -> None:
        if stream != STDOUT:
            super().output(ids, STDOUT if self._copy.merge_stderr else stream, data)
            return
        for number in ids:
            self._unpack(number, data)

    def _unpack(self, number: int, data: bytes) -> None:
        if number in self._trouble:
            return  # what follows is of no use
        unpacker = self._unpackers.get(number)
        try:
            if unpacker is None:
                landing = os.path.basename(self._copy.landing(self._names[number]))
                unpacker = Unpacker(
                    self._copy.dest, landing, self._copy.basename, self._copy.preserve, self._drafts
                )
                self._unpackers[number] = unpacker
            unpacker.feed(data)
        except (ClushError, OSError) as exc:
            self._trouble[number] = [f"clush: {exc}"]

    def _end(self, number: int, event: Ended) -> None:
        trouble = self._trouble.pop(number, [])
        unpacker = self._unpackers.pop(number, None)
        try:
            if unpacker is not None:
                unpacker.close()
            elif event.status.ok:
                trouble.append("clush: no archive came")
        except ClushError as exc:
            if not trouble:
                trouble.append(f"clush: {exc}")
        if unpacker is not None:
            trouble += [f"clush: {problem}" for problem in unpacker.problems]
        if trouble and event.status.ok:
            event = _incomplete(event, trouble, self._copy.merge_stderr, self._emit)
        super()._end(number, event)


def _job(copy: Copy, command: str) -> Job:
    merge = copy.merge_stderr and not copy.reverse
    return Job(
        copy.nodes, command, copy.transport, copy.timeout, copy.fanout,
        merge_stderr=merge, raw=copy.reverse,
    )  # fmt: skip


def _incomplete(
    event: Ended, trouble: Sequence[str], merged: bool, emit: Callable[[Event], object]
) -> Ended:
    """The end of a copy that did not come whole; the reasons are told as the node's errors."""
    lines = "".join(f"{line}\n" for line in trouble).encode(errors="surrogateescape")
    emit(Output(event.node, STDOUT if merged else STDERR, lines))
    detail = trouble[0].partition(": ")[2]
    return event._replace(status=Status.FAILED, rc=RC_INCOMPLETE, detail=detail)
