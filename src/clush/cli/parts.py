"""What ``nodeset`` shows of a set: its parts, and how they and their names are written.

Pure functions of a set and of the options.
"""

from __future__ import annotations

from clush.cli.nodes import fold_axes
from clush.errors import CommandError
from clush.sets.nodeset import NodeSet
from clush.sets.ranges import RangeSet
from clush.sets.resolver import NO_GROUPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from clush.cli.nodes import Set
    from clush.cli.options import Values

# The output format that leaves names as they are.
PLAIN = "%s"


def parts(value: Set, options: Values) -> list[Set]:
    """What is shown on a line each; at least one part, even if it is empty."""
    if options.contiguous:
        return [*value.contiguous()] or [value]
    if options.split > 0:
        return [*value.split(options.split)] or [value]
    return [value]


def names(part: Set, options: Values) -> Iterable[str]:
    """The elements as the output format writes them."""
    if options.output_format == PLAIN:
        return part
    return [formatted(name, options) for name in part]


def folded(part: Set, options: Values) -> str:
    """All of ``part`` as one text."""
    if isinstance(part, RangeSet):
        return formatted(str(part), options)
    nodes = _as_formatted(part, options)
    axes = fold_axes(options.axis)
    if axes is not None:
        nodes.fold_axis = axes
    return str(nodes)


def regrouped(part: NodeSet, options: Values) -> str:
    """The same, with groups where they fit."""
    text = part.regroup(options.groupsource, noprefix=bool(options.groupbase))
    if options.output_format == PLAIN:
        return text
    words = NodeSet(text, part.autostep, NO_GROUPS)  # a group is named as a node is
    return str(_as_formatted(words, options))


def position(value: Set, options: Values) -> int:
    """Where the node asked for stands, from 0."""
    try:
        return value.index(options.index)
    except ValueError as error:
        raise CommandError(str(error)) from None


def formatted(value: object, options: Values) -> str:
    """``value`` as the output format writes it."""
    try:
        text: str = options.output_format % (value,)
    except (TypeError, ValueError):
        raise CommandError(
            f"--output-format {options.output_format!r} cannot show {value!r}: it needs one '%s'"
        ) from None
    return text


def _as_formatted(part: NodeSet, options: Values) -> NodeSet:
    """The set of the names that the output format makes of those of ``part``."""
    if options.output_format == PLAIN:
        return part
    written = [name.strip() for name in names(part, options)]
    return NodeSet.fromnames(filter(None, written), part.autostep)
