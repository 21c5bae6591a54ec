"""Groups in YAML files: a mapping from source to group to nodes.

A file that is no YAML raises an error. Otherwise whatever is wrong in it harms only the
source, or the group, that it is about: an error is raised when that is asked, with the line.
The group ``all`` is at the same time all nodes of its source.
"""

from __future__ import annotations

from clush.errors import GroupResolverConfigError, GroupSourceNoUpcall, GroupSourceQueryFailed
from clush.groups.answers import CACHE_TIME
from clush.groups.files import Watch
from clush.groups.flatfile import ALL
from clush.groups.source import Source, find, joined
from clush.groups.telling import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Union

    from clush.groups.source import Nodes

    Content = Union[dict[str, Any], GroupResolverConfigError]

NO_PARSER = "PyYAML is needed to read group files: install it, or disable autodir in groups.conf"


class YamlFile:
    """A file, read at once, and again when it changed and ``cache_time`` seconds have passed.

    ``problems`` are the errors about parts of it, ``empty`` whether it says nothing at all.
    ``OSError`` when it cannot be read, `GroupResolverConfigError` when it is no such file.
    """

    def __init__(self, path: str, cache_time: float = CACHE_TIME) -> None:
        self.path = path
        self.cache_time = cache_time
        self.empty = False
        self.problems: list[GroupResolverConfigError] = []
        self._watch = Watch([path], cache_time)
        self._contents: dict[str, Content] = {}
        self._refresh()

    def names(self) -> list[str]:
        """The names of the sources, in their order."""
        return list(self._contents)

    def groups(self, source: str) -> dict[str, Any]:
        """The groups of a source, as they stand in the file.

        A source that was removed from the file keeps its groups; a new one is not looked at.
        """
        self._refresh()
        content = self._contents[source]
        if isinstance(content, GroupResolverConfigError):
            raise content
        return content

    def forget(self) -> None:
        """Read the file again the next time."""
        self._watch.forget()

    def error(
        self, reason: str, source: object = None, group: object = None
    ) -> GroupResolverConfigError:
        """The error about a source or a group of it; its line is looked up."""
        return self._located(reason, _line(self._read(), source, group))

    def _refresh(self) -> None:
        stamp = self._watch.changed()
        if stamp is None:
            return
        tell(f"reading {self.path}")
        content = self._parsed(self._read())
        self.empty = content is None
        self.problems = []
        fresh = self._checked(content)
        if self._contents:
            fresh = {name: fresh.get(name, had) for name, had in self._contents.items()}
        self._contents = fresh
        self._watch.read(stamp)

    def _read(self) -> bytes:
        with open(self.path, "rb") as file:
            return file.read()

    def _parsed(self, text: bytes) -> Any:
        try:
            import yaml  # takes as long as all the rest of a short run
        except ImportError:
            raise GroupResolverConfigError(NO_PARSER) from None
        try:
            return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except yaml.YAMLError as error:
            raise self._located(*_explained(error, text)) from None
        except ValueError as error:  # a date that is none
            raise self._located(str(error), None) from None

    def _checked(self, content: Any) -> dict[str, Content]:
        if content is None:
            return {}
        if not isinstance(content, dict):
            raise self._located("invalid content (base is not a dict)", 1)
        checked: dict[str, Content] = {}
        for name, groups in content.items():
            problem = self._problem(name, groups)
            if problem is not None:
                self.problems.append(problem)
            if isinstance(name, str):
                checked[name] = problem or groups
        return checked

    def _problem(self, name: object, groups: object) -> GroupResolverConfigError | None:
        """What makes a source unusable."""
        if not isinstance(name, str):
            return self.error(f"group source {name} not a string (add quotes?)", name)
        if not isinstance(groups, dict):
            return self.error(f"invalid content (group source '{name}' is not a dict)", name)
        for group in groups:
            if not isinstance(group, str):
                reason = f"{name}: group name {group} not a string (add quotes?)"
                return self.error(reason, name, group)
        return None

    def _located(self, reason: str, line: int | None) -> GroupResolverConfigError:
        where = f" (line {line})" if line else ""
        error = GroupResolverConfigError(f"{self.path}: {reason}{where}")
        error.file, error.line = self.path, line
        return error


class YamlSource(Source):
    """A source of a `YamlFile`."""

    def __init__(self, name: str, file: YamlFile) -> None:
        super().__init__(name)
        self.file = file

    def groups(self) -> dict[str, Any]:
        """The groups, as they stand in the file."""
        try:
            return self.file.groups(self.name)
        except OSError as error:
            raise GroupSourceQueryFailed(self.file.path, self, str(error.strerror)) from None

    def map_group(self, group: str) -> str:
        return joined(self._nodes(group, find(self.groups(), group)))

    def list_groups(self) -> list[str]:
        return list(self.groups())

    def all_nodes(self) -> str:
        if ALL not in self.groups():
            raise GroupSourceNoUpcall("all", self)
        return self.map_group(ALL)

    def clear_cache(self) -> None:
        self.file.forget()

    def _nodes(self, group: str, value: object) -> Nodes:
        parts = value if isinstance(value, list) else [value]
        wrong = [part for part in parts if not isinstance(part, str)]
        if wrong and value is not None:
            reason = f"{self.name}: group {group}: {wrong[0]!r} is not a node set (add quotes?)"
            raise self.file.error(reason, self.name, group)
        return value  # type: ignore[return-value]


def _explained(error: Exception, text: bytes) -> tuple[str, int | None]:
    """What the parser has to say, on one line, and the line that it is about."""
    said = [getattr(error, "context", None), getattr(error, "problem", None)]
    reason = " ".join(part for part in said if part) or " ".join(str(error).split())
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return reason, None
    if _is_unquoted(text, mark.line, mark.column):
        reason += "; put what begins with this character in quotes"
    return reason, mark.line + 1


def _is_unquoted(text: bytes, line: int, column: int) -> bool:
    lines = text.decode(errors="replace").splitlines()
    return line < len(lines) and lines[line][column : column + 1] in ("@", "*", "%", "&", "!")


def _line(text: bytes, source: object, group: object) -> int | None:
    """The line of a key, of the last one if it is there more than once."""
    import yaml

    try:
        node = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError:
        return None
    line = None
    for key in (source, group):
        pairs = [
            pair
            for pair in (node.value if isinstance(node, yaml.MappingNode) else [])
            if key is not None and _is_key(pair[0], key)
        ]
        if not pairs:
            break
        line, node = pairs[-1][0].start_mark.line + 1, pairs[-1][1]
    return line


def _is_key(node: Any, key: object) -> bool:
    import yaml

    loader = yaml.SafeLoader("")
    try:
        return bool(loader.construct_object(node, deep=True) == key)
    except (yaml.YAMLError, ValueError):
        return False
