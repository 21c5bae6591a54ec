"""The gateways of one hop: links by name, those that have failed, and the bundles they want."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Callable, Optional

from clush.tree import pack
from clush.tree.link import KINDS, TOO_MANY_KINDS, Link
from clush.wire import message as wire

if TYPE_CHECKING:
    from clush.runtime.task import Task
    from clush.tree.link import Via

# A failed gateway is tried again after this many seconds.
RETRY = 60.0


class Failures:
    """Gateways that have failed lately: who can do without them does, for ``RETRY`` seconds."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[float, str]] = {}  # by name and way

    def note(self, name: str, via: Via, reason: str) -> None:
        """``name``, reached by ``via``, has failed."""
        self._known[name, via.key] = time.monotonic(), reason

    def why(self, name: str, via: Via) -> Optional[str]:
        """Why it has failed lately; None if it has not."""
        when, reason = self._known.get((name, via.key), (0.0, ""))
        return reason if reason and time.monotonic() - when < RETRY else None

    def forget(self) -> None:
        """Let all of them be tried again."""
        self._known.clear()


# Those of this process: one run after the other, each in a task of its own, need not find out
# anew.
FAILURES = Failures()


class Links:
    """The gateways of one hop, by name; ``ask(magic)`` asks above for a bundle we have not."""

    def __init__(self, ask: Optional[Callable[[bytes], object]] = None) -> None:
        self._ask = ask
        self._links: dict[tuple[str, str], Link] = {}  # by name and way
        self._wanted: dict[bytes, list[Link]] = {}
        self._asked: set[bytes] = set()  # kinds of bundles

    def get(self, task: Task, name: str, via: Via) -> Link:
        """The link to ``name``; opened if there is none, for ``task`` as all of them."""
        key = name, via.key  # another user there is another gateway
        link = self._links.get(key)
        if link is None or not link.usable:
            link = self._links[key] = Link(task, name, via, self)
        return link

    @staticmethod
    def doubtful(names: Iterable[str], via: Via) -> dict[str, str]:
        """Those of ``names`` that have failed lately, in this process, and why."""
        reasons = ((name, FAILURES.why(name, via)) for name in names)
        return {name: reason for name, reason in reasons if reason}

    # -- for links: see Keeper --------------------------------------------------------

    def failed(self, link: Link, reason: str) -> None:
        FAILURES.note(link.name, link.via, reason)

    def closed(self, link: Link) -> None:
        key = link.name, link.via.key
        if self._links.get(key) is link:
            del self._links[key]

    def want(self, magic: bytes, link: Link) -> None:
        self._wanted.setdefault(magic, []).append(link)
        try:
            bundles = {part: pack.pack(magic, part) for part in pack.PARTS}
        except KeyError:
            if self._ask is None:
                link.fail("there is no bundle for its Python")
            elif magic not in self._asked:
                if len(self._asked) >= KINDS:  # whoever asks for more is given up above
                    link.fail(TOO_MANY_KINDS)
                else:
                    self._asked.add(magic)
                    self._ask(magic)
        else:
            for part, bundle in bundles.items():
                self.arrived(magic, part, bundle)

    def arrived(self, magic: bytes, part: str, bundle: bytes) -> None:
        """A bundle for ``magic`` is there."""
        pack.adopt(magic, part, bundle)
        waiting = self._wanted.get(magic, ())
        if part == pack.PARTS[-1]:
            self._wanted.pop(magic, None)
        for link in waiting:
            if link.up:
                link.send(wire.Bundle(magic.hex(), part, bundle))
            elif part == "first":
                link.deliver(bundle)
