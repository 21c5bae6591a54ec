"""The command lines of the tools as an ``optparse`` parser, for programs with the same options.

The names of the values (``options.nodes``, ``options.whencolor``) are the classic ones; what
an option is for is told by the tables of the tools.
"""

from __future__ import annotations

import optparse

from clush.cli import clubak, clush, nodeset, options
from clush.errors import UsageError
from ClusterShell import __version__
from ClusterShell.CLI.Display import THREE_CHOICES

__all__ = ["Option", "OptionParser", "check_autostep", "check_safestring"]


def check_autostep(option, opt, value):
    """How many equally spaced indexes make a step: a count, a share of all (float), ``auto``."""
    with _usage_errors():
        nodeset.autostep(opt, value)
    if value.endswith("%"):
        return float(value[:-1]) / 100
    return value if value == "auto" else int(value)


def check_safestring(option, opt, value):
    """Text that cannot be a slip: not empty, no leading hyphen."""
    with _usage_errors():
        return options.safe(opt, value)


class _usage_errors:
    """A wrong value is told as ``optparse`` tells it."""

    def __enter__(self):
        """Nothing to do yet."""

    def __exit__(self, _kind, error, _traceback):
        if isinstance(error, UsageError):
            raise optparse.OptionValueError(str(error)) from None


class Option(optparse.Option):
    """An option that may be of type ``autostep`` or ``safestring``, too."""

    TYPES = (*optparse.Option.TYPES, "autostep", "safestring")
    TYPE_CHECKER = {
        **optparse.Option.TYPE_CHECKER,
        "autostep": check_autostep,
        "safestring": check_safestring,
    }


_ENGINES = ["auto", "epoll", "poll", "select"]


def _flag(names, dest, **more):
    return names, {"dest": dest, "action": "store_true", **more}


def _value(names, dest, kind="string", **more):
    return names, {"dest": dest, "type": kind, **more}


def _list(names, dest, kind="string", **more):
    return names, {"dest": dest, "type": kind, "action": "append", **more}


def _choice(names, dest, choices, **more):
    return names, {"dest": dest, "type": "choice", "choices": choices, **more}


def _interspersed(_option, _name, _value, parser, dest):
    # The words are files; options may follow them.
    setattr(parser.values, dest, True)
    parser.enable_interspersed_args()


def _copying(names, dest):
    more = {"action": "callback", "callback": _interspersed, "callback_args": (dest,)}
    return names, {"dest": dest, **more}


_SOURCE = _value("-s --groupsource", "groupsource", "safestring")
_GROUPSCONF = _value("--groupsconf", "groupsconf", metavar="FILE")
_CONFIG = (
    _value("--conf", "conf", metavar="FILE"),
    _list("-O --option", "option", default=(), metavar="KEY=VALUE"),
)
_NODES = (
    _list("-w", "nodes", "safestring"),
    _list("-x", "exclude", "safestring", metavar="NODES"),
    _flag("-a --all", "nodes_all"),
    _list("-g --group", "group", "safestring"),
    _list("-X", "exgroup", "safestring", metavar="GROUP"),
    _choice("-E --engine", "engine", _ENGINES, default="auto"),
    _list("--hostfile --machinefile", "hostfile", default=(), metavar="FILE"),
    _value("--topology", "topofile", metavar="FILE"),
    _value("--pick", "pick", "int", metavar="N"),
)
_VERBOSE = (_flag("-q --quiet", "quiet"), _flag("-v --verbose", "verbose"))
_DEBUG = (_flag("-d --debug", "debug"),)
_LABELS = (
    _flag("-G --groupbase", "groupbase", default=False),
    _flag("-L", "line_mode"),
    _flag("-N", "label", action="store_false", default=True),
)
_GATHER = (_flag("-P --progress", "progress"), _flag("-b --dshbak", "gather"))
_DSHBAK = (_flag("-b -c --dshbak", "gather"),)
_FOLDING = (
    _flag("-B", "gatherall", default=False),
    _flag("-r --regroup", "regroup", default=False),
    _value("--axis", "axis", metavar="RANGESET"),
)
_SEPARATOR = (_value("-S --separator", "separator", default=":"),)
_MAXRC = (_flag("-S --maxrc", "maxrc"),)
_TREES = (
    _flag("-F --fast", "fast_mode"),
    _flag("-T --tree", "trace_mode"),
    _choice("--interpret-keys", "interpret_keys", THREE_CHOICES, default="auto"),
)
_LOOKS = (
    _choice("--color", "whencolor", THREE_CHOICES),
    _flag("--diff", "diff"),
    _value("--outdir", "outdir"),
    _value("--errdir", "errdir"),
)
_COPIES = (
    _copying("-c --copy", "copy"),
    _copying("--rcopy", "rcopy"),
    _value("--dest", "dest_path"),
    _flag("-p", "preserve_flag"),
)
_CONNECTOR = (
    _value("-f --fanout", "fanout", "int"),
    _value("--grooming", "grooming_delay", "float"),
    _value("-l --user", "user", "safestring"),
    _value("-o --options", "options"),
    _value("-t --connect_timeout", "connect_timeout", "float"),
    _value("-u --command_timeout", "command_timeout", "float"),
    _value("-m --mode", "mode"),
    _value("-R --worker", "worker"),
    _choice("--remote", "remote", ("yes", "no")),
)
_COMMANDS = (
    _flag("-c --count", "count", default=False),
    _flag("-e --expand", "expand", default=False),
    _flag("-f --fold", "fold", default=False),
    _flag("-l --list", "list", action="count", default=False),
    _flag("-L --list-all", "listall", action="count", default=False),
    _flag("-r --regroup", "regroup", default=False),
    _value("--index", "index", metavar="NODE"),
    _flag("--list-sources --groupsources", "groupsources", default=False),
    _flag("--completion", "completion", default=False),
)
_OPERATIONS = (
    _list("-x --exclude", "sub_nodes", default=()),
    _list("-i --intersection", "and_nodes", default=()),
    _list("-X --xor", "xor_nodes", default=()),
)
_TRANSFORMATIONS = (
    _flag("-a --all", "all"),
    _value("--autostep", "autostep", "autostep"),
    _flag("-d --debug", "debug"),
    _flag("-q --quiet", "quiet"),
    _flag("-R --rangeset", "rangeset"),
    _flag("-G --groupbase", "groupbase"),
    _value("-S --separator", "separator", default=" "),
    _value("-O --output-format", "output_format", default="%s", metavar="FORMAT"),
    _value("-I --slice", "slice_rangeset"),
    _value("--split", "maxsplit", "int"),
    _flag("--contiguous", "contiguous"),
    _value("--axis", "axis", metavar="RANGESET"),
    _value("--pick", "pick", "int", metavar="N"),
)


class OptionParser(optparse.OptionParser):
    """A parser that stops at the first word; each ``install`` method adds a set of options."""

    def __init__(self, usage, **kwargs):
        super().__init__(usage, version=f"%prog {__version__}", option_class=Option, **kwargs)
        self.disable_interspersed_args()
        self._install(self, [_SOURCE], clush.LINE)

    def install_clush_config_options(self):
        """Which configuration is read, and settings over it."""
        self._install(self, _CONFIG, clush.LINE)

    def install_groupsconf_option(self):
        """Which configuration of groups is read."""
        self._install(self, [_GROUPSCONF], clush.LINE)

    def install_nodes_options(self):
        """Which nodes are meant."""
        self._group("Selecting target nodes", _NODES, clush.LINE)

    def install_display_options(
        self,
        debug_option=True,
        verbose_options=False,
        separator_option=False,
        dshbak_compat=False,
        msgtree_mode=False,
    ):
        """How output is shown."""
        rows = (
            *(_VERBOSE if verbose_options else ()),
            *(_DEBUG if debug_option else ()),
            *_LABELS,
            *(_DSHBAK if dshbak_compat else _GATHER),
            *_FOLDING,
            *(_SEPARATOR if separator_option else _MAXRC),
            *(_TREES if msgtree_mode else ()),
            *_LOOKS,
        )
        line = clubak.LINE if separator_option or msgtree_mode else clush.LINE
        self._group("Output behaviour", rows, line)

    def install_filecopy_options(self):
        """Copies, whose words may be followed by options."""
        self._group("File copying", _COPIES, clush.LINE)

    def install_connector_options(self):
        """How nodes are reached, and for how long."""
        self._group("Connection options", _CONNECTOR, clush.LINE)

    def install_nodeset_commands(self):
        """What is done with a node set."""
        self._group("Commands", _COMMANDS, nodeset.LINE)

    def install_nodeset_operations(self):
        """What a node set is combined with."""
        self._group("Operations", _OPERATIONS, nodeset.LINE)

    def install_nodeset_options(self):
        """What is taken of a node set, and how it is written."""
        self._group("Options", _TRANSFORMATIONS, nodeset.LINE)

    def _group(self, title, rows, line):
        group = optparse.OptionGroup(self, title)
        self._install(group, rows, line)
        self.add_option_group(group)

    def _install(self, container, rows, line):
        helps = {
            name: option.help
            for _, found in line.groups
            for option in found
            for name in option.names
        }
        for names, keywords in rows:
            flags = names.split()
            told = helps.get(flags[-1], "") or optparse.SUPPRESS_HELP
            container.add_option(*flags, help=told, **keywords)
            if keywords.get("default") == ():
                self.set_default(keywords["dest"], [])  # a list of this parser's own
