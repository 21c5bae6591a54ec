"""Values: as named tuples are."""

from __future__ import annotations

import pytest

from clush.wire.value import Value


class Point(Value):
    x: int
    y: int = 2
    name: str = ""


def test_values_are_given_in_order_or_by_name() -> None:
    assert Point(1) == Point(x=1) == Point(1, 2) == Point(1, 2, "") == Point(name="", x=1, y=2)
    assert Point(1, name="a") == (1, 2, "a")


def test_fields_are_attributes() -> None:
    point = Point(1, 3, "a")
    assert (point.x, point.y, point.name) == (1, 3, "a")
    assert Point._fields == ("x", "y", "name")
    with pytest.raises(AttributeError):
        point.x = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "named"),
    [((), {}), ((), {"y": 1}), ((1, 2, "", 4), {}), ((1,), {"x": 1}), ((1,), {"z": 1})],
)
def test_a_field_that_is_missing_or_unknown_is_told(values, named) -> None:
    with pytest.raises(TypeError, match=r"^Point has the fields x, y, name$"):
        Point(*values, **named)


def test_a_changed_copy() -> None:
    assert Point(1)._replace(y=5) == Point(1, 5)
    assert Point(1)._asdict() == {"x": 1, "y": 2, "name": ""}
    with pytest.raises(TypeError):
        Point(1)._replace(z=5)


def test_it_shows_what_it_is() -> None:
    assert repr(Point(1, name="a")) == "Point(x=1, y=2, name='a')"
