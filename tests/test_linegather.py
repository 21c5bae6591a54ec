"""`clush.linegather`: the k-th lines of all nodes, as soon as all have said theirs."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush import linegather
from clush.linegather import LineGatherer

Given = list[tuple[bytes, list[int]]]


class Model:
    """The definition, line by line."""

    def __init__(self, keys: int) -> None:
        self.lines: dict[int, list[bytes]] = {key: [] for key in range(keys)}
        self.open = set(self.lines)

    def ready(self) -> list[dict[bytes, set[int]]]:
        rows = []
        while any(self.lines.values()) and all(self.lines[key] for key in self.open):
            row: dict[bytes, set[int]] = {}
            for key, lines in self.lines.items():
                if lines:
                    row.setdefault(lines.pop(0), set()).add(key)
            rows.append(row)
        return rows


def rows(given_out: Given) -> list[tuple[bytes, set[int]]]:
    """Blocks taken apart."""
    return [(line, set(keys)) for text, keys in given_out for line in text.splitlines(True)]


def flat(model_rows: list[dict[bytes, set[int]]]) -> list[tuple[bytes, set[int]]]:
    return [item for row in model_rows for item in row.items()]


def in_rows(items: list[tuple[bytes, set[int]]], sizes: list[int]) -> list[dict[bytes, set[int]]]:
    """Inside a row the order is free: compare as dicts."""
    left = iter(items)
    return [dict(next(left) for _ in range(size)) for size in sizes]


CHUNKS = st.lists(st.sampled_from([b"a\n", b"b\n", b"\n"]), max_size=5).map(b"".join)
STEPS = st.lists(st.tuples(st.integers(0, 3), st.none() | CHUNKS), max_size=20)


@pytest.mark.parametrize("enough", [1, linegather.ENOUGH_GIVEN])
@given(steps=STEPS)
def test_against_the_definition(enough: int, steps: list[tuple[int, bytes | None]]) -> None:
    live = LineGatherer(range(4))
    model = Model(4)
    limits = linegather.ENOUGH_GIVEN, linegather.LEAST_WINDOW
    linegather.ENOUGH_GIVEN, linegather.LEAST_WINDOW = enough, 3
    try:
        for key, chunk in [*steps, *((key, None) for key in range(4))]:
            if chunk is None:
                model.open.discard(key)
                out = live.close(key)
            elif key in model.open:
                model.lines[key] += chunk.splitlines(True)
                out = live.feed(key, chunk)
            else:
                with pytest.raises(KeyError):
                    live.feed(key, chunk)
                continue
            wanted = model.ready()
            items = rows(out)
            assert len(items) == len(flat(wanted))
            assert in_rows(items, [len(row) for row in wanted]) == wanted
            assert all(len(keys) == len(set(keys)) for _, keys in out)
    finally:
        linegather.ENOUGH_GIVEN, linegather.LEAST_WINDOW = limits
    assert not any(model.lines.values())


def test_equal_blocks_stay_whole() -> None:
    live = LineGatherer(["n1", "n2"])
    text = b"".join(b"line %d\n" % number for number in range(1000))
    assert live.feed("n1", text) == []
    assert live.feed("n2", text) == [(text, ["n1", "n2"])]


def test_agreement_around_one_difference_stays_whole() -> None:
    live = LineGatherer(["n1", "n2"])
    live.feed("n1", b"a\nb\nn1\nc\nd\n")
    assert live.feed("n2", b"a\nb\nn2\nc\nd\n") == [
        (b"a\nb\n", ["n1", "n2"]),
        (b"n1\n", ["n1"]),
        (b"n2\n", ["n2"]),
        (b"c\nd\n", ["n1", "n2"]),
    ]


def test_those_who_agree_again_are_together_again() -> None:
    live = LineGatherer(["n1", "n2", "n3"])
    out: list[tuple[bytes, list[str]]] = []
    for node, part in (("n1", b"0"), ("n2", b"0"), ("n3", b"1")):
        out += live.feed(node, b"start\npart-%s\nend\n" % part)
    assert out == [
        (b"start\n", ["n1", "n2", "n3"]),
        (b"part-0\n", ["n1", "n2"]),
        (b"part-1\n", ["n3"]),
        (b"end\n", ["n1", "n2", "n3"]),
    ]


def test_lines_of_one_number_come_in_the_order_asked_for() -> None:
    live = LineGatherer(["n1", "n2", "n3"], lambda nodes: (-len(nodes), nodes))
    live.feed("n1", b"x\na\n")
    live.feed("n2", b"y\nb\n")
    assert live.feed("n3", b"y\nc\n") == [
        (b"y\n", ["n2", "n3"]),
        (b"x\n", ["n1"]),
        (b"a\n", ["n1"]),
        (b"b\n", ["n2"]),
        (b"c\n", ["n3"]),
    ]


def test_the_missing_newline_of_a_last_line_is_added() -> None:
    live = LineGatherer(["n1", "n2"])
    live.feed("n1", b"a")
    assert live.feed("n2", b"a\n") == [(b"a\n", ["n1", "n2"])]


def test_a_line_longer_than_the_window() -> None:
    live = LineGatherer(["n1", "n2"])
    line = b"x" * 300_000
    live.feed("n1", line + b"1\n")
    assert live.feed("n2", line + b"2\n") == [(line + b"1\n", ["n1"]), (line + b"2\n", ["n2"])]


@pytest.mark.parametrize("key", ["n2", "n1"])
def test_unexpected_or_closed_keys_are_refused(key: str) -> None:
    live = LineGatherer(["n1"])
    assert live.close("n1") == []
    assert live.close("n1") == []
    with pytest.raises(KeyError, match=key):
        live.feed(key, b"late\n")


def test_nobody_expected() -> None:
    assert LineGatherer(()).close("n1") == []


def test_what_was_given_out_is_forgotten() -> None:
    """Two nodes, one always a line ahead: memory does not grow with what they said."""
    import tracemalloc

    live = LineGatherer(["n1", "n2"])
    block = b"x" * 999 + b"\n"
    live.feed("n1", block)
    tracemalloc.start()
    for _ in range(4000):
        live.feed("n1", block)
        live.feed("n2", block)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 2 * linegather.ENOUGH_GIVEN


def test_examples() -> None:
    assert doctest.testmod(linegather).failed == 0
