"""``topology.conf``: the routes between gateways, read into a graph.

Only one file counts, the one of highest priority.  Lines are ``sources: destinations``, two
node sets.  Two liberties with INI, where the plain reading makes no sense: names are case
sensitive, and a ``:`` inside a word is no separator where a later one ends the word, so
that a group may stand on the left (``@rack:a: cn[1-4]``).  A remark may follow on the line.
"""

from __future__ import annotations

import os
import re
from configparser import ConfigParser
from warnings import warn

from clush.config.ini import Ini, Interpolation
from clush.config.paths import search_path
from clush.errors import ClushError, ConfigError, NodeSetError, TopologyError
from clush.sets.nodeset import NodeSet
from clush.topology import Graph

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FILE = "topology.conf"
ROUTES = "routes"
FORMER_SECTION = "Main"


class _Dialect(ConfigParser):
    OPTCRE = re.compile(r"(?P<option>.*?)\s*(?P<vi>=|:(?!\S+\s*[:=]\s))\s*(?P<value>.*)$")

    def __init__(self) -> None:
        super().__init__(interpolation=Interpolation(), inline_comment_prefixes=("#", ";"))

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def find(paths: Iterable[str] | None = None) -> str | None:
    """The topology file that counts, by default in the search path; None if there is none."""
    paths = list(search_path(FILE) if paths is None else paths)
    return next(filter(os.path.exists, reversed(paths)), None)


def load(file: str, notice: Callable[[str], object] | None = None) -> Graph:
    """The graph of a topology file.

    A route without nodes on one side (an empty group) is none; ``notice`` is told so.
    Raises :class:`clush.errors.TopologyError` for a file that cannot be read and for
    routes that form no tree; a node set that cannot be read raises its own error.
    """
    ini = Ini(_Dialect())
    try:
        ini.read_required(file)
        section = _section(ini)
        routes = [(key, ini.get(section, key) or "") for key in ini.keys(section)]
    except OSError as error:
        raise _invalid(file, error.strerror or "cannot be read") from None
    except ConfigError as error:
        raise _invalid(file, str(error)) from None
    graph = Graph()
    for sources, destinations in routes:
        try:
            taken = graph.add(NodeSet(sources), NodeSet(destinations))
        except (NodeSetError, TopologyError) as error:
            raise _placed(error, ini, section, sources) from None
        if not taken and notice:
            place = "{}, line {}".format(*ini.where(section, sources))
            notice(f"no nodes on one side of the route from {sources} ({place})")
    return graph


def _section(ini: Ini) -> str:
    sections = ini.sections()
    if ROUTES in sections:
        return ROUTES
    if FORMER_SECTION not in sections:
        raise ConfigError(f"no section [{ROUTES}]")
    message = f"{ini.files[0]}: section [{FORMER_SECTION}] is deprecated, call it [{ROUTES}]"
    warn(message, DeprecationWarning, stacklevel=3)
    return FORMER_SECTION


def _invalid(file: str, reason: str) -> TopologyError:
    return TopologyError(f"Invalid configuration file: {file}: {reason}")


def _placed(error: ClushError, ini: Ini, section: str, key: str) -> ClushError:
    """The same error, with the place of the route at the end of its message."""
    file, line = ini.where(section, key)
    error.args = (f"{error} ({file}, line {line})",)
    return error
