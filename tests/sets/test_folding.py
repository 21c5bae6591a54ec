"""`clush.sets.folding`: the fold is its definition, written plainly below, only faster."""

from __future__ import annotations

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clush.sets import absorbing, folding
from clush.sets.diagram import of_vectors
from clush.sets.folding import first_text, fold
from clush.sets.numbered import Axis, index_order
from clush.sets.ranges import RangeSet

Member = tuple[str, ...]
Plain = tuple[frozenset[str], ...]

# Few indexes per axis, so that much is next to something and much is missing.
POOLS = [
    ["1", "2", "3", "4", "5"],
    ["8", "9", "10", "11", "12"],
    ["1", "01", "001", "2", "02"],
    ["08", "09", "10", "9", "8", "010"],
    ["-10", "-2", "-1", "0", "1"],
    ["0", "1"],
]


@st.composite
def member_sets(draw: st.DrawFn, most: int = 40) -> set[Member]:
    axes = draw(st.lists(st.sampled_from(POOLS), min_size=2, max_size=4))
    members = st.tuples(*map(st.sampled_from, axes))
    found = draw(st.sets(members, min_size=1, max_size=most))
    if draw(st.booleans()):
        return found
    everything = set(product(*[axis[:3] for axis in axes]))
    return everything - found or everything


# The definition


def order(vector: Plain) -> tuple[object, ...]:
    size, shapes = -1, []
    for values in vector:
        ordered = sorted(values, key=index_order)
        shapes.append((-len(values), ordered[0], ordered[-1]))
        size *= len(values)
    return size, shapes


def differ_on(one: Plain, other: Plain) -> list[int]:
    return [axis for axis, values in enumerate(one) if values != other[axis]]


def joined(one: Plain, other: Plain, axis: int) -> Plain:
    return (*one[:axis], one[axis] | other[axis], *one[axis + 1 :])


def swept(vectors: list[Plain]) -> list[Plain]:
    made = [vectors[0]]
    for vector in vectors[1:]:
        axes = differ_on(made[-1], vector)
        if len(axes) == 1:
            made[-1] = joined(made[-1], vector, axes[0])
        else:
            made.append(vector)
    return made


def absorbed(vectors: list[Plain]) -> list[Plain]:
    made, rest = [], vectors
    while rest:
        taker, later, rest = rest[0], rest[1:], []
        for vector in later:
            axes = differ_on(taker, vector)
            if len(axes) == 1:
                taker = joined(taker, vector, axes[0])
            else:
                rest.append(vector)
        made.append(taker)
    return made


def definition(members: set[Member]) -> list[Plain]:
    vectors = sorted((tuple(frozenset([text]) for text in m) for m in members), key=order)
    for step in (swept, absorbed):
        before = 0
        while before != len(vectors):
            before = len(vectors)
            vectors = sorted(step(vectors), key=order)
    return vectors


def folded(members: set[Member]) -> list[Plain]:
    below = of_vectors(list(members), [])
    assert below is not None
    return [
        tuple(frozenset([part] if isinstance(part, str) else part) for part in vector)
        for vector in fold(below)
    ]


@settings(max_examples=150)
@given(member_sets())
def test_is_the_definition(members: set[Member]) -> None:
    assert folded(members) == definition(members)


def test_is_the_definition_on_many_random_sets() -> None:
    rnd = random.Random(1)
    for _ in range(400):
        axes = [rnd.choice(POOLS) for _ in range(rnd.randint(2, 4))]
        some = {tuple(map(rnd.choice, axes)) for _ in range(rnd.choice([5, 15, 40]))}
        assert folded(some) == definition(some)


@settings(max_examples=60)
@given(member_sets(most=15))
def test_is_the_definition_however_the_list_is_kept(members: set[Member]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for bulk in (0, 1 << 30):  # all rounds patch the list; all rounds sort it
            patch.setattr(folding, "BULK", bulk)
            assert folded(members) == definition(members)


@settings(max_examples=80)
@given(member_sets())
def test_groups_as_a_start_give_disjoint_vectors_that_cannot_join(members: set[Member]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "MAX_ROWS", 0)
        vectors = folded(members)
    assert vectors == sorted(vectors, key=order)
    assert sum(1 for vector in vectors for _ in product(*vector)) == len(members)
    assert {m for vector in vectors for m in product(*vector)} == members
    assert not any(
        len(differ_on(one, other)) == 1
        for place, one in enumerate(vectors)
        for other in vectors[place + 1 :]
    )


# Work is linear in the number of members, whatever their shape

SIDE = 1200  # members per shape
STEPS = 15  # per member and axis; the hardest shape takes 7, a search among all pairs 100s


def shapes() -> dict[str, list[Member]]:
    """Shapes that are hard on an algorithm that searches, sorts or joins carelessly."""
    rnd = random.Random(2)
    plane = list(product(range(40), range(40)))
    space = list(product(range(11), repeat=3))
    half = SIDE // 2
    made: dict[str, list[tuple[object, ...]]] = {
        "grid": plane,
        "part of a grid": rnd.sample(plane, 800),
        "product minus random points": rnd.sample(space, 1200),
        "part of 4-D": rnd.sample(list(product(range(10), repeat=4)), SIDE),
        "diagonal": [(i, i) for i in range(SIDE)],
        "diagonal of 4-D": [(i, i, i, i) for i in range(SIDE)],
        "checkerboard": [(a, b) for a, b in plane if (a + b) % 2],
        "checkerboard of 3-D": [(a, b, c) for a, b, c in space if (a + b + c) % 2],
        "disc": [(a, b) for a, b in plane if (a - 20) ** 2 + (b - 20) ** 2 < 390],
        "triangle": [(a, b) for a, b in plane if a < b],
        "mirror": [(10000 + a, min(a, half - a) * 2 + b) for a in range(half) for b in (0, 1)],
        "stripes": [(10000 + i, i % 2) for i in range(SIDE)],
        "wide stripes": [(10000 + a, a % 2 + b) for a in range(half) for b in (0, 2)],
        "crossing stripes": [(i, i % 7, i % 3) for i in range(SIDE)],
        "sparse": [(rnd.randrange(10**9), rnd.randrange(10**9)) for _ in range(SIDE)],
        "line on the first axis": [(i, 1) for i in range(SIDE)],
        "stairs": [(a, k) for k in range(10) for a in range(2**k, 2 ** (k + 1))],
        "blocks": [(i // 100, i // 10, i) for i in range(SIDE)],
        "widths": [(f"{i % 40:0{1 + i % 20}}", f"{i // 40:0{1 + i % 3}}") for i in range(SIDE)],
    }
    return {name: [tuple(map(str, m)) for m in shape] for name, shape in made.items()}


@pytest.mark.parametrize(("name", "members"), shapes().items())
def test_work_is_linear(name: str, members: list[Member], monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0

    def counted(function):
        def call(*args):
            nonlocal steps
            steps += 1
            return function(*args)

        return call

    for module, function in [
        (folding, "differing"),
        (folding, "entry_of"),
        (absorbing, "entry_of"),
        (absorbing, "numbers_of"),
        (absorbing, "union_shape"),
    ]:
        monkeypatch.setattr(module, function, counted(getattr(module, function)))
    monkeypatch.setattr(Axis, "union", counted(Axis.union))
    folded(set(members))
    assert steps <= STEPS * len(members[0]) * len(members)


# Details


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(-150, 1200), st.integers(0, 200)), min_size=1, max_size=4))
def test_first_text(runs: list[tuple[int, int]]) -> None:
    values = RangeSet([f"{first}-{first + more}" for first, more in runs])
    values.update(RangeSet("098-104"))
    assert first_text(values) == min(values)
