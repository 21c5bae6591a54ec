"""Whose words these are: the keys of keyed lines, as nodes or as plain strings.

A key is a node set, and its text is said by each of its nodes.  But if keys are to be
interpreted only when all of them can be, the first that cannot makes plain strings of all,
however late it comes.  Until then text belongs to the key (as bytes) as well as to its nodes
(as str); where equal text is stored once this costs next to nothing.
"""

from __future__ import annotations

import os

from clush.errors import InputError, NodeSetParseError
from clush.sets.nodeset import NodeSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Union

    Speaker = Union[bytes, str]


class Speakers:
    """Who says the text of each key.

    ``interpret`` is ``never``, ``always`` (a key that is no node set is an error) or
    ``auto``.  ``plain`` says whether keys are plain strings, which is sure at the end of input;
    ``overlap`` whether some node was in two keys so far: its lines are in both.
    """

    __slots__ = ("_must", "_nodes", "_of_key", "overlap", "plain")

    def __init__(self, interpret: str) -> None:
        self.plain = interpret == "never"
        self.overlap = False
        self._must = interpret == "always"
        self._nodes: set[str] = set()
        self._of_key: dict[bytes, list[Speaker]] = {}

    def of(self, key: bytes) -> list[Speaker]:
        """All those to whom the text of ``key`` belongs."""
        speakers = self._of_key.get(key)
        if speakers is None:
            speakers = self._of_key[key] = self._find(key)
        return speakers

    def _find(self, key: bytes) -> list[Speaker]:
        if self.plain:
            return [key]
        try:
            nodes = NodeSet(os.fsdecode(key))
        except NodeSetParseError:
            if self._must:
                raise
            self.plain = True
            return [key]
        if not nodes:
            raise InputError(key, "no node found")
        names = [*nodes]
        self.overlap = self.overlap or not self._nodes.isdisjoint(names)
        self._nodes.update(names)
        return names if self._must else [key, *names]

    def names(self, speakers: Iterable[Speaker]) -> list[str]:
        """The names of those of ``speakers`` that count: the keys or the nodes."""
        kind = bytes if self.plain else str
        return [os.fsdecode(speaker) for speaker in speakers if isinstance(speaker, kind)]


class Names:
    """The order of names, and how several of them are written.

    Nodes are in node order and folded along ``axes``; plain strings are as they were given.
    ``write`` makes the text of a node set where it is a title.
    """

    __slots__ = ("_axes", "_plain", "_write", "rank")

    def __init__(
        self,
        names: Sequence[str],
        plain: bool,
        axes: tuple[int, ...] | None = None,
        write: Callable[[NodeSet], str] | None = None,
    ) -> None:
        self._plain = plain
        self._axes = axes
        self._write = write
        ordered = names if plain else NodeSet.fromnames(names)
        self.rank = {name: rank for rank, name in enumerate(ordered)}

    def label(self, names: Sequence[str]) -> str:
        """``names``, which are in order, as one text."""
        if self._plain or len(names) == 1:
            return ",".join(names)
        return str(self._set(names))

    def title(self, names: Sequence[str]) -> str:
        """The same where it stands over, or before, what they said."""
        if self._plain or self._write is None:
            return self.label(names)
        return self._write(self._set(names))

    def _set(self, names: Sequence[str]) -> NodeSet:
        return NodeSet.fromnames(names, fold_axis=self._axes)
