"""What the workers of a task have produced since its run began, by (worker, key).

A worker says which keys it has with ``_result_keys()``, in the order of its nodes: that
is the order of all results.  Where a ``worker`` is asked for, ``None`` means all.

Lines are recorded as they are delivered, one by one, although they come and are stored in
chunks: whoever asks in the middle of a chunk has it cut at the line that is being told.
"""

from __future__ import annotations

from operator import length_hint
from threading import get_ident

from clush.gather import Gatherer
from ClusterShell._errors import TaskMsgTreeError
from ClusterShell.MsgTree import MsgTreeElem


class Results:
    """Outputs, return codes and timeouts; getters may be used while the task runs.

    ``records(sname)`` tells whether the lines of a stream are to be kept.
    """

    def __init__(self, records):
        self._records = records
        self._streams = {}  # sname: Gatherer of (worker, key)
        self._workers = {}  # in the order of their start: keys that are none of their nodes'
        self._workers_of = {}  # key: [worker...]
        self._retcodes = {}  # worker: {key: rc}
        self._timedout = {}  # worker: {key...}
        self._max_retcode = None
        self._delivery = None

    # -- from workers -----------------------------------------------------------------

    def register(self, worker):
        """Results of ``worker`` are to come."""
        self._workers[worker] = []
        for key in worker._result_keys():
            self._workers_of.setdefault(key, []).append(worker)

    def add_key(self, worker, key):
        """Have outputs under ``key``, too, which is that of no node of ``worker``."""
        workers = self._workers_of.setdefault(key, [])
        if worker not in workers:
            workers.append(worker)
            self._workers[worker].append(key)

    def feed(self, worker, key, sname, text):
        """Append whole lines to what (worker, key) said on stream ``sname``."""
        if self._records(sname):
            if sname not in self._streams:
                self._streams[sname] = Gatherer()
            self._streams[sname].feed((worker, key), text)

    def deliver(self, worker, key, sname, text):
        """An iterator over the lines of ``text``: each is recorded as it is taken.

        :meth:`delivered` must be called afterwards.
        """
        self._delivery = _Delivery(self._delivery, (worker, key, sname), text)
        return self._delivery.left

    def delivered(self):
        """Nothing more is taken of the last delivery."""
        self.settle()
        self._delivery = self._delivery.outer

    def settle(self):
        """Record what was taken so far, before somebody looks or changes what is kept.

        Another thread, which may look at any moment, sees what was recorded before.
        """
        delivery = self._delivery
        if delivery is not None and delivery.thread == get_ident():
            taken = delivery.taken()
            if taken:
                self.feed(*delivery.source, taken)

    def set_retcode(self, worker, key, rc):
        self._retcodes.setdefault(worker, {})[key] = rc
        if self._max_retcode is None or rc > self._max_retcode:
            self._max_retcode = rc

    def set_timed_out(self, worker, key):
        self._timedout.setdefault(worker, set()).add(key)

    # -- output -----------------------------------------------------------------------

    def buffer(self, worker, key, sname):
        """What (worker, key) said, without the last line end; ``None`` if nothing."""
        output = self._gatherer(sname).get((worker, key))
        return None if output is None else bytes(MsgTreeElem.from_output(output))

    def buffers(self, key, sname):
        """The distinct outputs of ``key`` in any worker, one after the other."""
        gatherer = self._gatherer(sname)
        outputs = [gatherer.get((worker, key)) for worker in self._workers_of.get(key, ())]
        distinct = dict.fromkeys(output for output in outputs if output is not None)
        return b"".join(bytes(MsgTreeElem.from_output(output)) for output in distinct)

    def groups(self, sname, worker=None, chosen=None):
        """Pairs of (message, keys), one per distinct output, of the keys that are chosen."""
        by_output = {}
        for output, key in self._outputs(sname, worker, chosen):
            by_output.setdefault(output, []).append(key)
        return [(MsgTreeElem.from_output(output), keys) for output, keys in by_output.items()]

    def messages(self, sname, worker, chosen=None):
        """Pairs of (key, message) of one worker."""
        return [
            (key, MsgTreeElem.from_output(output))
            for output, key in self._outputs(sname, worker, chosen)
        ]

    def flush(self, sname, worker=None):
        """Forget what was said on a stream."""
        self.settle()
        gatherer = self._streams.get(sname)
        if gatherer is not None:
            workers = self._workers if worker is None else (worker,)
            gatherer.forget((each, key) for each in workers for key in self._keys(each))

    def _outputs(self, sname, worker, chosen):
        gatherer = self._gatherer(sname)
        for each in self._workers if worker is None else (worker,):
            for key in self._keys(each):
                if chosen is None or chosen(key):
                    output = gatherer.get((each, key))
                    if output is not None:
                        yield output, key

    def _keys(self, worker):
        """The keys that its outputs may have."""
        return [*worker._result_keys(), *self._workers.get(worker, ())]

    def _gatherer(self, sname):
        """What is recorded of a stream; an error if nothing is and nothing is to be."""
        self.settle()
        gatherer = self._streams.get(sname)
        if gatherer is not None:
            return gatherer
        if not self._records(sname):
            raise TaskMsgTreeError(f"{sname}_msgtree not set")
        return Gatherer()

    # -- ends -------------------------------------------------------------------------

    def retcode(self, worker, key):
        """The return code of (worker, key); ``KeyError`` if it has none."""
        return self._retcodes.get(worker, {})[key]

    def largest_retcode(self, key):
        """The largest return code of ``key`` in any worker; ``KeyError`` if it has none."""
        codes = [self._retcodes.get(worker, {}).get(key) for worker in self._workers_of[key]]
        codes = [rc for rc in codes if rc is not None]
        if not codes:
            raise KeyError(key)
        return max(codes)

    def retcodes(self, worker=None):
        """Pairs of (key, return code)."""
        for each in self._workers if worker is None else (worker,):
            codes = self._retcodes.get(each, {})
            for key in each._result_keys():
                if key in codes:
                    yield key, codes[key]

    def max_retcode(self):
        """The largest return code, ``None`` if there is none."""
        return self._max_retcode

    def timed_out(self, worker=None):
        """The keys that ran out of time, one for each worker."""
        found = []
        for each in self._workers if worker is None else (worker,):
            late = self._timedout.get(each)
            if late:
                found += [key for key in each._result_keys() if key in late]
        return found


class _Delivery:
    """Lines of one chunk on their way to a handler."""

    __slots__ = ("_lines", "_recorded", "_text", "left", "outer", "source", "thread")

    def __init__(self, outer, source, text):
        self.outer = outer
        self.source = source
        self.thread = get_ident()
        self._text = text
        self._lines = text[:-1].split(b"\n")
        self._recorded = 0
        self.left = iter(self._lines)

    def taken(self):
        """The lines that were taken since the last time, as one text."""
        start, self._recorded = self._recorded, len(self._lines) - length_hint(self.left)
        if self._recorded - start == len(self._lines):
            return self._text
        return b"".join(line + b"\n" for line in self._lines[start : self._recorded])


def chooser(match_keys):
    """A function that tells whether a key is in ``match_keys``; ``None`` chooses all."""
    if match_keys is None:
        return None
    if isinstance(match_keys, str):
        raise TypeError("match_keys must be a container of keys, not a string")

    def chosen(key):
        try:
            return key in match_keys
        except TypeError:  # a node set does not compare with what is no name
            return False

    return chosen
