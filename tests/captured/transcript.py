"""Transcripts: command lines of the tools, and what ClusterShell answers to them.

A transcript is a text in which the first character of a line says what the line is::

    # a remark
    % NAME=VALUE NAME=        the environment of all that follows, until the next such line
    $ nodeset -f n1 -         a command line, quoted as for a shell
    ~                         ... whose output may come in any order of lines
    < n2                      its standard input, by lines
    > n[1-2]                  what it printed
    ! WARNING: ...            what it printed on standard error, lines sorted
    = 1                       its exit status, if that is not 0
    + out/n1                  a file it made or changed, and
    | text                    ... what is in it
    @ messages                ours differs, for the reason in docs/decisions/messages.md; what
    > ...                     follows is what ours prints

In a command line, in the environment and in what is printed ``{here}`` is the folder that the
command runs in; in a command line ``{nl}`` is a newline; in what ours prints ``{version}`` is that
of the package.  In other lines what is not printable
is written as Python writes it (``\\t``, ``\\x1b``, ``\\\\``); a backslash at the end says that
the line has no end.

Here are texts and values only; what runs them is for ``recapture`` and ``test_captured``.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
# What commands find in the folder they run in, if they name it.
FILES = FOLDER / "files"

HERE = "{here}"
NEWLINE = "{nl}"


@dataclass(frozen=True)
class Answer:
    """What one run left behind; ``files`` are those that it made or changed."""

    out: bytes = b""
    err: bytes = b""
    rc: int = 0
    files: dict[str, bytes] = field(default_factory=dict)

    def comparable(self, ordered: bool) -> Answer:
        """The same without the order of lines that means nothing."""
        out = self.out if ordered else lines_sorted(self.out)
        return replace(self, out=out, err=lines_sorted(self.err))


@dataclass
class Row:
    """One command line; ``expected`` is ClusterShell's answer, ``ours`` is None if it is the same.

    ``remarks`` are the lines above it, as they are.
    """

    place: str
    remarks: list[str]
    environment: dict[str, str]
    line: str
    ordered: bool = True
    stdin: bytes = b""
    expected: Answer = Answer()
    page: str = ""
    ours: Answer | None = None

    def words(self, here: str) -> list[str]:
        """The command line as words, with the program first."""
        return [word.replace(HERE, here).replace(NEWLINE, "\n") for word in shlex.split(self.line)]

    def environ(self, here: str) -> dict[str, str]:
        return {name: value.replace(HERE, here) for name, value in self.environment.items()}


def lines_sorted(text: bytes) -> bytes:
    return b"".join(sorted(text.splitlines(keepends=True)))


# -- reading ------------------------------------------------------------------------------


def transcripts() -> list[Path]:
    return sorted(FOLDER.glob("*.txt"))


def read(path: Path) -> list[Row]:
    """The rows of a transcript, in its order."""
    return [*_rows(path.name, path.read_text(encoding="utf-8").split("\n"))]


def _rows(name: str, lines: list[str]) -> Iterator[Row]:
    row: Row | None = None
    remarks: list[str] = []
    environment: dict[str, str] = {}
    parts: list[tuple[str, str]] = []
    for number, line in enumerate([*lines, "$"], 1):
        mark, rest = line[:1], line[2:]
        if mark in ("", "#", "%", "$") and row is not None:
            yield _filled(row, parts)
            row, parts, remarks = None, [], []
        if mark == "$":
            row = Row(f"{name}:{number}", remarks, environment, rest)
        elif mark in ("", "#", "%"):
            remarks.append(line)
            if mark == "%":
                environment = dict(pair.split("=", 1) for pair in shlex.split(rest))
        else:
            assert mark in "~<>!=+|@" and row is not None, f"{name}:{number}: {line}"
            parts.append((mark, rest))


def _filled(row: Row, parts: list[tuple[str, str]]) -> Row:
    pages = [rest for mark, rest in parts if mark == "@"]
    at = [mark for mark, _ in parts].index("@") if pages else len(parts)
    row.ordered = ("~", "") not in parts
    row.stdin = _text(rest for mark, rest in parts if mark == "<")
    row.expected = _answer(parts[:at])
    if pages:
        (row.page,) = pages
        row.ours = _answer(parts[at + 1 :])
    return row


def _answer(parts: list[tuple[str, str]]) -> Answer:
    files: dict[str, list[str]] = {}
    for mark, rest in parts:
        if mark == "+":
            files[rest] = []
        elif mark == "|":
            files[[*files][-1]].append(rest)
    return Answer(
        _text(rest for mark, rest in parts if mark == ">"),
        _text(rest for mark, rest in parts if mark == "!"),
        next((int(rest) for mark, rest in parts if mark == "="), 0),
        {name: _text(text) for name, text in files.items()},
    )


def _text(lines: Iterable[str]) -> bytes:
    return b"".join(map(_line, lines))


def _line(line: str) -> bytes:
    open_ended = (len(line) - len(line.rstrip("\\"))) % 2
    text = line[:-1] if open_ended else line + "\n"
    escaped = text.encode("ascii", "backslashreplace")
    return escaped.decode("unicode_escape").encode("utf-8", "surrogateescape")


# -- writing ------------------------------------------------------------------------------


def written(rows: Iterable[Row]) -> str:
    """The text of a transcript."""
    return "\n".join(line for row in rows for line in _lines_of(row)) + "\n"


def _lines_of(row: Row) -> Iterator[str]:
    yield from row.remarks
    yield f"$ {row.line}"
    if not row.ordered:
        yield "~"
    yield from _marked("<", row.stdin)
    yield from _lines_of_answer(row.expected)
    if row.ours is not None:
        yield f"@ {row.page}"
        yield from _lines_of_answer(row.ours)


def _lines_of_answer(answer: Answer) -> Iterator[str]:
    yield from _marked(">", answer.out)
    yield from _marked("!", answer.err)
    if answer.rc:
        yield f"= {answer.rc}"
    for name, text in sorted(answer.files.items()):
        yield f"+ {name}"
        yield from _marked("|", text)


def _marked(mark: str, text: bytes) -> Iterator[str]:
    *lines, last = text.decode("utf-8", "surrogateescape").split("\n")
    for line in lines:
        yield f"{mark} {_printable(line)}" if line else mark
    if last:
        yield f"{mark} {_printable(last)}\\"


def _printable(text: str) -> str:
    escaped = "".join(
        character
        if character.isprintable() and character != "\\"
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
    return escaped[:-1] + "\\x20" if escaped.endswith(" ") else escaped
