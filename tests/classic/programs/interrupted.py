"""Signals, and what their handlers raise."""

import os
import signal

from ClusterShell.Event import EventHandler
from ClusterShell.Task import task_self

task = task_self()


class Raised(Exception):
    pass


def handle(number, frame):
    raise Raised(number)


class Signalling(EventHandler):
    def __init__(self, number):
        self.number = number

    def ev_read(self, worker, node, sname, msg):
        os.kill(os.getpid(), self.number)

    def ev_close(self, worker, timedout):
        print("close", timedout)


try:
    task.run("echo go; exec sleep 20", nodes="n1", handler=Signalling(signal.SIGINT))
except KeyboardInterrupt:
    print("KeyboardInterrupt", task.running(), task.max_retcode(), task.key_buffer("n1"))
task.run("echo again", nodes="n1")
print(task.key_buffer("n1"))

signal.signal(signal.SIGTERM, handle)
try:
    task.run("echo go; exec sleep 20", nodes="n1", handler=Signalling(signal.SIGTERM))
except Raised as error:
    print("Raised", error.args[0] == signal.SIGTERM)
signal.signal(signal.SIGALRM, handle)
signal.setitimer(signal.ITIMER_REAL, 0.2)
try:
    task.run("exec sleep 20", nodes="n1")
except Raised as error:
    print("Raised", error.args[0] == signal.SIGALRM)
task.run("echo again", nodes="n1")
print(task.key_buffer("n1"))
signal.signal(signal.SIGALRM, lambda number, frame: print("alarm"))
signal.setitimer(signal.ITIMER_REAL, 0.05)
task.run("sleep .2; echo to its end", nodes="n1")
print(task.key_buffer("n1"))
