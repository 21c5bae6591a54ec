"""The two dictionaries of a task: ``default`` (how workers are made) and ``info``.

Both are copies of what `ClusterShell.Defaults` holds when the task is made.  Any key may
be added; the values of the known ones are checked where they are set.
"""

from __future__ import annotations

import threading
from importlib import import_module
from numbers import Real

from ClusterShell.Engine.Engine import FANOUT_UNLIMITED

_DEFAULT_KEYS = (
    "stderr",
    "stdin",
    "stdout_msgtree",
    "stderr_msgtree",
    "engine",
    "port_qlimit",
    "auto_tree",
    "local_workername",
    "distant_workername",
)
_INFO_KEYS = (
    "debug",
    "print_debug",
    "fanout",
    "grooming_delay",
    "connect_timeout",
    "command_timeout",
)

# key of a worker's name -> key of its class
_WORKER_KEYS = {"local_workername": "local_worker", "distant_workername": "distant_worker"}


class Settings:
    """May be read from any thread; ``ValueError`` for a value that cannot work."""

    def __init__(self, defaults):
        self._lock = threading.Lock()
        self._default = {}
        self._info = {}
        for key in _DEFAULT_KEYS:
            self.set_default(key, getattr(defaults, key))
        for key in _INFO_KEYS:
            self.set_info(key, getattr(defaults, key))

    def default(self, key, def_val=None):
        with self._lock:
            return self._default.get(key, def_val)

    def set_default(self, key, value):
        """A worker's name brings its class with it; a name that brings none is not kept."""
        change = {key: value}
        if key in _WORKER_KEYS:
            change[_WORKER_KEYS[key]] = load_worker_class(value)
        with self._lock:
            self._default.update(change)

    def info(self, key, def_val=None):
        return self._info.get(key, def_val)

    def set_info(self, key, value):
        check_info(key, value)
        self._info[key] = value

    def all_info(self):
        """A copy of all of ``info``."""
        return dict(self._info)


def check_info(key, value):
    """Raise ``ValueError`` if ``value`` makes no sense for ``key``."""
    check = _INFO_CHECKS.get(key)
    if check is not None and not check[0](value):
        raise ValueError(f"{key} must be {check[1]}: {value!r}")


def _is_fanout(value):
    return isinstance(value, int) and (value >= 1 or value == FANOUT_UNLIMITED)


def _is_seconds(value):
    return value is None or isinstance(value, Real)


_INFO_CHECKS = {
    "fanout": (_is_fanout, f"at least 1, or {FANOUT_UNLIMITED} for no limit"),
    "connect_timeout": (_is_seconds, "a number of seconds"),
    "command_timeout": (_is_seconds, "a number of seconds"),
    "grooming_delay": (_is_seconds, "a number of seconds"),
}


def load_worker_class(name):
    """The ``WORKER_CLASS`` of a module here called ``name``, else of the module ``name``.

    ``ImportError`` if there is no such module, ``AttributeError`` if it has no worker.
    """
    ours = f"ClusterShell.Worker.{name.capitalize()}"
    try:
        module = import_module(ours)
    except ModuleNotFoundError as error:
        if error.name != ours and not ours.startswith(f"{error.name}."):
            raise  # it is there, and something that it needs is not
        module = import_module(name)
    return module.WORKER_CLASS
