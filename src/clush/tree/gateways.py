"""Which gateways nodes are reached through, as a value that callers make.

>>> tree = clush.Gateways()                       # some of the nodes, for the others
>>> clush.run("uname -r", "node[1-5000]", through=tree)         # doctest: +SKIP
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, Optional

from clush.errors import JobError
from clush.plan import routes
from clush.tree.greeting import INTERPRETER_VARIABLE
from clush.tree.head import GROOMING, Plan, submit
from clush.tree.link import SILENCE, Via

if TYPE_CHECKING:
    from clush.job import Work
    from clush.runtime.activity import Alike, Sink
    from clush.runtime.task import Task
    from clush.sets.nodeset import NodeSet
    from clush.topology import Tree
    from clush.transport.base import Transport
    from clush.tree.head import TreeSubmitted


class Gateways(NamedTuple):
    """How a job goes through gateways; nothing has to be installed on them but Python 3.9.

    With a ``tree`` (of ``topology.conf``) its gateways are used for what is below them.
    Without one, some of the nodes of the job become gateways for the others, as many as is
    good for their number, or ``arity`` below each hop.

    ``transport`` is how gateways are reached, by default as the nodes of the job are.
    ``max_running`` bounds the commands that run at once over the whole tree; the fanout
    bounds those of each hop.  ``grooming`` is how long (seconds) a gateway waits for equal
    output.  A gateway that is not heard of for ``silence`` seconds is lost.
    """

    tree: Optional[Tree] = None
    arity: Optional[int] = None
    transport: Optional[Transport] = None
    max_running: Optional[int] = None
    grooming: float = GROOMING
    silence: float = SILENCE

    def pools(self, nodes: NodeSet) -> list[routes.Pool]:
        """Which ways each of ``nodes`` may take."""
        if self.tree is not None:
            return routes.pools_of(self.tree, nodes)
        return routes.auto_tree(nodes, self.arity)

    def plan(self, work: Work) -> Plan:
        """How ``work`` is carried out; :class:`clush.errors.JobError` for bad limits."""
        for name in ("arity", "max_running"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise JobError(f"{name} must be at least 1: {value}")
        return Plan(
            self.pools(work.nodes),
            Via(
                self.transport or work.transport,
                os.environ.get(INTERPRETER_VARIABLE) or "python3",
                self.silence,
            ),
            self.grooming,
            self.max_running,
            self.tree is None,
        )

    def submit(
        self,
        task: Task,
        work: Work,
        sink: Sink,
        *,
        background: bool = False,
        alike: Optional[Alike] = None,
    ) -> TreeSubmitted:
        """As :meth:`clush.runtime.task.Task.submit`, through gateways.

        What many nodes have said alike comes from gateways once.  It is told to
        ``alike(nodes, stream, lines)``, or else to the sink, for each node.
        """
        return submit(task, work, sink, self.plan(work), background=background, alike=alike)
