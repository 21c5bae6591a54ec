"""Fixtures of the tests of the tree."""

from __future__ import annotations

import pytest
from local_tree import Local


@pytest.fixture
def tree() -> Local:
    """Runs jobs over gateways that are processes of this machine."""
    return Local()
