"""Whatever handlers do, and whenever: what is promised of events holds, and nothing is left.

Programs of chance: workers of all kinds, whose handlers abort, raise, write, schedule more and
change settings at any event.  A seed that fails is a program to look at.
"""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from ClusterShell.Event import EventHandler
from ClusterShell.Task import Task, TimeoutError, task_self

pytestmark = pytest.mark.usefixtures("no_leaks")

LOCAL = [
    "true", "exit 3", "cat", "sleep 0.02", "exec sleep 600", "kill -9 $$", "seq 2000",
    "echo x >&2; sleep 0.01; echo y", "printf part; sleep 0.03", "sleep 600 & echo left",
    "exec >&- 2>&-; sleep 0.02", "head -c 300000 /dev/zero",
]  # fmt: skip
COMMANDS = [*LOCAL, "echo %hosts", "echo %h; exit %n"]

# What one handler does at most: a program has to come to its end.
MOST = 40
DEEPEST = 3


class BoomError(Exception):
    """What handlers raise."""


class Chance(EventHandler):
    """Does something at some of the events, and checks the order of all of them."""

    def __init__(self, random_: random.Random, depth: int) -> None:
        self.random = random_
        self.depth = depth
        self.started = self.closed = False
        self._of_node: dict[object, list[str]] = defaultdict(list)
        self._left = MOST

    def _react(self, worker) -> None:
        self._left -= 1
        number = self.random.random()
        if self._left < 0:
            return
        for share, reaction in REACTIONS:
            number -= share
            if number < 0:
                reaction(self, worker)
                return

    def _note(self, worker, node, event: str) -> None:
        assert self.started
        assert not self.closed
        so_far = self._of_node[node]
        assert ("pickup" in so_far) == (event != "pickup")
        assert "hup" not in so_far
        so_far.append(event)
        self._react(worker)

    def ev_start(self, worker):
        assert not self.started
        self.started = True
        self._react(worker)

    def ev_pickup(self, worker, node):
        self._note(worker, node, "pickup")

    def ev_read(self, worker, node, sname, msg):
        self._note(worker, node, "read")

    def ev_written(self, worker, node, sname, size):
        self._note(worker, node, "written")

    def ev_hup(self, worker, node, rc):
        self._note(worker, node, "hup")

    def ev_close(self, worker, timedout):
        assert self.started
        assert not self.closed
        self.closed = True
        self._react(worker)

    # -- reactions ----------------------------------------------------------------------

    def abort_worker(self, worker) -> None:
        worker.abort()

    def abort_task(self, worker) -> None:
        task_self().abort()

    def fail(self, worker) -> None:
        raise BoomError

    def more(self, worker) -> None:
        if self.depth < DEEPEST:
            HANDLERS.append(schedule(task_self(), self.random, self.depth + 1))

    def write(self, worker) -> None:
        worker.write(b"input\n")

    def end_input(self, worker) -> None:
        worker.set_write_eof()

    def later(self, worker) -> None:
        task_self().timer(self.random.choice((0, 0.01)), Late(self.random), autoclose=True)

    def other_window(self, worker) -> None:
        task_self().set_info("fanout", self.random.choice((1, 2, 64)))
        worker._fanout = self.random.choice((1, 3, -1, None))

    def look(self, worker) -> None:
        list(task_self().iter_buffers())
        worker.flush_buffers()


class Late(EventHandler):
    """A timer that starts something."""

    def __init__(self, random_: random.Random) -> None:
        self.random = random_

    def ev_timer(self, timer):
        HANDLERS.append(schedule(task_self(), self.random, DEEPEST))


REACTIONS = [
    (0.03, Chance.abort_worker), (0.01, Chance.abort_task), (0.01, Chance.fail),
    (0.08, Chance.more), (0.04, Chance.write), (0.04, Chance.end_input), (0.02, Chance.later),
    (0.02, Chance.other_window), (0.02, Chance.look),
]  # fmt: skip

HANDLERS: list[Chance] = []


def schedule(task: Task, random_: random.Random, depth: int) -> Chance:
    """Schedule a worker, and return its handler."""
    handler = Chance(random_, depth)
    keywords = {
        "handler": handler,
        "timeout": random_.choice((0, 0.01, 0.05, 0.2)),
        "stdin": random_.choice((True, False)),
        "stderr": random_.choice((True, False)),
        "autoclose": random_.random() < 0.1,
    }
    if random_.random() < 0.3:
        task.shell(random_.choice(LOCAL), **keywords)
    else:
        nodes = f"n[1-{random_.choice((1, 2, 5, 12))}]"
        task.shell(random_.choice(COMMANDS), nodes=nodes, **keywords)
    return handler


@pytest.mark.parametrize("seed", range(40))
def test_programs_of_chance(task: Task, seed: int) -> None:
    chance = random.Random(seed)
    task.set_info("fanout", chance.choice((1, 2, 8, 64)))
    del HANDLERS[:]
    HANDLERS.extend([schedule(task, chance, 0) for _ in range(chance.randint(1, 4))])
    try:
        task.resume(chance.choice((None, 0.05)))
    except (BoomError, TimeoutError):
        pass
    assert [handler.started for handler in HANDLERS] == [handler.closed for handler in HANDLERS]
    task.run("echo usable", nodes="n1")
    assert task.key_buffer("n1") == b"usable"
