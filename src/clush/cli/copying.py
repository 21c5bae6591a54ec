"""Files to the nodes and from them: what the words of a command line mean as copies.

Also what ``--verbose`` tells of each file when it has arrived.  How a file travels is the
business of transports.
"""

from __future__ import annotations

import os

from clush.errors import CommandError, JobError, UsageError
from clush.events import Ended, Event
from clush.job import Copy
from clush.transport.files import check_local_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from clush.cli.display import View
    from clush.cli.options import Values
    from clush.job import Work
    from clush.sets.nodeset import NodeSet
    from clush.transport.base import Transport


def copying(options: Values) -> bool:
    """Whether files are to be copied, in whichever direction."""
    return bool(options.copy or options.rcopy)


def check(options: Values, sources: Sequence[str]) -> None:
    """Raise :class:`UsageError` unless it is clear what is to be copied."""
    if options.copy and options.rcopy:
        raise UsageError("--copy and --rcopy: only one direction at a time")
    if not sources:
        raise UsageError("--[r]copy option requires at least one argument")


def copies(
    options: Values,
    sources: Sequence[str],
    nodes: NodeSet,
    transport: Transport,
    timeout: float | None,
    stdin: bool,
) -> list[Copy]:
    """One copy per source.

    Raises :class:`CommandError` for a local file or directory that is not there, and for
    sources that would overwrite each other.
    """
    make = _fetched if options.rcopy else _sent
    try:
        works = [
            Copy(
                *make(source, options.dest or "", len(sources) > 1),
                nodes,
                transport,
                reverse=bool(options.rcopy),
                preserve=bool(options.preserve),
                timeout=timeout,
                stdin=stdin,
            )
            for source in sources
        ]
        for work in works:
            check_local_end(work)
    except JobError as error:
        raise CommandError(str(error)) from None
    _check_names(works)
    return works


def _sent(source: str, dest: str, several: bool) -> tuple[str, str]:
    """Source and destination of a copy to the nodes."""
    if not source:
        raise JobError('file "" not found')
    if os.path.basename(source.rstrip("/")) in (".", ".."):
        source = os.path.abspath(source)  # else scp leaves what is in it all over the place
    if not dest:
        return source, os.path.join(os.path.dirname(os.path.abspath(source)), "")
    # Several files need a directory; where it is none, they would replace each other.
    return source, os.path.join(dest, "") if several else dest


def _fetched(source: str, dest: str, several: bool) -> tuple[str, str]:
    """Source and destination of a copy from the nodes."""
    return source, dest or os.path.dirname(os.path.abspath(source))


def _check_names(works: list[Copy]) -> None:
    first: dict[tuple[str, str], str] = {}
    for work in works:
        other = first.setdefault((work.dest, work.basename), work.source)
        if other != work.source:
            raise CommandError(f"'{other}' and '{work.source}' would be the same in {work.dest}")


def described(works: Sequence[Work]) -> str:
    """What is to be copied and where to, for ``--debug``."""
    copies = [work for work in works if isinstance(work, Copy)]
    direction = "rcopy" if copies[0].reverse else "copy"
    sources, dests = [work.source for work in copies], [work.dest for work in copies]
    return f"{direction} sources={sources} dest={dests}"


def reports(works: Sequence[Work], dest: str, view: View) -> list[Report]:
    """For each copy the sink that tells of it; ``dest`` is what the user gave as such."""
    return [Report(work, dest or work.dest, view) for work in works if isinstance(work, Copy)]


class Report:
    """A sink that says which nodes a file has reached, when the last of them is done."""

    def __init__(self, work: Copy, dest: str, view: View) -> None:
        """``dest`` is the destination as the user knows it."""
        self._work = work
        self._dest = dest
        self._view = view
        self._left = len(work.nodes)
        self._reached: list[str] = []

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Ended):
            return
        self._left -= 1
        if event.status.ok:
            self._reached.append(event.node)
        if self._reached and not self._left:
            self._view.console.note(self._line(self._view.names.label(self._reached)))

    def _line(self, nodes: str) -> str:
        if self._work.reverse:
            return f"{nodes}:`{self._work.source}' -> `{self._dest}'"
        return f"`{self._work.source}' -> {nodes}:`{self._dest}'"
