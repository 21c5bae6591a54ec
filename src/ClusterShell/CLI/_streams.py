"""Stand-ins for objects that programs put in place of the standard streams.

A tool works with bytes, and `clush` with descriptors; an object with a ``read`` or a ``write``
for text may have neither.  A stand-in has both, at the cost of a pipe and a thread where a
descriptor is asked for.  What a tool does not read stays unread.
"""

from __future__ import annotations

import codecs
import io
import os
import threading

# How much is taken from an object, or from a pipe, at a time.
_CHUNK = 64 * 1024


def is_a_file(stream):
    """Whether a stream is a text file of Python's own, whose descriptor is as good as itself."""
    if not isinstance(stream, io.TextIOWrapper):
        return False
    if type(stream).write is not io.TextIOWrapper.write:
        return False  # who has changed it wants to see what is written
    try:
        stream.fileno()
    except (OSError, ValueError):
        return False
    return True


def _is_terminal(stream):
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):
        return False


class _Bytes(io.BufferedIOBase):
    """What is written is given to a function."""

    def __init__(self, take):
        self._take = take

    def writable(self):
        return True

    def write(self, data):
        self._take(bytes(data))
        return len(data)


class Writer:
    """Stands for ``target``, which takes text; leaving its context ends it."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, target):
        self.buffer = _Bytes(self._take)
        self._target = target
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._pipe = None
        self._pump = None
        self._failure = None

    def isatty(self):
        return _is_terminal(self._target)

    def write(self, text):
        self._take(text.encode("utf-8", "surrogateescape"))
        return len(text)

    def flush(self):
        if self._pipe is None and hasattr(self._target, "flush"):
            self._target.flush()

    def fileno(self):
        """A descriptor: what is written to it gets to the target, too."""
        if self._pipe is None:
            reader, self._pipe = os.pipe()
            self._pump = threading.Thread(target=self._forward, args=(reader,), daemon=True)
            self._pump.start()
        return self._pipe

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        if self._pump is None:
            return
        os.close(self._pipe)
        self._pump.join()
        self._pipe = None
        if self._failure is not None:
            raise self._failure
        self._show(b"", final=True)
        self.flush()

    def _take(self, data):
        if self._pipe is None:
            self._show(data)
            return
        while data:
            data = data[os.write(self._pipe, data) :]

    def _show(self, data, final=False):
        text = self._decode(data, final)
        if text:
            self._target.write(text)

    def _forward(self, reader):
        try:
            while True:
                data = os.read(reader, _CHUNK)
                if not data:
                    break
                self._show(data)
        except Exception as error:
            self._failure = error  # whoever writes to a pipe without a reader learns of it
        finally:
            os.close(reader)


class Reader:
    """Stands for ``target``, which gives text or bytes; leaving its context ends it."""

    encoding = "utf-8"
    errors = "surrogateescape"

    def __init__(self, target):
        self.buffer = io.BufferedReader(_Raw(target))
        self._target = target
        self._pipe = None

    def isatty(self):
        return _is_terminal(self._target)

    def fileno(self):
        """A descriptor that gives what the target holds; from now on that is read."""
        if self._pipe is None:
            self._pipe, writer = os.pipe()
            threading.Thread(target=self._feed, args=(writer,), daemon=True).start()
        return self._pipe

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        if self._pipe is not None:
            os.close(self._pipe)

    def _feed(self, writer):
        try:
            while True:
                data = self.buffer.read1(_CHUNK)
                if not data:
                    break
                while data:
                    data = data[os.write(writer, data) :]
        except OSError:
            pass  # nobody wants more, or there is no more
        finally:
            os.close(writer)


class _Raw(io.RawIOBase):
    """The text of ``target`` as bytes."""

    def __init__(self, target):
        self._target = target
        self._rest = b""

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self._rest:
            try:
                data = self._target.read(len(buffer))
            except ValueError as error:  # it is closed
                raise OSError(str(error)) from None
            self._rest = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size
