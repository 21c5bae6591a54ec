"""The methods of a handler, each callable in the form of today.

Older handlers take the worker alone, ``ev_read(self, worker)``, and read what they need
from ``worker.current_node`` and its kin.  Which form a method has is found out once.
"""

from __future__ import annotations

import inspect
import warnings
from weakref import WeakKeyDictionary

from ClusterShell.Event import EventHandler

# Events that have an older form.
_HAVE_OLDER_FORM = ("ev_pickup", "ev_read", "ev_hup", "ev_close")

# function -> whether it is in the older form, as a method
_KNOWN = WeakKeyDictionary()


class Line(bytes):
    """A line as handlers of the older form see it: it also equals its text.

    They were written when both were one type: ``if worker.current_msg != "2.0a"``.
    """

    def __eq__(self, other):
        if isinstance(other, str):
            other = other.encode(errors="surrogateescape")
        return bytes.__eq__(self, other)

    def __ne__(self, other):
        return not self == other

    __hash__ = bytes.__hash__


class Handlers:
    """What to call for each event of a worker; ``None`` where nobody listens.

    ``reads_older`` tells that ``ev_read`` has the older form: then it is told of standard
    output only, and ``ev_error`` of the rest.
    """

    __slots__ = (
        "close", "error", "hup", "pickup", "read", "reads_older", "start", "timeout", "written",
    )  # fmt: skip

    def __init__(self, handler):
        self.reads_older = False
        for slot, name in _EVENTS:
            setattr(self, slot, self._method(handler, name))

    def _method(self, handler, name):
        method = getattr(handler, name, None)
        function = getattr(method, "__func__", method)
        if function is None or function is getattr(EventHandler, name, None):
            return None
        if name not in _HAVE_OLDER_FORM or not _takes_worker_only(method, function):
            return method
        if name == "ev_read":
            self.reads_older = True
        return _in_older_form(name, method)


_EVENTS = [(slot, f"ev_{slot}") for slot in Handlers.__slots__ if slot != "reads_older"]


def _takes_worker_only(method, function):
    """True if ``method`` takes exactly one positional parameter by name: the worker."""
    try:
        return _KNOWN[function]
    except (KeyError, TypeError):  # not asked before; or of a kind that cannot be noted
        pass
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    try:
        parameters = inspect.signature(method).parameters.values()
    except (TypeError, ValueError):  # a builtin that does not say
        return False
    older = sum(parameter.kind in kinds for parameter in parameters) == 1
    if inspect.ismethod(method):  # the same function elsewhere would not be bound
        _KNOWN[function] = older
    return older


def _in_older_form(name, method):
    def call(worker, *_arguments):
        warnings.warn(
            f"{name}(self, worker) is the old form: it should use new {name}() signature",
            DeprecationWarning,
            stacklevel=2,
        )
        method(worker)

    return call
