"""``clush``: run a command on many nodes at once and show what they say.

The command line is read here, and the configuration and the targets are found.  What makes
a run of them is imported only then: it takes longer than ``--version`` may take.
"""

from __future__ import annotations

from clush.cli import colours, program
from clush.cli.conf import DEBUG, QUIET, VERBOSE, Configuration
from clush.cli.conf import OPTIONS as SETTINGS
from clush.cli.groups import OPTIONS as GROUPS
from clush.cli.groups import configured, set_up
from clush.cli.options import CommandLine, Option, choice, integer, safe, seconds
from clush.cli.standard import STDIN, STDOUT, is_closed, is_terminal
from clush.cli.targets import OPTIONS as TARGETS
from clush.cli.targets import select
from clush.errors import CommandError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from clush.cli.console import Console
    from clush.cli.interactive.repl import Repl
    from clush.cli.options import Values
    from clush.cli.runs import Runs
    from clush.cli.session import Session
    from clush.sets.nodeset import NodeSet

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
            Option("-R --worker", "how: ssh, rsh, pdsh, exec (here), or a module", "WORKER"),
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
            Option("--remote", "with no, run on the last gateways", "YES|NO", choice("yes", "no")),
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
        return session.run() if session else program.OK
    except KeyboardInterrupt:  # nothing runs yet: a password or a group was waited for
        program.complain("Keyboard interrupt.")
        raise


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
    if options.max_running is not None and options.max_running < 1:
        raise UsageError(f"option --max-running: must be at least 1: {options.max_running}")
    if options.copy or options.rcopy:
        from clush.cli.copying import check

        check(options, words)
    elif not words:
        for form in ("json", "jsonl"):
            if getattr(options, form):
                raise UsageError(f"--{form}: no command given")
        if options.nostdin and is_terminal(STDIN):
            raise UsageError("illegal option `--nostdin' in that case")


def _session(options: Values, words: list[str], console: Console) -> Session | Repl | None:
    """All that is to be done, and how; the user is told what is worth it on the way."""
    configuration = Configuration(options)
    level = configuration.settings.verbosity
    set_up(options)
    _tell_settings(configuration, console)
    problem = _allow_descriptors(configuration.settings.fd_max)
    if problem and level >= VERBOSE:
        console.say(f"Warning: {problem}")
    targets = select(
        options,
        console.say if level > QUIET else program.ignore,
        console.say if level >= DEBUG else program.ignore,
    )
    if options.pick and level >= VERBOSE:
        console.note(f"Picked random nodes: {targets}")
    from clush.cli.runs import Runs, forwards_stdin

    if is_closed(STDIN) and forwards_stdin(options) and level > QUIET:
        console.say("Warning: standard input is closed, nodes read nothing (-n says so)")
    if words:
        runs = Runs(options, configuration)
        return runs.on(targets, words, console, runs.gathers)
    if is_terminal(STDIN):
        return _conversation(options, configuration, targets, console)
    if level > QUIET:
        console.say(f"{program.name()}: no command given, nothing was run")
    return None


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


def _conversation(
    options: Values, configuration: Configuration, targets: NodeSet, console: Console
) -> Repl:
    """The interactive mode, on the terminal."""
    if not is_terminal(STDOUT):
        raise CommandError("interactive mode requires a tty")
    from clush.cli.interactive.repl import interactive
    from clush.cli.runs import Runs

    runs = Runs(options, configuration)
    return interactive(
        targets,
        runs.gathers,
        Prompted(runs),
        lambda: configured(options, completing=True),
        options.groupsource,
        configuration.settings,
        console,
    )


class Prompted:
    """Runs what is typed at the prompt, each command as if it had been given at once."""

    def __init__(self, runs: Runs) -> None:
        """Asks for the password, if one is needed."""
        self._runs = runs
        runs.first_input()

    def on_nodes(self, nodes: NodeSet, command: str, gathered: bool) -> int:
        from clush.cli.console import Console

        return self._runs.on(nodes, [command], Console(), gathered).run()

    def here(self, command: str) -> int:
        from clush.cli.console import Console

        return self._runs.here(command, Console()).run()
