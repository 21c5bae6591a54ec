"""Equal output is told once; of each target and stream the order is kept."""

from __future__ import annotations

import gc

from hypothesis import given
from hypothesis import strategies as st

from clush.tree.groom import Groomer


def test_equal_output_is_told_once() -> None:
    groomer = Groomer()
    groomer.output([1], "stdout", b"a\n")
    groomer.output([2, 3], "stdout", b"a\n")
    groomer.output([3], "stdout", b"b\n")
    assert groomer.size == 4
    assert [tuple(saying) for saying in groomer.flush()] == [
        ([1, 2], "stdout", b"a\n"),
        ([3], "stdout", b"a\nb\n"),
    ]
    assert groomer.size == 0
    assert groomer.flush() == []


def test_pieces_do_not_matter() -> None:
    groomer = Groomer()
    for part in (b"a\n", b"b\n"):
        groomer.output([1], "stdout", part)
    groomer.output([2], "stdout", b"a\nb\n")
    assert [tuple(saying) for saying in groomer.flush()] == [([1, 2], "stdout", b"a\nb\n")]


def test_held_text_that_is_equal_is_held_once() -> None:
    groomer = Groomer()
    for number in range(1000):
        groomer.output([number], "stdout", b"x" * 1000)
    assert groomer.size == 1000


def test_what_was_told_is_gone_at_once() -> None:
    # not when the garbage collector looks, which counts objects and not megabytes
    groomer = Groomer()
    gc.collect()
    gc.disable()
    try:
        for ids in ([1, 2], [2], [1], [2, 3], [3]):
            groomer.output(ids, "stdout", b"a\n")
            groomer.output(ids, "stderr", b"b\n")
        groomer.flush()
        assert gc.collect() == 0
    finally:
        gc.enable()


said = st.lists(
    st.tuples(
        st.lists(st.integers(0, 4), min_size=1, max_size=4, unique=True),
        st.sampled_from(["stdout", "stderr"]),
        st.sampled_from([b"a\n", b"b\n", b"a\nb\n", b"c"]),
        st.booleans(),
    )
)


@given(said)
def test_nothing_is_lost_or_exchanged(outputs: list[tuple[list[int], str, bytes, bool]]) -> None:
    groomer = Groomer()
    wanted: dict[tuple[int, str], bytes] = {}
    got: dict[tuple[int, str], bytes] = {}

    def flush() -> None:
        for ids, stream, data in groomer.flush():
            for number in ids:
                got[number, stream] = got.get((number, stream), b"") + data

    for ids, stream, data, now in outputs:
        groomer.output(ids, stream, data)
        for number in ids:
            wanted[number, stream] = wanted.get((number, stream), b"") + data
        if now:
            flush()
    flush()
    assert got == wanted
