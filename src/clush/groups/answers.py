"""Answers that cost something, remembered: in memory, and on disk where that is asked for.

An answer is known by what was asked (``map``, ``list``...) and about what (a group, a node,
nothing). Each has its own end of life. What is on disk can be used by other processes, see
`store`; no failure is ever remembered.
"""

from __future__ import annotations

from time import monotonic

from clush.groups.telling import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from clush.groups.store import Store

    Key = tuple[str, str]

CACHE_TIME = 3600.0  # seconds


class Answers:
    """The answers of one source, kept for ``cache_time`` seconds; 0 or less: not at all."""

    def __init__(self, cache_time: float = CACHE_TIME, store: Store | None = None) -> None:
        self.cache_time = cache_time
        self.store = store
        self._known: dict[Key, tuple[float, str]] = {}

    @property
    def are_kept(self) -> bool:
        """Whether an answer is still known when it is needed again."""
        return self.cache_time > 0 or self.store is not None

    def get(self, kind: str, about: str = "") -> str | None:
        """The answer, if it is known and not too old."""
        known = self._known.get((kind, about))
        if known is not None:
            if known[0] > monotonic():
                return known[1]
            del self._known[kind, about]
        if self.store is None:
            return None
        stored = self.store.get(kind, about)
        if stored is None:
            return None
        text, lifetime = stored
        tell(f"{kind} {about}".rstrip() + f": known from {self.store.path}")
        self._keep(kind, about, text, min(lifetime, self.cache_time))
        return text

    def put(self, kind: str, texts: Mapping[str, str]) -> None:
        """Remember new answers to one kind of question, by what it was about."""
        for about, text in texts.items():
            self._keep(kind, about, text, self.cache_time)
        if self.store is not None:
            self.store.put(kind, texts)

    def clear(self) -> None:
        """Forget everything, on disk too."""
        self._known.clear()
        if self.store is not None:
            self.store.clear()

    def _keep(self, kind: str, about: str, text: str, lifetime: float) -> None:
        if lifetime > 0:
            self._known[kind, about] = monotonic() + lifetime, text
