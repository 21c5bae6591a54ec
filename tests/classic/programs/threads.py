"""Tasks of several threads, and tasks with threads of their own."""

import threading

from ClusterShell.Task import Task, task_cleanup, task_self, task_terminate

found = {}


def work(number):
    task = task_self()
    task.set_info("fanout", 4)
    task.run(f"echo $NODE {number}", nodes=f"t{number}-[1-5]")
    found[number] = sorted((key, bytes(buf)) for buf, keys in task.iter_buffers() for key in keys)
    task_terminate()


threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for number in sorted(found):
    print(number, found[number])

tasks = [Task() for _ in range(3)]
workers = []
for number, task in enumerate(tasks):
    workers.append(task.shell(f"sleep .1; echo {number}; exit {number}", nodes="n[1-2]"))
print([worker.task is None for worker in workers], [task.running() for task in tasks])
for task in tasks:
    task.resume()
for task in tasks:
    task.join()
print([task.max_retcode() for task in tasks], [worker.node_buffer("n1") for worker in workers])
print([task.running() for task in tasks])
for task in tasks:
    task.abort()
    task.thread.join(20)
print([task.running() for task in tasks], [task.thread.is_alive() for task in tasks])

mine = task_self()
print(task_self() is mine, mine.thread is threading.current_thread())
mine.run("exit 5")
print(mine.max_retcode())
task_terminate()
print(mine.running(), task_self() is mine, mine.max_retcode(), list(mine.iter_buffers()))
try:
    mine.shell("true")
except AssertionError:
    print("AssertionError")
task_cleanup()
