"""The axes that node sets fold when they were not told which."""

from __future__ import annotations

import pytest

from clush.sets import axes
from clush.sets.nodeset import NodeSet


@pytest.fixture
def asked():
    """Fill the slot with axis 0; the list grows each time the slot's function is called."""
    calls = []

    def site():
        calls.append(None)
        return (0,)

    axes.set_standard_factory(site)
    yield calls
    axes.set_standard_factory(None)


def test_an_empty_slot_folds_all():
    assert axes.standard() is None
    assert str(NodeSet("a[1-2]b[1-2]")) == "a[1-2]b[1-2]"


def test_the_site_is_asked_once_and_late(asked):
    first, second = NodeSet("a[1-2]b[1-2]"), NodeSet("c[1-2]b[1-2]")
    assert len(asked) == 0
    assert (str(first), str(second)) == ("a[1-2]b1,a[1-2]b2", "c[1-2]b1,c[1-2]b2")
    assert len(asked) == 1


def test_a_set_that_was_told_does_not_ask(asked):
    assert str(NodeSet("a[1-2]b[1-2]", fold_axis=(1,))) == "a1b[1-2],a2b[1-2]"
    assert len(asked) == 0
