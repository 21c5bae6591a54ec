"""Workers on descriptors and file objects."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from classic_recorder import Recorder

from ClusterShell.Task import Task, TaskMsgTreeError
from ClusterShell.Worker.Worker import StreamWorker, WorkerError, WorkerSimple

pytestmark = pytest.mark.usefixtures("no_leaks")


def filled(data: bytes) -> int:
    """The reading end of a pipe that holds ``data`` and then ends."""
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    return reader


def test_reading(task: Task) -> None:
    handler = Recorder()
    worker = StreamWorker(handler, key="k")
    worker.set_reader("stdout", filled(b"one\ntwo\nrest"))
    task.schedule(worker)
    task.resume()
    assert handler.seen == [
        ("start",),
        ("pickup", "k"),
        ("read", "k", "stdout", b"one"),
        ("read", "k", "stdout", b"two"),
        ("read", "k", "stdout", b"rest"),
        ("hup", "k", None),
        ("close", False),
    ]
    assert set(handler.workers) == {worker}
    assert worker.read() == task.key_buffer("k") == b"one\ntwo\nrest"
    assert worker.current_node is None
    assert task.max_retcode() is None


def test_without_a_key_the_worker_is_the_key(task: Task) -> None:
    worker = StreamWorker(None)
    worker.set_reader("stdout", filled(b"x"))
    zero = StreamWorker(None, key="other")
    zero.set_key(0)
    zero.set_reader("stdout", filled(b"y"))
    task.schedule(worker)
    task.schedule(zero)
    task.resume()
    assert task.key_buffer(worker) == worker.read() == b"x"
    assert task.key_buffer(0) == b"y"


def test_streams_of_any_name_are_recorded_on_request(task: Task) -> None:
    task.set_default("log_msgtree", True)
    handler = Recorder()
    worker = StreamWorker(handler, key="k")
    worker.set_reader("log", filled(b"kept\n"))
    worker.set_reader("other", filled(b"told\n"))
    task.schedule(worker)
    task.resume()
    assert sorted(handler.of("read")) == [("k", "log", b"kept"), ("k", "other", b"told")]
    assert worker.read(sname="log") == b"kept"
    with pytest.raises(TaskMsgTreeError):
        worker.read(sname="other")


def test_writing(task: Task) -> None:
    ends = [os.pipe(), os.pipe()]
    handler = Recorder()
    worker = StreamWorker(handler, key="k")
    worker.set_writer("a", ends[0][1])
    worker.set_writer("b", ends[1][1])
    worker.write(b"both ")
    worker.write(b"only b", sname="b")
    worker.write(b"nowhere", sname="c")
    worker.set_write_eof("a")
    task.schedule(worker)
    task.timer(0.05, Recorder(timer=lambda timer: worker.set_write_eof()))
    task.resume()
    assert os.read(ends[0][0], 99) == b"both "
    assert os.read(ends[1][0], 99) == b"both only b"
    assert sum(size for *_, size in handler.of("written")) == 16
    for reader, _ in ends:
        os.close(reader)
    with pytest.raises(TypeError):
        worker.write("text")


def test_file_objects_see_their_end_and_are_closed_once(task: Task) -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        worker = WorkerSimple(process.stdout, process.stdin, None, "k", None)
        worker.write(b"through\n")
        worker.set_write_eof()
        task.schedule(worker)
        task.resume()
        assert process.wait(20) == 0
        assert process.stdin.closed
        assert process.stdout.closed
    assert worker.read() == b"through"


@pytest.mark.parametrize("closefd", [True, False])
def test_closefd(task: Task, closefd: bool) -> None:
    reader, (other, writer) = filled(b"x"), os.pipe()
    worker = StreamWorker(None, key="k")
    worker.set_reader("stdout", reader, closefd=closefd)
    worker.set_writer("in", writer, closefd=closefd)
    worker.set_write_eof()
    task.schedule(worker)
    task.resume()
    for fd in (reader, writer):
        if closefd:
            with pytest.raises(OSError):
                os.fstat(fd)
        else:
            assert os.get_blocking(fd)
            os.close(fd)
    os.close(other)


def test_streams_that_do_not_retain(task: Task) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"said\npart")
    handler = Recorder()
    worker = StreamWorker(handler, key="k")
    worker.set_reader("stdout", reader, retain=False)
    worker.set_reader("other", filled(b""))
    task.schedule(worker)
    task.resume()
    assert handler.names == ["start", "pickup", "read", "read", "hup", "close"]
    os.close(writer)


def test_without_streams_there_is_nothing_to_wait_for(task: Task) -> None:
    handler = Recorder()
    task.schedule(StreamWorker(handler, key="k"))
    task.resume()
    assert handler.names == ["start", "pickup", "hup", "close"]


def test_regular_files_can_be_read(task: Task, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"line\n" * 50_000)
    with open(tmp_path / "file", "rb") as file:
        worker = StreamWorker(None, key="k")
        worker.set_reader("stdout", file)
        task.schedule(worker)
        task.resume()
    assert len(task.key_buffer("k")) == 250_000 - 1


def test_a_timeout_tells_what_was_said(task: Task) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"abc\npart")

    class Older(Recorder):
        def ev_timeout(self, worker):
            self.seen.append(("timeout",))

    handler = Older()
    worker = StreamWorker(handler, key="k", timeout=0.05)
    worker.set_reader("stdout", reader)
    task.schedule(worker)
    task.resume()
    assert handler.seen[2:] == [
        ("read", "k", "stdout", b"abc"),
        ("read", "k", "stdout", b"part"),
        ("timeout",),
        ("hup", "k", None),
        ("close", True),
    ]
    assert worker.did_timeout()
    assert list(task.iter_keys_timeout()) == ["k"]
    os.close(writer)


def test_abort(task: Task) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"1\n2\n")
    handler = Recorder(read=lambda worker: worker.abort())
    worker = StreamWorker(handler, key="k")
    worker.set_reader("stdout", reader)
    task.schedule(worker)
    task.resume()
    assert handler.names == ["start", "pickup", "read", "close"]
    assert handler.workers[-1] is worker
    os.close(writer)


def test_autoclose(task: Task) -> None:
    reader, writer = os.pipe()
    handler = Recorder()
    worker = StreamWorker(handler, key="k", autoclose=True)
    worker.set_reader("stdout", reader)
    task.schedule(worker)
    task.run("true")
    assert handler.names in (["start", "pickup", "close"], [])
    os.close(writer)


def test_no_stream_after_the_start(task: Task) -> None:
    worker = StreamWorker(None, key="k")
    worker.set_reader("stdout", filled(b""))
    task.schedule(worker)
    task.resume()
    for method in (worker.set_reader, worker.set_writer):
        with pytest.raises(WorkerError):
            method("more", 0)


def test_the_simple_worker_has_standard_streams(task: Task) -> None:
    out, err, (reader, writer) = filled(b"out"), filled(b"err"), os.pipe()
    handler = Recorder()
    worker = WorkerSimple(out, writer, err, None, handler)
    assert (worker.reader_fileno(), worker.error_fileno(), worker.writer_fileno()) == (
        out, err, writer,
    )  # fmt: skip
    worker.set_write_eof()
    task.schedule(worker)
    task.resume()
    assert (worker.read(), worker.error()) == (b"out", b"err")
    assert (worker.current_msg, worker.current_errmsg) == (b"out", b"err")
    os.close(reader)
    empty = WorkerSimple(None, None, None, "k", None)
    for ask in (empty.reader_fileno, empty.writer_fileno, empty.error_fileno):
        with pytest.raises(KeyError):
            ask()


def test_one_place_in_the_window(task: Task) -> None:
    task.set_info("fanout", 1)
    order = []
    worker = StreamWorker(Recorder(start=lambda worker: order.append("stream")), key="k")
    worker.set_reader("stdout", filled(b""))
    task.shell("true", handler=Recorder(close=lambda worker: order.append("command")))
    task.schedule(worker)
    task.resume()
    assert order == ["command", "stream"]
