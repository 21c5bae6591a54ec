"""What workers that start commands have in common: the run of a native job and its input."""

from __future__ import annotations

import logging

from ClusterShell.Worker.EngineClient import LOGGER


class CommandMixin:
    """For subclasses of ``Worker`` that say in ``_work()`` which native work they are."""

    _has_stdin = False

    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self._early_input = []
        self._input_ended = False
        self._writing = False

    def write(self, buf, sname=None):
        """Send bytes to the standard input of each command, those to come included."""
        if not isinstance(buf, bytes):
            raise TypeError(f"a worker writes bytes, not {type(buf).__name__}")
        if sname not in (None, self.SNAME_STDIN) or self._input_ended:
            return
        if self._sink is None:
            if not self.started:
                self._early_input.append(buf)
        elif self._has_stdin:
            self._writing = True
            self._sink.run.write(buf)
            self._writing = False

    def set_write_eof(self, sname=None):
        """Close standard input when all that was written has been taken."""
        if sname in (None, self.SNAME_STDIN) and not self._input_ended:
            self._input_ended = True
            if self._sink is not None and self._has_stdin:
                self._sink.run.write_eof()

    def abort(self):
        """Stop what runs and start nothing more; legal at any time."""
        self._stop()

    @property
    def _wants_stdin(self):
        """Whether there is or may be something to be read; without, there is its end at once."""
        return bool(self._early_input) or not self._input_ended

    def _submit(self, native_task, sink):
        work = self._work()
        self._has_stdin = work.stdin
        run = self._start(native_task, work, sink)
        run.on_input_lost = self._input_lost
        early, self._early_input = self._early_input, []
        if work.stdin:
            for data in early:
                run.write(data)
            if self._input_ended:
                run.write_eof()
        return run

    def _start(self, native_task, work, sink):
        return native_task.submit(work, sink, background=self._autoclose)

    def _input_lost(self, nodes, size):
        """Writing to nobody deserves a warning; a command may leave some of its input."""
        level = logging.WARNING if self._writing else logging.INFO
        LOGGER.log(level, "%s: %d bytes of input were not taken", ",".join(nodes), size)
