"""The words of the progress line, and when it is shown."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from clush.cli import progress
from clush.cli.account import Account
from clush.cli.progress import Progress, fraction, per_second
from clush.events import Ended, Status


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


class Stage:
    """What a progress runs on: a task whose timer fires when told, a console, a clock."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.now = 100.0

    def timer(self, delay: float, call, *, interval: float, background: bool):
        assert background
        self.times = delay, interval
        self.fire = call
        return SimpleNamespace(cancel=lambda: self.shown.append("cancelled"))

    def status(self, text: str) -> None:
        self.shown.append(text)

    def clear_status(self) -> None:
        self.shown.append("cleared")


def test_it_is_shown_when_it_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, account = Stage(), Account(["n1", "n2"])
    shown = Progress(stage, "clush", account, stage, writing=False)
    stage.fire()
    stage.fire()
    account.ended(Ended("n1", Status.OK, 0, "", 1.0, 2.0))
    stage.fire()
    shown.stop()
    assert stage.shown == ["clush: 0/2", "clush: 1/2", "cancelled", "cleared"]
    assert stage.times == (1.5, 1.0)


def test_it_says_how_fast_input_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, account = Stage(), Account(["n1"])
    monkeypatch.setattr(progress.time, "monotonic", lambda: stage.now)
    shown = Progress(stage, "clush", account, stage, writing=True)
    for size, seconds in ((3000, 2.0), (0, 1.0)):
        shown.written(size)
        stage.now += seconds
        stage.fire()
    assert stage.shown == ["clush: 0/1 write: 1.46 KiB/s", "clush: 0/1 write: 0 B/s"]
