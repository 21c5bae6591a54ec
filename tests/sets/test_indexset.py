"""IndexSet against Python's own set."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.sets.indexset import CHUNK, IndexSet

near = st.integers(-2 * CHUNK, 3 * CHUNK)
values = st.one_of(
    st.sets(st.integers(0, 40)),
    st.sets(near, max_size=60),
    st.sets(st.one_of(near, st.integers(-(10**30), 10**100)), max_size=8),
    st.builds(
        lambda start, size, step: set(range(start, start + size, step)),
        near,
        st.integers(0, 3 * CHUNK),
        st.integers(1, 9),
    ),
)


def runs_of(numbers: set[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


@given(values, values)
def test_algebra_is_that_of_sets(a: set[int], b: set[int]) -> None:
    x, y = IndexSet(a), IndexSet(b)
    for made, expected in (
        (x | y, a | b),
        (x & y, a & b),
        (x - y, a - b),
        (x ^ y, a ^ b),
    ):
        assert made == IndexSet(expected)
        assert list(made) == sorted(expected)
        assert len(made) == len(expected)
        assert bool(made) == bool(expected)
    assert x.isdisjoint(y) == a.isdisjoint(b)
    assert x.issubset(y) == a.issubset(b)
    assert (x == y) == (a == b)
    assert (x.key() == y.key()) == (a == b)
    assert list(x) == sorted(a), "an operand was changed"
    x |= y
    assert list(x) == sorted(a | b)
    assert list(y) == sorted(b)


@given(values)
def test_order(numbers: set[int]) -> None:
    made, ordered = IndexSet(numbers), sorted(numbers)
    assert list(made.runs()) == runs_of(numbers)
    assert IndexSet(runs=runs_of(numbers)) == made
    assert made.is_scattered() == (len(runs_of(numbers)) == len(numbers))
    for rank in {0, len(ordered) // 3, len(ordered) - 1} if ordered else ():
        assert made.select(rank) == ordered[rank]
        assert made.rank(ordered[rank]) == rank
    if ordered:
        assert (made.min(), made.max()) == (ordered[0], ordered[-1])
        with pytest.raises(IndexError):
            made.select(len(ordered))


@given(values, near, near)
def test_between(numbers: set[int], low: int, high: int) -> None:
    expected = sorted(n for n in numbers if low <= n < high)
    assert list(IndexSet(numbers).between(low, high)) == expected


@given(values, st.lists(st.integers(0, 3000), max_size=5))
def test_cut_gives_consecutive_parts(numbers: set[int], sizes: list[int]) -> None:
    ordered, start = sorted(numbers), 0
    parts = list(IndexSet(numbers).cut(sizes))
    assert len(parts) == len(sizes)
    for size, part in zip(sizes, parts):
        assert list(part) == ordered[start : start + size]
        start += size


@given(near, st.integers(-5, 3 * CHUNK), st.one_of(st.integers(1, 70), st.integers(1, 2 * CHUNK)))
def test_from_range(start: int, size: int, step: int) -> None:
    expected = range(start, start + size, step)
    assert list(IndexSet.from_range(start, start + size, step)) == list(expected)


@given(values, near)
def test_one_value(numbers: set[int], value: int) -> None:
    made = IndexSet(numbers)
    assert (value in made) == (value in numbers)
    made.add(value)
    assert made == IndexSet(numbers | {value})
    made.discard(value)
    made.discard(value)
    assert made == IndexSet(numbers - {value})


@given(values)
def test_a_copy_is_equal_and_apart(numbers: set[int]) -> None:
    made = IndexSet(numbers)
    twin = made.copy()
    made.add(7)
    made.discard(min(numbers, default=7))
    assert twin == IndexSet(numbers)


def test_a_solid_range_shares_its_chunks() -> None:
    tracemalloc.start()
    solid = IndexSet.from_range(0, 10**7) | IndexSet(runs=[(10**8, 10**8 + 10**7 - 1)])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(solid) == 2 * 10**7
    assert peak < 2_000_000


def test_repr_shows_the_runs() -> None:
    assert repr(IndexSet([3, 1, 2, 9])) == "<IndexSet 1-3,9>"
