"""Whatever a handler raises comes out of the run as it is."""

import asyncio

from ClusterShell.Event import EventHandler
from ClusterShell.Task import TimeoutError, task_self

task = task_self()


class Raiser(EventHandler):
    def __init__(self, error, event):
        self.error = error
        setattr(self, event, self.fail)

    def fail(self, *arguments):
        raise self.error


ERRORS = [
    StopIteration("x"),
    GeneratorExit("x"),
    KeyError("k"),
    SystemExit(3),
    KeyboardInterrupt(),
    asyncio.CancelledError(),
    AssertionError("a"),
    OSError(5, "io"),
    MemoryError(),
    StopAsyncIteration(),
    TimeoutError("mine"),
]
for error in ERRORS:
    try:
        task.run("echo x", nodes="n1", handler=Raiser(error, "ev_hup"))
    except BaseException as caught:
        print(type(caught).__name__, caught is error, caught.args)
for event in ("ev_start", "ev_pickup", "ev_read", "ev_close"):
    try:
        task.run("echo x", nodes="n1", handler=Raiser(ValueError(event), event), stdin=False)
    except ValueError as caught:
        print("ValueError", caught)
task.run("echo fine", nodes="n1")
print(task.key_buffer("n1"))
