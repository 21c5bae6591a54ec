"""What the workers of a task have produced since its run began, by (worker, key)."""

from __future__ import annotations

from clush.events import Status
from clush.gather import Gatherer
from ClusterShell.MsgTree import MsgTreeElem


class Results:
    """Outputs, return codes and timeouts; getters may be used while the task runs.

    Where a ``worker`` is asked for, ``None`` means all of them.
    """

    def __init__(self):
        self._streams = {}
        self._retcodes = {}
        self._timedout = {}  # (worker, key), in the order in which they happened

    def feed(self, worker, key, sname, text):
        """Append whole lines to what (worker, key) said on stream ``sname``."""
        if sname not in self._streams:
            self._streams[sname] = Gatherer()
        self._streams[sname].feed((worker, key), text)

    def end(self, worker, event):
        """File how a target ended."""
        if event.status is Status.TIMED_OUT:
            self._timedout[worker, event.node] = True
        elif event.rc is not None:
            self._retcodes[worker, event.node] = event.rc

    def buffer(self, worker, key, sname):
        """What (worker, key) said, without the last line end; ``None`` if nothing."""
        gatherer = self._streams.get(sname)
        output = gatherer.get((worker, key)) if gatherer is not None else None
        return None if output is None else bytes(MsgTreeElem.from_output(output))

    def buffers(self, key, sname):
        """The distinct outputs of ``key`` in any worker, one after the other."""
        sources = [worker for worker, each in self._streams.get(sname, ()) if each == key]
        texts = [self.buffer(worker, key, sname) for worker in sources]
        return b"".join(dict.fromkeys(texts))

    def iter_buffers(self, sname, worker=None, match_keys=None):
        """Pairs of (message, keys), one per distinct output, of the keys in ``match_keys``."""
        if isinstance(match_keys, str):
            raise TypeError("match_keys must be a container of keys, not a string")
        for output, sources in self._outputs(sname):
            keys = [
                key
                for each, key in sources
                if (worker is None or each is worker) and (match_keys is None or key in match_keys)
            ]
            if keys:
                yield MsgTreeElem.from_output(output), keys

    def _outputs(self, sname):
        return self._streams[sname].outputs() if sname in self._streams else ()

    def iter_retcodes(self, worker=None, match_keys=None):
        """Pairs of (return code, keys), ascending."""
        if isinstance(match_keys, str):
            raise TypeError("match_keys must be a container of keys, not a string")
        by_code = {}
        for (each, key), rc in self._retcodes.items():
            if worker is None or each is worker:
                by_code.setdefault(rc, []).append(key)
        for rc in sorted(by_code):
            yield rc, [key for key in by_code[rc] if match_keys is None or key in match_keys]

    def retcode(self, worker, key):
        """The return code of (worker, key), the largest where ``worker`` is ``None``."""
        codes = [
            rc
            for (each, one), rc in self._retcodes.items()
            if one == key and (worker is None or each is worker)
        ]
        if not codes:
            raise KeyError(key)
        return max(codes)

    def max_retcode(self):
        """The largest return code, ``None`` if there is none."""
        return max(self._retcodes.values(), default=None)

    def timed_out(self, worker=None):
        """The keys that ran out of time."""
        return (key for each, key in self._timedout if worker is None or each is worker)
