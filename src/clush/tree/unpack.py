"""An archive that comes from a node, written to one place and nowhere else.

Nothing of an archive is believed.  Members whose names or links lead out of that place,
devices and the like are refused by name, and the rest goes on: what was refused is in
``problems``.  ``untar.py`` knows what the bytes mean, ``folder.py`` writes.

Only the head has this.
"""

from __future__ import annotations

import os
from typing import Callable, Optional

from clush.errors import CopyError
from clush.tree.folder import Drafts, Folder, Place
from clush.tree.untar import FILE, FOLDER, HARD_LINK, LINK, End, Member, Reader

# As many are told, the others are counted.
MAX_PROBLEMS = 100

# Directories in each other: every step is taken again for each member.
MAX_DEPTH = 256


class Unpacker:
    """Writes the archive of ``name`` as ``landing`` below the directory ``dest``.

    As ``scp`` does, if ``landing`` is a directory already, ``name`` is put into it.  With
    ``preserve``, modes and times are kept.
    """

    def __init__(
        self,
        dest: str,
        landing: str,
        name: str,
        preserve: bool = False,
        drafts: Optional[Drafts] = None,
    ) -> None:
        """``drafts`` is shared by unpackers that are at work at the same time."""
        self._faults = 0
        self._problems: list[str] = []
        self._name = os.fsencode(name)
        self._root: Place = (os.fsencode(landing),)
        self._reader = Reader()
        self._folder = Folder(dest, preserve, self._unsettled, drafts or Drafts())
        self._came = False
        self._current: Optional[Member] = None  # the file that is being written

    @property
    def problems(self) -> list[str]:
        """What was not written, and why; empty if all went well."""
        left_out = self._faults - len(self._problems)
        return [*self._problems, f"and {left_out} more"] if left_out else self._problems

    def feed(self, data: bytes) -> None:
        """Write what ``data`` brings; ``CopyError`` if it is no archive."""
        for event in self._reader.feed(data):
            if isinstance(event, Member):
                self._begin(event)
            elif self._current is not None:
                self._go_on(self._current, event)

    def close(self) -> None:
        """Nothing more comes: ``CopyError`` if it was cut, or if it was nothing at all.

        In any case nothing is left that is not complete.
        """
        self._current = None
        self._quietly(self._folder.drop)
        self._folder.leave()
        self._reader.close()
        if not self._came:
            raise CopyError("the archive is empty")

    # -- members ------------------------------------------------------------------------

    def _begin(self, member: Member) -> None:
        self._current = None
        if not self._came:
            self._came = True
            if self._folder.has_folder(self._root):
                self._root = (*self._root, self._name)
        place = self._place(member.name)
        write = _WRITERS.get(member.kind)
        if write is None:
            self._refuse(member, f"a {member.kind} is not copied")
        elif place is None:
            self._refuse(member, "leads out of what was asked for")
        elif len(place) > MAX_DEPTH:
            self._refuse(member, f"is below more than {MAX_DEPTH} directories")
        else:
            self._try(member, lambda: write(self, member, place))

    def _go_on(self, member: Member, event: object) -> None:
        if isinstance(event, End):
            self._current = None
            self._try(member, self._folder.finish)
        else:
            assert isinstance(event, bytes)
            self._try(member, lambda: self._folder.write(event))

    def _try(self, member: Member, write: Callable[[], object]) -> None:
        try:
            write()
        except OSError as exc:
            self._current = None
            self._refuse(member, str(exc.strerror))
            self._quietly(self._folder.drop)

    def _make(self, member: Member, place: Place) -> None:
        self._folder.make(place, member.mode, member.mtime)

    def _write(self, member: Member, place: Place) -> None:
        self._folder.begin(place, member.mode, member.mtime)
        self._current = member

    def _link(self, member: Member, place: Place) -> None:
        if self._stays_inside(place, member.link):
            self._folder.link(place, member.link)
        else:
            self._refuse(member, f"a link to {_shown(member.link)}, which is not below it")

    def _hard_link(self, member: Member, place: Place) -> None:
        """One to a symbolic link is another of these: it may lead out from here, and not there."""
        other = self._place(member.link)
        if other is None:
            self._refuse(member, f"a link to {_shown(member.link)}, which is not below it")
            return
        target = self._folder.target(other)
        if target is None:
            self._folder.hard_link(place, other)
        else:
            self._link(member._replace(link=target), place)

    # -- where they may be --------------------------------------------------------------

    def _place(self, name: bytes) -> Optional[Place]:
        """Where a member of this name belongs; None if that is nowhere."""
        parts = [part for part in name.split(b"/") if part not in (b"", b".")]
        if name.startswith(b"/") or b"\0" in name or b".." in parts or parts[:1] != [self._name]:
            return None
        return (*self._root, *parts[1:])

    def _stays_inside(self, place: Place, target: bytes) -> bool:
        """Does a link at ``place`` lead to somewhere below the root?

        Its first steps may lead up, through what are directories and no links since it is
        there; behind a name none may, because that may be a link again.
        """
        parts = [part for part in target.split(b"/") if part not in (b"", b".")]
        ups = 0
        while parts[ups : ups + 1] == [b".."]:
            ups += 1
        return (
            bool(target)
            and not target.startswith(b"/")
            and b"\0" not in target
            and b".." not in parts[ups:]
            and ups < len(place) - len(self._root)
        )

    # -- what was not written -----------------------------------------------------------

    def _refuse(self, member: Member, reason: str) -> None:
        self._problem(member.name, reason)

    def _unsettled(self, place: Place, reason: str) -> None:
        name = b"/".join((self._name, *place[len(self._root) :]))
        self._problem(name, f"mode and time not set: {reason}")

    def _problem(self, name: bytes, reason: str) -> None:
        self._faults += 1
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(f"{_shown(name)}: {reason}")

    def _quietly(self, step: Callable[[], object]) -> None:
        try:
            step()
        except OSError:
            pass


_WRITERS: dict[str, Callable[[Unpacker, Member, Place], None]] = {
    FILE: Unpacker._write,
    FOLDER: Unpacker._make,
    LINK: Unpacker._link,
    HARD_LINK: Unpacker._hard_link,
}


def _shown(name: bytes) -> str:
    """A name in a line for people."""
    text = name[:200].decode("utf-8", "replace")
    return '"' + "".join(sign if sign.isprintable() else "?" for sign in text) + '"'
