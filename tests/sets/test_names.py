"""Names taken apart, one by one and many together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.sets import encode
from clush.sets.decode import STRUCTURE
from clush.sets.names import gather, literals, split_name

names = st.text(st.sampled_from("ab019%s-.é१ "), min_size=1, max_size=9).map(str.strip)
names = names.filter(bool)


@pytest.mark.parametrize(
    ("name", "template", "indexes"),
    [
        ("node12", "node%s", ["12"]),
        ("ib0-r2n07", "ib%s-r%sn%s", ["0", "2", "07"]),
        ("10.0.0.1", "%s.%s.%s.%s", ["10", "0", "0", "1"]),
        ("login", "login", []),
        ("42", "%s", ["42"]),
        ("1a11b1", "%sa%sb%s", ["1", "11", "1"]),
        ("x%s5", "x%%s%s", ["5"]),
        ("50%", "%s%%", ["50"]),
        ("n१2", "n१%s", ["2"]),
        ("né7x", "né%sx", ["7"]),
    ],
)
def test_template_and_indexes(name: str, template: str, indexes: list[str]) -> None:
    assert split_name(name) == (template, indexes)
    assert template % tuple(indexes) == name


@given(names)
def test_a_name_is_its_template_with_its_indexes(name: str) -> None:
    template, indexes = split_name(name)
    assert template % tuple(indexes) == name
    parts = literals(template)
    assert len(parts) == len(indexes) + 1
    assert "%s".join(parts) == template
    assert all(index.isdigit() and index.isascii() for index in indexes)


@given(st.lists(names, max_size=30))
def test_many_names_are_the_same_as_each(many: list[str]) -> None:
    mapping, rejected = gather(many, frozenset())
    assert rejected == []
    assert sorted(encode.names(mapping)) == sorted(set(many))


@pytest.mark.parametrize(
    ("texts", "rejected"),
    [
        (["n1", "n2", "n"], []),
        (["n1", ""], [""]),
        (["n1", " n2", "n3 ", "n 4"], [" n2", "n3 "]),
        (["n[1-2]", "n3!n4", "a,b5"], ["n[1-2]", "n3!n4", "a,b5"]),
        (["n(1)", "n1)x"], ["n(1)", "n1)x"]),
        (["n" + "1" * 100, "n" + "1" * 101], ["n" + "1" * 101]),
        (["1" * 101 + "-2", "1" * 101 + "x"], ["1" * 101 + "-2", "1" * 101 + "x"]),
    ],
)
def test_what_is_no_plain_name_is_given_back(texts: list[str], rejected: list[str]) -> None:
    mapping, found = gather(texts, STRUCTURE)
    assert sorted(found) == sorted(rejected)
    assert sorted(encode.names(mapping)) == sorted(set(texts) - set(rejected))


@pytest.mark.parametrize("count", [1, 3, 4, 50])
def test_rows_of_any_length(count: int) -> None:
    many = [f"r{row}n{index}-ib{index % 2}" for row in range(3) for index in range(count)]
    mapping, _ = gather(many, frozenset())
    assert list(mapping) == ["r%sn%s-ib%s"]
    assert sorted(encode.names(mapping)) == sorted(many)
