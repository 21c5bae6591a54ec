"""``groups.conf``: which sources there are, and which is the default one.

Each section but ``[Main]`` is a source, or several that differ in name: ``[racks,rk]``. More
come from the ``*.conf`` files of ``confdir`` and the ``*.yaml`` files of ``autodir``.

Nothing is asked of a source here. A YAML file that cannot be used is kept as a problem, for
whoever misses what should be in it.
"""

from __future__ import annotations

from clush.config.ini import Ini
from clush.config.paths import directories, files_in, search_path
from clush.errors import GroupResolverConfigError
from clush.groups.answers import CACHE_TIME
from clush.groups.readers import Persistence, source
from clush.groups.section import MAIN, Section, misplaced
from clush.groups.telling import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from clush.groups.source import Source

FILE = "groups.conf"

# The characters that mean something in a node set, so that no group can have them in its name.
ILLEGAL_GROUP_CHARS = frozenset("@,!&^*")


class Configuration:
    """The sources by name, in their order; ``default`` names one of them, or none.

    ``problems`` are the errors about files, or parts of them, that could not be used;
    ``default_problem`` is the one that leaves it open what the default source is.
    """

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self.default: str | None = None
        self.problems: list[GroupResolverConfigError] = []
        self.default_problem: GroupResolverConfigError | None = None


def load(
    files: Iterable[str] | None = None, persistence: Persistence | None = None
) -> Configuration:
    """Read ``files``, later ones over earlier ones (None: those of the search path).

    Files that are not there are passed over. Raises `GroupResolverConfigError`, and
    `ConfigSyntaxError` for a file that is no configuration.
    """
    ini = Ini()
    ini.read(*(search_path(FILE) if files is None else files))
    return _Loading(ini, persistence or Persistence()).done()


def load_file(file: str, persistence: Persistence | None = None) -> Configuration:
    """Read ``file`` alone, which has to be there."""
    ini = Ini()
    try:
        ini.read_required(file)
    except OSError as error:
        raise GroupResolverConfigError(f"cannot read {file}: {error.strerror}") from None
    return _Loading(ini, persistence or Persistence()).done()


class _Loading:
    """A configuration in the making."""

    def __init__(self, ini: Ini, persistence: Persistence) -> None:
        self._ini = ini
        self._main = Section(ini, MAIN, ini)
        self._persistence = persistence
        self._made = Configuration()

    def done(self) -> Configuration:
        _tell_files(self._ini)
        old = self._ini.get(MAIN, "groupsdir")
        for path in self._files("groupsdir" if old is not None else "confdir", ".conf"):
            more = Ini()
            more.read(path)
            _tell_files(more)
            self._add_sections(more)
        for path in self._files("autodir", ".yaml"):
            self._add_yaml(path)
        self._add_sections(self._ini)
        self._choose_default()
        return self._made

    def _files(self, setting: str, suffix: str) -> list[str]:
        """The files in the directories that a setting of ``[Main]`` names."""
        value = self._ini.get(MAIN, setting) or ""
        kind = "autodir" if setting == "autodir" else "confdir"
        try:
            folders = directories(value, self._ini.cfgdir)
            return [path for folder in folders for path in files_in(folder, suffix, kind)]
        except ValueError as error:  # a quote that is not closed, a file for a directory
            raise self._main.error(str(error), setting) from None

    def _add_sections(self, ini: Ini) -> None:
        for title in ini.sections():
            if title == MAIN:
                continue
            section = Section(ini, title, self._ini)
            for name in dict.fromkeys(part.strip() for part in title.split(",")):
                if name and name != MAIN:
                    self._add(source(name, section, self._persistence), *ini.where(title))

    def _add_yaml(self, path: str) -> None:
        from clush.groups.yamlfile import YamlFile, YamlSource

        made = self._made
        try:
            file = YamlFile(path, self._main.number("cache_time", CACHE_TIME))
        except OSError:
            return  # like a file that this user may not read
        except GroupResolverConfigError as error:
            made.problems.append(error)
            tell(f"not used: {error}")
            if not made.sources and made.default_problem is None:
                made.default_problem = error  # its first source would be the default
            return
        made.problems += file.problems
        for problem in file.problems:
            tell(f"not used: {problem}")
        for name in file.names():
            self._add(YamlSource(name, file), path, None)

    def _add(self, source: Source, file: str | None, line: int | None) -> None:
        if source.name in self._made.sources:
            reason = f"GroupSource '{source.name}': name collision"
            raise GroupResolverConfigError(reason, file=file, line=line)
        self._made.sources[source.name] = source

    def _choose_default(self) -> None:
        """The source that ``[Main]`` names, else the first one."""
        made, name = self._made, self._ini.get(MAIN, "default")
        if not name:
            if made.default_problem is None:
                made.default = next(iter(made.sources), None)
            return
        made.default_problem = None
        if name in made.sources or self._is_plugin(name):
            made.default = name
        elif made.problems:
            made.default_problem = made.problems[0]
        else:
            raise misplaced(f'Default group source not found: "{name}"', self._ini, MAIN, "default")

    def _is_plugin(self, name: str) -> bool:
        from clush.groups.plugins import load as load_plugin

        found = load_plugin(name)
        if found is not None:
            self._made.sources[name] = found
        return found is not None


def _tell_files(ini: Ini) -> None:
    for path in ini.files:
        tell(f"reading {path}")
