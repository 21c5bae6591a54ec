"""Scalable cluster administration.

The names below are the public library; each is imported when it is first used,
so that ``import clush`` costs nothing and a tool pays only for what it touches.

>>> import clush
>>> result = clush.run("uname -r", nodes="node[36-65]")     # doctest: +SKIP
>>> result.failed                                           # doctest: +SKIP
"""

__version__ = "2.0.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from clush.errors import (
        ClushError,
        JobError,
        NodeSetError,
        NodeSetParseError,
        ResourceLimitError,
        TaskError,
    )
    from clush.events import Ended, Event, GatewayNews, Output, Started, Status, Written
    from clush.job import Copy, Job
    from clush.result import Collector, NodeResult, Result
    from clush.runtime.api import acopy, afetch, arun, copy, fetch, run, stream
    from clush.runtime.run import Run
    from clush.runtime.task import Task
    from clush.sets.nodeset import NodeSet
    from clush.sets.ranges import RangeSet
    from clush.transport.exec import Exec
    from clush.transport.pdsh import Pdsh
    from clush.transport.rsh import Rsh
    from clush.transport.ssh import Ssh
    from clush.tree.gateways import Gateways

_HOMES = {
    "clush.errors": (
        "ClushError",
        "JobError",
        "NodeSetError",
        "NodeSetParseError",
        "ResourceLimitError",
        "TaskError",
    ),
    "clush.events": ("Ended", "Event", "GatewayNews", "Output", "Started", "Status", "Written"),
    "clush.job": ("Copy", "Job"),
    "clush.result": ("Collector", "NodeResult", "Result"),
    "clush.runtime.api": ("acopy", "afetch", "arun", "copy", "fetch", "run", "stream"),
    "clush.runtime.run": ("Run",),
    "clush.runtime.task": ("Task",),
    "clush.sets.nodeset": ("NodeSet",),
    "clush.sets.ranges": ("RangeSet",),
    "clush.transport.exec": ("Exec",),
    "clush.transport.pdsh": ("Pdsh",),
    "clush.transport.rsh": ("Rsh",),
    "clush.transport.ssh": ("Ssh",),
    "clush.tree.gateways": ("Gateways",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ClushError",
    "Collector",
    "Copy",
    "Ended",
    "Event",
    "Exec",
    "GatewayNews",
    "Gateways",
    "Job",
    "JobError",
    "NodeResult",
    "NodeSet",
    "NodeSetError",
    "NodeSetParseError",
    "Output",
    "Pdsh",
    "RangeSet",
    "ResourceLimitError",
    "Result",
    "Rsh",
    "Run",
    "Ssh",
    "Started",
    "Status",
    "Task",
    "TaskError",
    "Written",
    "acopy",
    "afetch",
    "arun",
    "copy",
    "fetch",
    "run",
    "stream",
]


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'clush' has no attribute '{name}'")
    from importlib import import_module

    from clush.site import connect

    connect()
    value = globals()[name] = getattr(import_module(home), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
