"""The live view of a run, on the whole screen: drawn with rich, which is an extra.

The picture is made and drawn by a timer, as often as it costs little; the text of a picture is
a function of it and of the size of the screen.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import zip_longest
from typing import Callable, NamedTuple, TypeVar

from rich.console import Console as Painter
from rich.console import Group as Stack
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from clush.cli import colours
from clush.cli.display import Display, Gathered
from clush.cli.gauge import Gauge, Standing
from clush.cli.picture import Failure, Group, Picture, Slow, last_line, picture
from clush.cli.progress import duration, line
from clush.cli.screen import Screen
from clush.cli.session import Watch
from clush.cli.terminal import printable
from clush.runtime.task import Task

# Seconds before it is first shown, as short runs need none, and between two pictures.
FIRST = 0.3
INTERVAL = 0.25

# A picture may take this part of the time, or it comes less often.
SHARE = 0.05

# Rows of failures and of standard error at most.
_FAILURES = 6
_ERRORS = 3

# The width of the first column of all tables, and the rows of a title.
_COUNT = 7
_TITLE = 2

# Blanks between two columns.
_GAP = 2

_BAR = "\u2501"
_REST = "\u2500"

_UNITS = ("B", "kB", "MB", "GB")

Alike = TypeVar("Alike", Group, Failure)

Label = Callable[[list[str]], str]


def live(coloured: bool) -> Watch:
    """The live view, to watch a run with."""

    def watch(task: Task, gauge: Gauge, display: Display) -> Callable[[], None]:
        assert isinstance(display, Gathered)
        return Live(task, gauge, display, coloured).stop

    return watch


class Live:
    """Shows the run whose output ``display`` gathers, while ``task`` runs."""

    def __init__(self, task: Task, gauge: Gauge, display: Gathered, coloured: bool) -> None:
        self._gauge = gauge
        self._display = display
        self._coloured = coloured
        self._screen = Screen(task, display.view.console)
        self._timer = task.timer(FIRST, self._draw, background=True)

    def stop(self) -> None:
        """Leave the terminal as it was before."""
        self._timer.cancel()
        self._screen.close()

    def _draw(self) -> None:
        begun = time.monotonic()
        view = self._display.view
        now = picture(self._gauge.read(), view.account, self._display.outputs(), time.time())
        now = now._replace(errors=self._errors(), error_lines=self._screen.held.lines)
        columns, rows = view.console.size
        # In the last column some terminals go to the next line.
        size = Size(columns - 1, rows, self._coloured)
        self._screen.show(drawn(now, view.prog, view.names.label, size))
        self._timer.restart(max(INTERVAL, (time.monotonic() - begun) / SHARE))

    def _errors(self) -> list[str]:
        """The last lines of what waits to be shown on standard error."""
        end = self._screen.held.end
        for colour in filter(None, (self._display.view.err_colour, colours.RESET)):
            end = end.replace(colour, b"")
        return end.decode(errors="replace").splitlines()[-_ERRORS:]


class Size(NamedTuple):
    """The room for a picture, and whether there are colours in it."""

    columns: int
    rows: int
    coloured: bool = False


class Section(NamedTuple):
    """A titled table: how many rows there are, and how any number of them is made.

    Of its columns, ``flexible`` are cut if there is not enough room.
    """

    title: str
    wanted: int
    rows: Callable[[int], Iterable[Sequence[Text]]]
    flexible: Sequence[int]


def drawn(now: Picture, prog: str, label: Label, size: Size) -> list[str]:
    """A picture as lines that fit; ``label`` folds names."""
    painter = Painter(
        file=StringIO(),
        width=size.columns,
        height=size.rows,
        force_terminal=size.coloured,
        color_system="standard" if size.coloured else None,
        legacy_windows=False,
        highlight=False,
        emoji=False,
        _environ={},
    )
    names = printable(label(list(now.standing.running))) if now.standing.running else ""
    parts: list[RenderableType] = [
        Text(line(prog, now.standing, names, size.columns), "bold", no_wrap=True),
        _bar(now.standing, size.columns),
    ]
    sections = _sections(now, label)
    heights = heights_of([section.wanted for section in sections], size.rows - len(parts))
    for section, height in zip(sections, heights):
        if height:
            parts += [Text(), Text(section.title, "bold"), _table(section, height, size)]
    with painter.capture() as captured:
        painter.print(Stack(*parts), end="")
    return captured.get().splitlines()[: size.rows]


def heights_of(wanted: Sequence[int], rows: int) -> list[int]:
    """How many rows each table gets; its title and the blank above it need two more.

    They get one row each in turn, the first one first, as long as it wants one.
    """
    heights = [0] * len(wanted)
    given = True
    while given:
        given = False
        for number, most in enumerate(wanted):
            price = 1 if heights[number] else 1 + _TITLE
            if heights[number] < most and price <= rows:
                heights[number] += 1
                rows -= price
                given = True
    return heights


def widths_of(natural: Sequence[int], flexible: Sequence[int], columns: int) -> list[int]:
    """How wide each column gets; the widest of those that are flexible give way."""
    widths = list(natural)
    for _ in range(sum(widths) - columns):
        widest = max(flexible, key=widths.__getitem__)
        widths[widest] = max(widths[widest] - 1, 1)
    return widths


def _sections(now: Picture, label: Label) -> list[Section]:
    groups, failures, slowest, running = now.groups, now.failures, now.slowest, now.running
    return [
        Section("Output", len(groups), lambda rows: _groups(groups, rows, label), (1, 3)),
        Section(
            "Failed",
            min(len(failures), _FAILURES),
            lambda rows: _failures(failures, rows, label),
            (1, 2),
        ),
        Section(
            f"Standard error ({now.error_lines}, to be shown at the end)",
            len(now.errors),
            lambda rows: [(Text(), _text(text)) for text in now.errors[-rows:]],
            (1,),
        ),
        Section("Slowest", len(slowest), lambda rows: _slowest(slowest[:rows]), (1, 2)),
        Section("Running", min(len(running), 1), lambda _: [_counted(running, label)], (1,)),
    ]


def _table(section: Section, height: int, size: Size) -> Table:
    rows = [*section.rows(height)]
    natural = [
        max(text.cell_len for text in column) for column in zip_longest(*rows, fillvalue=Text())
    ]
    natural[0] = _COUNT
    room = size.columns - _GAP * (len(natural) - 1)
    table = Table.grid(padding=(0, _GAP, 0, 0))
    for width in widths_of(natural, section.flexible, room):
        table.add_column(width=width, no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*row)
    return table


def _groups(groups: Sequence[Group], rows: int, label: Label) -> Iterator[Sequence[Text]]:
    shown, rest = _divided(groups, rows)
    for group in shown:
        size = Text(amount(len(group.output)), justify="right")
        yield (*_counted(group.nodes, label), size, _text(last_line(group.output)))
    if rest:
        yield _others(rest)


def _failures(failures: Sequence[Failure], rows: int, label: Label) -> Iterator[Sequence[Text]]:
    shown, rest = _divided(failures, rows)
    for failure in shown:
        count, nodes = _counted(failure.nodes, label)
        yield count, Text(failure.reason, "red"), nodes
    if rest:
        yield _others(rest)


def _slowest(slowest: Sequence[Slow]) -> Iterator[Sequence[Text]]:
    for slow in slowest:
        yield Text(duration(slow.seconds), justify="right"), _text(slow.node), _text(slow.state)


def _divided(groups: Sequence[Alike], rows: int) -> tuple[Sequence[Alike], Sequence[Alike]]:
    """Those that have a row of their own, and those that share the last of several rows."""
    if len(groups) <= rows or rows < 2:
        return groups[:rows], ()
    return groups[: rows - 1], groups[rows - 1 :]


def _others(rest: Sequence[Alike]) -> Sequence[Text]:
    nodes = sum(len(alike.nodes) for alike in rest)
    return _number(nodes), Text(f"in {len(rest)} more", "dim")


def _counted(nodes: list[str], label: Label) -> tuple[Text, Text]:
    return _number(len(nodes)), _text(label(nodes))


def _number(number: int) -> Text:
    return Text(str(number), justify="right")


def _text(text: str) -> Text:
    return Text(printable(text.expandtabs()))


def _bar(standing: Standing, columns: int) -> Text:
    """How much is done, and how much of that failed, in the width of the screen."""
    done = columns * standing.done // max(standing.total, 1)
    failed = -(-columns * standing.failed // max(standing.total, 1))
    bar = Text(_BAR * max(done - failed, 0), "green", no_wrap=True)
    bar.append(_BAR * min(failed, done), "red")
    return bar.append(_REST * (columns - done), "dim")


def amount(size: int) -> str:
    """A number of bytes, in the unit that suits it."""
    scaled = float(size)
    for unit in _UNITS:
        if scaled < 999.5 or unit == _UNITS[-1]:
            break
        scaled /= 1000
    return f"{scaled:.0f} {unit}" if size < 1000 or scaled >= 9.95 else f"{scaled:.1f} {unit}"
