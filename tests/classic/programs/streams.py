"""Workers on descriptors and files of the program."""

import os
import subprocess

from ClusterShell.Event import EventHandler
from ClusterShell.Task import task_self
from ClusterShell.Worker.Worker import StreamWorker, WorkerSimple

task = task_self()


class Teller(EventHandler):
    def ev_start(self, worker):
        print("start")

    def ev_pickup(self, worker, node):
        print("pickup", node)

    def ev_read(self, worker, node, sname, msg):
        print("read", node, sname, msg)

    def ev_written(self, worker, node, sname, size):
        print("written", node, sname, size)

    def ev_hup(self, worker, node, rc):
        print("hup", node, rc)

    def ev_close(self, worker, timedout):
        print("close", timedout)


def filled(data):
    reader, writer = os.pipe()
    os.write(writer, data)
    return reader, writer


reader, writer = filled(b"a\nb")
os.close(writer)
worker = StreamWorker(Teller(), key="k")
worker.set_reader("stdout", reader)
task.schedule(worker)
task.resume()
print(worker.read(), task.key_buffer("k"), task.max_retcode(), worker.did_timeout())

reader, writer = os.pipe()
worker = StreamWorker(Teller(), key="through")
worker.set_reader("pipe", reader)
worker.set_writer("into", writer)
worker.write(b"through\n", "into")
worker.set_write_eof("into")
task.set_default("pipe_msgtree", True)
task.schedule(worker)
task.resume()
print(worker.read(sname="pipe"))

cat = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
worker = WorkerSimple(cat.stdout, cat.stdin, None, "simple", Teller())
print(worker.reader_fileno() == cat.stdout.fileno(), worker.writer_fileno() == cat.stdin.fileno())
try:
    worker.error_fileno()
except KeyError:
    print("KeyError")
worker.write(b"hello\n")
worker.set_write_eof()
task.schedule(worker)
task.resume()
print(worker.read(), worker.error(), cat.wait())

reader, writer = filled(b"a\nb")
worker = StreamWorker(Teller(), key="late", timeout=0.1)
worker.set_reader("stdout", reader)
task.schedule(worker)
task.resume()
print(worker.read(), task.num_timeout(), list(task.iter_keys_timeout()))
os.close(writer)

ends = filled(b"kept\n"), filled(b"loose\n")
worker = StreamWorker(Teller(), key="two")
worker.set_reader("kept", ends[0][0])
worker.set_reader("loose", ends[1][0], retain=False)
os.close(ends[0][1])
worker.eh.ev_read = lambda worker, node, sname, msg: print(sname, msg) if sname == "kept" else None
task.schedule(worker)
task.resume()
os.close(ends[1][1])

reader, writer = filled(b"z\n")
os.close(writer)
worker = StreamWorker(None, key="one")
worker.set_key("other")
worker.set_reader("stdout", reader)
task.schedule(worker)
task.resume()
print(task.key_buffer("other"), task.key_buffer("one"))
