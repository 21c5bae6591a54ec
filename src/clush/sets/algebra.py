"""The algebra of node sets without their text: mappings from template to indexes.

A ``Mapping`` holds, for each template, None (a plain name), a ``RangeSet`` (one index) or
a ``RangeSetND`` (several); none of them is empty. Two parts under one template have the
same kind, so that each operation goes template by template. Results share no part with
their operands. The left operand's autostep wins; a part that is new on the left keeps
its own.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Optional, Union

    from clush.sets.grid import RangeSetND
    from clush.sets.ranges import RangeSet

    Part = Union[RangeSet, RangeSetND]
    Mapping = dict[str, Optional[Part]]


def copied(part: Part | None) -> Part | None:
    """A part that may be changed without changing the given one."""
    return None if part is None else part.copy()


def copy(mapping: Mapping) -> Mapping:
    """A mapping that shares nothing with the given one."""
    return {template: copied(part) for template, part in mapping.items()}


def size(part: Part | None) -> int:
    """The number of names under one template."""
    return 1 if part is None else len(part)


def _beside(mapping: Mapping, template: str) -> Any:
    """The part under ``template``; it has the kind of any other part under it."""
    return mapping[template]


def update(mine: Mapping, theirs: Mapping) -> None:
    """Add to ``mine`` what is in ``theirs``."""
    for template, part in theirs.items():
        had = mine.get(template)
        if had is None:
            mine[template] = copied(part)
        else:
            had.update(_beside(theirs, template))


def absorb(mine: Mapping, theirs: Mapping) -> None:
    """Add to ``mine`` what is in ``theirs``, whose parts may be taken over as they are."""
    for template, part in theirs.items():
        had = mine.get(template)
        if had is None:
            mine[template] = part
        else:
            had.update(_beside(theirs, template))


def union(mine: Mapping, theirs: Mapping) -> Mapping:
    """What is in either."""
    made = copy(mine)
    update(made, theirs)
    return made


def intersection(mine: Mapping, theirs: Mapping) -> Mapping:
    """What is in both."""
    made: Mapping = {}
    for template in mine.keys() & theirs.keys():
        part = mine[template]
        both = None if part is None else part & _beside(theirs, template)
        if part is None or both:
            made[template] = both
    return made


def difference(mine: Mapping, theirs: Mapping) -> Mapping:
    """What is in ``mine`` only."""
    made: Mapping = {}
    for template, part in mine.items():
        if template not in theirs:
            made[template] = copied(part)
        elif part is not None:
            rest = part - _beside(theirs, template)
            if rest:
                made[template] = rest
    return made


def symmetric_difference(mine: Mapping, theirs: Mapping) -> Mapping:
    """What is in exactly one of the two."""
    made: Mapping = {}
    for template in mine.keys() | theirs.keys():
        if template not in mine or template not in theirs:
            made[template] = copied(mine.get(template, theirs.get(template)))
            continue
        part = mine[template]
        rest = None if part is None else part ^ _beside(theirs, template)
        if rest:
            made[template] = rest
    return made


def issubset(mine: Mapping, theirs: Mapping) -> bool:
    """Whether all of ``mine`` is in ``theirs``."""
    return all(
        template in theirs and (part is None or part.issubset(_beside(theirs, template)))
        for template, part in mine.items()
    )


OPERATORS: dict[str, Callable[[Mapping, Mapping], Mapping]] = {
    ",": union,
    "!": difference,
    "&": intersection,
    "^": symmetric_difference,
}
