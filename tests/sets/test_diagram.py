"""`clush.sets.diagram`: the algebra of sets of vectors, against Python sets of tuples."""

from __future__ import annotations

import operator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clush.sets import diagram
from clush.sets.diagram import (
    DIFFERENCE,
    INTERSECTION,
    SYMMETRIC_DIFFERENCE,
    UNION,
    Node,
    combined,
    contains,
    dim_of,
    of_product,
    of_vectors,
    size_of,
)
from clush.sets.ranges import RangeSet

INDEXES = ["1", "2", "3", "01", "02", "10", "-1"]
OPERATIONS = [
    (UNION, operator.or_),
    (INTERSECTION, operator.and_),
    (DIFFERENCE, operator.sub),
    (SYMMETRIC_DIFFERENCE, operator.xor),
]

axis_sets = st.sets(st.sampled_from(INDEXES), min_size=1, max_size=5)


@st.composite
def operands(draw: st.DrawFn) -> tuple[int, list, list]:
    """A number of axes, and two lists of products of sets of texts."""
    dim = draw(st.integers(1, 4))
    products = st.lists(st.tuples(*[axis_sets] * dim), max_size=5)
    return dim, draw(products), draw(products)


def members(products: list) -> set[tuple[str, ...]]:
    return {member for sets in products for member in product(*sets)}


def made(products: list) -> diagram.Below | None:
    return of_vectors([], [tuple(map(RangeSet, sets)) for sets in products])


def listed(below: diagram.Below | None) -> list[tuple[str, ...]]:
    if below is None:
        return []
    paths = below.paths() if isinstance(below, Node) else [(below,)]
    return [member for path in paths for member in product(*path)]


@pytest.mark.parametrize("narrow", [diagram.NARROW, 0], ids=["by element", "by group"])
@pytest.mark.parametrize(("operation", "plain"), OPERATIONS)
@settings(max_examples=40)
@given(operands())
def test_algebra(narrow: int, operation: diagram.Operation, plain, given) -> None:
    _, mine, theirs = given
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diagram, "NARROW", narrow)
        patch.setattr(diagram, "FEW_ROWS", narrow)
        result = combined(operation, made(mine), made(theirs))
        expected = plain(members(mine), members(theirs))
        found = listed(result)
        assert set(found) == expected
        assert len(found) == len(expected) == size_of(result)
        assert (result is None) == (not expected)


@settings(max_examples=40)
@given(operands())
def test_points_and_products_mix(given: tuple[int, list, list]) -> None:
    dim, singles, products = given
    points = list(members(singles))
    below = of_vectors(points, [tuple(map(RangeSet, sets)) for sets in products])
    expected = {*points, *members(products)}
    assert set(listed(below)) == expected
    assert dim_of(below) == (dim if expected else 0)
    assert all(contains(below, member) for member in expected)
    if below is not None:
        assert {m for m in product(INDEXES, repeat=dim) if contains(below, m)} == expected


@settings(max_examples=40)
@given(operands())
def test_key_tells_sets_apart(given: tuple[int, list, list]) -> None:
    _, mine, theirs = given
    one, other = made(mine), of_vectors(sorted(members(theirs)), [])
    if one is not None and other is not None:
        assert (one.key() == other.key()) == (members(mine) == members(theirs))


def test_counts_of_a_product_need_no_members() -> None:
    below = of_product((RangeSet("1-9000000"), RangeSet("1-8000000"), RangeSet("1-7")))
    assert isinstance(below, Node)
    assert below.size == 9000000 * 8000000 * 7
    assert below.rows == 9000000 * 8000000
    assert contains(below, ("9000000", "17", "7"))
    assert not contains(below, ("9000001", "17", "7"))


def test_what_follows_is_shared() -> None:
    cube = of_product((RangeSet("1-100"),) * 3)
    hole = of_product((RangeSet("7"),) * 3)
    rest = combined(DIFFERENCE, cube, hole)
    assert isinstance(rest, Node)
    below = rest.distinct()
    assert len(below) == 2
    assert sorted(len(node.distinct()) for node in below if isinstance(node, Node)) == [1, 2]


def test_a_huge_axis_is_never_gone_through() -> None:
    huge = RangeSet("1-20000000")
    one = of_product((huge, RangeSet("1-2")))
    other = of_product((RangeSet("5-6,30000000"), RangeSet("2-3")))
    for operation, size in [
        (UNION, 40000000 + 6 - 2),
        (INTERSECTION, 2),
        (DIFFERENCE, 40000000 - 2),
        (SYMMETRIC_DIFFERENCE, 40000000 + 6 - 4),
    ]:
        assert size_of(combined(operation, one, other)) == size
