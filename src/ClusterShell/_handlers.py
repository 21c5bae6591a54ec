"""The methods of a handler, each callable in the form of today.

Older handlers take the worker alone, ``ev_read(self, worker)``, and read what they need
from ``worker.current_node`` and its kin.  A handler may change while it is used: methods
are looked up for each event, and which form a function has is found out once.
"""

from __future__ import annotations

import inspect
import warnings
from weakref import WeakKeyDictionary

from ClusterShell.Event import EventHandler

# Events that have an older form.
_HAVE_OLDER_FORM = ("ev_pickup", "ev_read", "ev_hup", "ev_close")

_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)

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


class OlderForm:
    """A method that takes the worker alone, called as those of today are."""

    __slots__ = ("_method", "_name")

    def __init__(self, name, method):
        self._name = name
        self._method = method

    def __call__(self, worker, *_arguments):
        warnings.warn(
            f"{self._name}(self, worker) is the old form: "
            f"it should use new {self._name}() signature",
            DeprecationWarning,
            stacklevel=2,
        )
        self._method(worker)


def listener(handler, name):
    """What to call for the event ``name``; ``None`` if nobody listens to it."""
    method = getattr(handler, name, None)
    function = getattr(method, "__func__", method)
    if function is None or function is getattr(EventHandler, name, None):
        return None
    if name in _HAVE_OLDER_FORM and _takes_worker_only(method, function):
        return OlderForm(name, method)
    return method


def _takes_worker_only(method, function):
    """True if ``method`` takes exactly one positional parameter by name: the worker.

    A function that is no method and takes any number more is of today: nothing else ever
    worked for it.
    """
    try:
        return _KNOWN[function]
    except (KeyError, TypeError):  # not asked before; or of a kind that cannot be noted
        pass
    try:
        kinds = [parameter.kind for parameter in inspect.signature(method).parameters.values()]
    except (TypeError, ValueError):  # a builtin that does not say
        return False
    older = sum(kind in _BY_POSITION for kind in kinds) == 1
    if inspect.ismethod(method):  # the same function elsewhere would not be bound
        _KNOWN[function] = older
        return older
    return older and inspect.Parameter.VAR_POSITIONAL not in kinds
