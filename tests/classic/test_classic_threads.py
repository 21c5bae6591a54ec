"""Tasks of several threads: made, woken, suspended, joined and ended from elsewhere."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import weakref

import pytest
from classic_recorder import Recorder

from ClusterShell.Task import (
    AlreadyRunningError,
    Task,
    TaskError,
    TimeoutError,
    WorkerError,
    task_cleanup,
    task_self,
    task_terminate,
    task_wait,
)
from ClusterShell.Worker.Exec import ExecWorker


@pytest.fixture
def other(task: Task) -> Task:
    """A task with a thread of its own, beside that of this thread."""
    other = Task()
    other.set_default("distant_worker", ExecWorker)
    return other


def in_thread(call, *arguments) -> None:
    """Make a call in another thread, and fail if it does not come back."""
    thread = threading.Thread(target=call, args=arguments, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


# -- whose task -------------------------------------------------------------------------


def test_a_thread_has_one_task(task: Task) -> None:
    here = threading.current_thread()
    assert task_self() is task is Task(thread=here)
    assert task.thread is here
    found = []
    in_thread(lambda: found.append(task_self()))
    assert found[0] is not task
    thread = threading.Thread(target=lambda: found.append(task_self()))
    ahead = Task(thread=thread)
    thread.start()
    thread.join()
    assert found[1] is ahead


def test_defaults_matter_when_a_task_is_made(task: Task) -> None:
    from ClusterShell.Defaults import Defaults

    defaults = Defaults([])
    defaults.fanout = 7
    defaults.stderr = True
    assert task_self(defaults).info("fanout") == 64
    task_terminate()
    made = task_self(defaults)
    assert (made.info("fanout"), made.default("stderr")) == (7, True)


def test_a_task_of_its_own_thread(other: Task) -> None:
    assert other is not task_self()
    assert other.thread.is_alive()
    assert other.thread.name.startswith("Task-")
    later = Task()
    assert int(later.thread.name[5:]) > int(other.thread.name[5:])
    seen = []

    def look(worker) -> None:
        seen.append((threading.current_thread(), task_self(), worker.task))

    worker = other.shell("echo x; exit 3", handler=Recorder(start=look, read=look, close=look))
    assert worker.task is None  # until its thread gets to it
    with pytest.raises(WorkerError):
        worker.read()
    other.resume()
    other.join()
    assert set(seen) == {(other.thread, other, other)}
    assert (worker.read(), worker.retcode(), other.max_retcode()) == (b"x", 3, 3)
    assert other.running() is False
    other.run("exit 4")
    other.join()
    assert other.max_retcode() == 4


def test_ended_threads_leave_nothing(task: Task) -> None:
    references = []

    def use() -> None:
        mine = task_self()
        mine.run("true")
        references.append(weakref.ref(mine))

    in_thread(use)
    gc.collect()
    assert references[0]() is None


# -- calls from elsewhere ---------------------------------------------------------------


def test_any_number_of_calls_waits_for_an_idle_task(other: Task) -> None:
    workers = [other.shell(f"exit {number % 7}", key=number) for number in range(250)]
    timer = other.timer(0.01, Recorder())
    port = other.port(Recorder(), autoclose=True)
    assert not timer.is_valid()
    other.set_info("fanout", 30)
    assert other.info("fanout") == 64
    other.resume()
    assert port.msg("x")
    other.join()
    assert all(worker.task is other for worker in workers)
    assert other.info("fanout") == 30
    assert len(dict(other.iter_retcodes())[3]) == 250 // 7 + 1


def test_calls_reach_a_task_that_runs(other: Task) -> None:
    started = threading.Event()
    handler = Recorder(start=lambda worker: started.set())
    other.port(Recorder())  # keeps it running
    other.resume()
    other.shell("echo x", nodes="n[1-2]", handler=handler)
    assert started.wait(20)
    other.abort()
    assert handler.names[-1] == "close"


def test_an_error_of_such_a_call_ends_the_run(other: Task) -> None:
    errors = []
    other.excepthook = lambda *what: errors.append(what)
    worker = other.shell("true")
    other.schedule(worker)
    other.resume()
    other.thread.join(20)
    ((kind, value, traceback),) = errors
    assert kind is WorkerError
    assert "already been scheduled" in str(value)
    assert traceback is not None


def test_waking_a_task_that_runs_does_not_make_it_run_again(other: Task) -> None:
    started = threading.Event()
    other.shell("echo kept; sleep 0.2", key="k", handler=Recorder(read=lambda w: started.set()))
    other.resume()
    assert started.wait(20)
    other.resume()
    other.shell("echo more", key="m")
    other.resume()
    other.join()
    assert other.key_buffer("k") == b"kept"
    assert other.key_buffer("m") == b"more"


def test_nothing_is_lost_between_two_runs(other: Task) -> None:
    """Each command is followed by a wake-up, which may come at any moment of a run's end."""
    handlers = [Recorder() for _ in range(150)]
    for handler in handlers:
        other.shell("true", handler=handler)
        other.resume()
    other.join()
    assert all(handler.names[-1:] == ["close"] for handler in handlers)


def test_run_from_elsewhere_returns_before_the_end(other: Task) -> None:
    gate_in, gate_out = os.pipe()
    worker = other.run(f"read x < /proc/{os.getpid()}/fd/{gate_in}; echo $x")
    os.write(gate_out, b"released\n")
    other.join()
    assert worker.read() == b"released"
    os.close(gate_in)
    os.close(gate_out)


# -- suspend, join, wait ----------------------------------------------------------------


def ticking(task: Task) -> Recorder:
    """Have a running task do something all the time."""
    started = threading.Event()
    handler = Recorder(timer=lambda timer: started.set())
    task.timer(0.001, handler, interval=0.002)
    task.resume()
    assert started.wait(20)
    return handler


def test_suspend_and_resume(other: Task) -> None:
    assert other.suspend() is False
    handler = ticking(other)
    assert other.suspend() is True
    assert other.suspend() is True
    assert other.running() is True
    count = len(handler.seen)
    time.sleep(0.02)  # nothing may happen in this time
    assert len(handler.seen) == count
    other.resume()
    joined = threading.Thread(target=other.join, daemon=True)
    joined.start()
    assert other.suspend() is True
    other.abort()
    joined.join(20)
    assert not joined.is_alive()


def test_a_suspended_task_can_be_aborted(other: Task) -> None:
    handler = Recorder()
    other.shell("sleep 600", handler=handler)
    ticking(other)
    assert other.suspend()
    in_thread(other.abort)
    assert other.running() is None
    assert handler.names == ["start", "pickup", "close"]


def test_a_task_that_was_just_woken_can_be_suspended(other: Task) -> None:
    other.port(Recorder())
    other.resume()
    assert other.suspend() is True
    other.resume()


def test_one_cannot_suspend_or_wait_for_oneself(task: Task) -> None:
    with pytest.raises(TaskError):
        task.suspend()
    with pytest.raises(AlreadyRunningError):
        task.run("echo x", handler=Recorder(read=lambda worker: task.join()))
    task.join()


def test_waiting_for_all(other: Task, task: Task) -> None:
    idle = Task()
    idle.shell("true")  # scheduled, never resumed: nothing to wait for
    other.shell("sleep 0.1; exit 5")
    other.resume()
    task_wait()
    assert other.max_retcode() == 5
    Task.wait(threading.current_thread())


# -- the end ----------------------------------------------------------------------------


def test_abort_from_elsewhere(task: Task) -> None:
    handler = Recorder()
    aborting = threading.Thread(target=task.abort, daemon=True)
    task.shell("echo x; sleep 600", handler=Recorder(read=lambda worker: aborting.start()))
    task.shell("sleep 600", nodes="n[1-2]", handler=handler)
    task.resume()
    aborting.join(20)
    assert not aborting.is_alive()
    assert handler.seen[-1] == ("close", False)
    assert task.max_retcode() is None
    assert task.running() is False
    task.run("exit 2")
    assert task.max_retcode() == 2


def test_abort_of_an_idle_task_drops_what_was_asked_of_it(other: Task, task: Task) -> None:
    thread = threading.Thread(target=lambda: None)
    idle = Task(thread=thread)
    worker = idle.shell("true")
    idle.set_info("fanout", 5)
    idle.abort()
    assert idle.info("fanout") == 5
    assert idle.running() is False
    assert worker.task is idle
    assert not idle._engine.clients()


def test_any_abort_ends_a_task_with_its_own_thread(other: Task) -> None:
    other.shell("sleep 600")
    other.resume()
    other.abort()
    assert not other.thread.is_alive()
    assert other.running() is None
    other.abort()
    other.join()
    for call in (lambda: other.shell("true"), other.resume, lambda: other.timer(1, Recorder())):
        with pytest.raises(TaskError, match="deleted task instance"):
            call()


def test_a_handler_may_end_its_own_thread(other: Task) -> None:
    other.shell("echo x; sleep 600", handler=Recorder(read=lambda worker: other.abort()))
    other.resume()
    other.thread.join(20)
    assert not other.thread.is_alive()


def test_killing_the_own_task(task: Task) -> None:
    task.run("exit 3", nodes="n1")
    task_terminate()
    assert task.running() is None
    assert task_self() is not task
    with pytest.raises(AssertionError, match="call task_self"):
        task.shell("true")
    assert (task.max_retcode(), task.key_buffer("n1"), list(task.iter_buffers())) == (None, b"", [])
    task.abort()
    task.abort(kill=True)


def test_killing_from_a_handler(task: Task) -> None:
    task.run("echo x", handler=Recorder(read=lambda worker: task.abort(kill=True)))
    assert task.running() is None
    assert task_self() is not task


def test_cleaning_up(other: Task) -> None:
    mine, third = task_self(), Task()
    other.shell("sleep 600")
    other.resume()
    task_cleanup()
    assert [each.running() for each in (mine, other, third)] == [None] * 3
    task_cleanup()


def test_an_error_in_its_own_thread_goes_to_the_hook_and_ends_the_task(
    other: Task, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(worker) -> None:
        raise ZeroDivisionError("of a handler")

    other.shell("true", handler=Recorder(close=fail))
    other.resume()
    other.thread.join(20)
    assert other.running() is None
    assert "ZeroDivisionError: of a handler" in capsys.readouterr().err


def test_the_timeout_of_another_thread_goes_to_the_hook(other: Task) -> None:
    kinds = []
    other.excepthook = lambda kind, value, traceback: kinds.append(kind)
    other.shell("sleep 600")
    other.resume(0.05)
    other.thread.join(20)
    assert kinds == [TimeoutError]
    assert other.timeout == 0.05


def test_the_hook_of_a_thread_that_was_there_is_that_of_python(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    assert task.excepthook == task.default_excepthook

    def hook(*what: object) -> None:
        """Not called."""

    task.excepthook = hook
    assert sys.excepthook is hook


# -- side by side -----------------------------------------------------------------------


def test_tasks_of_many_threads_at_once(task: Task) -> None:
    wrong = []

    def work(number: int) -> None:
        mine = task_self()
        mine.set_default("distant_worker", ExecWorker)
        for turn in range(5):
            handler = Recorder()
            mine.run(f"echo {number} {turn} %h", nodes="n[1-5]", handler=handler)
            expected = f"{number} {turn} n3".encode()
            if mine.key_buffer("n3") != expected or handler.names[-1] != "close":
                wrong.append((number, turn))
        task_terminate()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    work(99)
    for thread in threads:
        thread.join(30)
    assert wrong == []


def test_inside_a_running_event_loop(task: Task) -> None:
    """A notebook, say: handlers are called elsewhere, and the task is still theirs."""
    owners = []

    async def main() -> None:
        handler = Recorder(read=lambda worker: owners.append(task_self()))
        task.run("echo x", nodes="n1", handler=handler)

    asyncio.run(main())
    assert owners == [task]
    assert task.key_buffer("n1") == b"x"


def test_in_a_notebook(task: Task) -> None:
    """Each cell runs within a loop that runs already, and finds what the others left."""

    async def main() -> None:
        handler = Recorder(timer=lambda timer: port.msg_send("tick"))
        port = task.port(handler, autoclose=True)
        task.timer(0.01, handler)
        task.run("echo first; exit 3", nodes="n[1-2]", handler=handler)
        assert task.key_retcode("n2") == 3
        with pytest.raises(ZeroDivisionError):
            task.run("echo x", nodes="n1", handler=Recorder(read=lambda worker: 1 / 0))
        task.shell("sleep 600", nodes="n1")
        with pytest.raises(TimeoutError):
            task.resume(0.05)
        await asyncio.sleep(0)
        for _ in range(100):
            task.run("echo again", nodes="n1")
        assert task.key_buffer("n1") == b"again"
        task.timer(0.05, handler)
        task.run("sleep 0.1")
        assert handler.names.count("timer") == len(handler.of("msg")) == 2
        task.remove_port(port)

    threads = threading.active_count()
    asyncio.run(main())
    assert threading.active_count() <= threads + 1  # the last may be on its way out
    assert task.thread is threading.current_thread()


@pytest.mark.usefixtures("no_leaks")
def test_hundreds_of_runs_leave_nothing(task: Task) -> None:
    def run(times: int) -> None:
        for _ in range(times):
            task.timer(0, Recorder())
            task.run("true", nodes="n[1-2]", handler=Recorder())
            task.remove_port(task.port(Recorder()))

    run(20)
    gc.collect()
    before = (len(os.listdir("/proc/self/fd")), threading.active_count(), len(gc.get_objects()))
    run(300)
    gc.collect()
    after = (len(os.listdir("/proc/self/fd")), threading.active_count(), len(gc.get_objects()))
    assert after[:2] == before[:2]
    assert after[2] - before[2] < 300


# -- processes --------------------------------------------------------------------------


def script(text: str) -> subprocess.CompletedProcess[str]:
    program = "from ClusterShell.Task import *\n" + textwrap.dedent(text)
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=60
    )


def test_a_program_that_forgets_to_abort_its_threads_exits() -> None:
    done = script(
        """
        task = Task()
        idle = Task()
        class Handler(EventHandler):
            def ev_close(self, worker, timedout):
                print("closed", worker.retcode())
        task.shell("sleep 0.2; exit 5", handler=Handler())
        task.port(Handler())
        task.resume()
        print("end of main")
        """
    )
    assert (done.stdout.split("\n"), done.stderr) == (["end of main", "closed 5", ""], "")


def test_an_interrupt_stops_the_run_and_closes_the_workers() -> None:
    done = script(
        """
        import os, signal
        class Handler(EventHandler):
            def ev_read(self, worker, node, sname, msg):
                os.kill(os.getpid(), signal.SIGINT)
            def ev_close(self, worker, timedout):
                print("closed", timedout)
        task = task_self()
        try:
            task.run("echo x; sleep 600", handler=Handler())
        except KeyboardInterrupt:
            print("interrupted")
        task.run("exit 2")
        print(task.max_retcode())
        """
    )
    assert (done.stdout, done.stderr) == ("closed False\ninterrupted\n2\n", "")


def test_a_suspended_main_thread_can_be_interrupted() -> None:
    done = script(
        """
        import os, signal
        task = task_self()
        def suspend():
            print(task.suspend(), flush=True)
            os.kill(os.getpid(), signal.SIGINT)
        class Handler(EventHandler):
            def ev_start(self, worker):
                thread.start()
        thread = threading.Thread(target=suspend)
        try:
            task.run("sleep 600", handler=Handler())
        except KeyboardInterrupt:
            print("interrupted")
        thread.join()
        """
    )
    assert (done.stdout, done.stderr) == ("True\ninterrupted\n", "")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of fork with several threads
def test_fork_is_safe(task: Task, other: Task) -> None:
    """A child has the task of the thread that made it, and none of the others."""
    task.run("true")
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            signal.alarm(20)
            mine = task_self()
            mine.run("echo child; exit 3", key="k")
            fresh = Task()
            fresh.run("exit 4")
            task_wait()
            if mine.key_buffer("k") == b"child" and fresh.max_retcode() == 4:
                code = 42
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 42
    task.run("exit 5")
    assert task.max_retcode() == 5


def test_what_a_signal_handler_raises_stops_the_run_and_closes_the_workers() -> None:
    done = script(
        """
        import os, signal
        class Overdue(Exception):
            pass
        def overdue(number, frame):
            raise Overdue
        class Handler(EventHandler):
            def ev_read(self, worker, node, sname, msg):
                signal.setitimer(signal.ITIMER_REAL, 0.05)
            def ev_close(self, worker, timedout):
                print("closed", timedout)
        signal.signal(signal.SIGALRM, overdue)
        task = task_self()
        try:
            task.run("echo x; exec sleep 600", handler=Handler())
        except Overdue:
            print("overdue")
        try:
            print(os.waitpid(-1, os.WNOHANG))
        except ChildProcessError:
            print("no child")
        task.run("exit 2")
        print(task.max_retcode())
        """
    )
    assert (done.stdout, done.stderr) == ("closed False\noverdue\nno child\n2\n", "")
