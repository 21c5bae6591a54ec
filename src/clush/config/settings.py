"""``clush.conf``: the settings of a run, from its files, a run mode and the command line.

``ClushConf`` is the files as they are; its ``settings`` puts the layers over each other
and checks what comes out.  What a stronger layer hides is not looked at.  Strongest first:

    -O KEY=VALUE, an option of its own (-f), the run mode, [Main], defaults.conf, built-in

The ``*_options`` of the command line stand in front of those of a mode instead of hiding
them: a mode says how to log in, and ssh takes the first value that it is given.
"""

from __future__ import annotations

from clush.config.defaults import Defaults
from clush.config.keys import Key, boolean, color, count, integer, level, seconds, text, words
from clush.config.paths import directories, files_in, search_path
from clush.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from configparser import ConfigParser

    from clush.config.ini import Ini

FILE = "clush.conf"
MAIN = "Main"
MODE_PREFIX = "mode:"

# Settings whose default is what defaults.conf says for tasks.
OF_TASKS = ("fanout", "connect_timeout", "command_timeout")

KEYS = (
    Key(MAIN, "fanout", count, None, "commands at a time"),
    Key(MAIN, "connect_timeout", seconds, None, "seconds to connect, 0 for no limit"),
    Key(MAIN, "command_timeout", seconds, None, "seconds to run, 0 for no limit"),
    Key(MAIN, "color", color, "", "never, always or auto (on a terminal)"),
    Key(MAIN, "node_count", boolean, True, "show how many nodes a header stands for"),
    Key(MAIN, "maxrc", boolean, False, "exit with the largest return code"),
    Key(MAIN, "verbosity", level, 1, "0 quiet, 1 normal, 2 verbose, 3 debug"),
    Key(MAIN, "fd_max", integer, 8192, "open files to allow, within the hard limit"),
    Key(MAIN, "history_size", integer, 100, "lines of history kept in interactive mode"),
    Key(MAIN, "command_prefix", words, "", "words put in front of each command"),
    Key(MAIN, "password_prompt", boolean, False, "ask for a password and send it first"),
    Key(MAIN, "ssh_user", text, None, "user to log in as"),
    Key(MAIN, "ssh_path", words, None, "ssh command, and words before it"),
    Key(MAIN, "ssh_options", words, None, "options of ssh"),
    Key(MAIN, "scp_path", words, None, "scp command, and words before it"),
    Key(MAIN, "scp_options", words, None, "options of scp; those of ssh if not set"),
    Key(MAIN, "rsh_path", words, None, "rsh command"),
    Key(MAIN, "rcp_path", words, None, "rcp command"),
    Key(MAIN, "rsh_options", words, None, "options of rsh"),
    Key(MAIN, "pdsh_path", words, None, "pdsh command, and its -R"),
    Key(MAIN, "pdcp_path", words, None, "pdcp command, and its -R"),
    Key(MAIN, "rpdcp_path", words, None, "rpdcp command, and its -R"),
    Key(MAIN, "confdir", words, None, "directories with more files, *.conf"),
)

_NAMES = frozenset(key.name for key in KEYS)
_ADDED_UP = ("ssh_options", "scp_options", "rsh_options")


class Settings:
    """The settings of a run, one attribute for each key, and the ``mode`` they are for.

    Timeouts are in seconds, 0 for none.  Texts that are None are set nowhere.
    """

    __slots__ = (*(key.name for key in KEYS), "mode")

    fanout: int
    connect_timeout: float
    command_timeout: float
    color: str
    node_count: bool
    maxrc: bool
    verbosity: int
    fd_max: int
    history_size: int
    command_prefix: str
    password_prompt: bool
    ssh_user: str | None
    ssh_path: str | None
    ssh_options: str | None
    scp_path: str | None
    scp_options: str | None
    rsh_path: str | None
    rcp_path: str | None
    rsh_options: str | None
    pdsh_path: str | None
    pdcp_path: str | None
    rpdcp_path: str | None
    confdir: str | None
    mode: str | None

    def __init__(self, mode: str | None = None, **values: object) -> None:
        self.mode = mode
        for name, value in {**{key.name: key.default for key in KEYS}, **values}.items():
            setattr(self, name, value)


class ClushConf:
    """What the files say, as it stands in them: ``ini``."""

    def __init__(self, ini: Ini) -> None:
        self.ini = ini

    @property
    def files(self) -> list[str]:
        """The files in the order they were read."""
        return self.ini.files

    def modes(self) -> list[str]:
        """The names of the run modes, in the order they are first found."""
        sections = self.ini.sections()
        return [name[len(MODE_PREFIX) :] for name in sections if name.startswith(MODE_PREFIX)]

    def settings(
        self,
        mode: str | None = None,
        options: Mapping[str, object] | None = None,
        assignments: Iterable[str] = (),
        defaults: Defaults | None = None,
    ) -> Settings:
        """The settings that hold with the command line given.

        ``options`` are values by key, None for an option that was not used, and
        ``assignments`` are the texts ``KEY=VALUE`` of ``-O``.  ``defaults`` are those of
        ``defaults.conf``.  Raises :class:`clush.errors.ConfigError`.
        """
        layers = self.layers(mode, options, assignments, defaults)
        return Settings(mode, **{key.name: layers.value(key) for key in KEYS})

    def layers(
        self,
        mode: str | None = None,
        options: Mapping[str, object] | None = None,
        assignments: Iterable[str] = (),
        defaults: Defaults | None = None,
    ) -> Layers:
        """The same, to draw single settings from: only these are checked."""
        if mode is not None and mode not in self.modes():
            raise ConfigError(f'invalid mode "{mode}" (available: {" ".join(self.modes())})')
        assigned = dict(map(assignment, assignments))
        return Layers(self.ini, mode, options or {}, assigned, defaults or Defaults())

    def unknown(
        self, mode: str | None = None, assignments: Iterable[str] = ()
    ) -> list[ConfigError]:
        """A notice, not raised, for each key that means nothing.

        Looked at are those of ``[Main]``, of the mode and of ``assignments``.
        """
        known = _NAMES.union(self.ini.keys("DEFAULT"))
        found = [
            self.ini.error("unknown setting", section, key)
            for section in _sections(mode)
            for key in self.ini.keys(section)
            if key not in known
        ]
        assigned = [name for name, _ in map(assignment, assignments) if name not in _NAMES]
        return found + [
            ConfigError("unknown setting", file="-O", section=MAIN, key=name) for name in assigned
        ]


class Layers:
    """The layers of one run, to draw values from."""

    def __init__(
        self,
        ini: Ini,
        mode: str | None,
        options: Mapping[str, object],
        assigned: Mapping[str, str],
        defaults: Defaults,
    ) -> None:
        self._ini = ini
        self._mode = mode
        self._options = options
        self._assigned = assigned
        self._defaults = defaults

    def value(self, key: Key) -> object:
        """The value of the strongest layer that has one."""
        commanded = self._commanded(key)
        if commanded is not None:
            added = self._of_mode(key) if key.name in _ADDED_UP else None
            return f"{commanded} {added}" if added else commanded
        for section in _sections(self._mode):
            value = key.value(self._ini, section)
            if value is not None:
                return value
        return getattr(self._defaults, key.name) if key.name in OF_TASKS else key.default

    def _commanded(self, key: Key) -> object:
        if key.name not in self._assigned:
            return self._options.get(key.name)
        value = self._assigned[key.name]
        try:
            return key.convert(self._ini.expand(MAIN, key.name, value))
        except ValueError as error:
            origin = f"-O {key.name}={value}"
            raise ConfigError(str(error), file=origin, section=MAIN, key=key.name) from None

    def _of_mode(self, key: Key) -> object:
        return key.value(self._ini, MODE_PREFIX + self._mode) if self._mode else None


def assignment(text: str) -> tuple[str, str]:
    """The key and the value of a ``KEY=VALUE`` of ``-O``; or a ConfigError."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError("invalid -O/--option value", section=MAIN, key=text)
    if "%" in value.replace("%%", "").replace("%(", ""):
        reason = "invalid -O/--option value, a percent sign is written %%"
        raise ConfigError(reason, section=MAIN, key=text)
    return name.strip().lower(), value.strip()


def load(file: str | None = None, parser: ConfigParser | None = None) -> ClushConf:
    """Read the files of the search path, or ``file`` alone, and what their ``confdir`` adds.

    Raises :class:`clush.errors.ConfigError`, also for a ``file`` that cannot be read.  A
    ``parser`` of one's own is filled on the way.
    """
    from clush.config.ini import Ini

    ini = Ini(parser)
    if file is None:
        ini.read(*search_path(FILE))
    else:
        _read_explicit(ini, file)
    for path in _confdir_files(ini):
        ini.read(path)
    return ClushConf(ini)


def _read_explicit(ini: Ini, file: str) -> None:
    try:
        ini.read_required(file)
    except OSError as error:
        raise ConfigError(f"cannot read configuration file {file}: {error.strerror}") from None


def _confdir_files(ini: Ini) -> list[str]:
    setting = ini.get(MAIN, "confdir")
    if not setting:
        return []
    try:
        folders = directories(setting, ini.cfgdir)
    except ValueError as error:
        raise ini.error(str(error), MAIN, "confdir") from None
    return [path for folder in folders for path in files_in(folder, ".conf", "confdir")]


def _sections(mode: str | None) -> list[str]:
    return [MODE_PREFIX + mode, MAIN] if mode else [MAIN]
