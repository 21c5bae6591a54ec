"""``clush``: run a command on many nodes at once and show what they say.

The command line is read here and turned into values: targets, a job, a way to show it.
What runs the job is imported only then, because it takes longer to import than
``--version`` may take.
"""

from __future__ import annotations

import os

from clush.cli import colours, program
from clush.cli.nodes import fold_axes
from clush.cli.options import CommandLine, Option, choice, integer, safe, seconds
from clush.cli.targets import OPTIONS as TARGETS
from clush.cli.targets import select
from clush.errors import CommandError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from clush.cli.console import Console
    from clush.cli.display import Display, View
    from clush.cli.options import Values
    from clush.cli.session import Conduct
    from clush.job import Job
    from clush.sets.nodeset import NodeSet
    from clush.transport.base import Transport

# How much is said besides what the commands say.
QUIET, STANDARD, VERBOSE, DEBUG = range(4)
LEVELS = {"quiet": QUIET, "verbose": VERBOSE, "debug": DEBUG}

DEFAULT_FANOUT = 64
DEFAULT_CONNECT_TIMEOUT = 10.0  # seconds

LINE = CommandLine(
    "[options] command",
    ("Selecting target nodes", TARGETS),
    (
        "Output behaviour",
        (
            Option("-q --quiet", "print essential output only"),
            Option("-v --verbose", "also show lines as they come, and what is chosen"),
            Option("-d --debug", "also show how the command line was understood"),
            Option("-L", "order output by node, without blocks; with -b, live", dest="lines"),
            Option("-N", "no labels and no headers", dest="bare"),
            Option("-P --progress", "show progress, whatever the mode"),
            Option("-b --dshbak", "gather nodes with the same output", dest="gather"),
            Option("-B", "like -b, standard error included", dest="merge"),
            Option("--axis", "fold along these axes only (1 is the first, -1 the last)", "AXES"),
            Option("-S --maxrc", "exit with the largest return code"),
            Option(
                "--color",
                "never, always or auto: colours on a terminal only",
                "WHEN",
                choice(*colours.CHOICES),
            ),
            Option("--diff", "show how gathered outputs differ"),
            Option("--outdir", "save the standard output of each node to a file in DIR", "DIR"),
            Option("--errdir", "save the standard error of each node to a file in DIR", "DIR"),
        ),
    ),
    (
        "Running",
        (
            Option("-n --nostdin", "do not read standard input"),
            Option("-f --fanout", "at most N commands at a time", "N", integer, default=0),
            Option("-l --user", "run as this user on the nodes", "USER", safe),
            Option("-o --options", "options for ssh, as one word", "OPTIONS"),
            Option("-t --connect_timeout", "for ssh to connect", "SECONDS", seconds, default=0),
            Option("-u --command_timeout", "for each command", "SECONDS", seconds, default=0),
            Option("-R --worker", "how nodes are reached: ssh, exec", "WORKER", default="ssh"),
            Option(
                "-E --engine",
                metavar="ENGINE",
                convert=choice("auto", "epoll", "poll", "select"),
                default="auto",
            ),
        ),
    ),
)


def main() -> NoReturn:
    """Run ``clush``."""
    program.run(LINE, clush)


def clush(options: Values, words: list[str]) -> int:
    """Run the command that ``words`` are on the nodes that ``options`` ask for."""
    _check(options, words)
    from clush.cli.console import Console, open_standard_descriptors
    from clush.cli.session import Session

    open_standard_descriptors()
    console = Console()
    level = _verbosity(options)
    targets = select(options, console.say if level > QUIET else _ignore)
    if options.pick and level >= VERBOSE:
        console.out(os.fsencode(f"Picked random nodes: {targets}\n"))
    job = _job(options, targets, " ".join(words))
    display = _display(options, level, _view(options, level, targets, console))
    conduct = _conduct(options, level, display.gathers)
    if level >= DEBUG:
        console.out(os.fsencode(f"{program.name()}: {_understood(job, conduct)}\n"))
    return Session(job, display, conduct, _saved(options)).run()


def _ignore(_text: str) -> None:
    """Nobody wants to know."""


def _check(options: Values, words: list[str]) -> None:
    if options.diff and options.lines:
        raise UsageError("option mismatch (diff not supported in line_mode)")
    for flag, value in (
        ("-f", options.fanout),
        ("-t", options.connect_timeout),
        ("-u", options.command_timeout),
    ):
        if not value >= 0:  # "nan" is a number for float()
            raise UsageError(f"option {flag}: must not be negative: {value}")
    if not words:
        raise UsageError("no command given")


def _verbosity(options: Values) -> int:
    """The highest level that was given."""
    given = [level for name, level in LEVELS.items() if getattr(options, name)]
    return max(given, default=STANDARD)


def _job(options: Values, targets: NodeSet, command: str) -> Job:
    from clush.job import Job

    if options.worker not in WORKERS:
        known = ", ".join(WORKERS)
        raise CommandError(f"Could not load worker '{options.worker}' (choose from {known})")
    return Job(
        nodes=targets,
        command=command,
        transport=WORKERS[options.worker](options),
        timeout=options.command_timeout or None,
        stdin=not options.nostdin and not os.isatty(0),
        merge_stderr=bool(options.merge),
    )


def _ssh(options: Values) -> Transport:
    from clush.transport.ssh import Ssh

    return Ssh(
        options=options.options or "",
        user=options.user,
        connect_timeout=options.connect_timeout or DEFAULT_CONNECT_TIMEOUT,
    )


def _exec(options: Values) -> Transport:
    from clush.transport.exec import Exec

    return Exec()


WORKERS: dict[str, Callable[[Values], Transport]] = {"ssh": _ssh, "exec": _exec}


def _view(options: Values, level: int, targets: NodeSet, console: Console) -> View:
    from clush.cli.account import Account
    from clush.cli.display import View
    from clush.cli.speakers import Names

    nodes = list(targets)
    coloured = _coloured(options)
    return View(
        prog=program.name(),
        console=console,
        account=Account(nodes),
        names=Names(nodes, plain=False, axes=fold_axes(options.axis)),
        out_colour=colours.STDOUT if coloured else b"",
        err_colour=colours.STDERR if coloured else b"",
        bare=bool(options.bare),
        counts=level > QUIET,
        codes=not (level == QUIET and options.maxrc),
        live=level >= VERBOSE,
    )


def _coloured(options: Values) -> bool:
    if options.color is None:
        return False
    tty = os.isatty(1) and (os.isatty(2) or bool(options.merge))
    return colours.wanted(options.color, tty, os.environ)


def _display(options: Values, level: int, view: View) -> Display:
    from clush.cli.display import DISPLAYS, Differences

    if options.diff:
        return Differences(view)
    return DISPLAYS[bool(options.lines), bool(options.gather or options.merge)](view)


def _conduct(options: Values, level: int, gathers: bool) -> Conduct:
    from clush.cli.session import Conduct

    return Conduct(
        fanout=options.fanout or DEFAULT_FANOUT,
        engine=options.engine,
        max_rc=bool(options.maxrc),
        quiet=level == QUIET,
        verbose=level >= VERBOSE,
        progress=level > QUIET and bool(options.progress or (gathers and os.isatty(2))),
        enter_key=not options.nostdin and os.isatty(0) and os.isatty(1),
    )


def _saved(options: Values) -> dict[str, str]:
    """The streams to be saved, and where."""
    wanted = {"stdout": options.outdir, "stderr": options.errdir}
    return {stream: directory for stream, directory in wanted.items() if directory}


def _understood(job: Job, conduct: Conduct) -> str:
    """What is going to be done, for ``--debug``."""
    timeouts = f"conn={getattr(job.transport, 'connect_timeout', None)} cmd={job.timeout}"
    return (
        f'nodeset={job.nodes} fanout={conduct.fanout} [timeout {timeouts}] command="{job.command}"'
    )
