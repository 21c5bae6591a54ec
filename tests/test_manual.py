"""The man pages: what they take from the tables is what the tables say, and man can show them."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clush.cli import clubak, clush, nodeset
from clush.cli.options import CommandLine

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs" / "man").iterdir())
LINES = {"clush": clush.LINE, "clubak": clubak.LINE, "nodeset": nodeset.LINE}


def test_pages_say_what_the_tables_say() -> None:
    program = [sys.executable, "scripts/manual.py", "--check"]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), "scripts/manual.py puts it right"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_can_be_shown(page: Path) -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    text = page.read_text()
    if text.startswith(".so "):
        assert (page.parent / text.split("/")[1].strip()).exists()
        return
    done = subprocess.run(
        ["groff", "-ww", "-man", "-Tutf8", "-rLL=78n", str(page)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    shown = re.sub("\x1b\\[[0-9;]*m|.\b", "", done.stdout)
    assert max(map(len, shown.splitlines())) <= 80


def examples() -> list[tuple[str, list[str]]]:
    """The command lines under EXAMPLES of each tool's page."""
    found = []
    for tool in LINES:
        text = (ROOT / "docs" / "man" / f"{tool}.1").read_text().partition(".SH EXAMPLES")[2]
        for line in re.findall(r"(?m)^\.TP\n(.+)", text):
            words = shlex.split(line.replace("\\-", "-").replace("\\e", "\\"))
            for name in LINES:
                if name in words:
                    found.append((name, words[words.index(name) + 1 :]))
    return found


@pytest.mark.parametrize(("tool", "words"), examples(), ids=lambda value: " ".join(value))
def test_examples_are_command_lines(tool: str, words: list[str]) -> None:
    line: CommandLine = LINES[tool]
    line.parse(words[: words.index("|")] if "|" in words else words)
