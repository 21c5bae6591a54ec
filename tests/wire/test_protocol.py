"""The protocol on paper and the tables in the code are the same."""

from __future__ import annotations

import re
from pathlib import Path

from clush.wire.channel import JOB_STATES, MAX_JOBS, MAX_PINGS, STATES
from clush.wire.fields import pack_ids
from clush.wire.frame import MAX_HEADER, MAX_PAYLOAD, Decoder
from clush.wire.message import (
    KINDS_OF_NOTE,
    MAX_NUMBER,
    MAX_SIZE,
    MAX_TARGETS,
    OLDEST,
    VERSION,
)
from clush.wire.table import BATCH, TABLE
from clush.wire.ways import MAX_LEVELS, MAX_NAME, read

TEXT = (Path(__file__).resolve().parents[2] / "docs/protocol.md").read_text(encoding="utf-8")
WORDS = " ".join(TEXT.split())


def rows(*titles: str) -> list[list[str]]:
    """The rows of the one table with these columns."""
    lines = iter(TEXT.splitlines())
    head = "| " + " | ".join(titles) + " |"
    assert TEXT.count(head) == 1
    assert head in lines  # goes on behind it
    assert next(lines) == "|" + "---|" * len(titles)
    found = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line[1:-1].split("|")])
    return found


def test_messages() -> None:
    assert rows("message", "says", "header fields", "payload") == [
        [
            kind.name,
            kind.direction,
            "; ".join(f"`{name}`: {type_.text}" for name, type_ in kind.fields.items()) or "none",
            f"{kind.payload.text}, at most {kind.payload.limit}" if kind.payload else "none",
        ]
        for kind in TABLE
    ]


def test_types_are_explained() -> None:
    explained = " ".join(row[0] for row in rows("type", "what"))
    words = {
        word
        for kind in TABLE
        for type_ in (*kind.fields.values(), *([kind.payload] if kind.payload else []))
        if " / " not in type_.text
        for word in re.findall(r"[a-z]+", type_.text)
    }
    assert {word for word in words if word not in explained} == set()


def test_states_of_the_channel() -> None:
    paper: dict[str, dict[str, str]] = {}
    for state, says, then in rows("state", "says", "then"):
        moves = paper.setdefault(state, {})
        if says:
            moves[says] = then
    assert paper == STATES


def test_states_of_a_job() -> None:
    table = rows("message", *JOB_STATES)
    assert [row[0] for row in table] == [kind.name for kind in TABLE if "job" in kind.fields]
    for column, (state, moves) in enumerate(JOB_STATES.items(), 1):
        assert (state, {row[0]: row[column] for row in table if row[column] != "-"}) == (
            state,
            moves,
        )


def test_bounds() -> None:
    sizes = dict(rows("what", "bytes"))
    assert sizes["header"] == f"0..{MAX_HEADER}"
    assert sizes["payload"] == f"0..{MAX_PAYLOAD}"
    assert VERSION == OLDEST == 1
    for text in (
        "Version 1.",
        f"at most {MAX_LEVELS} levels",
        f"a string of 1 to {MAX_NAME} printable characters",
        f"no number beyond {MAX_NUMBER}, none twice, at most {MAX_TARGETS} in all",
        f"A message with at most {BATCH} targets fits into a frame",
        f"At most {MAX_PINGS} may wait for an answer",
        f"At most {MAX_JOBS} jobs live at a time",
        f"No more than {MAX_SIZE} bytes may be open",
    ):
        assert text in WORDS


def test_notes_are_explained() -> None:
    about = WORDS[WORDS.index("3. NOTE is news") :]
    for kind in KINDS_OF_NOTE:
        assert (kind in about) or (kind == "stderr" and "standard error" in about)


def test_examples() -> None:
    match = re.search(r"`([0-9a-f]{8}) ([0-9a-f]{8})`, `(\{.*?\})`, `(\w+)` is a frame", WORDS)
    assert match is not None
    header, payload, json, text = match.groups()
    stream = bytes.fromhex(header + payload) + json.encode() + text.encode()
    assert list(Decoder().feed(stream)) == [({"type": "BYE"}, b"end")]
    [lines] = re.findall(r"`(0 gw.*?)` \(with tabs and newlines", WORDS)
    assert read(re.sub(" (?=[012] )", "\n", lines).replace(" ", "\t").encode()) == {
        "gw1": {"gw11": {}, "gw12": {}},
        "gw2": {"gw11": {}, "gw12": {}},
        "gw3": {},
    }
    assert "`[5, 3, 2, 1]` are the targets 5, 6, 7 and 2" in WORDS
    assert pack_ids([5, 6, 7, 2]) == [5, 3, 2, 1]
