"""Workers on descriptors and file objects of the program."""

from __future__ import annotations

from clush.runtime.streams import Streams
from ClusterShell.Worker._base import Worker, WorkerError
from ClusterShell.Worker.EngineClient import EngineClient


class StreamClient(EngineClient):
    """The streams of a worker; writes to them as the worker does."""

    def write(self, buf, sname=None):
        self.worker.write(buf, sname)

    def set_write_eof(self, sname=None):
        self.worker.set_write_eof(sname)


class StreamWorker(Worker):
    """Reads and writes the streams that it is given by :meth:`set_reader` and its twin.

    Its results have one key: ``key``, or else the worker itself.  There is no return code.
    """

    _has_key = True
    _has_process = False
    _timeout_before_close = False

    def __init__(
        self,
        handler,
        key=None,
        stderr=False,
        timeout=-1,
        autoclose=False,
        client_class=StreamClient,
    ):
        super().__init__(handler)
        self.key = key
        self._separate_stderr = bool(stderr)
        self._timeout = timeout if timeout is not None and timeout >= 0 else None
        self._autoclose = bool(autoclose)
        self._readers = {}  # name: _Stream
        self._writers = {}
        self._early_writes = []  # (bytes, name), and (None, name) for the end
        self.clients = [client_class(self, self.key, stderr, self._timeout, autoclose)]

    # -- for programs -----------------------------------------------------------------

    def set_key(self, key):
        """Change the key of the results; ``None`` stands for the worker itself."""
        self.key = key

    def set_reader(self, sname, sfile, retain=True, closefd=True):
        """Read a file object or descriptor as stream ``sname``.

        With ``retain`` the worker lasts until it ends, with ``closefd`` it is closed then.
        """
        self._check_not_started()
        self._readers[sname] = _Stream(sfile, retain, closefd)

    def set_writer(self, sname, sfile, retain=True, closefd=True):
        """As :meth:`set_reader`, for writing."""
        self._check_not_started()
        self._writers[sname] = _Stream(sfile, retain, closefd)

    def read(self, node=None, sname=Worker.SNAME_STDOUT):
        """What was read on stream ``sname``, or ``None``."""
        return super().read(self._source if node is None else node, sname)

    def write(self, buf, sname=None):
        """Send bytes to stream ``sname``, by default to all that can be written."""
        if not isinstance(buf, bytes):
            raise TypeError(f"a worker writes bytes, not {type(buf).__name__}")
        self._write(buf, sname)

    def set_write_eof(self, sname=None):
        """Close a stream (by default all) when all that was written has been taken."""
        self._write(None, sname)

    def abort(self):
        """Close the streams; legal at any time."""
        self._stop()

    # -- the work ---------------------------------------------------------------------

    def _check_not_started(self):
        if self.started:
            raise WorkerError("cannot add a stream to a worker that has started")

    def _write(self, data, sname):
        for name in self._writers if sname is None else (sname,):
            if self._sink is not None:
                _write_to(self._sink.run, data, name)
            elif not self.started:
                self._early_writes.append((data, name))

    def _submit(self, native_task, sink):
        streams = {**self._readers, **self._writers}
        run = native_task.attach(
            Streams(
                name=str(self.key),
                readers={name: stream.fd for name, stream in self._readers.items()},
                writers={name: stream.fd for name, stream in self._writers.items()},
                passive=frozenset(name for name, stream in streams.items() if not stream.retain),
                closers={each.fd: each.close for each in streams.values() if each.close},
                timeout=self._timeout,
                fanout=self._native_fanout(),
            ),
            sink,
            background=self._autoclose,
        )
        for data, name in self._early_writes:
            _write_to(run, data, name)
        self._early_writes.clear()
        return run

    @property
    def _source(self):
        return self if self.key is None else self.key

    def _result_keys(self):
        return (self._source,)

    def _command_line(self, node):
        return f"{type(self).__name__.upper()}: {self.key!r}"


class _Stream:
    """A file object or descriptor, and what is to become of it."""

    def __init__(self, sfile, retain, closefd):
        self.file = sfile  # held, so that it is not closed meanwhile
        self.fd = sfile if isinstance(sfile, int) else sfile.fileno()
        self.retain = retain
        # How to close it, where closing its descriptor is not the way.
        self.close = None
        if not closefd:
            self.close = _leave_open
        elif self.file is not self.fd:
            self.close = self._close_file

    def _close_file(self):
        try:
            self.file.close()
        except OSError:  # nobody reads what the file object still held back
            pass


def _leave_open():
    """The descriptor stays the program's."""


def _write_to(run, data, name):
    if data is None:
        run.write_eof(name)
    else:
        run.write(data, name)


class WorkerSimple(StreamWorker):
    """Reads and writes up to three files as standard streams; `StreamWorker` does it all."""

    def __init__(
        self,
        file_reader,
        file_writer,
        file_error,
        key,
        handler,
        stderr=False,
        timeout=-1,
        autoclose=False,
        closefd=True,
        client_class=StreamClient,
    ):
        super().__init__(handler, key, stderr, timeout, autoclose, client_class)
        if file_reader is not None:
            self.set_reader(self.SNAME_STDOUT, file_reader, closefd=closefd)
        if file_error is not None:
            self.set_reader(self.SNAME_STDERR, file_error, closefd=closefd)
        if file_writer is not None:
            self.set_writer(self.SNAME_STDIN, file_writer, closefd=closefd)

    def reader_fileno(self):
        """The descriptor that is read as standard output; ``KeyError`` if there is none."""
        return self._readers[self.SNAME_STDOUT].fd

    def error_fileno(self):
        """The descriptor that is read as standard error; ``KeyError`` if there is none."""
        return self._readers[self.SNAME_STDERR].fd

    def writer_fileno(self):
        """The descriptor that is written; ``KeyError`` if there is none."""
        return self._writers[self.SNAME_STDIN].fd

    def error(self):
        """What was read as standard error, or ``None``."""
        return self.read(sname=self.SNAME_STDERR)
