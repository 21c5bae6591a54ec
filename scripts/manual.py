"""Put what the tables of the sources say into the man pages.

    python scripts/manual.py            rewrite the pages of docs/man that are out of date
    python scripts/manual.py --check    only name them, with exit code 1 if there are any

Between `.\\" from NAME` and `.\\" end` a page holds what is made of a table; all else is
written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from clush.cli import clubak, clush, nodeset  # noqa: E402
from clush.cli.options import CommandLine, Option  # noqa: E402
from clush.config import defaults, settings  # noqa: E402
from clush.config.keys import Key  # noqa: E402

PAGES = ROOT / "docs" / "man"
_MADE = re.compile(r'(?m)^\.\\" from (.+)\n(?:.*\n)*?\.\\" end\n')


def roff(text: str) -> str:
    """A line of text as roff takes it for that."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return f"\\&{text}" if text.startswith((".", "'")) else text


def options(line: CommandLine) -> str:
    """Each group of options under its title."""
    parts = []
    for title, group in line.groups:
        if title:
            parts.append(f".SS {roff(title)}\n")
        parts += [_option(option) for option in group]
    return "".join(parts)


def _option(option: Option) -> str:
    names = ", ".join(f"\\fB{roff(name)}\\fR" for name in option.names)
    value = f"\\fI{roff(option.metavar)}\\fR" if option.metavar else ""
    if option.bare is not None:
        names += f"[={value}]"
    elif value:
        names += ("=" if option.names[-1].startswith("--") else " ") + value
    text = option.help or _UNSHOWN.get(option.names[0], "")
    return f".TP\n{names}\n{roff(_sentence(text))}\n"


# Options that the help leaves out, as few need them.
_UNSHOWN = {
    "-E": "the system call that waits: epoll, poll, select, or auto (the best there is)",
    "--grooming": "seconds for which a gateway waits for equal output",
}


def keys(table: Iterable[Key]) -> str:
    """Each key of a configuration file, section by section."""
    parts: list[str] = []
    section = ""
    for key in table:
        if key.section != section:
            section = key.section
            parts.append(f".SS [{roff(section)}]\n")
        parts.append(f".TP\n\\fB{key.name}\\fR\n{roff(_sentence(key.help))}")
        if key.default not in (None, "", ()):
            shown = {True: "yes", False: "no"}.get(key.default, key.default)  # type: ignore[call-overload]
            parts.append(f"\nDefault: {roff(str(shown))}.")
        parts.append("\n")
    return "".join(parts)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "." if text else text


TABLES: dict[str, Callable[[], str]] = {
    "options of clush": lambda: options(clush.LINE),
    "options of clubak": lambda: options(clubak.LINE),
    "options of nodeset": lambda: options(nodeset.LINE),
    "keys of clush.conf": lambda: keys(settings.KEYS),
    "keys of defaults.conf": lambda: keys(defaults.KEYS),
}


def renewed(page: str) -> str:
    """The text of a page with what the tables say now."""
    return _MADE.sub(lambda made: f'.\\" from {made[1]}\n{TABLES[made[1]]()}.\\" end\n', page)


def main(arguments: list[str]) -> int:
    stale = [
        path for path in sorted(PAGES.iterdir()) if renewed(path.read_text()) != path.read_text()
    ]
    for path in stale:
        print(f"{path.relative_to(ROOT)}: out of date")
        if "--check" not in arguments:
            path.write_text(renewed(path.read_text()))
    return int("--check" in arguments and bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
