"""``--help`` and ``-h``: the table of options as text, and a page of it that fits a screen.

A title per group, two columns, wrapped to the width asked for.
"""

from __future__ import annotations

from textwrap import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from clush.cli.options import CommandLine, Option

# Names longer than this stand on a line of their own.
NAMES_WIDTH = 28
MINIMUM_WIDTH = 40


def help_text(prog: str, line: CommandLine, width: int = 80) -> str:
    """The page that ``--help`` shows, at most ``width`` columns wide."""
    pages = [f"Usage: {prog} {line.usage}"]
    for title, options in line.groups:
        rows = [row for option in options if option.help for row in _rows(option, width)]
        pages.append("\n".join([f"{title or 'Options'}:", *rows]))
    return "\n\n".join(pages) + "\n"


def short_help_text(prog: str, line: CommandLine, width: int = 80) -> str:
    """The page that ``-h`` shows: the options that are used most, on 24 lines of a terminal."""
    lines = [f"Usage: {prog} {line.usage}"]
    for title, options in line.groups:
        common = [option for option in options if option.names[0] in line.common]
        rows = [row for option in common for row in _rows(option, width)]
        lines += [f"{title}:", *rows] if rows else []
    return "\n".join([*lines, f"More: {prog} --help"]) + "\n"


def _rows(option: Option, width: int) -> Iterator[str]:
    names = f"  {_names(option)}"
    indent = " " * (NAMES_WIDTH + 2)
    lines = wrap(option.help, max(width, MINIMUM_WIDTH) - len(indent))
    if len(names) > NAMES_WIDTH:
        yield names
    else:
        yield f"{names:<{len(indent)}}{lines.pop(0)}"
    for line in lines:
        yield indent + line


def _names(option: Option) -> str:
    names = ", ".join(option.names)
    if not option.metavar:
        return names
    if option.bare is not None:
        return f"{names}[={option.metavar}]"
    return names + ("=" if option.names[-1].startswith("--") else " ") + option.metavar
