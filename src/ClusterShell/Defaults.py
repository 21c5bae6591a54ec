"""Classic access to ``defaults.conf``: `DEFAULTS`, read when a value is first asked for.

A file with an error in it therefore harms no program that needs none of its values; the
one that does gets a ``ValueError`` that names file and line.
"""

from __future__ import annotations

import os

from clush.config.axes import fold_axis
from clush.config.defaults import FILE, KEYS, load
from clush.config.paths import search_path

__all__ = ["DEFAULTS", "Defaults", "config_paths"]


def config_paths(config_name):
    """The candidate paths of a configuration file, lowest priority first."""
    return search_path(config_name)


def _print_debug(task, line):
    print(line)


_NAMES = (*(key.name for key in KEYS), "print_debug")


class Defaults:
    """The values that the files ``filenames`` set, as attributes that can be changed.

    A Task takes its own copies of them when it is made.
    """

    def __init__(self, filenames):
        paths = [filenames] if isinstance(filenames, (str, os.PathLike)) else filenames
        values = load(paths)
        for key in KEYS:
            # What was set before the files were read is not theirs to change.
            self.__dict__.setdefault(key.name, getattr(values, key.name))
        self.__dict__.setdefault("print_debug", _print_debug)

    def __setattr__(self, name, value):
        if name not in _NAMES:
            raise AttributeError(name)
        self.__dict__[name] = value


class _OnFirstUse(Defaults):
    def __init__(self):
        """Nothing is read yet."""

    def __getattr__(self, name):
        if name not in _NAMES:
            raise AttributeError(name)
        if name == "fold_axis":  # every node set asks for it, and needs no other value
            return self.__dict__.setdefault(name, fold_axis() or ())
        super().__init__(config_paths(FILE))
        return self.__dict__[name]


DEFAULTS = _OnFirstUse()
