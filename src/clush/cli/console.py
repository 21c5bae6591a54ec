"""Standard output and standard error as a run needs them: live, in bytes, and never stuck.

What is said is written at once, in as few calls as the descriptor allows.  Waiting for a
reader that is slow is what holds the commands back; but a wait can be called off, which
a plain write to a full pipe cannot.  Here is also the one line that a terminal shows
between other output and that is erased before it, and what is held back while something
else has the whole screen.
"""

from __future__ import annotations

import os
import select
import stat
from collections.abc import Iterator
from typing import Optional

from clush.cli import standard, terminal

# A pipe that polls as writable takes this much without blocking (POSIX), not more.
_SURE_TO_FIT = select.PIPE_BUF

# While waiting for a reader, how often it is seen that the wait was called off: a signal
# that comes just before the system call would not end it.
_RECHECK_MS = 100

# How long a terminal may take no more before it is left as it is.
_RESTORE_MS = 1000

# What is erased: the rest of the line, and all that stands below, where a terminal that was
# made narrower may have put the end of it.
_ERASE_LINE = "\x1b[K"
_ERASE_BELOW = "\x1b[J"

# What is held back beyond that goes to a file.
_HELD_IN_MEMORY = 16 * 1024 * 1024
_PIECE = 256 * 1024
_HELD_END = 4096


class Console:
    """Where a run writes: whole lines to ``out`` and ``err``, and a status line.

    All calls belong to the main thread; :meth:`defer` and :meth:`abandon` may be made by a
    signal handler of it, whatever it is doing.  Errors of the system are raised as they
    are: :class:`BrokenPipeError` when the reader is gone.
    """

    def __init__(self, out: Optional[int] = None, err: Optional[int] = None) -> None:
        """By default ``out`` and ``err`` are those of the standard streams."""
        out = standard.descriptor(standard.STDOUT) if out is None else out
        err = standard.descriptor(standard.STDERR) if err is None else err
        self._out = _Descriptor(out)
        self._err = _Descriptor(err)
        self._err_fd = err
        self._status = ""
        self._status_columns = 0
        self._patient = True
        self._abandoned = False
        self._backlog: list[tuple[_Descriptor, bytes]] = []
        self._notes = self._out
        self._held: Optional[Held] = None
        self.written = 0  # how often something was, the status apart

    @property
    def size(self) -> terminal.Size:
        """The columns and rows of the terminal that statuses and pictures are shown on."""
        return terminal.size(self._err_fd)

    @property
    def stalled(self) -> bool:
        """True if something could not be written yet, since waiting was called off."""
        return bool(self._backlog)

    def out(self, data: bytes) -> None:
        """Write ``data`` to standard output."""
        self._write(self._out, data)

    def err(self, data: bytes) -> None:
        """Write ``data`` to standard error."""
        self._write(self._err, data)

    def say(self, line: str) -> None:
        """Write one line of our own to standard error."""
        self.err(os.fsencode(line) + b"\n")

    def note(self, line: str) -> None:
        """Write one line about the run, for people: it goes where output goes."""
        self._write(self._notes, os.fsencode(line) + b"\n")

    def reserve_output(self) -> None:
        """From now on standard output is for programs: notes go to standard error."""
        self._notes = self._err

    def status(self, text: str) -> None:
        """Show ``text`` in place of the last status, until anything else is written.

        It is narrower than the terminal.  Nobody waits for it: a terminal that takes no
        more, or that another job of the user has now, does not get to see it.
        """
        if self._backlog or not self._err.has_room(0) or not terminal.in_foreground(self._err_fd):
            return
        columns = self.size.columns
        if (text, columns) == (self._status, self._status_columns):
            return
        before = _ERASE_BELOW if self._status and columns < self._status_columns else ""
        self._send(self._err, os.fsencode(f"{before}{text}{_ERASE_LINE}\r"))
        self._status, self._status_columns = text, columns

    def clear_status(self) -> None:
        """Erase the status line, if one is shown."""
        if self._status:
            self._status = ""
            erase = _ERASE_BELOW if self.size.columns < self._status_columns else _ERASE_LINE
            self._send(self._err, os.fsencode(f"\r{erase}"))

    # -- the whole screen -------------------------------------------------------------

    def hold(self) -> Held:
        """From now on keep what goes to standard error, for :meth:`release`."""
        self._held = Held()
        return self._held

    def draw(self, picture: str) -> None:
        """Show ``picture`` on the terminal of standard error, unless it has no room for it now."""
        if not self._backlog and self._err.has_room(0) and terminal.in_foreground(self._err_fd):
            self._send(self._err, os.fsencode(picture))

    def restore(self, sequence: str) -> None:
        """Write what gives the terminal back, although all other writing may be called off."""
        if self._err.has_room(_RESTORE_MS):
            self._err.write(memoryview(os.fsencode(sequence)))

    def release(self) -> None:
        """Write what was held."""
        held, self._held = self._held, None
        if held is not None:
            for piece in held.pieces():
                self._send(self._err, piece)

    # -- waiting ----------------------------------------------------------------------

    def defer(self) -> None:
        """From now on wait for no reader: what it does not take is kept for :meth:`flush`."""
        self._patient = False

    def flush(self) -> None:
        """Write what was kept, waiting for the readers again."""
        self._patient = True
        backlog, self._backlog = self._backlog, []
        for descriptor, data in backlog:
            self._send(descriptor, data)

    def abandon(self) -> None:
        """Nothing more is to be written: it raises :class:`KeyboardInterrupt` instead."""
        self._abandoned = True

    # -- inside -----------------------------------------------------------------------

    def _write(self, descriptor: _Descriptor, data: bytes) -> None:
        self.written += 1
        if self._held is not None and descriptor is self._err:
            self._held.write(data)
            return
        if self._status:
            self.clear_status()
        self._send(descriptor, data)

    def _send(self, descriptor: _Descriptor, data: bytes) -> None:
        if self._backlog:
            self._backlog.append((descriptor, data))
            return
        rest = memoryview(data)
        while rest:
            if self._abandoned:
                raise KeyboardInterrupt
            if descriptor.has_room(_RECHECK_MS):
                rest = rest[descriptor.write(rest) :]
            elif not self._patient:
                self._backlog.append((descriptor, bytes(rest)))
                return


class Held:
    """What is kept to be written later; ``lines`` are how many, ``end`` is the end of it."""

    def __init__(self) -> None:
        from tempfile import SpooledTemporaryFile  # few hold anything

        self._file = SpooledTemporaryFile(_HELD_IN_MEMORY)  # noqa: SIM115 (`pieces` closes it)
        self.lines = 0
        self.end = b""

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.lines += data.count(b"\n")
        self.end = (self.end + data[-_HELD_END:])[-_HELD_END:]

    def pieces(self) -> Iterator[bytes]:
        """All of it, once."""
        with self._file as file:
            file.seek(0)
            while piece := file.read(_PIECE):
                yield piece


class _Descriptor:
    """A descriptor to write to, without blocking where that can be known beforehand."""

    __slots__ = ("_fd", "_poll")

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._poll: Optional[select.poll] = None
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            self._poll = select.poll()
            self._poll.register(fd, select.POLLOUT)

    def has_room(self, timeout_ms: int) -> bool:
        """True as soon as :meth:`write` does not block, false after ``timeout_ms``."""
        # A file is never full for long; an error or a lost reader is for `write` to find.
        return self._poll is None or bool(self._poll.poll(timeout_ms))

    def write(self, data: memoryview) -> int:
        """How much of ``data`` was taken."""
        try:
            return os.write(self._fd, data if self._poll is None else data[:_SURE_TO_FIT])
        except BlockingIOError:  # whoever shares the descriptor has made it non-blocking
            return 0


def open_standard_descriptors() -> None:
    """Put the null device where the caller closed standard input, output or error.

    Else the next pipe that is opened would take their place and get what is printed.
    """
    for fd in (standard.STDIN, standard.STDOUT, standard.STDERR):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest that is free: this one
