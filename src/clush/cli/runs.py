"""From what a command line and the configuration say to a run: what is done, how, and how shown.

Only values are made here; the session carries them out.  It is imported when something is
going to run: it takes longer than ``--version`` may take.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import Optional

from clush.cli import colours, program, tree
from clush.cli.account import Account
from clush.cli.conf import DEBUG, QUIET, VERBOSE, Configuration
from clush.cli.console import Console
from clush.cli.copying import Report, copies, copying, described, reports
from clush.cli.display import DISPLAYS, Differences, Display, Gathered, Labelled, View
from clush.cli.groups import Regroup
from clush.cli.nodes import fold_axes
from clush.cli.options import Values
from clush.cli.prompt import password
from clush.cli.session import Conduct, Session, Watch
from clush.cli.speakers import Names
from clush.cli.standard import STDERR, STDIN, STDOUT, descriptor, is_terminal
from clush.cli.terminal import can_redraw
from clush.errors import CommandError, ExtraError, UnknownTransportError
from clush.job import Job, Work
from clush.sets.nodeset import NodeSet
from clush.transport.base import Transport
from clush.transport.exec import Exec
from clush.transport.registry import make_transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from clush.tree.gateways import Gateways

# Who says what a command says that is run here, from the prompt.
LOCAL = "LOCAL"


class Runs:
    """Makes the runs that a command line asks for: one, or one for each command at the prompt.

    Raises what keeps all of them from being run.
    """

    def __init__(self, options: Values, configuration: Configuration) -> None:
        self._options = options
        self._configuration = configuration
        self._settings = configuration.settings
        self._transport = self._chosen_transport()
        self._first_input: Optional[bytes] = None

    @property
    def gathers(self) -> bool:
        """Whether the options ask for equal output to be shown once; differences are then, too."""
        options = self._options
        return bool(options.gather or options.merge or options.diff or options.live)

    def on(self, nodes: NodeSet, words: Sequence[str], console: Console, gathered: bool) -> Session:
        """The run of the command, or the copy of the files, that ``words`` are."""
        works = self._works(nodes, words)
        view = self._view(nodes, console, len(works))
        watch = self._watch(view)
        if watch is not None:
            view = view._replace(live=False)
        display = self._display(view, works, gathered)
        conduct = self._conduct(display.gathers, self.first_input())
        through = self._through(nodes, console)
        if self._settings.verbosity >= DEBUG:
            self._tell(works, console, flat=through is None)
        return Session(
            works,
            display,
            conduct._replace(watch=watch),
            self._saved(),
            display.sinks or self._reports(works, view),
            through,
        )

    def here(self, command: str, console: Console) -> Session:
        """The run of a command on this machine."""
        merge = bool(self._options.merge)
        timeout = self._settings.command_timeout or None
        job = Job(NodeSet(LOCAL), command.replace("%", "%%"), Exec(), timeout, merge_stderr=merge)
        display = Labelled(self._view(job.nodes, console, 1))
        return Session([job], display, self._conduct(display.gathers, b""))

    def first_input(self) -> bytes:
        """What is sent first to each command: a password that the user is asked for, once."""
        if self._first_input is None:
            asks = self._settings.password_prompt
            self._first_input = os.fsencode(password()) + b"\n" if asks else b""
        return self._first_input

    # -- what is done -----------------------------------------------------------------

    def _works(self, nodes: NodeSet, words: Sequence[str]) -> Sequence[Work]:
        """The job, or a copy per file."""
        timeout = self._settings.command_timeout or None
        stdin = self._settings.password_prompt or forwards_stdin(self._options)
        if copying(self._options):
            return copies(self._options, words, nodes, self._transport, timeout, stdin)
        command = " ".join([*self._configuration.prefix(), *words])
        merge = bool(self._options.merge)
        return [Job(nodes, command, self._transport, timeout, stdin=stdin, merge_stderr=merge)]

    def _chosen_transport(self) -> Transport:
        name = self._options.worker
        if name is None and self._options.remote == "no" and not copying(self._options):
            name = "exec"  # at the last gateway; without gateways, that is here
        return self._made(name or self._configuration.defaults.distant_workername)

    def _made(self, name: str) -> Transport:
        try:
            return make_transport(name, self._configuration.for_transports())
        except UnknownTransportError as error:
            raise CommandError(f"Could not load worker '{name}' ({error.reason})") from None

    def _through(self, nodes: NodeSet, console: Console) -> Optional[Gateways]:
        """The gateways to go through, if there are any."""
        file = tree.wanted(self._options, self._configuration)
        if file is None:
            return None
        level = self._settings.verbosity
        via = self._made(self._configuration.defaults.distant_workername)
        notice = console.say if level >= VERBOSE else program.ignore
        through = tree.gateways(self._options, self._configuration, file, via, notice)
        if level >= VERBOSE:
            count, drawing = tree.described(through, nodes)
            console.say(f"{program.name()}: {count}")
            if level >= DEBUG:
                console.note(drawing)
        return through

    # -- how it is shown --------------------------------------------------------------

    def _view(self, nodes: NodeSet, console: Console, times: int) -> View:
        """What displays share; each target is one ``times`` over."""
        names = list(nodes)
        options, level = self._options, self._settings.verbosity
        coloured = self._coloured()
        regroup = Regroup(options) if options.regroup else None
        return View(
            prog=program.name(),
            console=console,
            account=Account(names, times),
            names=Names(names, plain=False, axes=fold_axes(options.axis), write=regroup),
            out_colour=colours.STDOUT if coloured else b"",
            err_colour=colours.STDERR if coloured else b"",
            bare=bool(options.bare),
            counts=level > QUIET,
            node_count=level > QUIET and self._settings.node_count,
            codes=not (level <= QUIET and options.maxrc),
            live=level >= VERBOSE,
        )

    def _coloured(self) -> bool:
        when: Optional[str] = self._settings.color or "never"
        if when == "auto" and self._options.color is None:
            when = None  # the environment may know better
        tty = is_terminal(STDOUT) and (is_terminal(STDERR) or bool(self._options.merge))
        return colours.wanted(when, tty, os.environ)

    def _display(self, view: View, works: Sequence[Work], gathered: bool) -> Display:
        options = self._options
        if options.json or options.jsonl:
            from clush.cli.records import Document, Events  # few want JSON

            return Document(view, works, not gathered) if options.json else Events(view, works)
        if copying(options):
            return Gathered(view) if options.live else Labelled(view)
        if options.diff and gathered:
            return Differences(view)
        return DISPLAYS[bool(options.lines), gathered](view)

    def _watch(self, view: View) -> Optional[Watch]:
        """What draws the live view, if one is wanted and possible."""
        if not self._options.live:
            return None
        if not can_redraw(descriptor(STDERR)):
            view.console.say(
                f"{program.name()}: standard error is no terminal for --live,"
                " output is shown at the end"
            )
            return None
        try:
            from clush.cli.live import live
        except ImportError:
            raise ExtraError("--live", "rich", "ui") from None
        return live(colours.wanted(self._settings.color or None, True, os.environ))

    def _reports(self, works: Sequence[Work], view: View) -> Sequence[Report]:
        """What tells of each file that is copied, if anybody wants to know."""
        return reports(works, self._options.dest or "", view) if view.live else ()

    # -- how the session behaves ------------------------------------------------------

    def _conduct(self, gathers: bool, first_input: bytes) -> Conduct:
        options, level = self._options, self._settings.verbosity
        return Conduct(
            # Without gateways, the whole tree is here.
            fanout=min(self._settings.fanout, self._options.max_running or self._settings.fanout),
            first_input=first_input,
            forward_stdin=forwards_stdin(options),
            engine=options.engine or self._configuration.defaults.engine,
            max_rc=self._settings.maxrc,
            quiet=level <= QUIET,
            verbose=level >= VERBOSE,
            progress=level > QUIET and can_redraw(descriptor(STDERR)),
            patient=not (gathers or options.progress),
            enter_key=not options.nostdin and is_terminal(STDIN) and is_terminal(STDOUT),
        )

    def _saved(self) -> dict[str, str]:
        """The streams to be saved, and where."""
        wanted = {"stdout": self._options.outdir, "stderr": self._options.errdir}
        return {stream: directory for stream, directory in wanted.items() if directory}

    # -- what is told -----------------------------------------------------------------

    def _tell(self, works: Sequence[Work], console: Console, flat: bool) -> None:
        """What is going to be done, for ``--debug``; and by which programs, if that is up to us."""
        settings, first = self._settings, works[0]
        what = f'command="{first.command}"' if isinstance(first, Job) else described(works)
        timeouts = f"conn={settings.connect_timeout} cmd={settings.command_timeout}"
        console.note(
            f"{program.name()}: nodeset={first.nodes} fanout={settings.fanout}"
            f" [timeout {timeouts}] {what}"
        )
        for work in works if flat else ():
            for launch in work.transport.launches(work):
                names = ",".join(launch.nodes)
                console.note(f"{program.name()}: {names}: {shlex.join(launch.argv)}")


def forwards_stdin(options: Values) -> bool:
    """Whether what stands on our standard input is for the nodes."""
    return not (options.nostdin or copying(options) or is_terminal(STDIN))
