"""The options about node groups that all tools have, and what they set up.

Here is only said how the sources will be found.  They are read when the first group is
met: most command lines have none.
"""

from __future__ import annotations

from clush.cli.options import Option, safe
from clush.cli.program import complain, report
from clush.errors import GroupError, NodeSetError
from clush.sets import resolver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from clush.cli.options import Values
    from clush.groups import ConfiguredResolver
    from clush.sets.nodeset import NodeSet

OPTIONS = (
    Option("-s --groupsource", "the source of groups written without one", "SOURCE", safe),
    Option("--groupsconf", "the one groups.conf to be read", "FILE"),
    Option("-G --groupbase", "show groups without their source"),
    Option("--no-cache", "do not use what sources keep on disk", late=True),
    Option("--clear-cache", "first forget what sources keep on disk", late=True),
)

# Seconds for which the answers to a completion are kept on disk for the next one, whatever the
# source says: they are proposals, and who types does not wait.
COMPLETION_KEEPS = 60.0

# What stands in front of what is told about the commands of sources.
DEBUG = "DEBUG:clush.groups:"


def set_up(options: Values) -> None:
    """Have node sets find their groups as ``options`` say.

    A resolver that the calling program has chosen stays, unless a file is named.  Raises
    `GroupResolverSourceError` for a source that does not exist.
    """
    resolver.set_standard_factory(lambda: configured(options))
    if options.groupsconf:
        resolver.set_standard(None)
    if options.clear_cache:
        from clush import groups  # needs the system of groups, which few runs do

        groups.clear_persistent()
    if options.groupsource:
        site().default = options.groupsource


def site() -> ConfiguredResolver:
    """What node sets ask about groups: sources by name, one of them the default."""
    made: ConfiguredResolver = resolver.standard()  # type: ignore[assignment]  # see set_up
    return made


def configured(options: Values, completing: bool = False) -> ConfiguredResolver:
    """A resolver as ``options`` say; for a completion, answers are kept longer than usual."""
    from clush import groups  # only when there is a group

    if options.debug:
        groups.observe(lambda what: complain(DEBUG + what))
    completing = completing or getattr(options, "completion", False)  # an option of nodeset
    kept = groups.Persistence(
        enabled=not options.no_cache, at_least=COMPLETION_KEEPS if completing else 0.0
    )
    if options.groupsconf:
        made = groups.from_file(options.groupsconf, kept)
    else:
        made = groups.standard(kept)
    if options.groupsource:
        made.default = options.groupsource
    return made


class Regroup:
    """Writes node sets with groups where they fit, for ``--regroup``.

    That there is a source is seen to at once: `GroupResolverError`.  A source that fails
    later costs its groups and a message, not what there is to be shown.
    """

    __slots__ = ("_bare", "_failed", "_source")

    def __init__(self, options: Values) -> None:
        self._source = options.groupsource
        self._bare = bool(options.groupbase)
        self._failed = False
        site().source(self._source)

    def __call__(self, nodes: NodeSet) -> str:
        if not self._failed:
            try:
                return nodes.regroup(self._source, noprefix=self._bare)
            except (GroupError, NodeSetError) as error:
                self._failed = True
                report(error)
        return str(nodes)
