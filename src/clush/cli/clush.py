"""``clush``: run a command on many nodes at once and show what they say.

The command line is read here and turned, with what ``conf`` knows, into values: targets,
a job, a way to show it.  What runs the job is imported only then, because it takes longer
to import than ``--version`` may take.
"""

from __future__ import annotations

import os

from clush.cli import colours, program
from clush.cli.conf import DEBUG, QUIET, VERBOSE, Configuration
from clush.cli.conf import OPTIONS as SETTINGS
from clush.cli.groups import OPTIONS as GROUPS
from clush.cli.groups import Regroup, configured, set_up
from clush.cli.nodes import fold_axes
from clush.cli.options import CommandLine, Option, choice, integer, safe, seconds
from clush.cli.standard import STDERR, STDIN, STDOUT, descriptor, is_closed, is_terminal
from clush.cli.targets import OPTIONS as TARGETS
from clush.cli.targets import select
from clush.errors import CommandError, ExtraError, UnknownTransportError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from clush.cli.console import Console
    from clush.cli.copying import Report
    from clush.cli.display import Display, View
    from clush.cli.interactive.repl import Repl
    from clush.cli.options import Values
    from clush.cli.session import Conduct, Session, Watch
    from clush.config.settings import Settings
    from clush.job import Work
    from clush.sets.nodeset import NodeSet
    from clush.transport.base import Transport
    from clush.tree.gateways import Gateways

LINE = CommandLine(
    "[options] command",
    ("Target nodes", TARGETS),
    ("Node groups", GROUPS),
    (
        "Output",
        (
            Option("-b --dshbak", "gather nodes with the same output", dest="gather"),
            Option("-B", "the same, standard error included", dest="merge"),
            Option("-L", "lines in node order; with -b: gathered live", dest="lines"),
            Option("-N", "no labels and no headers", dest="bare"),
            Option("--diff", "show how gathered outputs differ"),
            Option("-r --regroup", "show groups where they fit (with -b, -L)"),
            Option("--axis", "fold along these axes only: 1, 1-2, -1", "AXES"),
            Option("--outdir", "save standard output in DIR, a file per node", "DIR"),
            Option("--errdir", "save standard error in DIR, a file per node", "DIR"),
            Option("--json", "one JSON document, at the end", late=True),
            Option("--jsonl", "a line of JSON per event, as it happens", late=True),
            Option("--live", "watch groups of equal output grow", late=True),
            Option("-P --progress", "show progress between lines, too"),
            Option("--color", "colours: never, always or auto", "WHEN", choice(*colours.CHOICES)),
            Option("-S --maxrc", "exit with the largest return code"),
            Option("-q --quiet", "only what nodes say, and errors"),
            Option("-v --verbose", "say more, and show lines as they come"),
            Option("-d --debug", "say how everything was understood"),
        ),
    ),
    (
        "Copying files",
        (
            Option(
                "-c --copy",
                "the words are files: copy them to the nodes",
                scattered=True,
            ),
            Option(
                "--rcopy",
                "the words are files on the nodes: fetch them",
                scattered=True,
            ),
            Option("--dest", "where to (default: the same place)", "PATH"),
            Option("-p", "keep times and modes", dest="preserve"),
        ),
    ),
    (
        "Running",
        (
            Option("-f --fanout", "at most N at a time", "N", integer, default=0),
            Option("-l --user", "log in as USER", "USER", safe),
            Option("-o --options", "options for ssh, in one word", "OPTIONS"),
            Option("-t --connect_timeout", "time to connect, for ssh", "SEC", seconds, default=0),
            Option("-u --command_timeout", "time limit of each command", "SEC", seconds, default=0),
            Option("-n --nostdin", "leave standard input alone"),
            Option("-R --worker", "ssh, rsh, pdsh, or exec: locally", "WORKER"),
            Option(
                "-E --engine",
                metavar="ENGINE",
                convert=choice("auto", "epoll", "poll", "select"),
            ),
        ),
    ),
    (
        "Tree of gateways",
        (
            Option("--topology", "the one topology.conf to be read", "FILE"),
            Option(
                "--tree",
                "make some of the nodes gateways for the others",
                "ARITY",
                integer,
                bare="auto",
                late=True,
            ),
            Option("--max-running", "at most N in the whole tree", "N", integer, late=True),
            Option("--remote", "no: run on the gateways", "YES|NO", choice("yes", "no")),
            Option("--grooming", metavar="SEC", convert=seconds),
        ),
    ),
    ("Configuration", SETTINGS),
    operands="COMMAND",
    common="-w -x -a -g -b -B -L -S -q -v -c --rcopy --dest -f -l -u -R",
)

# Other forms of output than JSON.
NO_JSON = {
    "jsonl": "--jsonl", "json": "--json", "live": "--live", "diff": "--diff", "lines": "-L",
}  # fmt: skip

# Who says what a command says that is run here, from the prompt.
LOCAL = "LOCAL"


def main() -> NoReturn:
    """Run ``clush``."""
    program.run(LINE, clush)


def clush(options: Values, words: list[str]) -> int:
    """Run the command that ``words`` are on the nodes that ``options`` ask for."""
    if options.clear_cache and not words:
        set_up(options)
        return program.OK
    _check(options, words)
    program.check_output()
    from clush.cli.console import Console, open_standard_descriptors

    open_standard_descriptors()
    console = Console()
    if options.json or options.jsonl:
        console.reserve_output()
    try:
        session = _session(options, words, console)
    except KeyboardInterrupt:  # a password or a group was waited for
        program.complain("Keyboard interrupt.")
        raise
    return session.run() if session else program.OK


def _session(options: Values, words: list[str], console: Console) -> Session | Repl | None:
    """All that is to be done, and how; the user is told what is worth it on the way."""
    configuration = Configuration(options)
    settings = configuration.settings
    set_up(options)
    _tell_settings(configuration, console)
    problem = _allow_descriptors(settings.fd_max)
    if problem and settings.verbosity >= VERBOSE:
        console.say(f"Warning: {problem}")
    targets = select(
        options,
        console.say if settings.verbosity > QUIET else _ignore,
        console.say if settings.verbosity >= DEBUG else _ignore,
    )
    if options.pick and settings.verbosity >= VERBOSE:
        console.note(f"Picked random nodes: {targets}")
    if is_closed(STDIN) and _forwards_stdin(options) and settings.verbosity > QUIET:
        console.say("Warning: standard input is closed, nodes read nothing (-n says so)")
    if words:
        return _run(options, configuration, targets, words, console)
    if is_terminal(STDIN):
        return _conversation(options, configuration, targets, console)
    if settings.verbosity > QUIET:
        console.say(f"{program.name()}: no command given, nothing was run")
    return None


def _conversation(
    options: Values, configuration: Configuration, targets: NodeSet, console: Console
) -> Repl:
    """The interactive mode, on the terminal."""
    if not is_terminal(STDOUT):
        raise CommandError("interactive mode requires a tty")
    from clush.cli.interactive.repl import interactive

    return interactive(
        targets,
        _gathers(options),
        Prompted(options, configuration),
        lambda: configured(options, completing=True),
        options.groupsource,
        configuration.settings,
        console,
    )


class Prompted:
    """Runs what is typed at the prompt, each command as if it had been given at once."""

    def __init__(self, options: Values, configuration: Configuration) -> None:
        """Raises what keeps all commands from being run; asks for the password, if need be."""
        self._options = options
        self._configuration = configuration
        _transport(options, configuration)
        self._password = _password(configuration)

    def on_nodes(self, nodes: NodeSet, command: str, gathered: bool) -> int:
        from clush.cli.console import Console

        return _run(
            self._options,
            self._configuration,
            nodes,
            [command],
            Console(),
            gathered,
            self._password,
        ).run()

    def here(self, command: str) -> int:
        from clush.cli.console import Console
        from clush.cli.display import Labelled
        from clush.cli.session import Session
        from clush.job import Job
        from clush.sets.nodeset import NodeSet
        from clush.transport.exec import Exec

        options, settings = self._options, self._configuration.settings
        job = Job(
            NodeSet(LOCAL),
            command.replace("%", "%%"),
            Exec(),
            settings.command_timeout or None,
            merge_stderr=bool(options.merge),
        )
        display = Labelled(_view(options, settings, job.nodes, Console(), 1))
        conduct = _conduct(options, self._configuration, display.gathers, b"")
        return Session([job], display, conduct).run()


def _run(
    options: Values,
    configuration: Configuration,
    targets: NodeSet,
    words: list[str],
    console: Console,
    gathered: bool | None = None,
    password: bytes | None = None,
) -> Session:
    """The run of one command; unless told otherwise, options say if output is ``gathered``."""
    from clush.cli.session import Session

    settings = configuration.settings
    if gathered is None:
        gathered = _gathers(options)
    works = _works(options, configuration, targets, words)
    view = _view(options, settings, targets, console, len(works))
    live = _live(options, settings, view)
    if live is not None:
        view = view._replace(live=False)
    display = _display(options, view, works, gathered)
    if password is None:
        password = _password(configuration)
    conduct = _conduct(options, configuration, display.gathers, password)._replace(watch=live)
    if settings.verbosity >= DEBUG:
        console.note(f"{program.name()}: {_understood(works, settings)}")
    reports = display.sinks or _reports(options, works, view)
    through = _gateways(options, configuration, targets, console)
    return Session(works, display, conduct, _saved(options), reports, through)


def _gateways(
    options: Values, configuration: Configuration, targets: NodeSet, console: Console
) -> Gateways | None:
    """The gateways to go through, if there are any."""
    from clush.cli import tree

    file = tree.wanted(options, configuration)
    if file is None:
        return None
    level = configuration.settings.verbosity
    via = _make_transport(configuration.defaults.distant_workername, configuration)
    notice = console.say if level >= VERBOSE else _ignore
    through = tree.gateways(options, configuration, file, via, notice)
    if level >= VERBOSE:
        count, drawing = tree.described(through, targets)
        console.note(count)
        if level >= DEBUG:
            console.note(drawing)
    return through


def _gathers(options: Values) -> bool:
    """True if equal output is to be shown once; differences are shown in place of it."""
    return bool(options.gather or options.merge or options.diff or options.live)


def _live(options: Values, settings: Settings, view: View) -> Watch | None:
    """What draws the live view, if one is wanted and possible."""
    from clush.cli.terminal import can_redraw

    if not options.live:
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
    return live(colours.wanted(settings.color or None, True, os.environ))


def _ignore(_text: str) -> None:
    """Nobody wants to know."""


def _check(options: Values, words: list[str]) -> None:
    if options.diff and options.lines:
        raise UsageError("option mismatch (diff not supported in line_mode)")
    if options.live and options.lines:
        raise UsageError("--live cannot be combined with -L")
    for form in ("json", "jsonl"):
        others = [name for name in NO_JSON if getattr(options, name) and name != form]
        if getattr(options, form) and others:
            raise UsageError(f"--{form} cannot be combined with {NO_JSON[others[0]]}")
    for flag, value in (
        ("-f", options.fanout),
        ("-t", options.connect_timeout),
        ("-u", options.command_timeout),
    ):
        if not value >= 0:  # "nan" is a number for float()
            raise UsageError(f"option {flag}: must not be negative: {value}")
    if _copies(options):
        from clush.cli.copying import check

        check(options, words)
    elif not words:
        for form in ("json", "jsonl"):
            if getattr(options, form):
                raise UsageError(f"--{form}: no command given")
        if options.nostdin and is_terminal(STDIN):
            raise UsageError("illegal option `--nostdin' in that case")


def _copies(options: Values) -> bool:
    """True if the words are files to be copied, in whichever direction."""
    return bool(options.copy or options.rcopy)


def _tell_settings(configuration: Configuration, console: Console) -> None:
    """What --verbose and --debug say about settings."""
    if configuration.settings.verbosity >= VERBOSE:
        for doubt in configuration.doubts():
            console.say(doubt)
        for note in configuration.notes():
            console.note(note)
    if configuration.settings.verbosity >= DEBUG:
        for line in configuration.found():
            console.note(line)


def _allow_descriptors(count: int) -> str:
    """Allow ``count`` open files; what there is to be said about it, if anything."""
    from clush.engine.limits import set_descriptor_limit

    try:
        allowed = set_descriptor_limit(count)
    except (OSError, ValueError) as error:
        return f"Failed to set max open files limit to {count} ({error})"
    if allowed < count:
        return f"fd_max set to {count} but max open files hard limit is {allowed}"
    return ""


def _works(
    options: Values, configuration: Configuration, targets: NodeSet, words: list[str]
) -> Sequence[Work]:
    """The job, or a copy per file."""
    settings = configuration.settings
    transport = _transport(options, configuration)
    timeout = settings.command_timeout or None
    stdin = settings.password_prompt or _forwards_stdin(options)
    if _copies(options):
        from clush.cli.copying import copies

        return copies(options, words, targets, transport, timeout, stdin)
    from clush.job import Job

    command = " ".join([*configuration.prefix(), *words])
    merge = bool(options.merge)
    return [Job(targets, command, transport, timeout, stdin=stdin, merge_stderr=merge)]


def _transport(options: Values, configuration: Configuration) -> Transport:
    name = options.worker
    if name is None and options.remote == "no" and not _copies(options):
        name = "exec"  # at the last gateway; without gateways, that is here
    return _make_transport(name or configuration.defaults.distant_workername, configuration)


def _make_transport(name: str, configuration: Configuration) -> Transport:
    from clush.transport.registry import make_transport

    try:
        return make_transport(name, configuration.for_transports())
    except UnknownTransportError as error:
        raise CommandError(f"Could not load worker '{name}' ({error.reason})") from None


def _forwards_stdin(options: Values) -> bool:
    return not (options.nostdin or _copies(options) or is_terminal(STDIN))


def _view(
    options: Values, settings: Settings, targets: NodeSet, console: Console, times: int
) -> View:
    """What displays share; each target is one ``times`` over."""
    from clush.cli.account import Account
    from clush.cli.display import View
    from clush.cli.speakers import Names

    nodes = list(targets)
    level = settings.verbosity
    coloured = _coloured(options, settings)
    regroup = Regroup(options) if options.regroup else None
    return View(
        prog=program.name(),
        console=console,
        account=Account(nodes, times),
        names=Names(nodes, plain=False, axes=fold_axes(options.axis), write=regroup),
        out_colour=colours.STDOUT if coloured else b"",
        err_colour=colours.STDERR if coloured else b"",
        bare=bool(options.bare),
        counts=level > QUIET,
        node_count=level > QUIET and settings.node_count,
        codes=not (level <= QUIET and options.maxrc),
        live=level >= VERBOSE,
    )


def _coloured(options: Values, settings: Settings) -> bool:
    when: str | None = settings.color or "never"
    if when == "auto" and options.color is None:
        when = None  # the environment may know better
    tty = is_terminal(STDOUT) and (is_terminal(STDERR) or bool(options.merge))
    return colours.wanted(when, tty, os.environ)


def _display(options: Values, view: View, works: Sequence[Work], gathered: bool) -> Display:
    from clush.cli.display import DISPLAYS, Differences, Gathered, Labelled

    if options.json or options.jsonl:
        from clush.cli.records import Document, Events

        return Document(view, works, not gathered) if options.json else Events(view, works)
    if _copies(options):
        return Gathered(view) if options.live else Labelled(view)
    if options.diff and gathered:
        return Differences(view)
    return DISPLAYS[bool(options.lines), gathered](view)


def _conduct(
    options: Values, configuration: Configuration, gathers: bool, password: bytes
) -> Conduct:
    from clush.cli.session import Conduct
    from clush.cli.terminal import can_redraw

    settings = configuration.settings
    level = settings.verbosity
    return Conduct(
        fanout=settings.fanout,
        first_input=password,
        forward_stdin=_forwards_stdin(options),
        engine=options.engine or configuration.defaults.engine,
        max_rc=settings.maxrc,
        quiet=level <= QUIET,
        verbose=level >= VERBOSE,
        progress=level > QUIET and can_redraw(descriptor(STDERR)),
        patient=not (gathers or options.progress),
        enter_key=not options.nostdin and is_terminal(STDIN) and is_terminal(STDOUT),
    )


def _password(configuration: Configuration) -> bytes:
    """What each command is sent first: the password that the user is asked for, or nothing."""
    if not configuration.settings.password_prompt:
        return b""
    from clush.cli.prompt import password

    return os.fsencode(password()) + b"\n"


def _saved(options: Values) -> dict[str, str]:
    """The streams to be saved, and where."""
    wanted = {"stdout": options.outdir, "stderr": options.errdir}
    return {stream: directory for stream, directory in wanted.items() if directory}


def _reports(options: Values, works: Sequence[Work], view: View) -> Sequence[Report]:
    """What tells of each file that is copied, if anybody wants to know."""
    if not (_copies(options) and view.live):
        return ()
    from clush.cli.copying import reports

    return reports(works, options.dest or "", view)


def _understood(works: Sequence[Work], settings: Settings) -> str:
    """What is going to be done, for ``--debug``."""
    from clush.job import Job

    first = works[0]
    if isinstance(first, Job):
        what = f'command="{first.command}"'
    else:
        from clush.cli.copying import described

        what = described(works)
    timeouts = f"conn={settings.connect_timeout} cmd={settings.command_timeout}"
    return f"nodeset={first.nodes} fanout={settings.fanout} [timeout {timeouts}] {what}"
