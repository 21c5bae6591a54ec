"""``python -m clush.config``: which settings hold here and why, and sample files.

Without arguments it prints the directories that are searched, what is found there, and
the settings with the place of each that is not built-in.  Bad values are marked, and make
the exit status 1.  ``samples DIR`` writes commented files to start from into a directory,
and leaves those alone that are there.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence

from clush.config import defaults, settings, topology
from clush.config.ini import Ini
from clush.config.keys import Key
from clush.config.paths import search_path
from clush.errors import ClushError, ConfigError, UsageError

SAMPLES = os.path.join(os.path.dirname(__file__), "samples")
NAMES = (settings.FILE, defaults.FILE, "groups.conf", topology.FILE)
USAGE = "usage: python -m clush.config [samples DIR]"
MARK = "!"


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say; the exit status."""
    status = 0
    try:
        for line in _answer(list(arguments)):
            print(line)
            if line.startswith(MARK):
                status = 1
    except ClushError as error:
        print(f"clush.config: {error}", file=sys.stderr)
        status = error.exit_code
    except OSError as error:
        print(f"clush.config: {error}", file=sys.stderr)
        status = 1
    return status


def _answer(arguments: list[str]) -> Iterator[str]:
    if not arguments:
        return _report()
    if len(arguments) == 2 and arguments[0] == "samples":
        return _copied(arguments[1])
    raise UsageError(USAGE)


def _report() -> Iterator[str]:
    yield "Files, the last one wins:"
    for found in zip(*map(search_path, NAMES)):
        names = [os.path.basename(path) for path in found if os.path.exists(path)]
        yield f"  {os.path.dirname(found[0])}: {' '.join(names) or 'none'}"
    tasks = Ini()
    tasks.read(*search_path(defaults.FILE))
    yield from _values(defaults.FILE, defaults.KEYS, tasks)
    conf = settings.load()
    yield from _values(settings.FILE, settings.KEYS, conf.ini)
    yield f"  run modes: {' '.join(conf.modes()) or 'none'}"


def _values(name: str, keys: Iterable[Key], ini: Ini) -> Iterator[str]:
    section = ""
    for key in keys:
        if key.section != section:
            section = key.section
            yield f"{name} [{section}], {', '.join(ini.files) or 'built-in'}:"
        try:
            value, place = key.value(ini, section), ini.where(section, key.name)
        except ConfigError as error:
            yield f"{MARK} {error}"
            continue
        if value is not None:
            yield f"  {key.name}: {value} ({place[0]}, line {place[1]})"
        elif key.default not in (None, "", ()):
            yield f"  {key.name}: {key.default}"


def _copied(target: str) -> Iterator[str]:
    for folder, _, names in sorted(os.walk(SAMPLES)):
        into = os.path.normpath(os.path.join(target, os.path.relpath(folder, SAMPLES)))
        os.makedirs(into, exist_ok=True)
        for name in sorted(names):
            path = os.path.join(into, name)
            if os.path.exists(path):
                yield f"{path}: exists, left alone"
            else:
                shutil.copyfile(os.path.join(folder, name), path)
                yield path


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader that left is no error
    raise SystemExit(main(sys.argv[1:]))
