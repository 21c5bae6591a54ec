"""`clush.sets.numbered`: sets of one axis by number, vectors of them in order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.sets.numbered import Axis, differing, entry_of, index_order, numbers_of, union_shape
from clush.sets.ranges import RangeSet

texts = st.one_of(
    st.integers(-200, 200).map(str),
    st.builds(lambda value, width: str(value).zfill(width), st.integers(0, 200), st.integers(1, 4)),
)


@given(st.sets(texts, min_size=1))
def test_index_order_is_that_of_range_sets(indexes: set[str]) -> None:
    assert sorted(indexes, key=index_order) == list(RangeSet(sorted(indexes)))


@given(st.sets(texts, min_size=2), st.data())
def test_a_set_has_one_number_however_it_is_made(indexes: set[str], data: st.DataObject) -> None:
    axis = Axis()
    order = data.draw(st.permutations(sorted(indexes)))
    cut = data.draw(st.integers(1, len(order) - 1))
    parts = [axis.number_of(RangeSet(order[:cut])), axis.number_of(RangeSet(order[cut:]))]
    shape = union_shape([axis.shapes[part] for part in parts])
    whole = axis.union(parts)
    assert axis.shapes[whole] == shape
    assert axis.number_of(RangeSet(order)) == whole
    assert axis.union([axis.single(text) for text in order]) == whole
    assert shape in axis.known


@pytest.mark.parametrize(
    ("one", "other", "axis"),
    [((1, 2), (1, 3), 1), ((1, 2), (2, 2), 0), ((1, 2), (2, 1), -1), ((0, 1, 2), (0, 3, 2), 1)],
)
def test_differing(one: tuple[int, ...], other: tuple[int, ...], axis: int) -> None:
    assert differing(one, other) == axis


def test_entries_sort_largest_first_then_by_text() -> None:
    axes = [Axis(), Axis()]
    vectors = [("9", "1"), ("10", "2"), ("1-2", "7"), ("3", "1-2"), ("4-6", "1-2")]
    numbers = [
        tuple(axis.number_of(RangeSet(text)) for axis, text in zip(axes, vector))
        for vector in vectors
    ]
    entries = sorted(entry_of(axes, vector) for vector in numbers)
    ordered = [vectors[numbers.index(numbers_of(entry))] for entry in entries]
    assert ordered == [("4-6", "1-2"), ("1-2", "7"), ("3", "1-2"), ("10", "2"), ("9", "1")]
