"""A task that other threads suspend, feed and abort; a server of commands."""

import queue
import threading
import time

from ClusterShell.Event import EventHandler
from ClusterShell.Task import Task, task_self

lines = []


class Lines(EventHandler):
    def ev_read(self, worker, node, sname, msg):
        lines.append(msg)


task = Task()
command = "for i in 1 2 3 4 5 6; do echo $i; sleep .05; done"
worker = task.shell(command, nodes="n1", handler=Lines())
print(task.suspend(), task.running())
task.resume()
while not lines:
    time.sleep(0.001)
print(task.suspend(), task.running())
count = len(lines)
time.sleep(0.1)
print(len(lines) == count)
task.resume()
task.join()
print(lines, task.running(), worker.node_retcode("n1"))
task.shell("exit 9", key="again")
task.resume()
task.join()
print(task.max_retcode(), task.key_buffer("n1"))
task.abort()

mine = task_self()


class Foreign(EventHandler):
    def ev_read(self, worker, key, sname, msg):
        here = threading.current_thread() is threading.main_thread()
        print(key, msg, here, worker.task is mine)


later = threading.Timer(0.1, lambda: mine.shell("echo foreign", key="f", handler=Foreign()))
later.start()
mine.run("sleep .8", key="s")
later.join()
print(mine.key_buffer("f"))
later = threading.Timer(0.1, mine.abort)
later.start()
mine.run("exec sleep 10", key="s")
later.join()
print(mine.max_retcode(), mine.key_buffer("s"), mine.running())
mine.set_info("fanout", 3)


def change():
    mine.set_info("fanout", 7)
    mine.set_default("stderr", True)
    print(mine.info("fanout"), mine.default("stderr"))


changing = threading.Thread(target=change)
changing.start()
changing.join()
mine.run("true")
print(mine.info("fanout"))

answers = queue.Queue()


class Server(EventHandler):
    def ev_port_start(self, port):
        answers.put(("up", threading.current_thread() is server.thread))

    def ev_msg(self, port, msg):
        if msg is None:
            task_self().abort()
        number, command, nodes = msg
        worker = task_self().shell(command, nodes=nodes, handler=self, stderr=True)
        worker.number = number

    def ev_close(self, worker, timedout):
        said = sorted((str(nodes), bytes(buf)) for buf, nodes in worker.iter_buffers())
        codes = [(rc, str(nodes)) for rc, nodes in worker.iter_retcodes()]
        answers.put((worker.number, said, codes))


server = Task()
port = server.port(Server())
server.resume()
print(answers.get(timeout=20))
for number in range(4):
    job = (number, f"echo {number}; exit {number}", f"n[1-{number + 1}]")
    print(port.msg_send(job))
for answer in sorted(answers.get(timeout=20) for _ in range(4)):
    print(answer)
print(port.msg(None))
server.thread.join(20)
print(server.thread.is_alive(), server.running(), port.msg("late"))
