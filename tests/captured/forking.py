"""Our tools on rows of transcripts: a process each, forked from one that has imported them.

A fork costs some milliseconds where a new interpreter costs a hundred.  As a program it reads
pickled rows from standard input and writes their pickled answers to standard output: what
forks is a process of its own, that has no threads.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterable
from contextlib import ExitStack
from importlib import import_module

from running import Place, place
from transcript import Answer, Row

# Rows at a time: some wait for a timeout, or for what they have started.
AT_ONCE = 6

# Seconds after which a row that hangs is ended by a signal.
PATIENCE = 60


def answers(rows: list[Row]) -> list[Answer]:
    """What our tools answer, row by row."""
    done = subprocess.run(
        [sys.executable, __file__], input=pickle.dumps(rows), stdout=subprocess.PIPE, check=True
    )
    return pickle.loads(done.stdout)


def _forked(rows: Iterable[Row]) -> list[Answer]:
    from clush.cli import clubak, clush, nodeset
    from clush.config import paths

    import_module("clush.cli.session")  # now, once: it takes long
    paths.SYSTEM = "/nowhere"  # not the configuration of this machine
    tools = {
        "clubak": clubak.main,
        "cluset": nodeset.main,
        "clush": clush.main,
        "nodeset": nodeset.main,
    }
    found: dict[int, Answer] = {}
    running: dict[int, tuple[int, Place]] = {}

    def wait() -> None:
        pid, status = os.wait()
        number, where = running.pop(pid)
        found[number] = where.answer(os.waitstatus_to_exitcode(status))

    with ExitStack() as stack:
        for number, row in enumerate(rows):
            if len(running) == AT_ONCE:
                wait()
            where = stack.enter_context(place(row))
            pid = os.fork()
            if pid == 0:
                try:
                    _become(row, where)
                    os._exit(_status(tools[row.words("")[0]]))
                except BaseException:
                    traceback.print_exc()
                    sys.stderr.flush()
                    os._exit(1)
            running[pid] = number, where
        while running:
            wait()
    return [found[number] for number in sorted(found)]


def _become(row: Row, where: Place) -> None:
    """Be the process that a shell would start for ``row``."""
    reader, writer = os.pipe()
    os.write(writer, row.stdin)  # small enough for any pipe
    os.close(writer)
    os.dup2(reader, 0)
    os.close(reader)
    for fd, path in ((1, where.out), (2, where.err)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(file, fd)
        os.close(file)
    environ = where.environ(row)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(where.folder)
    sys.argv = row.words(str(where.folder))
    signal.alarm(PATIENCE)


def _status(main: object) -> int:
    """What the interpreter would exit with after ``main()``."""
    try:
        main()  # type: ignore[operator]
    except SystemExit as left:
        sys.stdout.flush()
        return left.code  # type: ignore[return-value]
    raise AssertionError("no exit")


if __name__ == "__main__":
    answered = _forked(pickle.load(sys.stdin.buffer))
    sys.stdout.buffer.write(pickle.dumps(answered))
