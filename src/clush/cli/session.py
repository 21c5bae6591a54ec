"""One run of a command, from the first child to the last word.

A session joins what the other rooms do: the task runs the job, the display shows what is
said, the account knows who is where, and the user may look, type and interrupt.  Here
stands in which order the last words are said, and what the exit status is.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import zip_longest
from typing import TYPE_CHECKING, Callable, NamedTuple, Optional

from clush.cli.account import Account
from clush.cli.arrivals import Arrivals
from clush.cli.console import Console
from clush.cli.display import Display, View
from clush.cli.failure import codes, reasons
from clush.cli.gauge import Gauge
from clush.cli.interrupt import EnterKey, Signals
from clush.cli.progress import Progress
from clush.cli.saving import Saver
from clush.cli.stdin import Broadcast
from clush.engine.limits import (
    UNLIMITED,
    children_within,
    descriptor_limits,
    descriptors_needed,
)
from clush.engine.loop import run_blocking
from clush.errors import ClushError, ResourceLimitError
from clush.events import Ended, Event, GatewayNews, Output, Started, Written
from clush.job import Copy, Work
from clush.runtime.activity import Sink
from clush.runtime.task import Task
from clush.sets.nodeset import NodeSet

if TYPE_CHECKING:
    from clush.tree.gateways import Gateways
    from clush.tree.head import TreeSubmitted

# Shows a run, the output of which a display gathers, until what is returned is called.
Watch = Callable[[Task, Gauge, Display], Callable[[], None]]

OK = 0
INTERRUPTED = 130

# Kinds of news that end each other.
TOPICS = {"up": "state", "lost": "state"}


class Conduct(NamedTuple):
    """How a session behaves towards its user.

    ``first_input`` is sent to each command before anything else, ``forward_stdin`` sends
    our own standard input after it.  ``engine`` is the system call that waits, ``max_rc``
    makes the largest return code the exit status, ``quiet`` and ``verbose`` say less and
    more, ``progress`` shows how far the run is, if it is ``patient`` only while nothing
    else is shown, ``enter_key`` reports it when Enter is typed.  ``watch`` shows all that
    in its own way.
    """

    fanout: int
    first_input: bytes = b""
    forward_stdin: bool = False
    engine: str = "auto"
    max_rc: bool = False
    quiet: bool = False
    verbose: bool = False
    progress: bool = False
    patient: bool = False
    enter_key: bool = False
    watch: Optional[Watch] = None


class Session:
    """Runs ``works`` and shows them on ``display``."""

    def __init__(
        self,
        works: Sequence[Work],
        display: Display,
        conduct: Conduct,
        saved: Optional[dict[str, str]] = None,
        reports: Sequence[Sink] = (),
        through: Optional[Gateways] = None,
    ) -> None:
        """``works`` have the same nodes: one job, or copies, which share the limits.

        ``saved`` holds a directory for each stream to be saved there, node by node.
        ``reports`` hear the events of the works, one of each, when all else is done.
        ``through`` are the gateways to go through, if there are any.
        """
        self._works = works
        self._reports = reports
        self._through = through
        self._gateways: set[str] = set()  # that are up
        self._told: dict[tuple[str, str], GatewayNews] = {}  # the last of each gateway and topic
        self._display = display
        self._conduct = conduct
        self._saved = saved
        self._saver: Optional[Saver] = None
        self._view: View = display.view
        self._account: Account = self._view.account
        self._console: Console = self._view.console
        self._task: Task
        self._signals = Signals(self._console, self._interrupted)
        self._gauge = Gauge(self._account, time.monotonic, time.time)
        if through is not None:
            self._gauge.note(lambda: f"gw {len(self._gateways)}")
        self._sinks: dict[type, Callable[..., None]] = {
            Output: self._output,
            Started: self._account.started,
            Written: self._written,
            Ended: self._ended,
            GatewayNews: self._news,
        }

    def run(self) -> int:
        """Run to the end and return the exit status; does not return from a fatal signal.

        Raises whatever keeps a run from being carried out, after what was received has
        been shown.
        """
        check_descriptors(min(self._conduct.fanout, self._account.total))
        if self._saved:
            self._saver = Saver(self._saved, self._works[0].nodes)
        with self._signals:
            try:
                self._display.begin()
                run_blocking(self._carry_out, self._conduct.engine)
                if self._signals.fatal is None:
                    self._conclude()
            except KeyboardInterrupt:
                pass  # the second signal: no more words
            except ClushError:
                self._conclude()
                self._tell_incomplete()
                raise
        return self._status()

    async def _carry_out(self) -> None:
        async with Task(fanout=self._conduct.fanout) as task:
            self._signals.watch(task)
            try:
                await self._attend(task)
            finally:
                self._signals.watch(None)

    async def _attend(self, task: Task) -> None:
        """Have the job run by ``task``, and give the user what he may see and say meanwhile."""
        self._task = task
        runs = [
            self._submit(task, work, self._sink(work, report))
            for work, report in zip_longest(self._works, self._reports)
        ]
        if self._signals.received:
            task.abort()
        async with AsyncExitStack() as stops:
            if self._conduct.watch is not None:
                stops.callback(self._conduct.watch(task, self._gauge, self._display))
            elif self._conduct.progress:
                stops.callback(self._progress(task).stop)
            if self._conduct.enter_key:
                stops.callback(EnterKey(task, self._report).stop)
            for run in runs:
                if self._conduct.first_input:
                    run.write(self._conduct.first_input)
                if self._conduct.forward_stdin:
                    stops.push_async_callback(Broadcast(task, run).stop)
                elif run.job.stdin:
                    run.write_eof()
            await task.join()

    def _submit(self, task: Task, work: Work, sink: Sink) -> TreeSubmitted:
        if self._through is None:
            return task.submit(work, sink)
        # Those who hear of a work, too, are told node by node.
        alike = self._take_alike if sink == self._take else None
        return self._through.submit(task, work, sink, alike=alike)

    def _progress(self, task: Task) -> Progress:
        view = self._view
        label = view.names.label
        patient = self._conduct.patient
        return Progress(task, view.prog, self._gauge, self._console, label, patient)

    # -- what happens -----------------------------------------------------------------

    def _take(self, event: Event) -> None:
        self._sinks[type(event)](event)
        self._check_readers()

    def _take_alike(self, nodes: Sequence[str], stream: str, data: bytes) -> None:
        if self._saver is not None:
            for node in nodes:
                self._saver.output(node, stream, data)
        self._display.alike(nodes, stream, data)
        self._check_readers()

    def _check_readers(self) -> None:
        if self._console.stalled and not self._task.paused:
            self._task.pause()  # nobody reads our output, and we are being stopped

    def _sink(self, work: Work, report: Optional[Sink]) -> Sink:
        """What hears of ``work``: we do first, then those whom it concerns."""
        others = [] if report is None else [report]
        if isinstance(work, Copy) and self._conduct.progress:
            others.append(Arrivals(work, self._gauge))
        if not others:
            return self._take

        def take(event: Event) -> None:
            self._take(event)
            for other in others:
                other(event)

        return take

    def _output(self, event: Output) -> None:
        if self._saver is not None:
            self._saver.output(*event)
        self._display.output(*event)

    def _written(self, event: Written) -> None:
        self._gauge.transferred(event.size)

    def _ended(self, event: Ended) -> None:
        if self._saver is not None:
            self._saver.ended(event.node)
        self._account.ended(event)
        self._display.ended(event)

    def _news(self, news: GatewayNews) -> None:
        # Each work hears of it, perhaps by way of several others.
        topic = news.gateway, TOPICS.get(news.kind, news.kind)
        if self._told.get(topic) == news:
            return
        self._told[topic] = news
        if news.kind == "up":
            self._gateways.add(news.gateway)
        elif news.kind == "lost":
            self._gateways.discard(news.gateway)
        if news.kind == "stderr":
            for line in news.text.split("\n"):
                self._console.say(f"{news.gateway}: {line}")
        elif news.kind == "up":
            if self._conduct.verbose:
                self._say(f"gateway {news.gateway} is ready (Python {news.text})")
        elif not self._conduct.quiet:
            if news.kind == "lost":
                self._say(f"gateway {news.gateway}: {news.text}")
            elif news.nodes:
                nodes = self._view.names.label(news.nodes)
                self._say(f"{nodes}: rerouted, as gateway {news.gateway} failed")

    def _report(self) -> None:
        """What Enter shows."""
        if self._conduct.watch is not None:
            return  # it can be seen all the time
        self._say("interrupt (^C to abort task)")
        for state, nodes in (
            ("in progress", self._account.running),
            ("pending", self._account.pending),
        ):
            if nodes:
                self._say(f"{state}({len(nodes)}): {self._view.names.label(nodes)}")
        if self._gateways:
            names = NodeSet.fromnames(self._gateways)
            self._say(f"gateways({len(names)}): {names}")
            for gateway, nodes in sorted(self._account.running_behind.items()):
                self._say(f"behind {gateway}({len(nodes)}): {self._view.names.label(nodes)}")

    def _interrupted(self) -> None:
        if self._display.gathers and not self._conduct.quiet:
            self._console.say("Warning: Caught keyboard interrupt!")

    # -- last words -------------------------------------------------------------------

    def _conclude(self) -> None:
        self._console.flush()
        self._display.finish()
        account, label = self._account, self._view.names.label
        if account.timed_out:
            self._say(f"{label(account.timed_out)}: command timeout")
        if not self._conduct.quiet:
            told = [] if self._display.gathers else codes(account.ends)
            for words, nodes in [*told, *reasons(account.ends)]:
                self._say(f"{self._view.counted(words, nodes)}: {label(nodes)}")
        if self._signals.received:
            self._console.say(f"Keyboard interrupt{self._unfinished()}.")

    def _unfinished(self) -> str:
        nodes = self._account.incomplete
        if nodes and (self._display.gathers or self._conduct.verbose):
            return f" ({self._view.names.label(nodes)} did not complete)"
        return ""

    def _tell_incomplete(self) -> None:
        nodes = self._account.incomplete
        if nodes:
            self._say(
                f"{self._view.counted('did not complete', nodes)}: {self._view.names.label(nodes)}"
            )

    def _say(self, text: str) -> None:
        self._console.say(f"{self._view.prog}: {text}")

    def _status(self) -> int:
        if self._signals.received:
            return INTERRUPTED
        return self._account.largest_code() if self._conduct.max_rc else OK


def check_descriptors(children: int) -> None:
    """See to it that ``children`` at once have the descriptors that they need.

    Raises :class:`ResourceLimitError` before anything has started if they have not.
    """
    needed = descriptors_needed(children)
    soft, hard = descriptor_limits()
    if soft == UNLIMITED or soft >= needed:
        return
    limit, remedy = ("the hard limit", "the limit") if soft == hard else ("fd_max", "fd_max")
    possible = children_within(soft, children)
    advice = f"use -f {possible} or raise {remedy}" if possible > 0 else f"raise {remedy}"
    raise ResourceLimitError(
        f"{children} commands at a time need {needed} file descriptors, {limit} is {soft}: {advice}"
    )
