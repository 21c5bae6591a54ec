"""The order of events, and the attributes of the worker in each of them."""

from ClusterShell.Event import EventHandler
from ClusterShell.Task import task_self


class Teller(EventHandler):
    def ev_start(self, worker):
        print("start", worker.started)

    def ev_pickup(self, worker, node):
        print("pickup", named(node), worker.current_node)

    def ev_read(self, worker, node, sname, msg):
        current = (worker.current_msg, worker.current_errmsg, worker.current_sname)
        print("read", named(node), sname, msg, current)

    def ev_written(self, worker, node, sname, size):
        print("written", named(node), sname, size)

    def ev_hup(self, worker, node, rc):
        print("hup", named(node), rc, worker.current_rc)

    def ev_close(self, worker, timedout):
        print("close", timedout, worker.did_timeout())


def named(node):
    return node if isinstance(node, str) else "the worker"


COMMANDS = [
    ("echo a; echo b; exit 4", {"nodes": "n1", "stdin": False}),
    ("echo a; exit 4", {"stdin": False}),
    ("echo a; exit 4", {"key": "k", "stdin": False}),
    ("echo a; sleep .05; echo b >&2; exit 4", {"nodes": "n1", "stderr": True, "stdin": False}),
    ("echo a; exec sleep 10", {"nodes": "n1", "timeout": 0.5}),
    ("echo a; exec sleep 10", {"timeout": 0.5}),
    ("kill -9 $$", {"nodes": "n1", "remote": False, "stdin": False}),
    ("kill -15 $$", {"stdin": False}),
    ("echo", {"nodes": "bad1", "stdin": False}),
    ("echo %h %n %host %rank %% %{h}x", {"nodes": "n1", "remote": False, "stdin": False}),
    ("echo %hosts %n", {"nodes": "n1", "remote": False, "stdin": False}),
    ("printf '\\n\\na\\r\\n\\r\\n x'", {"nodes": "n1", "stdin": False}),
    ("sleep 3 & exit 4", {"nodes": "n1", "remote": False, "timeout": 0.5}),
    ("true", {"nodes": "n1", "timeout": -1}),
    ("sleep 10", {"nodes": "n1", "timeout": 0}),
]
task = task_self()
for command, keywords in COMMANDS:
    print("--", command)
    task.run(command, handler=Teller(), **keywords)
for nodes in ("n1", None):
    print("-- cat")
    worker = task.shell("cat", nodes=nodes, handler=Teller())
    worker.write(b"hello\nworld")
    worker.set_write_eof()
    task.resume()
