"""The event loop: which selector it stands on, and how a blocking call drives one.

The loop is asyncio's; what is chosen here is the system call under it.  A blocking
call owns a private loop.  Where its thread already runs a loop (a notebook, a service)
the private loop is driven in a helper thread, so that blocking calls work there too.
"""

from __future__ import annotations

import asyncio
import os
import select
import selectors
import signal
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Callable, Optional, TypeVar

from clush.errors import ResourceLimitError, TaskError

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

T = TypeVar("T")

# Seconds within which a thread that was started runs, even on a busy machine.
_THREAD_STARTS = 10.0

# What a set of descriptors holds (FD_SETSIZE); above it select(2) would write out of bounds.
SELECT_LIMIT = 1024

# Best first; `auto` takes the first that the platform has.
ENGINES = {
    "epoll": "EpollSelector",
    "poll": "PollSelector",
    "select": "SelectSelector",
}


class _BoundedSelector(selectors.SelectSelector):
    """Refuses what select cannot watch when it is registered, not in the middle of a run."""

    def register(
        self, fileobj: FileDescriptorLike, events: int, data: object = None
    ) -> selectors.SelectorKey:
        fd = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        if fd >= SELECT_LIMIT:
            raise ResourceLimitError(
                f"the select engine cannot watch more than {SELECT_LIMIT} file descriptors: "
                "lower the fanout or use the epoll or poll engine"
            )
        return super().register(fileobj, events, data)


def engine_name(asked: str = "auto") -> str:
    """The engine that ``asked`` gives on this platform; ``TaskError`` if there is none."""
    names = list(ENGINES) if asked == "auto" else [asked]
    for name in names:
        if name not in ENGINES:
            known = ", ".join(("auto", *ENGINES))
            raise TaskError(f"unknown engine '{name}' (choose from {known})")
        if hasattr(selectors, ENGINES[name]):
            return name
    raise TaskError(f"engine '{asked}' is not supported on this platform")


def new_loop(engine: str = "auto") -> asyncio.AbstractEventLoop:
    """A new event loop on the selector of ``engine``: epoll, poll, select or auto."""
    name = engine_name(engine)
    if name == "select":
        return asyncio.SelectorEventLoop(_BoundedSelector())
    return asyncio.SelectorEventLoop(getattr(selectors, ENGINES[name])())


def run_blocking(
    main: Callable[[], Coroutine[object, object, T]],
    engine: str = "auto",
    interrupted: Optional[Callable[[], object]] = None,
) -> T:
    """Run ``main()`` to its end on a private loop and return its result.

    May be called from any thread, inside a running loop too.  An interrupt cancels
    ``main`` and is raised again when it has cleaned up; ``interrupted()`` is called first,
    in the signal handler, to let go of what holds the loop.  The same goes for what a
    signal handler of the program raises.
    """
    return (_drive_in_thread if _inside_a_loop() else _drive)(main, engine, interrupted)


def _inside_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _drive(
    main: Callable[[], Coroutine[object, object, T]],
    engine: str,
    interrupted: Optional[Callable[[], object]],
) -> T:
    loop = new_loop(engine)
    try:
        task = loop.create_task(main())
        with _woken_by_signals(loop), _interrupt_cancels(loop, task, interrupted) as signals:
            try:
                result = _to_its_end(loop, task)
            except asyncio.CancelledError:
                if signals:
                    raise KeyboardInterrupt from None
                raise
            else:
                if signals:  # it came too late to cancel anything, but it was meant
                    raise KeyboardInterrupt
                return result
            finally:
                # A KeyboardInterrupt that `main` raises goes through the loop: asyncio would
                # complain that nobody looked at it.
                if task.done() and not task.cancelled():
                    task.exception()
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def _to_its_end(loop: asyncio.AbstractEventLoop, task: asyncio.Task[T]) -> T:
    """The result of ``task``, unless something else is thrown into the loop meanwhile.

    A signal handler may raise at any instruction: out of the loop, or in a callback, where
    asyncio would only log it.  It cancels the task, and is raised when that has ended.
    """
    thrown: list[BaseException] = []

    def throw(error: BaseException) -> None:
        thrown.append(error)
        task.cancel()

    def complain(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if "handle" in context and "exception" in context:
            throw(context["exception"])
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(complain)
    while True:
        try:
            result = loop.run_until_complete(task)
        except BaseException as exc:
            if not task.done():
                throw(exc)
                continue
            if thrown:
                raise thrown[0] from None
            raise
        if thrown:
            raise thrown[0]
        return result


@contextmanager
def _woken_by_signals(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """While it lasts, a signal wakes ``loop``, so that its Python handler runs at once.

    The system call alone does not see to that: a signal may come just before it, or to
    another thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    loop.add_reader(reader, os.read, reader, select.PIPE_BUF)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        loop.remove_reader(reader)
        os.close(reader)
        os.close(writer)


@contextmanager
def _interrupt_cancels(
    loop: asyncio.AbstractEventLoop,
    task: asyncio.Task[T],
    interrupted: Optional[Callable[[], object]],
) -> Iterator[list[int]]:
    """While it lasts, SIGINT cancels ``task`` where it would raise KeyboardInterrupt.

    An exception thrown between any two instructions could lose a child that was just
    started.  Gives a list that holds the signals that came.  Handlers that the program
    set itself stay, and so does everything in other threads than the main one.
    """
    signals: list[int] = []

    def interrupt(number: int, _frame: object) -> None:
        signals.append(number)
        if interrupted is not None:
            interrupted()
        loop.call_soon_threadsafe(task.cancel)

    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield signals
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield signals
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _drive_in_thread(
    main: Callable[[], Coroutine[object, object, T]],
    engine: str,
    interrupted: Optional[Callable[[], object]],
) -> T:
    # Futures, since Thread.join() forgets the thread when it is interrupted (bpo-45274).
    outcome: Future[T] = Future()
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[T]]] = Future()

    async def announced() -> T:
        task: asyncio.Task[T] = asyncio.current_task()  # type: ignore[assignment]
        started.set_result((asyncio.get_running_loop(), task))
        return await main()

    def drive() -> None:
        try:
            outcome.set_result(_drive(announced, engine, interrupted))
        except BaseException as exc:
            outcome.set_exception(exc)

    try:
        threading.Thread(target=drive, name="clush").start()
        return outcome.result()
    except BaseException:
        if outcome.done():  # it is what came of it
            raise
        if interrupted is not None:
            interrupted()
        loop, task = started.result(_THREAD_STARTS)
        try:
            loop.call_soon_threadsafe(task.cancel)
        except RuntimeError:
            pass  # the loop is closed: it came to its end by itself
        wait([outcome])
        raise
