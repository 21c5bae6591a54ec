"""The transport of a worker: a native one, and the clients that programs derive their own from.

A worker has a client class for commands and one for copies.  Where it is one of the library
itself, the native transport does it all.  Where a program has derived its own, one client
is made for each process, and its ``_build_cmd()`` says what to start.
"""

from __future__ import annotations

from clush.transport.base import Launch
from ClusterShell.NodeSet import NodeSet


class ClientTransport:
    """The native transport ``native``, with command lines that are made by clients.

    ``make(key, rank)`` makes a client, ``None`` leaves the command lines as they are.
    ``together`` says that one process stands for all nodes.  If it is to be ``traced``,
    ``command_lines`` says what is started, by the first node of each process.
    ``last_launch`` is what was made last.
    """

    def __init__(self, native, make, together, traced):
        self.name = native.name
        self.command_lines = {}
        self.last_launch = None
        self._native = native
        self._make = make
        self._together = together
        self._traced = traced
        self._native_launches = None

    def launches(self, work):
        self._work = work
        if self._make is None:
            launches = self._native.launches(work)
        else:
            launches = self._of_clients(work.nodes)
        return map(self._noted, launches)

    def verdict(self, work, closing):
        return self._native.verdict(work, closing)

    def native_launch(self, rank):
        """The launch that the native transport makes for the node of this rank.

        Clients ask in the order of their ranks, those that ask.
        """
        if self._native_launches is None:
            self._native_launches = enumerate(self._native.launches(self._work))
        return next(launch for number, launch in self._native_launches if number == (rank or 0))

    def _of_clients(self, nodes):
        if self._together:
            yield self._of_client(self._make(NodeSet(nodes), None), tuple(nodes))
            return
        for rank, node in enumerate(nodes):
            yield self._of_client(self._make(node, rank), (node,))

    def _of_client(self, client, nodes):
        client._transport = self
        argv, env = client._build_cmd()
        if isinstance(argv, (str, bytes)):
            argv = ["/bin/sh", "-c", argv]
        launch = client._launch or Launch(nodes, argv)
        return launch._replace(argv=list(argv), env=env)

    def _noted(self, launch):
        self.last_launch = launch
        if self._traced:
            self.command_lines[launch.nodes[0]] = launch.argv
        return launch


def is_native(client_class):
    """True if the class is one of the library itself, which starts what the transport says."""
    return "is_native" in vars(client_class)
