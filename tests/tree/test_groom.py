"""Equal output is told once; of each target and stream the order is kept."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.tree import groom
from clush.tree.groom import AGAIN, Groomer


def test_equal_output_is_told_once() -> None:
    groomer = Groomer()
    groomer.output([1], "stdout", b"a\n")
    groomer.output([2, 3], "stdout", b"a\n")
    groomer.output([3], "stdout", b"b\n")
    assert groomer.size == 4
    assert groomer.flush() == [([1, 2], "stdout", b"a\n"), ([3], "stdout", b"a\nb\n")]
    assert groomer.size == 0
    assert groomer.flush() == []


def test_pieces_do_not_matter() -> None:
    groomer = Groomer()
    for part in (b"a\n", b"b\n"):
        groomer.output([1], "stdout", part)
    groomer.output([2], "stdout", b"a\nb\n")
    assert groomer.size == 4
    assert groomer.flush() == [([1, 2], "stdout", b"a\nb\n")]


def test_held_text_that_is_equal_is_held_once() -> None:
    groomer = Groomer()
    for number in range(1000):
        groomer.output([number], "stdout", b"x" * 1000)
    assert groomer.size == 1000


def lines(count: int) -> bytes:
    return b"".join(b"line %d of what all of them have in common\n" % i for i in range(count))


# How the bytes of a target come: as many at once, and the next time as many more.
@pytest.mark.parametrize(("first", "more"), [(65536, 0), (4096, 0), (20000, 1777), (400000, 0)])
def test_what_they_began_with_is_held_and_told_once(first: int, more: int) -> None:
    common, targets = lines(8000), range(150)
    groomer = Groomer()
    tails = 0
    for number in targets:
        tail = b"node%d\n" % number
        tails += len(tail)
        for part in cut(common + tail, first + more * (number % 7)):
            groomer.output([number], "stdout", part)
    assert groomer.size == len(common) + tails
    (all_of_them, _, text), *others = groomer.flush()
    assert all_of_them == list(targets)
    assert text == common
    assert others == [([i], "stdout", b"node%d\n" % i) for i in targets]


def cut(text: bytes, size: int) -> Iterator[bytes]:
    """In pieces of whole lines, of at most so many bytes."""
    while text:
        end = text.rfind(b"\n", 0, size) + 1
        yield text[:end]
        text = text[end:]


def test_what_some_began_with_is_told_after_what_all_did() -> None:
    common, half = lines(10), b"half of them\n" * 30
    groomer = Groomer()
    for number in (3, 2, 1, 0):
        groomer.output([number], "stdout", common + half * (number % 2))
        groomer.output([number], "stdout", b"%d\n" % number)
    assert groomer.flush() == [
        ([0, 1, 2, 3], "stdout", common),
        ([1, 3], "stdout", half),
        ([3], "stdout", b"3\n"),
        ([1], "stdout", b"1\n"),
        ([2], "stdout", b"2\n"),
        ([0], "stdout", b"0\n"),
    ]


def test_what_is_short_is_told_with_what_follows() -> None:
    groomer = Groomer()
    start = b"x" * (AGAIN - 1) + b"\n"
    groomer.output([1, 2], "stdout", start)
    groomer.output([1], "stdout", b"1\n")
    groomer.output([2], "stdout", b"2\n")
    assert groomer.flush() == [([1], "stdout", start + b"1\n"), ([2], "stdout", start + b"2\n")]


def test_lines_are_not_cut() -> None:
    common = lines(10)
    groomer = Groomer()
    groomer.output([1], "stdout", common + b"\x0a and")
    groomer.output([2], "stdout", common + b"\x0a and more\n")
    groomer.output([3], "stdout", common + b"\x8a\n")
    groomer.output([4], "stdout", common + b"\x0a and\0\n")
    assert groomer.flush() == [
        ([1, 2, 3, 4], "stdout", common),
        ([1], "stdout", b"\x0a and"),
        ([2], "stdout", b"\x0a and more\n"),
        ([4], "stdout", b"\x0a and\0\n"),
        ([3], "stdout", b"\x8a\n"),
    ]


def test_targets_that_have_come_to_different_places() -> None:
    """Neither text nor names grow with their square; and there are thousands of pieces."""
    count = 3000
    groomer = Groomer()
    for line in range(count):
        groomer.output(range(line, count), "stdout", b"%d\n" % line)
    size = groomer.size
    sayings = groomer.flush()
    assert sum(len(text) for *_, text in sayings) <= size + AGAIN * len(sayings)
    assert sum(len(ids) for ids, *_ in sayings) <= count * (size // AGAIN + 1)
    said = dict.fromkeys(range(count), 0)
    for ids, _, text in sayings:
        for number in ids:
            said[number] += text.count(b"\n")
    assert said == {number: number + 1 for number in range(count)}


def test_what_was_told_is_gone_at_once() -> None:
    # not when the garbage collector looks, which counts objects and not megabytes
    groomer = Groomer()
    gc.collect()
    gc.disable()
    try:
        for ids in ([1, 2], [2], [1], [2, 3], [3]):
            groomer.output(ids, "stdout", b"a\nb\n")
            groomer.output(ids, "stderr", b"a\nc\n")
            groomer.output(ids, "stderr", b"b\n")
        groomer.output([4], "stderr", b"a\n")
        groomer.flush()
        assert gc.collect() == 0
    finally:
        gc.enable()


said = st.lists(
    st.tuples(
        st.lists(st.integers(0, 4), min_size=1, max_size=4, unique=True),
        st.sampled_from(["stdout", "stderr"]),
        st.lists(st.sampled_from([b"a\n", b"b\n", b"\n", b"\0\n", b"ab\n"]), max_size=5),
        st.sampled_from([b"", b"", b"", b"a", b"b", b"\0"]),
        st.booleans(),
    )
)


@given(said, st.sampled_from([0, 1, 3, AGAIN]))
def test_nothing_is_lost_or_exchanged(
    outputs: list[tuple[list[int], str, list[bytes], bytes, bool]], again: int
) -> None:
    groomer = Groomer()
    wanted: dict[tuple[int, str], bytes] = {}
    got: dict[tuple[int, str], bytes] = {}
    # Since the last time, of each: the lines as they came, and all lists of lines that any had.
    since: dict[tuple[int, str], tuple[bytes, ...]] = {}
    distinct: set[tuple[str, tuple[bytes, ...]]] = set()

    def flush() -> None:
        size = groomer.size
        assert size == sum(len(whole[-1]) for _, whole in distinct)
        sayings = groomer.flush()
        streams = [stream for _, stream, _ in sayings]
        assert sorted(streams, key=streams.index) == streams  # one after the other
        for ids, stream, data in sayings:
            assert ids == sorted(set(ids))
            for number in ids:
                got[number, stream] = got.get((number, stream), b"") + data
        assert got == wanted
        # What is told is what is held, but for what is short.
        assert size <= sum(len(data) for *_, data in sayings) <= size + again * len(sayings)
        texts = {(stream, whole) for (_, stream), whole in since.items()}
        assert len(sayings) <= 2 * len(texts)
        since.clear()
        distinct.clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(groom, "AGAIN", again)
        for ids, stream, whole, rest, now in outputs:
            data = b"".join(whole) + rest
            if not data:
                continue
            groomer.output(ids, stream, data)
            for number in ids:
                key = number, stream
                wanted[key] = wanted.get(key, b"") + data
                for line in data.splitlines(keepends=True):
                    since[key] = (*since.get(key, ()), line)
                    distinct.add((stream, since[key]))
            if now:
                flush()
        flush()
