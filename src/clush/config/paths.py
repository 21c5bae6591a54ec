"""Where configuration files are looked for.

``search_path`` lists the candidates of one file, ``directories`` and ``files_in`` follow
the settings that name directories of further files (``confdir``, ``autodir``).  What is
in a file is the business of ``ini`` and of those who read it.
"""

from __future__ import annotations

import os
import sys

from clush.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM = "/etc"
SUBDIR = "clustershell"


def search_path(name: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """The candidate paths of the file ``name``, lowest priority first.

    Nothing says that they exist.  A variable that is set and empty counts as unset: it
    would point into the current directory, which is for anybody to fill.
    """
    environ = os.environ if environ is None else environ
    user = environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    folders = [
        os.path.join(SYSTEM, SUBDIR),
        os.path.join(os.path.expanduser("~/.local/etc"), SUBDIR),
        os.path.join(sys.prefix, "etc", SUBDIR),
        os.path.join(user, SUBDIR),
    ]
    if environ.get("CLUSTERSHELL_CFGDIR"):
        folders.append(environ["CLUSTERSHELL_CFGDIR"])
    return [os.path.join(folder, name) for folder in folders]


def directories(setting: str, cfgdir: str) -> list[str]:
    """The directories that ``setting`` names, each once, in its order.

    They stand between blanks, quoted as for a shell; ``$CFGDIR`` in one is replaced by
    ``cfgdir`` after the split, so that blanks in it do no harm.  Raises ``ValueError``
    for a quote that is not closed.
    """
    from shlex import split  # these two are for who has such a setting
    from string import Template

    found = (Template(word).safe_substitute(CFGDIR=cfgdir) for word in split(setting))
    return list(dict.fromkeys(map(os.path.normpath, found)))


def files_in(directory: str, suffix: str, setting: str) -> list[str]:
    """The files of ``directory`` that end in ``suffix``, hidden ones apart, by name.

    There are none in a directory that does not exist or cannot be listed.  Something else
    by that name is an error, which names the ``setting`` (``confdir``).
    """
    if not os.path.exists(directory):
        return []
    if not os.path.isdir(directory):
        raise ConfigError(f"Defined {setting} {directory} is not a directory")
    try:
        names = os.listdir(directory)
    except OSError:
        return []  # like a file that cannot be read: of no concern to this user
    return [
        os.path.join(directory, name)
        for name in sorted(names)
        if name.endswith(suffix) and not name.startswith(".")
    ]
