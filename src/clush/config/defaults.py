"""``defaults.conf``: what a task, its engine and new node sets start with.

``load`` reads the files and checks every value; ``Defaults()`` is what holds without any
file.  Nothing is read at import.
"""

from __future__ import annotations

from clush.config.keys import Key, axes, boolean, count, integer, seconds, text
from clush.config.paths import search_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from clush.config.ini import Ini

FILE = "defaults.conf"

KEYS = (
    Key("task.default", "stderr", boolean, False, "keep standard error apart from output"),
    Key("task.default", "stdin", boolean, True, "keep the standard input of commands open"),
    Key("task.default", "stdout_msgtree", boolean, True, "gather standard output"),
    Key("task.default", "stderr_msgtree", boolean, True, "gather standard error"),
    Key("task.default", "engine", text, "auto", "auto, epoll, poll or select"),
    Key("task.default", "auto_tree", boolean, True, "use the topology file if there is one"),
    Key("task.default", "local_workername", text, "exec", "how local commands are run"),
    Key("task.default", "distant_workername", text, "ssh", "how nodes are reached"),
    Key("task.info", "debug", boolean, False, "say what is done"),
    Key("task.info", "fanout", count, 64, "commands at a time"),
    Key("task.info", "grooming_delay", seconds, 0.25, "seconds a gateway collects output"),
    Key("task.info", "connect_timeout", seconds, 10, "seconds to connect, 0 for no limit"),
    Key("task.info", "command_timeout", seconds, 0, "seconds to run, 0 for no limit"),
    Key("engine", "port_qlimit", integer, 100, "messages that a port holds"),
    Key("nodeset", "fold_axis", axes, (), "axes to fold, counted from 0; all of them if empty"),
)

# Where a key stood once; it counts there as long as its own section leaves the default.
FORMER_SECTIONS = {"port_qlimit": "task.default"}

_BY_NAME = {key.name: key for key in KEYS}


class Defaults:
    """The values, one attribute for each key; an unknown name is an ``AttributeError``."""

    __slots__ = tuple(_BY_NAME)

    stderr: bool
    stdin: bool
    stdout_msgtree: bool
    stderr_msgtree: bool
    engine: str
    auto_tree: bool
    local_workername: str
    distant_workername: str
    debug: bool
    fanout: int
    grooming_delay: float
    connect_timeout: float
    command_timeout: float
    port_qlimit: int
    fold_axis: tuple[int, ...]

    def __init__(self, **values: object) -> None:
        for name, value in {**{key.name: key.default for key in KEYS}, **values}.items():
            setattr(self, name, value)


def load(paths: Iterable[str] | None = None) -> Defaults:
    """The defaults that the files at ``paths`` set, by default those of the search path.

    Raises :class:`clush.errors.ConfigError` for the first value that cannot be used.
    """
    from clush.config.ini import Ini

    ini = Ini()
    ini.read(*(search_path(FILE) if paths is None else paths))
    return Defaults(**{key.name: _value(ini, key) for key in KEYS})


def value(name: str, paths: Iterable[str]) -> object:
    """The value of one key in the files at ``paths``, whatever stands there for others."""
    from clush.config.ini import Ini

    ini = Ini()
    ini.read(*paths)
    return _value(ini, _BY_NAME[name])


def _value(ini: Ini, key: Key) -> object:
    value = key.value(ini, key.section)
    former = FORMER_SECTIONS.get(key.name)
    if former and value in (None, key.default):
        value = key.value(ini, former)
    return key.default if value is None else value
