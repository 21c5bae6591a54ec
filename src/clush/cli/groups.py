"""The options about node groups that all tools have, and what they set up.

Here is only said how the sources will be found.  They are read when the first group is
met: most command lines have none.
"""

from __future__ import annotations

from clush.cli.options import Option, safe
from clush.cli.program import complain
from clush.sets import resolver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from clush.cli.options import Values
    from clush.groups import ConfiguredResolver

OPTIONS = (
    Option("-s --groupsource", "the source of groups written without one", "NAME", safe),
    Option("--groupsconf", "the one groups.conf to be read", "FILE"),
    Option("-G --groupbase", "show groups without their source"),
    Option("--no-cache", "do not use what group sources keep on disk"),
    Option("--clear-cache", "first forget what group sources keep on disk"),
)

# What stands in front of what is told about the commands of sources.
DEBUG = "DEBUG:clush.groups:"


def set_up(options: Values) -> None:
    """Have node sets find their groups as ``options`` say."""
    resolver.set_standard_factory(lambda: _made(options))
    if options.clear_cache:
        from clush import groups  # needs the system of groups, which few runs do

        groups.clear_persistent()


def site() -> ConfiguredResolver:
    """What node sets ask about groups: sources by name, one of them the default."""
    made: ConfiguredResolver = resolver.standard()  # type: ignore[assignment]  # see set_up
    return made


def _made(options: Values) -> ConfiguredResolver:
    from clush import groups  # only when there is a group

    if options.debug:
        groups.observe(lambda what: complain(DEBUG + what))
    kept = groups.Persistence(enabled=not options.no_cache)
    if options.groupsconf:
        made = groups.from_file(options.groupsconf, kept)
    else:
        made = groups.standard(kept)
    if options.groupsource:
        made.default = options.groupsource
    return made
