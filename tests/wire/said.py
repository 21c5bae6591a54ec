"""Messages to test with: one of each kind, and any that the table allows.

These are made from how the types are written, so that a type that is written otherwise than
it checks is found out.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from clush.wire import message as wire
from clush.wire.message import MAX_NUMBER, Message
from clush.wire.table import TABLE, Kind, kind_of
from clush.wire.ways import write

# A message of each kind, written down.
SAMPLES: list[Message] = [
    wire.Hello("gw1", "", 1763716000.5),
    wire.Job(
        1, "command", "ssh", {"ssh_user": "op", "connect_timeout": 3.5, "fanout": None}, 10.0, 64,
        False, True, 0.25, "ssh", {}, "python3", 30, b"uname -r",
    ),
    wire.Pool(1, 0, b"0\tgw11\n1\tgw111\n0\tgw12"),
    wire.Assign(1, 0, [0, 1, 7], b"n0\nn1\nn7"),
    wire.Take(1, 0, 5),
    wire.Input(1, 1, 65536, b"text"),
    wire.InputEnd(1, 1, 65540, 3632233996),
    wire.Cancel(1, True, 5.0),
    wire.Fanout(None, 64),
    wire.Bundle("610d0d0a", "rest", b"\x78\x9c"),
    wire.Pull(1, 4, 2),
    wire.Exposed(1, [0, 1]),
    wire.Started(1, [0, 1], [1763716000.5, 1763716001.25]),
    wire.Output(1, "stdout", [0, 1], b"4.18\n"),
    wire.Ended(1, [0, 1], "failed", 2, [1763716000.5, None], [1763716002.0, 1763716002.5], b"why"),
    wire.Returned(1, [7]),
    wire.Pass(1, 2),
    wire.Written(1, [0], 4096),
    wire.InputLost(1, [0], 4096),
    wire.Credit(1, 262144),
    wire.Ping(1),
    wire.Pong(1),
    wire.Note("gw11", "rerouted", 1, [7], b"it was lost"),
    wire.Want("cb0d0d0a"),
    wire.JobEnd(1),
    wire.Bye(b"done"),
]  # fmt: skip
SAMPLE = {kind_of(message).name: message for message in SAMPLES}

# Texts with what a byte that is no UTF-8 becomes.
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"])
    | st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF, categories=["Cs"])
)
NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=255)
WAYS = st.recursive(st.just({}), lambda below: st.dictionaries(NAMES, below, max_size=3))
IDS = st.lists(st.integers(0, MAX_NUMBER), unique=True, max_size=30)


def values(text: str, count: int) -> st.SearchStrategy[Any]:
    """Values of the type that is written so, for a message with ``count`` ids."""
    for sign in (" or ", " / "):
        if sign in text and ": " not in text.split(sign)[0]:
            parts = text.split(sign)
            if sign == " / ":
                return st.sampled_from(parts)
            return st.one_of([values(part, count) for part in parts])
    if ": " in text:
        return _collection(*text.split(": ", 1), count)
    word, _, bounds = text.partition(" ")
    if bounds.startswith("of "):
        return TEXTS.filter(lambda value: len(value) <= int(bounds.split("..")[1]))
    if bounds:
        low, high = map(int, bounds.split(".."))
        integers = st.integers(low, high)
        return integers if word == "integer" else integers | st.floats(low, high)
    return {
        "boolean": st.booleans(),
        "null": st.none(),
        "name": NAMES,
        "magic": st.text("0123456789abcdef", min_size=8, max_size=8),
    }[word]


def _collection(what: str, of: str, count: int) -> st.SearchStrategy[Any]:
    if what == "per id":
        return st.lists(values(of, count), min_size=count, max_size=count)
    inner = values(of, count)
    if what.startswith("list"):
        return st.lists(inner, max_size=5)
    return st.dictionaries(NAMES, inner, max_size=5)


@st.composite
def messages_of(draw: st.DrawFn, kind: Kind) -> Message:
    """Any message of this kind."""
    ids = draw(IDS) if "ids" in kind.fields else []
    fields = {
        field: ids if field == "ids" else draw(values(type_.text, len(ids)))
        for field, type_ in kind.fields.items()
    }
    if kind.payload is not None:
        if kind.payload.text == "names":
            fields["data"] = b"\n".join(b"n%d" % number for number in ids)
        elif kind.payload.text == "ways":
            fields["data"] = write(draw(WAYS))
        else:
            fields["data"] = draw(st.binary(min_size=kind.payload.least, max_size=200))
    return kind.message(**fields)


MESSAGES = st.sampled_from(TABLE).flatmap(messages_of)
