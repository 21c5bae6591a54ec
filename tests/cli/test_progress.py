"""The words of the progress line, and when it is shown."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from clush.cli import progress
from clush.cli.account import Account
from clush.cli.gauge import Gauge, Standing
from clush.cli.progress import Progress, duration, fraction, line, pace, per_second
from clush.cli.terminal import Size
from clush.events import Ended, Started, Status


@pytest.mark.parametrize(
    ("done", "total", "text"), [(0, 7, "0/7"), (3, 10, " 3/10"), (10, 10, "10/10")]
)
def test_fractions_keep_their_width(done: int, total: int, text: str) -> None:
    assert fraction(done, total) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (0, "0 B/s"),
        (1023, "1023 B/s"),
        (1024, "1.00 KiB/s"),
        (1536, "1.50 KiB/s"),
        (1024**2 * 2.5, "2.50 MiB/s"),
        (1024**3, "1.00 GiB/s"),
        (1024**5, "1048576.00 GiB/s"),
    ],
)
def test_rates_are_told_in_a_unit_that_suits_them(rate: float, text: str) -> None:
    assert per_second(rate) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [(1234.5, "1234/s"), (9.96, "10/s"), (9.94, "9.9/s"), (0.96, "1.0/s"), (0.5, "30/min")],
)
def test_paces_are_told_per_minute_where_they_are_slow(rate: float, text: str) -> None:
    assert pace(rate) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (59.9, "0:59"), (61, "1:01"), (3599, "59:59"), (3600, "1:00:00")],
)
def test_durations_are_told_as_clocks_do(seconds: float, text: str) -> None:
    assert duration(seconds) == text


BUSY = Standing(
    done=312, total=5000, failed=12, elapsed=20.7, left=200.2, rate=21.4, transfer=2048.0,
    notes=("gw 4",),
)  # fmt: skip
LAST = Standing(done=3, total=5, failed=1, elapsed=20.0, running=("n1", "n4"))


@pytest.mark.parametrize(
    ("standing", "columns", "text"),
    [
        (Standing(0, 5), 79, "clush: 0/5  0:00"),
        (
            BUSY,
            79,
            "clush:  312/5000  12 failed  0:20  ~3:21 left  21/s  2.00 KiB/s  gw 4",
        ),
        (BUSY, 64, "clush:  312/5000  12 failed  0:20  ~3:21 left  2.00 KiB/s  gw 4"),
        (BUSY, 62, "clush:  312/5000  12 failed  0:20  gw 4"),
        (BUSY, 38, "clush:  312/5000  12 failed  0:20"),
        (BUSY, 30, "clush:  312/5000  12 failed"),
        (BUSY, 20, "clush:  312/5000 ..."),
        (LAST, 79, "clush: 3/5  1 failed  0:20  waiting for n[1,4]"),
        (LAST, 44, "clush: 3/5  1 failed  waiting for n[1,4]"),
        (LAST, 30, "clush: 3/5  1 failed  waiti..."),
        (LAST._replace(total=6, pending=1), 79, "clush: 3/6  1 failed  0:20  running: n[1,4]"),
    ],
)
def test_the_line_fits_and_says_what_matters_most(
    standing: Standing, columns: int, text: str
) -> None:
    names = "n[1,4]" if standing.running else ""
    assert line("clush", standing, names, columns) == text


def test_long_names_are_cut_and_not_the_numbers() -> None:
    standing = LAST._replace(rate=2.0, left=3.0)
    names = "a-rather-long-name-of-a-node-[1,3,5,7,9]"
    assert line("clush", standing, names, 72) == (
        "clush: 3/5  1 failed  0:20  waiting for a-rather-long-name-of-a-node-..."
    )


class Stage:
    """What a progress runs on: a task whose timer fires when told, a console, a clock."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.now = 100.0
        self.written = 0
        self.size = Size(80, 24)

    def timer(self, delay: float, call, *, interval: float, background: bool):
        assert background
        self.times = delay, interval
        self.call = call
        self.now += delay
        return SimpleNamespace(cancel=lambda: self.shown.append("cancelled"))

    def fire(self) -> None:
        self.call()
        self.now += self.times[1]

    def status(self, text: str) -> None:
        self.shown.append(text)

    def clear_status(self) -> None:
        self.shown.append("cleared")

    def clock(self) -> float:
        return self.now


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage()
    monkeypatch.setattr(progress.time, "monotonic", stage.clock)
    return stage


def shown_on(stage: Stage, account: Account, *, patient: bool = False) -> Progress:
    gauge = Gauge(account, stage.clock, stage.clock)
    return Progress(stage, "clush", gauge, stage, ",".join, patient)


def test_it_is_shown_by_a_timer_until_it_is_stopped(stage: Stage) -> None:
    account = Account(["n1", "n\x1b2"])
    shown = shown_on(stage, account)
    stage.fire()
    for node in ("n1", "n\x1b2"):
        account.started(Started(node, stage.now))
    stage.fire()
    account.ended(Ended("n1", Status.OK, 0, "", stage.now - 2, stage.now))
    stage.fire()
    shown.stop()
    assert stage.shown == [
        "clush: 0/2  0:01",
        "clush: 0/2  0:02  waiting for n1,n?2",
        "clush: 1/2  0:02  ~0:02 left  24/min  waiting for n?2",
        "cancelled",
        "cleared",
    ]
    assert stage.times == (progress.FIRST, progress.INTERVAL)


def test_where_lines_come_it_waits_for_silence(stage: Stage) -> None:
    shown_on(stage, Account(["n1"]), patient=True)
    stage.written = 3
    shown = []
    for second in range(8):
        stage.written += second == 5
        before = len(stage.shown)
        stage.fire()
        shown.append(len(stage.shown) > before)
    ticks = int(progress.SILENCE / progress.INTERVAL)
    assert shown == [False] * ticks + [True] + [False] * 3
