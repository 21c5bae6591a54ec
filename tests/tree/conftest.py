"""Fixtures of the tests of the tree."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from local_tree import Local, gateways_of


@pytest.fixture
def tree() -> Local:
    """Runs jobs over gateways that are processes of this machine."""
    return Local()


@pytest.fixture(autouse=True)
def no_gateway_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """However its head ended, a gateway ends soon after it."""
    yield
    deadline = time.monotonic() + 5
    while left := gateways_of(request.node.nodeid):
        assert time.monotonic() < deadline, f"gateways are left: {left}"
        time.sleep(0.02)
