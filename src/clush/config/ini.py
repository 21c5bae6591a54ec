"""INI files read one over the other, and where in them each value stands.

The syntax is that of ``configparser``; sections and keys of several files add up, the
file read last wins.  A ``%`` that begins no interpolation stands for itself.  Errors are
the product's, with file and line.  Lines are looked up when an error is told, by reading
the file again: a value that is right needs none.

What sections and keys mean is not known here.
"""

from __future__ import annotations

import configparser
import os
import re
import sys

from clush.errors import ConfigError, ConfigSyntaxError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

    Place = tuple[Optional[str], Optional[int]]


class Interpolation(configparser.BasicInterpolation):
    """``%(key)s`` and ``%%`` as usual; what is neither, such as ``%h`` for ssh, stays."""

    _PERCENT = re.compile(r"%%|%\(|%")

    def before_get(self, parser: Any, section: Any, option: str, value: str, defaults: Any) -> str:
        value = self._PERCENT.sub(lambda found: "%%" if found[0] == "%" else found[0], value)
        return super().before_get(parser, section, option, value, defaults)


class Ini:
    """The merged content of files; ``files`` are those that were read, in that order."""

    def __init__(self, parser: configparser.ConfigParser | None = None) -> None:
        """Files are read by ``parser``, for a dialect of INI, or else as everywhere."""
        self.files: list[str] = []
        self._parser = _parser() if parser is None else parser

    def read(self, *paths: str) -> None:
        """Read the files that exist and are readable, later ones over earlier ones."""
        for path in paths:
            try:
                self.read_required(path)
            except OSError:
                continue

    def read_required(self, path: str) -> None:
        """Read one file that has to be there; else an ``OSError``."""
        text = _text(path)
        try:
            self._parser.read_string(text, path)
        except configparser.Error as error:
            raise _syntax_error(error, path) from None
        self.files.append(path)

    @property
    def cfgdir(self) -> str:
        """The directory of the file read last (what ``$CFGDIR`` means), empty without one."""
        return os.path.dirname(os.path.abspath(self.files[-1])) if self.files else ""

    def sections(self) -> list[str]:
        """The sections in the order in which they were first seen."""
        return self._parser.sections()

    def keys(self, section: str) -> list[str]:
        """The keys of a section, those of ``[DEFAULT]`` included; none if there is no such."""
        return list(self._parser[section]) if section in self._parser else []

    def get(self, section: str, key: str, *, raw: bool = False) -> str | None:
        """The text of a value or None; ``raw`` leaves ``%`` as it stands."""
        try:
            return self._parser.get(section, key, raw=raw)
        except (configparser.NoSectionError, configparser.NoOptionError):
            return None
        except configparser.InterpolationError as error:
            raise self.error(_one_line(error), section, key) from None

    def expand(self, section: str, key: str, value: str) -> str:
        """A value as it would be read if it stood in ``section`` for ``key``; or ValueError."""
        if section not in self._parser:
            section = self._parser.default_section
        try:
            return self._parser.get(section, key, vars={key: value})
        except configparser.InterpolationError as error:
            raise ValueError(_one_line(error)) from None

    def where(self, section: str, key: str | None = None) -> Place:
        """The file and the line of a value, or of a section's header."""
        if key is None:
            return self._find(section, None)
        key = self._parser.optionxform(key)
        file, line = self._find(section, key)
        return (file, line) if file else self._find(self._parser.default_section, key)

    def error(self, reason: str, section: str, key: str) -> ConfigError:
        """The error that says ``reason`` about a value, with its place."""
        file, line = self.where(section, key)
        return ConfigError(reason, file=file, section=section, key=key, line=line)

    def _find(self, section: str, key: str | None) -> Place:
        for path in reversed(self.files):
            line = self._line(path, section, key)
            if line:
                return path, line
        return None, None

    def _line(self, path: str, section: str, key: str | None) -> int | None:
        try:
            lines = _text(path).splitlines()
        except OSError:
            return None  # gone since it was read
        here = None
        for number, line in enumerate(lines, 1):
            if not line or line[0] in " \t#;":
                continue  # a continuation or a comment
            header = self._parser.SECTCRE.match(line)
            if header:
                here = header["header"]
                if key is None and here == section:
                    return number
            elif here == section and key is not None:
                option = self._parser.OPTCRE.match(line)
                if option and self._parser.optionxform(option["option"].rstrip()) == key:
                    return number
        return None


def _parser() -> configparser.ConfigParser:
    return configparser.ConfigParser(interpolation=Interpolation())


def _text(path: str) -> str:
    # As the names in it come from and go to the system, bytes that are no text are kept.
    with open(path, encoding=sys.getfilesystemencoding(), errors="surrogateescape") as file:
        return file.read()


def _one_line(error: Exception) -> str:
    return " ".join(line.strip() for line in str(error).splitlines())


def _syntax_error(error: configparser.Error, path: str) -> ConfigSyntaxError:
    # The parser's own words say file and line, so they are not added a second time.
    said = ConfigSyntaxError(_one_line(error))
    said.file = path
    said.line = getattr(error, "lineno", None)
    if said.line is None and isinstance(error, configparser.ParsingError) and error.errors:
        said.line = error.errors[0][0]
    return said
