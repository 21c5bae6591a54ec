"""Mapping to text: the folded node set, and the names one by one.

Templates come in code-point order. A set of one index stands bare in its name, a larger
one in brackets; a set of vectors gives one part per folded vector.
"""

from __future__ import annotations

from itertools import chain, product

from clush.sets.names import literals
from clush.sets.order import ordered
from clush.sets.ranges import RangeSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clush.sets.algebra import Mapping, Part


def text(mapping: Mapping, fold_axis: Iterable[int] | None = None) -> str:
    """The folded text; with ``fold_axis`` the other axes are written one index at a time.

    Axes count from 0, or from the last when negative; those that do not exist are ignored.
    """
    axes = None if fold_axis is None else list(fold_axis)
    return ",".join(
        part_text
        for template, part in ordered(mapping)
        for part_text in _part_texts(template, part, axes)
    )


def _part_texts(template: str, part: Part | None, axes: list[int] | None) -> Iterable[str]:
    if part is None:
        return (template % (),)
    if axes is not None:
        vectors = [[part]] if isinstance(part, RangeSet) else part.vectors()
        return (template % texts for vector in vectors for texts in _partly_folded(vector, axes))
    if isinstance(part, RangeSet):
        return (template % in_brackets(str(part)),)
    return [template % tuple(map(in_brackets, texts)) for texts in part.texts()]


def in_brackets(text: str) -> str:
    """The text of a range set as it stands in a name: a single index is bare."""
    return f"[{text}]" if "," in text or "-" in text[1:] else text


def _partly_folded(vector: list[RangeSet], axes: list[int]) -> Iterator[tuple[str, ...]]:
    size = len(vector)
    folded = {axis if axis >= 0 else axis + size for axis in axes}
    columns = [
        [in_brackets(str(values))] if axis in folded else list(values)
        for axis, values in enumerate(vector)
    ]
    for backwards in product(*reversed(columns)):  # the first axis changes fastest
        yield backwards[::-1]


def names(mapping: Mapping) -> Iterator[str]:
    """Every name, in order, made as it is asked for."""
    return chain.from_iterable(part_names(template, part) for template, part in ordered(mapping))


def part_names(template: str, part: Part | None) -> Iterable[str]:
    """The names of one template, in order."""
    if part is None:
        return (template % (),)
    if isinstance(part, RangeSet):
        return part.wrapped(*[literal.replace("%%", "%") for literal in literals(template)])
    return map(template.__mod__, part)
