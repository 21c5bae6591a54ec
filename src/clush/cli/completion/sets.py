"""What may stand in the text of a node set: nodes, groups and the sources of groups.

The last operand of the text is completed; what stands before it stays.  A source that
fails or does not answer has nothing to propose: who types does not want to hear of it.
"""

from __future__ import annotations

from clush.cli.completion.candidates import Candidate, matching
from clush.errors import ClushError
from clush.sets.nodeset import NodeSet, grouplist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Optional

    from clush.groups import ConfiguredResolver

OPERATORS = ",!&^"
ALL_NODES = "@*"


class SiteNames:
    """The names of a site, as the resolver knows them that ``make`` returns.

    ``source`` is the one that the user has chosen: only its groups are proposed then.
    ``nodes`` are the nodes to propose; by default all those of the default source.
    """

    def __init__(
        self,
        make: Callable[[], ConfiguredResolver],
        source: Optional[str] = None,
        nodes: Optional[Callable[[], Iterable[str]]] = None,
    ) -> None:
        self._make = make
        self._made: Optional[ConfiguredResolver] = None
        self._source = source
        self._nodes = self._all_nodes if nodes is None else nodes

    def sources(self, typed: str) -> Iterator[Candidate]:
        """The names of sources."""
        return matching(_known(self._all_sources), typed)

    def nodeset(self, typed: str) -> Iterator[Candidate]:
        """Node sets whose last operand is a node or a group, written with ``@``."""
        lead, operand = last_operand(typed)
        if operand.startswith("@"):
            return _after(lead + "@", self._groups(operand[1:]))
        if not operand:
            return _after(lead, self._anything())
        return _after(lead, self._matching_nodes(operand))

    def groups(self, typed: str) -> Iterator[Candidate]:
        """Sets of groups, written without ``@``."""
        lead, operand = last_operand(typed)
        return _after(lead, self._groups(operand))

    def _anything(self) -> Iterator[Candidate]:
        yield from _after("@", self._groups(""))
        yield from self._matching_nodes("")

    def _groups(self, typed: str) -> Iterator[Candidate]:
        source, colon, name = typed.partition(":")
        if colon:
            yield from _after(source + colon, self._of_source(source, name))
            return
        if self._source is None:
            for name in _known(self._all_sources):
                if name.startswith(typed):
                    yield Candidate(name + ":", "group source", complete=False)
        yield from self._of_source(None, typed)

    def _of_source(self, source: Optional[str], typed: str) -> Iterator[Candidate]:
        return matching(_known(lambda: grouplist(source, self._resolver())), typed)

    def _matching_nodes(self, typed: str) -> Iterator[Candidate]:
        return matching(_known(self._nodes), typed)

    def _all_sources(self) -> list[str]:
        return self._resolver().sources()

    def _all_nodes(self) -> Iterable[str]:
        return NodeSet(ALL_NODES, resolver=self._resolver())

    def _resolver(self) -> ConfiguredResolver:
        if self._made is None:
            self._made = self._make()
        return self._made


def last_operand(text: str) -> tuple[str, str]:
    """What stands before the last operand, and the operand; commas in brackets are no end."""
    depth = end = 0
    for at, character in enumerate(text, 1):
        depth += (character == "[") - (character == "]")
        if character in OPERATORS and depth <= 0:
            end = at
    operand = text[end:].lstrip()
    return text[: len(text) - len(operand)], operand


def _after(lead: str, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    for one in candidates:
        yield Candidate(lead + one.text, one.about, one.complete)


def _known(ask: Callable[[], Iterable[str]]) -> list[str]:
    try:
        return [*ask()]
    except (ClushError, OSError):
        return []
