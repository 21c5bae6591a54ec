"""The results of a task, as its methods; they may be used while it runs, from handlers."""

from __future__ import annotations

from ClusterShell._results import chooser


class Getters:
    """For the class that holds its results in ``_results``.

    A key is the name of a node, what was given as ``key`` with a local command, or the
    worker where nothing was.
    """

    def iter_buffers(self, match_keys=None):
        """Pairs of (message, keys), one per distinct output; an empty ``match_keys`` is none."""
        return iter(self._results.groups("stdout", chosen=_chooser(match_keys)))

    def iter_errors(self, match_keys=None):
        """As :meth:`iter_buffers`, of standard error."""
        return iter(self._results.groups("stderr", chosen=_chooser(match_keys)))

    def key_buffer(self, key):
        """What ``key`` said, ``b""`` if nothing."""
        return self._results.buffers(key, "stdout")

    node_buffer = key_buffer

    def key_error(self, key):
        """What ``key`` said on standard error, ``b""`` if nothing."""
        return self._results.buffers(key, "stderr")

    node_error = key_error

    def key_retcode(self, key):
        """The largest return code of ``key``; ``KeyError`` if it has none."""
        return self._results.largest_retcode(key)

    node_retcode = key_retcode

    def iter_retcodes(self, match_keys=None):
        """Pairs of (return code, keys), also of codes that no key in ``match_keys`` has."""
        chosen = _chooser(match_keys)
        keys_of = {}
        for key, rc in self._results.retcodes():
            keys = keys_of.setdefault(rc, [])
            if chosen is None or chosen(key):
                keys.append(key)
        return iter(sorted(keys_of.items(), key=lambda item: item[0]))

    def max_retcode(self):
        """The largest return code of the run, ``None`` if there is none."""
        return self._results.max_retcode()

    def num_timeout(self):
        """How many sources ran out of time."""
        return len(self._results.timed_out())

    def iter_keys_timeout(self):
        """The keys that ran out of time."""
        return iter(self._results.timed_out())

    def flush_buffers(self):
        """Forget what was said on standard output."""
        self._results.flush("stdout")

    def flush_errors(self):
        """Forget what was said on standard error."""
        self._results.flush("stderr")


def _chooser(match_keys):
    """For results of the whole task, an empty container chooses all."""
    return chooser(match_keys if match_keys or isinstance(match_keys, str) else None)
