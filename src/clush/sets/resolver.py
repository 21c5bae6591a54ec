"""What node sets need to know about groups, and where they find it.

A ``Resolver`` answers three questions; ``clush.groups`` has one that reads the site's
configuration, and any object with these methods will do. A node set uses the resolver it
was given, else the standard one. That is the one slot of this module: an application
fills it with ``set_standard`` or, to pay for groups only when the first one is met, with
``set_standard_factory``. A node set with ``NO_GROUPS`` takes ``@``, ``*`` and ``?`` as
characters of a name.
"""

from __future__ import annotations

from clush.errors import NodeSetExternalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Optional, Protocol, Union

    class Resolver(Protocol):
        """Where groups come from. ``namespace`` is a source; None is the default one.

        An unknown source raises an error of its own, which reaches the caller as it is.
        A source that fails raises ``GroupSourceError``, one that has no way to answer that
        question ``GroupSourceNoUpcall``.
        """

        def group_nodes(self, group: str, namespace: str | None = None) -> list[str]:
            """Expressions that, joined by commas, are the group; none for an unknown group."""

        def all_nodes(self, namespace: str | None = None) -> list[str]:
            """Expressions that, joined by commas, are all nodes of the source."""

        def grouplist(self, namespace: str | None = None) -> list[str]:
            """The names of the groups of the source."""

        def has_node_groups(self, namespace: str | None = None) -> bool:
            """Whether the source can tell the groups of a node."""

        def node_groups(self, node: str, namespace: str | None = None) -> Iterable[str]:
            """The names of the groups that hold the node."""

        # One that has ``prefetch(namespace, groups=(), nodes=())`` is told of questions that are
        # about to be asked, so that a slow source may get the answers together.

    Given = Optional[Union[Resolver, "NoGroups"]]
    Slot = tuple[Optional[Resolver], Optional[Callable[[], Resolver]], Optional[Resolver]]


class NoGroups:
    """The kind of ``NO_GROUPS``, which is the same after a copy or a pickle."""

    def __reduce__(self) -> str:
        return "NO_GROUPS"

    def __repr__(self) -> str:
        return "NO_GROUPS"


NO_GROUPS = NoGroups()

_chosen: Resolver | None = None
_factory: Callable[[], Resolver] | None = None
_made: Resolver | None = None  # by the factory


def standard() -> Resolver:
    """The resolver of node sets that were given none.

    ``NodeSetExternalError`` when nobody has filled the slot.
    """
    global _made
    if _chosen is not None:
        return _chosen
    if _made is None:
        if _factory is None:
            raise NodeSetExternalError("no node groups: no group resolver was set for this program")
        _made = _factory()
    return _made


def set_standard(resolver: Resolver | None) -> None:
    """Put ``resolver`` in the slot; None: what the factory makes, when it is needed."""
    global _chosen, _made
    _chosen, _made = resolver, None


def set_standard_factory(factory: Callable[[], Resolver] | None) -> None:
    """Say how the standard resolver is made when the first group is met and none was chosen."""
    global _factory, _made
    _factory, _made = factory, None


def slot() -> Slot:
    """What is in the slot now, for `refill`."""
    return _chosen, _factory, _made


def refill(kept: Slot) -> None:
    """Put back what was in the slot."""
    global _chosen, _factory, _made
    _chosen, _factory, _made = kept


def prefetch(
    resolver: Resolver,
    namespace: str | None,
    groups: Iterable[str] = (),
    nodes: Iterable[str] = (),
) -> None:
    """Tell a resolver that wants to know which groups and nodes it will be asked about."""
    told = getattr(resolver, "prefetch", None)
    if told is not None:
        told(namespace, groups=groups, nodes=nodes)


def required(resolver: Given) -> Resolver:
    """The resolver that a node set made with ``resolver`` uses.

    ``NodeSetExternalError`` when it has no groups.
    """
    if isinstance(resolver, NoGroups):
        raise NodeSetExternalError("No node group resolver")
    return standard() if resolver is None else resolver
