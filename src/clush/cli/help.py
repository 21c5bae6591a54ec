"""``--help``: the table of options as text.

A title per group, two columns, wrapped to the width asked for.
"""

from __future__ import annotations

from textwrap import wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from clush.cli.options import CommandLine, Option

# Names longer than this stand on a line of their own.
NAMES_WIDTH = 26
MINIMUM_WIDTH = 40


def help_text(prog: str, line: CommandLine, width: int = 80) -> str:
    """The page that ``--help`` shows, at most ``width`` columns wide."""
    pages = [f"Usage: {prog} {line.usage}"]
    for title, options in line.groups:
        rows = [row for option in options if option.help for row in _rows(option, width)]
        pages.append("\n".join([f"{title or 'Options'}:", *rows]))
    return "\n\n".join(pages) + "\n"


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
    return names + ("=" if option.names[-1].startswith("--") else " ") + option.metavar
