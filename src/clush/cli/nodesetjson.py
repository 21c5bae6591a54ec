"""``nodeset --json``: what a command shows, as one JSON document.

Described in docs/results.md.  Imported where it is asked for: nothing else pays for json.
"""

from __future__ import annotations

from clush.cli import jsontext, listing
from clush.cli.parts import folded, names, parts, position, regrouped
from clush.sets.ranges import RangeSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from clush.cli.options import Values

    Fields = Iterator[tuple[str, object]]

# The number changes when a reader of the present form would misunderstand the new one.
SCHEMA = "clush-nodeset/1"


def document(command: str, value: Any, options: Values) -> Iterable[bytes]:
    """What ``command`` shows of ``value``; all of it or, after an error, nothing."""
    return [*jsontext.document([("schema", SCHEMA), *FIELDS[command](value, options)])]


def _sets(value: Any, options: Values) -> Fields:
    yield "sets", (_set(part, options) for part in parts(value, options))


def _expanded(value: Any, options: Values) -> Fields:
    key = "indexes" if isinstance(value, RangeSet) else "names"
    yield (
        "sets",
        ({**_set(part, options), key: [*names(part, options)]} for part in parts(value, options)),
    )


def _regrouped(value: Any, options: Values) -> Fields:
    yield (
        "sets",
        (
            {**_set(part, options), "regrouped": regrouped(part, options)}
            for part in parts(value, options)
        ),
    )


def _set(part: Any, options: Values) -> dict[str, object]:
    key = "ranges" if isinstance(part, RangeSet) else "nodes"
    return {key: folded(part, options), "count": len(part)}


def _index(value: Any, options: Values) -> Fields:
    yield "index", position(value, options)


def _groups(groups: Iterable[listing.Group]) -> Fields:
    yield "groups", (_group(group) for group in groups)


def _group(group: listing.Group) -> dict[str, object]:
    fields: dict[str, object] = {"group": group.token}
    if group.nodes is not None:
        fields.update(nodes=str(group.nodes), count=len(group.nodes))
    if group.total is not None:
        fields["total"] = group.total
    return fields


def _list(value: Any, options: Values) -> Fields:
    return _groups(listing.of_source(value, options))


def _list_all(value: Any, options: Values) -> Fields:
    return _groups(listing.of_all_sources(value, options))


def _list_sources(value: Any, options: Values) -> Fields:
    found = listing.sources(value, options)
    yield "sources", ({"source": source.name, "default": source.default} for source in found)


FIELDS: dict[str, Callable[[Any, Values], Fields]] = {
    "count": _sets,
    "expand": _expanded,
    "fold": _sets,
    "regroup": _regrouped,
    "index": _index,
    "list": _list,
    "list_all": _list_all,
    "list_sources": _list_sources,
}
