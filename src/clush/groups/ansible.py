"""A source that is an Ansible inventory.

Inventory files are read here, which takes no process. Where Ansible itself is needed, for
executables and plugins, ``ansible-inventory`` is asked, and its answer is remembered as
that of an upcall.
"""

from __future__ import annotations

import os

from clush.errors import GroupSourceQueryFailed
from clush.groups.answers import CACHE_TIME, Answers
from clush.groups.files import FileSource
from clush.groups.inventory import ALL, NeedsAnsible, from_json, read
from clush.groups.shell import TIMEOUT, Query, ask, quoted
from clush.groups.store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from clush.groups.files import Table

DEFAULT_PATH = "/etc/ansible/hosts"
VARIABLE = "ANSIBLE_INVENTORY"

# What the program's answer depends on, besides the files.
_VARIABLES = ("ANSIBLE_CONFIG", "ANSIBLE_INVENTORY_ENABLED")


class AnsibleSource(FileSource):
    """The groups of an inventory; ``all`` can be mapped, and is not listed.

    Without ``paths``, the inventory is what ``ANSIBLE_INVENTORY`` says, else the system's.
    """

    def __init__(
        self,
        name: str,
        paths: Iterable[str] = (),
        *,
        timeout: float = TIMEOUT,
        cache_time: float = CACHE_TIME,
        cache_persist: float = 0.0,
        cache_directory: str | None = None,
    ) -> None:
        found = list(paths) or default_paths()
        super().__init__(name, found, read, cache_time)
        self.timeout = timeout
        self._dynamic = False
        self._text = ""
        words = " ".join(f"-i {quoted(path)}" for path in found)
        self._command = f"ansible-inventory {words} --list"
        store = None
        if cache_persist > 0:
            said = [f"{name}={os.environ.get(name)}" for name in _VARIABLES]
            store = Store(name, [self._command, *said], cache_persist, cache_directory)
        self.answers = Answers(cache_time, store)

    def map_group(self, group: str) -> str:
        return self.all_nodes() if group == ALL else super().map_group(group)

    def table(self) -> Table:
        if not self._dynamic:
            try:
                return super().table()
            except NeedsAnsible:
                self._dynamic = True
        text = self.answers.get("inventory")
        if text is None:
            text = self._asked()
        if text != self._text:
            self._table = from_json(text)
            self._text = text
        return self._table

    def clear_cache(self) -> None:
        super().clear_cache()
        self.answers.clear()
        self._dynamic = False

    def _asked(self) -> str:
        [answer] = ask([Query(self._command, {})], timeout=self.timeout)
        try:
            if answer.reason:
                raise ValueError(answer.reason)
            from_json(answer.output)
        except ValueError as error:
            raise GroupSourceQueryFailed(self._command, self, str(error)) from None
        self.answers.put("inventory", {"": answer.output})
        return answer.output


def default_paths() -> list[str]:
    """The inventory of who says nothing about it."""
    given = os.environ.get(VARIABLE, "").split(",")
    return [os.path.expanduser(path.strip()) for path in given if path.strip()] or [DEFAULT_PATH]
