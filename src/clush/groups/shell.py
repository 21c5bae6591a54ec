"""Run shell commands and collect what they print, several at once.

Each command runs in a session of its own, with nothing to read and the caller's standard
error. Its output is taken until it ends, its time is up or it printed too much; a command
that is stopped is stopped with all it started. Answers come in the order of the queries.

What is asked, and what an answer means, is not known here. ``subprocess`` would take longer
to import than most commands take to run.
"""

from __future__ import annotations

import os
import select
import signal
from time import monotonic

from clush.groups.telling import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

SHELL = "/bin/sh"

# More would burden the databases that are asked, and the machine users log in to.
AT_ONCE = 8

# In seconds. Resource managers under load have been seen to need a minute.
TIMEOUT = 120.0

# Far above the nodes of any cluster, below what would push others out of memory.
MOST_OUTPUT = 256 << 20
_CHUNK = 1 << 16

# When to look again whether a command that closed its output has ended, in seconds.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.001, 0.05

# Python ignores these for itself; a command must die of them as it would in a shell.
_DEFAULT_SIGNALS = [
    getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ") if hasattr(signal, name)
]


class Query:
    """A command, and variables to put into its environment."""

    __slots__ = ("command", "variables")

    def __init__(self, command: str, variables: Mapping[str, str]) -> None:
        self.command = command
        self.variables = variables


class Answer:
    """What a command printed; ``reason`` says why that is no answer, or nothing."""

    __slots__ = ("output", "reason")

    def __init__(self, output: str, reason: str) -> None:
        self.output = output
        self.reason = reason


def ask(
    queries: Sequence[Query], *, directory: str | None = None, timeout: float = 0.0
) -> Generator[Answer, None, None]:
    """The answers, in order; ``timeout`` in seconds is for each query, 0 for no limit.

    Commands run in ``directory``. Those still running when the caller stops asking are killed.
    """
    running: dict[int, _Child] = {}
    answers: dict[int, Answer] = {}
    poll = select.poll()
    started = given = 0
    try:
        while given < len(queries):
            while started < len(queries) and len(running) < AT_ONCE:
                # An interrupt has to find the child among those that are killed below.
                mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
                try:
                    child = _Child(started, queries[started], directory, timeout, mask)
                    running[child.fd] = child
                except (OSError, ValueError) as error:  # ValueError: no text for the system
                    answers[started] = Answer("", getattr(error, "strerror", None) or str(error))
                else:
                    poll.register(child.fd)
                finally:
                    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
                started += 1
            if given not in answers:
                _read(poll, running)
                for child in [child for child in running.values() if child.is_finished()]:
                    if child.reading:
                        poll.unregister(child.fd)
                    del running[child.fd]
                    answers[child.number] = child.answer()
            while given in answers:
                yield answers.pop(given)
                given += 1
    finally:
        for child in running.values():
            child.kill()


def _read(poll: select.poll, running: dict[int, _Child]) -> None:
    """Take what the children have printed; wait for something to happen, if need be."""
    until = min(child.next_look for child in running.values())
    wait = None if until == float("inf") else max(0.0, until - monotonic()) * 1000
    for fd, _ in poll.poll(wait):
        child = running[fd]
        child.read()
        if not child.reading:
            poll.unregister(fd)


class _Child:
    """A running command, which is started with the signals of ``mask`` blocked."""

    def __init__(
        self,
        number: int,
        query: Query,
        directory: str | None,
        timeout: float,
        mask: Iterable[int],
    ) -> None:
        tell(f"EXEC {query.command!r}")
        self.number = number
        self.timeout = timeout
        self.reading = True
        self._chunks: list[bytes] = []
        self._size = 0
        self._pause = _FIRST_PAUSE
        self._reason = ""
        command = query.command
        if directory is not None:
            # On one line, so that the shell counts the lines of its complaints as they are.
            command = f"cd {quoted(directory)} || exit; {command}"
        self.fd, theirs = os.pipe()
        try:
            self._pid = os.posix_spawn(
                SHELL,
                [SHELL, "-c", command],
                {**os.environ, **query.variables},
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, theirs, 1),
                ],
                setsid=True,
                setsigmask=mask,
                setsigdef=_DEFAULT_SIGNALS,
            )
        except BaseException:
            os.close(self.fd)
            raise
        finally:
            os.close(theirs)
        self._deadline = monotonic() + timeout if timeout > 0 else float("inf")
        self.next_look = self._deadline

    def read(self) -> None:
        """Take a chunk of what was printed."""
        chunk = os.read(self.fd, _CHUNK)
        self._chunks.append(chunk)
        self._size += len(chunk)
        self.reading = bool(chunk)
        if not chunk:
            self.next_look = monotonic()

    def is_finished(self) -> bool:
        """Whether the command has ended, by itself or because of its limits."""
        now = monotonic()
        if not self.reading and self.next_look <= now:
            status = self._status()
            if status is not None:
                self._reason = _REASONS[status < 0].format(abs(status)) if status else ""
                return True
            # It closed its output and goes on, mostly for microseconds.
            self.next_look = min(now + self._pause, self._deadline)
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        if self._size > MOST_OUTPUT:
            self._reason = f"more than {MOST_OUTPUT >> 20} MiB of output"
        elif self._deadline <= now:
            self._reason = f"no answer within {self.timeout:g} s"
        else:
            return False
        self._stop()
        return True

    def answer(self) -> Answer:
        """The answer of a command that has ended."""
        os.close(self.fd)
        # As node names go back to the system, bytes that are no text are kept.
        text = "" if self._reason else os.fsdecode(b"".join(self._chunks)).strip()
        tell(f"FAIL {self._reason}" if self._reason else f"READ {text!r}")
        return Answer(text, self._reason)

    def kill(self) -> None:
        """End a command that is not finished, and all it started."""
        os.close(self.fd)
        self._stop()

    def _status(self) -> int | None:
        """The exit status, negative for a signal; None while the command runs."""
        try:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
        except ChildProcessError:
            return 0  # the program around us waits for all children, and had this one
        return os.waitstatus_to_exitcode(status) if pid else None

    def _stop(self) -> None:
        try:
            os.killpg(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass


_REASONS = "exit code {}", "killed by signal {}"


def quoted(text: str) -> str:
    """The text as one word of a command."""
    return "'" + text.replace("'", "'\\''") + "'"
