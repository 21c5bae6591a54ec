"""Commands that are spoken to, and handlers that change their mind."""

from ClusterShell.Event import EventHandler
from ClusterShell.Task import task_self

task = task_self()


class Dialogue(EventHandler):
    def ev_start(self, worker):
        worker.write(b"hello\n")

    def ev_read(self, worker, node, sname, msg):
        print(node, msg)
        number = int(msg.split()[-1])
        if number < 5:
            worker.write(b"%d\n" % (number + 1))
        else:
            worker.set_write_eof()

    def ev_hup(self, worker, node, rc):
        print("rc", rc)

    def ev_close(self, worker, timedout):
        print("close", timedout)


script = "i=0; while read l; do i=$((i+1)); echo got $l, $i; done; echo eof 99; exit 6"
worker = task.run(script, nodes="n1", handler=Dialogue())
print(worker.node_retcode("n1"))


class Late(EventHandler):
    def ev_pickup(self, worker, node):
        worker.write(b"at the pickup\n")
        worker.set_write_eof()

    def ev_read(self, worker, node, sname, msg):
        print(node, msg)
        worker.write(b"not any more\n")
        worker.set_write_eof()


task.run("cat", nodes="n1", handler=Late())
task.run("cat", key="local", handler=Late())


class States(EventHandler):
    """Another method for each line."""

    def ev_read(self, worker, node, sname, msg):
        print("first", msg)
        self.ev_read = self.second

    def second(self, worker, node, sname, msg):
        print("second", msg)
        self.ev_read = self.third

    def third(self, worker, node, sname, msg):
        print("third", msg)


class Successor(EventHandler):
    def ev_read(self, worker, node, sname, msg):
        print("successor", msg)

    def ev_hup(self, worker, node, rc):
        print("successor", rc)


class Retiring(EventHandler):
    def ev_read(self, worker, node, sname, msg):
        print("retiring", msg)
        worker.eh = Successor()


class Leaving(EventHandler):
    def ev_read(self, worker, node, sname, msg):
        print("leaving", msg)
        worker.eh = None

    def ev_close(self, worker, timedout):
        print("never told")


lines = "printf '1\\n2\\n3\\n4\\n'; sleep .05; echo 5"
for handler in (States(), Retiring(), Leaving()):
    task.run(lines, nodes="n1", handler=handler, stdin=False)

worker = task.shell("wc -c", nodes="n[1-2]")
for _ in range(10):
    worker.write(b"x" * 30000)
worker.set_write_eof()
task.resume()
print(worker.node_buffer("n1").strip(), worker.node_buffer("n2").strip())
for command in ("head -1", "head -c 1000 >/dev/null", "exec sleep .1", "exec <&-; sleep .1"):
    worker = task.shell(command, key="k")
    worker.write(b"y" * 999999 + b"\n")
    worker.set_write_eof()
    task.resume()
    print(command, worker.retcode())
