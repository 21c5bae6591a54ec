"""Ports: messages of other threads, and two tasks that talk."""

import threading

from ClusterShell.Event import EventHandler
from ClusterShell.Task import Task, task_self

task = task_self()
answers = []


class Receiver(EventHandler):
    def ev_port_start(self, port):
        print("port is there")

    def ev_msg(self, port, msg):
        print("message", msg, threading.current_thread() is threading.main_thread())
        if msg == "run":
            self.worker = task_self().shell("cat", key="k", handler=self)
        elif msg == "end":
            self.worker.write(b"done\n")
            self.worker.set_write_eof()
            task_self().remove_port(port)

    def ev_read(self, worker, key, sname, msg):
        print("read", key, msg)

    def ev_close(self, worker, timedout):
        print("close")


port = task.port(Receiver())
port.msg_send("early")


def send():
    for message in (0, None, ["a", "list"], "run", "end"):
        answers.append(port.msg(message))


sender = threading.Thread(target=send)
sender.start()
task.resume()
sender.join()
print(answers)
try:
    task.remove_port(port)
except KeyError:
    print("KeyError")

other = Task()


class Doubler(EventHandler):
    def ev_msg(self, port, msg):
        print("there", msg, task_self() is other)
        back.msg_send(msg * 2)


class Last(EventHandler):
    def ev_msg(self, port, msg):
        print("back", msg, task_self() is task)
        task_self().abort()


back = task.port(Last())
there = other.port(Doubler())
other.resume()
there.msg_send("ab")
task.resume()
other.abort()
print(other.running(), task.running())
