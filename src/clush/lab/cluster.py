"""What the virtual cluster looks like: a value, and how it is read from text.

A node is a name, the *door* its connections meet, and what is wrong with it. The
knobs of the command line and of ``Lab(...)`` are the table ``KNOBS``; nothing here
knows about ports, keys or processes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from clush.errors import ClushError, LabError
from clush.sets.nodeset import NodeSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OPEN = "open"  # a server answers
CLOSED = "closed"  # connection refused
SILENT = "silent"  # the connection is accepted, then nothing
OFF = "off"  # not even that: what a machine without power looks like
UNKNOWN = "unknown"  # the name does not resolve


class Node(NamedTuple):
    """One node of the lab; ``delay`` is in seconds, before the server's first byte."""

    name: str
    door: str = OPEN
    delay: float = 0.0
    badkey: bool = False
    hostkey: bool = False
    noisy: bool = False

    @property
    def behind(self) -> tuple[str, float]:
        """What its connections meet: nodes of which this is equal share a port."""
        return self.door, self.delay if self.door == OPEN else 0.0


class Plan(NamedTuple):
    """What an owner asks for."""

    folder: str
    nodes: str
    knobs: dict[str, str]
    delays: list[str]
    flavour: str
    detached: bool


class Knob(NamedTuple):
    """What a knob changes in a node, and how it is explained."""

    field: str
    value: Any
    help: str


# A name becomes a folder and a pattern of ssh_config: nothing else may be in it.
PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
NAMELESS = "unnamed"  # the home of a client that did not say which node it means
RESERVED = {".", "..", NAMELESS}

KNOBS = {
    "refuse": Knob("door", CLOSED, "nodes that refuse the connection"),
    "unknown": Knob("door", UNKNOWN, "nodes whose name does not resolve"),
    "silent": Knob("door", SILENT, "nodes that accept the connection and never answer"),
    "off": Knob("door", OFF, "nodes that do not answer at all, as without power"),
    "badkey": Knob("badkey", True, "nodes that refuse the user's key"),
    "hostkey": Knob("hostkey", True, "nodes whose host key has changed"),
    "noisy": Knob("noisy", True, "nodes whose profile prints on standard output"),
}


def names(text: str) -> list[str]:
    """The node names that ``text`` stands for, in order; LabError when it is no node set."""
    try:
        found = [str(name) for name in NodeSet(text)]
    except ClushError as error:
        raise LabError(f"not a node set: {text!r}: {error}") from error
    for name in found:
        if name in RESERVED or not set(name) <= PLAIN:
            raise LabError(f"not a name for a node of a lab: {name!r}")
    return found


def parse_delay(text: str) -> tuple[str, float]:
    """``node[1-3]:0.5`` as the node set and the seconds."""
    nodes, colon, seconds = text.rpartition(":")
    try:
        delay = float(seconds)
    except ValueError:
        delay = -1.0
    if not colon or not nodes or not 0 <= delay < float("inf"):
        raise LabError(f"not NODES:SECONDS: {text!r}")
    return nodes, delay


def build(nodes: str, knobs: Mapping[str, str], delays: Iterable[str] = ()) -> list[Node]:
    """All the nodes, with the knobs turned; a knob may only name nodes of the lab."""
    cluster = {name: Node(name) for name in names(nodes)}
    if not cluster:
        raise LabError("a lab needs at least one node")

    def turn(knob: str, selected: str, field: str, value: Any) -> None:
        for name in names(selected):
            node = cluster.get(name)
            if node is None:
                raise LabError(f"{knob}: {name} is not a node of the lab ({nodes})")
            if field == "door" and node.door != OPEN:
                raise LabError(f"{knob}: {name} is already {node.door}")
            cluster[name] = node._replace(**{field: value})

    for knob, selected in knobs.items():
        turn(knob, selected, KNOBS[knob].field, KNOBS[knob].value)
    for text in delays:
        selected, seconds = parse_delay(text)
        turn("delay", selected, "delay", seconds)
    return list(cluster.values())
