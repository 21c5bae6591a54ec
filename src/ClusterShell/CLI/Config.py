"""``clush.conf`` as classic programs read it: a parser with a property for each setting.

The values are those of `clush.config.settings`, where layers and checks are.
"""

from __future__ import annotations

import configparser

from clush.cli.conf import DEBUG as VERB_DEBUG
from clush.cli.conf import QUIET as VERB_QUIET
from clush.cli.conf import STANDARD as VERB_STD
from clush.cli.conf import VERBOSE as VERB_VERB
from clush.config.ini import Ini, Interpolation
from clush.config.settings import KEYS, MAIN, assignment, load
from clush.errors import ConfigError, ConfigSyntaxError
from ClusterShell.CLI.Display import THREE_CHOICES
from ClusterShell.Defaults import DEFAULTS

__all__ = [
    "THREE_CHOICES",
    "VERB_DEBUG",
    "VERB_QUIET",
    "VERB_STD",
    "VERB_VERB",
    "ClushConfig",
    "ClushConfigError",
]

_OF_KEY = {key.name: key for key in KEYS}


class ClushConfigError(Exception):
    """A setting that cannot be used."""

    def __init__(self, section=None, option=None, msg=None):
        super().__init__()
        self.section = section
        self.option = option
        self.msg = msg

    def __str__(self):
        told = self.msg or ""
        if self.section and self.option:
            return f"(Config {self.section}.{self.option}): {told}"
        return told


def _setting(name):
    return property(lambda self: self._value(name), doc=_OF_KEY[name].help)


class ClushConfig(configparser.ConfigParser):
    """The settings of ``clush.conf`` with the options of a command line over them.

    ``options`` is what `OptionParser` made of the command line; options that it does not know are
    as if they were not given.  With a ``filename`` only that file is read, else those of the search
    path; ``parsed`` are those that were read.  A value is checked when it is asked for:
    `ClushConfigError`.  What the command line says is stronger than the ``mode``.
    """

    MAIN_SECTION = MAIN

    verbosity = _setting("verbosity")
    fanout = _setting("fanout")
    connect_timeout = _setting("connect_timeout")
    command_timeout = _setting("command_timeout")
    color = _setting("color")
    node_count = _setting("node_count")
    maxrc = _setting("maxrc")
    fd_max = _setting("fd_max")
    command_prefix = _setting("command_prefix")
    password_prompt = _setting("password_prompt")
    ssh_user = _setting("ssh_user")
    ssh_path = _setting("ssh_path")
    ssh_options = _setting("ssh_options")
    scp_path = _setting("scp_path")
    scp_options = _setting("scp_options")
    rsh_path = _setting("rsh_path")
    rcp_path = _setting("rcp_path")
    rsh_options = _setting("rsh_options")

    def __init__(self, options, filename=None):
        super().__init__(interpolation=Interpolation())
        self.mode = None
        self._commanded = _commanded(options)
        self._assignments = getattr(options, "option", None) or []
        self.MAIN_DEFAULTS = _defaults()
        self.read_dict({MAIN: self.MAIN_DEFAULTS})
        with _errors_translated():
            self._files = load(filename, self)
            self.parsed = self._files.files
            self._layers = self._made_layers()
            given = dict(map(assignment, self._assignments))
        texts = {name: _text(value) for name, value in self._commanded.items() if value is not None}
        self.read_dict({MAIN: {**texts, **given}})

    def _made_layers(self):
        return self._files.layers(self.mode, self._commanded, self._assignments, DEFAULTS)

    def _value(self, name):
        with _errors_translated():
            return self._layers.value(_OF_KEY[name])

    def modes(self):
        """The names of the run modes."""
        yield from self._files.modes()

    def set_mode(self, mode):
        """Let a run mode have its say."""
        before, self.mode = self.mode, mode
        try:
            with _errors_translated():
                self._layers = self._made_layers()
        except ClushConfigError:
            self.mode = before
            raise

    def getint(self, section, option):
        return self._converted(super().getint, section, option)

    def getfloat(self, section, option):
        return self._converted(super().getfloat, section, option)

    def getboolean(self, section, option):
        return self._converted(super().getboolean, section, option)

    def _converted(self, convert, section, option):
        try:
            return convert(section, option)
        except (ValueError, configparser.Error) as error:
            raise ClushConfigError(section, option, str(error)) from None


class _errors_translated:
    """A ConfigError comes out as classic programs know it."""

    def __enter__(self):
        """Nothing to do yet."""

    def __exit__(self, _kind, error, _traceback):
        if isinstance(error, ConfigSyntaxError):
            raise configparser.Error(str(error)) from None
        if isinstance(error, ConfigError):
            place = str(ClushConfigError(error.section, error.key))
            told = str(error)[len(place) :]
            raise ClushConfigError(error.section, error.key, told) from None


def _defaults():
    """The built-in values, for those who ask the parser for texts."""
    values = {key.name: key.default for key in KEYS}
    values["fanout"] = DEFAULTS.fanout
    values["connect_timeout"] = f"{DEFAULTS.connect_timeout:f}"
    values["command_timeout"] = f"{DEFAULTS.command_timeout:f}"
    return {name: _text(value) for name, value in values.items() if value is not None}


def _text(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("%", "%%")


def _commanded(options):
    """The settings that have an option of their own, None where it was not given."""
    levels = {"debug": VERB_DEBUG, "verbose": VERB_VERB, "quiet": VERB_QUIET}
    given = {
        "verbosity": next((levels[name] for name in levels if getattr(options, name, None)), None),
        "color": getattr(options, "whencolor", None),
        "maxrc": getattr(options, "maxrc", None),
        "ssh_user": getattr(options, "user", None),
        "ssh_options": getattr(options, "options", None),
    }
    for name in ("fanout", "connect_timeout", "command_timeout"):
        given[name] = getattr(options, name, None) or None
    return given
