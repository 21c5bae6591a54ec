"""A source that answers by shell commands, its upcalls.

Answers are remembered. Several that are needed at once are asked for at once, and
``mapall``, where it is defined, answers ``map`` and ``list`` for all groups with one command.
"""

from __future__ import annotations

import os

from clush.errors import GroupSourceNoUpcall, GroupSourceQueryFailed
from clush.groups.answers import CACHE_TIME, Answers
from clush.groups.shell import TIMEOUT, Query, ask
from clush.groups.source import Source, find, joined
from clush.groups.store import Store
from clush.groups.template import Template, UnsafeValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

KINDS = ("map", "mapall", "all", "list", "reverse")

# What each kind of question is about, by the name it has in the command.
ABOUT = {"map": "GROUP", "reverse": "NODE"}


class UpcallSource(Source):
    """A source with a command for each kind of question that it answers.

    Commands run in ``cfgdir``, for at most ``timeout`` seconds (0: no limit). Answers are
    kept for ``cache_time`` seconds in memory and for ``cache_persist`` seconds on disk (in
    ``cache_directory``, None: the user's); on disk they depend on the commands and on the
    environment variables that these mention or ``cache_env`` names.
    """

    def __init__(
        self,
        name: str,
        upcalls: Mapping[str, str],
        *,
        cfgdir: str | None = None,
        timeout: float = TIMEOUT,
        cache_time: float = CACHE_TIME,
        cache_persist: float = 0.0,
        cache_env: Iterable[str] = (),
        cache_directory: str | None = None,
    ) -> None:
        super().__init__(name)
        self.upcalls = {kind: upcalls[kind] for kind in KINDS if upcalls.get(kind)}
        self.has_reverse = "reverse" in self.upcalls
        self.cfgdir = cfgdir
        self.timeout = timeout
        self._templates: dict[str, Template] = {}
        self._table: tuple[str, dict[str, str]] = "", {}
        store = None
        if cache_persist > 0:
            identity = [str(cfgdir), *self._environment(cache_env)]
            identity += [text for kind in self.upcalls.items() for text in kind]
            store = Store(name, identity, cache_persist, cache_directory)
        self.answers = Answers(cache_time, store)

    def map_group(self, group: str) -> str:
        found = find(self._mapall(), group) if "mapall" in self.upcalls else None
        if found is not None:
            return joined(found)
        if "mapall" in self.upcalls and "map" not in self.upcalls:
            return ""
        return self._ask("map", [group])[group]

    def list_groups(self) -> list[str]:
        if "mapall" in self.upcalls:
            return list(self._mapall())
        return self._ask("list", [""])[""].split()

    def all_nodes(self) -> str:
        return self._ask("all", [""])[""]

    def reverse_node(self, node: str) -> list[str]:
        return self._ask("reverse", [node])[node].split()

    def prefetch(self, groups: Iterable[str] = (), nodes: Iterable[str] = ()) -> None:
        """Ask for what is not known yet, several at a time, unless answers are not kept."""
        groups, nodes = list(groups), list(nodes)
        if groups and "mapall" in self.upcalls:
            table = self._mapall()
            groups = [group for group in groups if find(table, group) is None]
        if self.answers.are_kept:
            if groups and "map" in self.upcalls:
                self._ask("map", groups)
            if nodes:
                self._ask("reverse", nodes)

    def clear_cache(self) -> None:
        self.answers.clear()

    def _mapall(self) -> dict[str, str]:
        """All groups, from the one command for them."""
        text = self._ask("mapall", [""], self._parse)[""]
        self._parse(text)
        return self._table[1]

    def _parse(self, text: str) -> None:
        """Make the table of a text of lines ``group: nodes``, unless it is made already."""
        if self._table[0] == text:
            return
        table: dict[str, str] = {}
        for line in text.splitlines():
            name, colon, nodes = line.partition(":")
            if len(name.split()) == 1 and colon:
                name, more = name.strip(), joined(nodes)
                table[name] = f"{table[name]},{more}".strip(",") if name in table else more
            elif line.strip():
                raise GroupSourceQueryFailed(
                    f"mapall: invalid line '{line}' (expected 'group: nodes')", self
                )
        self._table = text, table

    def _ask(
        self, kind: str, abouts: Iterable[str], check: Callable[[str], None] | None = None
    ) -> dict[str, str]:
        """The answers of one kind, from memory as far as they are there.

        A new answer that does not pass ``check``, which raises, is not remembered.
        """
        if kind not in self.upcalls:
            raise GroupSourceNoUpcall(kind, self)
        known = {about: self.answers.get(kind, about) for about in abouts}
        missing = [about for about, text in known.items() if text is None]
        if missing:
            known.update(self._run(kind, missing, check))
        return {about: text or "" for about, text in known.items()}

    def _run(
        self, kind: str, abouts: list[str], check: Callable[[str], None] | None
    ) -> dict[str, str]:
        queries = [self._query(kind, about) for about in abouts]
        given: dict[str, str] = {}
        answers = ask(queries, directory=self.cfgdir, timeout=self.timeout)
        try:
            for about, query, answer in zip(abouts, queries, answers):
                if answer.reason:
                    raise GroupSourceQueryFailed(query.command, self, answer.reason)
                if check is not None:
                    check(answer.output)
                given[about] = answer.output
        finally:
            answers.close()
            if given:
                self.answers.put(kind, given)
        return given

    def _query(self, kind: str, about: str) -> Query:
        template = self._templates.get(kind)
        if template is None:
            names = [ABOUT[kind]] if kind in ABOUT else []
            template = Template(self.upcalls[kind], names, ("SOURCE", "CFGDIR"))
            self._templates[kind] = template
        values = {"SOURCE": self.name, "CFGDIR": str(self.cfgdir)}
        if kind in ABOUT:
            values[ABOUT[kind]] = about
        try:
            return Query(template.fill(values), values)
        except UnsafeValueError as error:
            raise GroupSourceQueryFailed(str(error), self) from None

    def _environment(self, names: Iterable[str]) -> list[str]:
        """What the environment says about the variables that answers depend on."""
        text = " ".join(self.upcalls.values())
        named = set(names)
        return [
            f"{name}={value}"
            for name, value in sorted(os.environ.items())
            if name in named or "$" + name in text or "${" + name in text
        ]
