"""Descriptor limits: looked at by all, raised by the tools only."""

from __future__ import annotations

import resource

import pytest

from clush.engine import limits


@pytest.fixture
def nofile(monkeypatch: pytest.MonkeyPatch):
    """A pretended limit; nothing of the test process is changed."""
    state = {"limit": (100, 1000)}
    monkeypatch.setattr(resource, "getrlimit", lambda which: state["limit"])
    monkeypatch.setattr(resource, "setrlimit", lambda which, new: state.update(limit=new))
    return state


@pytest.mark.parametrize(
    ("limit", "wanted", "soft", "then"),
    [
        ((100, 1000), 500, 500, (500, 1000)),
        ((100, 1000), 50, 50, (50, 1000)),
        ((100, 1000), 5000, 1000, (1000, 1000)),  # as far as it goes: the caller says so
        ((100, resource.RLIM_INFINITY), 5000, 5000, (5000, resource.RLIM_INFINITY)),
    ],
)
def test_set(nofile, limit, wanted: int, soft: int, then) -> None:
    nofile["limit"] = limit
    assert limits.set_descriptor_limit(wanted) == soft
    assert nofile["limit"] == then


@pytest.mark.parametrize("wanted", [0, -1])  # -1 would be taken for infinity
def test_what_is_no_limit(nofile, wanted: int) -> None:
    with pytest.raises(ValueError, match="not a number of files"):
        limits.set_descriptor_limit(wanted)
    assert nofile["limit"] == (100, 1000)


def test_the_need_grows_with_the_children() -> None:
    few, many = limits.descriptors_needed(1), limits.descriptors_needed(1001)
    assert many - few == 1000 * limits.PER_CHILD
