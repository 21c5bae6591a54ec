"""A node name is a template and the indexes that stand in it.

Each maximal run of ASCII digits is an index; the rest is the template, in which an index
is written ``%s`` and a percent sign ``%%``, so that ``template % indexes`` is the name and
templates sort as node sets are ordered. ``ib0-r2n07`` is ``("ib%s-r%sn%s", "0", "2", "07")``.

Many names are taken apart together: names that differ only in their last index share the
work on everything else.
"""

from __future__ import annotations

from clush.sets.ranges import RangeSet
from clush.sets.rangetext import MAX_DIGITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from clush.sets.algebra import Mapping

DIGITS = "0123456789"

# From this many names on, those that differ in one index only are put in a set first.
LONG_ROW = 4

_OTHERS = "".join(char for char in map(chr, range(128)) if char not in DIGITS)
_BLANKED = "".join(char if char in DIGITS else " " for char in map(chr, range(128)))


def split_name(name: str) -> tuple[str, list[str]]:
    """The template of a name, and its indexes as they are written."""
    name = escaped(name)
    if name.isascii():
        indexes = name.translate(_BLANKED).split()
    else:
        indexes = "".join(char if char in DIGITS else " " for char in name).split()
    literals, rest = [], name
    for index in indexes:
        before, _, rest = rest.partition(index)  # the first digits of rest are this index
        literals.append(before)
    return "%s".join([*literals, rest]), indexes


def escaped(text: str) -> str:
    """Text of a name as it stands in a template."""
    return text.replace("%", "%%") if "%" in text else text


def literals(template: str) -> list[str]:
    """What stands before, between and after the indexes, still escaped."""
    if "%%" not in template:
        return template.split("%s")
    found, start, place = [], 0, template.find("%")
    while place >= 0:
        if template[place + 1] == "s":
            found.append(template[start:place])
            start = place + 2
        place = template.find("%", place + 2)
    return [*found, template[start:]]


def gather(names: Iterable[str], special: frozenset[str]) -> tuple[Mapping, list[str]]:
    """The node set of many names, and the texts among them that need to be parsed.

    A text is no plain name when it is empty, holds a ``special`` character, begins or ends
    with a blank, or holds an index of more than ``MAX_DIGITS`` digits.
    """
    bins: dict[str, list[str]] = {}
    for name in names:
        prefix = name.rstrip(DIGITS)
        found = bins.get(prefix)
        if found is None:
            bins[prefix] = [name]
        else:
            found.append(name)
    collected = _Collected(special)
    for prefix, group in bins.items():
        cut = len(prefix)
        if cut == len(group[0]) or prefix in group:
            collected.add_whole(prefix)
            group = [name for name in group if len(name) > cut]
        if group:
            collected.add(prefix, "", [name[cut:] for name in group])
    return collected.finish()


class _Collected:
    """Names sorted by template, until the sets of their indexes are made."""

    def __init__(self, special: frozenset[str]) -> None:
        self.special = special
        self.rejected: list[str] = []
        self.whole: list[str] = []
        self.inner: dict[tuple[str, str], list[str]] = {}
        self.lines: dict[str, list[str]] = {}
        self.grids: dict[str, list[tuple[list[str], list[str]]]] = {}

    def add_whole(self, name: str) -> None:
        """A name that does not end with a digit."""
        stem = name.rstrip(_OTHERS)
        prefix = stem.rstrip(DIGITS)
        if len(prefix) == len(stem):
            self.add(name, "", [])
        else:
            key = prefix, name[len(stem) :]
            self.inner.setdefault(key, []).append(stem[len(prefix) :])

    def add(self, prefix: str, suffix: str, numbers: list[str]) -> None:
        """Names ``prefix + number + suffix``; no number: the name ``prefix``."""
        if max(map(len, numbers), default=0) > MAX_DIGITS:
            long = [number for number in numbers if len(number) > MAX_DIGITS]
            self.rejected += [prefix + number + suffix for number in long]
            numbers = [number for number in numbers if len(number) <= MAX_DIGITS]
            if not numbers:
                return
        ends = prefix[:1] + (suffix[-1:] if numbers else prefix[-1:])
        plain = self.special.isdisjoint(prefix) and self.special.isdisjoint(suffix)
        if not plain or ends.strip() != ends or not (prefix or numbers):
            self.rejected += [prefix + number + suffix for number in numbers] or [prefix]
            return
        head, indexes = split_name(prefix)
        template = f"{head}%s{escaped(suffix)}" if numbers else head
        if not indexes:
            self.lines.setdefault(template, []).extend(numbers)
        elif max(map(len, indexes)) > MAX_DIGITS:
            self.rejected += [prefix + number + suffix for number in numbers] or [prefix]
        elif numbers:
            self.grids.setdefault(template, []).append((indexes, numbers))
        elif len(indexes) == 1:
            self.lines.setdefault(template, []).extend(indexes)
        else:
            self.grids.setdefault(template, []).append((indexes[:-1], indexes[-1:]))

    def finish(self) -> tuple[Mapping, list[str]]:
        """The mapping, and what was rejected."""
        for (prefix, suffix), numbers in self.inner.items():
            self.add(prefix, suffix, numbers)
        mapping: Mapping = {}
        for template, numbers in self.lines.items():
            mapping[template] = RangeSet.from_numbers(numbers) if numbers else None
        for template, rows in self.grids.items():
            from clush.sets.grid import RangeSetND  # names of one index are by far the most

            mapping[template] = RangeSetND(_vectors(rows))
        return mapping, self.rejected


def _vectors(rows: list[tuple[list[str], list[str]]]) -> list[tuple[str | RangeSet, ...]]:
    """Rows, each with the indexes of its last axis, as vectors: few long ones where possible."""
    if sum(len(numbers) for _, numbers in rows) >= LONG_ROW * len(rows):
        return [(*row, RangeSet.from_numbers(numbers)) for row, numbers in rows]
    points = [(*row, number) for row, numbers in rows for number in numbers]
    varied = max(range(len(points[0])), key=lambda axis: len({point[axis] for point in points}))
    lines: dict[tuple[str, ...], list[str]] = {}
    for point in points:
        lines.setdefault(point[:varied] + point[varied + 1 :], []).append(point[varied])
    if len(points) < LONG_ROW * len(lines):
        return list(points)
    return [
        (*line[:varied], RangeSet.from_numbers(numbers), *line[varied:])
        for line, numbers in lines.items()
    ]
