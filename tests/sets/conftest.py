"""The slot for group resolvers, emptied for a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clush.sets import resolver


@pytest.fixture
def empty_slot() -> Iterator[None]:
    """No resolver is there, as where nobody has filled the slot."""
    kept = resolver.slot()
    resolver.refill((None, None, None))
    yield
    resolver.refill(kept)
