"""How far a run is, as it is read off an account."""

from __future__ import annotations

from clush.cli.account import Account
from clush.cli.gauge import FEW, STALLED, Gauge
from clush.events import Ended, Started, Status


class Run:
    """A gauge of some nodes, on clocks that are set by hand."""

    def __init__(self, count: int) -> None:
        self.now = 0.0
        self.set_back = 0.0
        self.account = Account(f"n{number}" for number in range(1, count + 1))
        self.gauge = Gauge(self.account, lambda: 100 + self.now, self.calendar)

    def calendar(self) -> float:
        return 5000 + self.now - self.set_back

    def start(self, *nodes: str) -> None:
        for node in nodes:
            self.account.started(Started(node, self.calendar()))

    def end(self, node: str, status: Status = Status.OK, after: float = 1.0) -> None:
        now = self.calendar()
        self.account.ended(Ended(node, status, 0, "", now - after, now))


def test_it_counts_and_measures() -> None:
    run = Run(4)
    run.start("n1", "n2", "n3")
    run.now = 2.0
    run.end("n1", after=2.0)
    run.end("n2", Status.REFUSED, after=2.0)
    run.start("n4")
    standing = run.gauge.read()
    assert (standing.done, standing.total, standing.failed) == (2, 4, 1)
    assert (standing.elapsed, standing.rate, standing.left) == (2.0, 1.0, 2.0)


def test_those_that_are_waited_for_are_named_when_nothing_is_to_follow() -> None:
    run = Run(3)
    run.start("n1", "n2")
    standing = run.gauge.read()
    assert (standing.pending, standing.running) == (1, ())
    run.end("n2")
    run.start("n3")
    standing = run.gauge.read()
    assert (standing.pending, standing.running) == (0, ("n1", "n3"))


def test_those_that_hold_up_the_others_are_named_after_a_while() -> None:
    run = Run(3)
    run.start("n1")
    run.now = STALLED - 0.1
    assert run.gauge.read().running == ()
    run.now = STALLED
    assert run.gauge.read().running == ("n1",)
    run.end("n1")
    run.start("n2")
    assert run.gauge.read().running == ()


def test_many_are_not_named() -> None:
    run = Run(FEW + 1)
    nodes = [f"n{number}" for number in range(1, FEW + 2)]
    run.start(*nodes)
    assert run.gauge.read().running == ()
    run.end("n1")
    assert run.gauge.read().running == tuple(nodes[1:])


def test_a_clock_that_was_set_back_makes_no_negative_ages() -> None:
    run = Run(2)
    run.start("n1", "n2")
    run.end("n1")
    run.now, run.set_back = 1.0, 50.0
    assert run.gauge.read().left == 1.0


def test_transfers_are_measured_over_a_shorter_time() -> None:
    run = Run(1)
    run.gauge.transferred(3000)
    run.now = 2.0
    assert run.gauge.read().transfer == 1500
    run.now = 6.0
    assert run.gauge.read().transfer == 0


def test_others_have_something_to_say() -> None:
    run = Run(1)
    words = ["gw 2", ""]
    run.gauge.note(lambda: words[0])
    run.gauge.note(lambda: words[1])
    assert run.gauge.read().notes == ("gw 2",)


def test_what_is_copied_counts_since_the_beginning() -> None:
    run = Run(3)
    run.start("n1")
    run.now = 20.0
    run.gauge.arrived(4000)
    run.end("n1")
    assert run.gauge.read().transfer == 200
    run.now = 30.0
    assert run.gauge.read().transfer == 200
