"""Timers: once, repeated, put off, and what they start."""

from ClusterShell.Engine.Engine import EngineIllegalOperationError
from ClusterShell.Event import EventHandler
from ClusterShell.Task import task_self

task = task_self()


class Counter(EventHandler):
    def __init__(self, name, left):
        self.name = name
        self.left = left

    def ev_timer(self, timer):
        self.left -= 1
        print(self.name, self.left)
        if not self.left:
            timer.invalidate()
            print("valid", timer.is_valid())


class PutOff(EventHandler):
    fired = 0

    def ev_timer(self, timer):
        self.fired += 1
        print("put off", self.fired, timer.interval)
        if self.fired < 3:
            timer.set_nextfire(0.02, 0.03)
        elif self.fired == 5:
            timer.invalidate()


class Starter(EventHandler):
    def ev_timer(self, timer):
        task.shell("echo from a timer", key="k", handler=self)

    def ev_read(self, worker, key, sname, msg):
        print(key, msg)


repeated = task.timer(0.04, Counter("repeated", 3), interval=0.1)
once = task.timer(0.09, Counter("once", 9))
print(repeated.is_valid(), once.fire_delay, repeated.interval, once.autoclose, once.eh.name)
task.resume()
print(repeated.is_valid())
try:
    repeated.set_nextfire(1)
except EngineIllegalOperationError as error:
    print(type(error).__name__)
task.timer(0.05, PutOff(), interval=0.1)
task.resume()
task.timer(0, Starter())
task.run()
for arguments in ((-1, Starter()), (1, None)):
    try:
        task.timer(*arguments)
    except AssertionError as error:
        print(type(error).__name__)
silent = task.timer(5, Starter(), autoclose=True)
task.run("true")
print(silent.is_valid())
