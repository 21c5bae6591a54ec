"""Fixtures of the tests of the tree."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_tree import Local


@pytest.fixture
def tree() -> Local:
    """Runs jobs over gateways that are processes of this machine."""
    return Local()


@pytest.fixture(autouse=True)
def no_gateway_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """However its head ended, a gateway ends soon after it."""
    yield
    test = request.node.nodeid.encode()
    deadline = time.monotonic() + 5
    while left := _gateways_of(test):
        assert time.monotonic() < deadline, f"gateways are left: {left}"
        time.sleep(0.02)


def _gateways_of(test: bytes) -> list[str]:
    """The processes that run as gateways and inherited the name of ``test``."""
    found = []
    mark = b"PYTEST_CURRENT_TEST=" + test
    for entry in os.listdir("/proc"):
        try:
            words = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
            if b"-ESs" in words and mark in Path(f"/proc/{entry}/environ").read_bytes():
                found.append(entry)
        except OSError:
            continue
    return found
