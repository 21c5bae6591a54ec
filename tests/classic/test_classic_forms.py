"""Handlers in the older form, and how the form of a method is told."""

from __future__ import annotations

import functools

import pytest
from classic_recorder import Recorder

from ClusterShell._handlers import Line
from ClusterShell.Event import EventHandler
from ClusterShell.Task import Task

pytestmark = pytest.mark.usefixtures("no_leaks")


def test_older_forms(task: Task) -> None:
    seen = []

    class Older(EventHandler):
        def ev_start(self, worker):
            seen.append("start")

        def ev_pickup(self, worker):
            seen.append(("pickup", worker.current_node))

        def ev_read(self, worker):
            seen.append(("read", worker.current_node, worker.current_msg))

        def ev_error(self, worker):
            seen.append(("error", worker.current_node, worker.current_errmsg))

        def ev_hup(self, worker):
            seen.append(("hup", worker.current_node, worker.current_rc))

        def ev_timeout(self, worker):
            seen.append(("timeout", worker.current_node))

        def ev_close(self, worker):
            seen.append("close")

    with pytest.warns(DeprecationWarning, match="should use new ev_"):
        task.run(
            "echo out; sleep 0.05; echo err >&2; exit 2", nodes="n1", handler=Older(), stderr=True
        )
    assert seen == [
        "start", ("pickup", "n1"), ("read", "n1", b"out"), ("error", "n1", b"err"),
        ("hup", "n1", 2), "close",
    ]  # fmt: skip
    seen.clear()
    with pytest.warns(DeprecationWarning):
        task.run("echo both >&2; sleep 600", nodes="n1", handler=Older(), timeout=0.2)
    assert seen == [
        "start", ("pickup", "n1"), ("read", "n1", b"both"), ("timeout", "n1"), "close",
    ]  # fmt: skip


def test_both_forms_of_standard_error(task: Task) -> None:
    seen = []

    class Both(EventHandler):
        def ev_read(self, worker, node, sname, msg):
            seen.append((sname, msg))

        def ev_error(self, worker):
            seen.append(worker.current_errmsg)

    task.run("echo 1 >&2; echo 2 >&2", nodes="n1", handler=Both(), stderr=True)
    assert seen == [b"1", ("stderr", b"1"), b"2", ("stderr", b"2")]


def noted(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


class Forms:
    """One class for each way of writing a method; True if it is the older form."""

    class Modern(Recorder):
        older = False

        def ev_hup(self, worker, node, rc):
            self.given = 3

    class Older(Recorder):
        older = True

        def ev_hup(self, worker):
            self.given = 1

    class OlderWithMore(Recorder):
        older = True

        def ev_hup(self, worker, *rest):
            self.given = 1 + len(rest)

    class AnyNumber(Recorder):
        older = False

        def ev_hup(self, *rest):
            self.given = len(rest)

    class WithDefaults(Recorder):
        older = False

        def ev_hup(self, worker, node=None, rc=None, more=5):
            self.given = 3

    class Static(Recorder):
        older = False
        given = 3

        @staticmethod
        def ev_hup(worker, node, rc):
            pass

    class StaticOlder(Recorder):
        older = True
        given = 1

        @staticmethod
        def ev_hup(worker):
            pass

    class StaticWithMore(Recorder):
        older = False
        given = 3

        @staticmethod
        def ev_hup(worker, *rest):
            assert len(rest) == 2

    class AsAttribute(Recorder):
        older = False

        def __init__(self):
            super().__init__()
            self.ev_hup = lambda worker, *rest: setattr(self, "given", 1 + len(rest))

    class Decorated(Recorder):
        older = False

        @noted
        def ev_hup(self, worker, node, rc):
            self.given = 3

    class DecoratedOlder(Recorder):
        older = True

        @noted
        def ev_hup(self, worker):
            self.given = 1


@pytest.mark.parametrize("form", [each for each in vars(Forms).values() if isinstance(each, type)])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_which_form_a_method_has(task: Task, form: type) -> None:
    handler = form()
    task.run("true", nodes="n1", handler=handler)
    assert handler.given == (1 if form.older else 3)


def test_a_method_with_too_few_parameters_is_an_error(task: Task) -> None:
    class Broken(EventHandler):
        def ev_read(self, worker, node):
            pass

    with pytest.raises(TypeError):
        task.run("echo x", nodes="n1", handler=Broken())


def test_a_line_of_an_older_handler_equals_its_text_and_its_bytes() -> None:
    line = Line(b"2.0a")
    assert line == "2.0a"
    assert line == b"2.0a"
    assert line != "2.0b"
    assert line != b"2.0b"
    assert line != 7
    assert {line: 1}[b"2.0a"] == 1
    assert isinstance(line, bytes)


# -- handlers that change ----------------------------------------------------------------

LINES = "printf '1\\n2\\n3\\n'"


@pytest.mark.parametrize("redirect", ["", " >&2"])
def test_a_handler_may_exchange_its_methods(task: Task, redirect: str) -> None:
    """As a machine of states does, from the very next line on."""
    seen = []

    class States(EventHandler):
        def ev_read(self, worker, node, sname, msg):
            seen.append(("first", msg))
            self.ev_read = self.second
            self.ev_hup = self.last

        def second(self, worker, node, sname, msg):
            seen.append(("second", msg))

        def last(self, worker, node, rc):
            seen.append(("last", rc))

    handler = States()
    task.run(LINES + redirect, nodes="n1", handler=handler, stderr=True)
    assert seen == [("first", b"1"), ("second", b"2"), ("second", b"3"), ("last", 0)]
    seen.clear()
    task.run("echo 4", nodes="n1", handler=handler)
    assert seen == [("second", b"4"), ("last", 0)]


@pytest.mark.parametrize("redirect", ["", " >&2"])
def test_the_handler_of_a_worker_may_be_exchanged_while_it_runs(task: Task, redirect: str) -> None:
    second = Recorder()

    def exchange(worker) -> None:
        worker.eh = second

    first = Recorder(read=exchange)
    worker = task.run(LINES + redirect, nodes="n1", handler=first)
    assert first.names == ["start", "pickup", "read"]
    assert second.names == ["read", "read", "hup", "close"]
    assert worker.node_buffer("n1") == b"1\n2\n3"


def test_the_handler_may_be_taken_away(task: Task) -> None:
    def nobody(worker) -> None:
        worker.eh = None

    handler = Recorder(read=nobody)
    worker = task.run(LINES, nodes="n1", handler=handler)
    assert handler.names == ["start", "pickup", "read"]
    assert worker.node_buffer("n1") == b"1\n2\n3"
    assert worker.current_msg == b"3"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_handler_may_change_to_the_older_form(task: Task) -> None:
    seen = []

    class Changing(EventHandler):
        def ev_read(self, worker, node, sname, msg):
            seen.append(type(msg))
            self.ev_read = self.older

        def older(self, worker):
            seen.append(worker.current_msg == "2")

    task.run("printf '1\\n2\\n'", nodes="n1", handler=Changing())
    assert seen == [bytes, True]
