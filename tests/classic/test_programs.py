"""Programs in the style of those that exist print here what they print with ClusterShell 1.10.1.

What they printed there is written down beside them, by ``programs/record.py``.
"""

from __future__ import annotations

import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"
NAMES = sorted(path.stem for path in PROGRAMS.glob("*.txt"))

sys.path.insert(0, str(PROGRAMS))
try:
    from record import printed
finally:
    sys.path.remove(str(PROGRAMS))

# Most of the time they wait for something.
AT_ONCE = 4


@pytest.fixture(scope="module")
def running() -> dict[str, Future[str]]:
    """All programs, started in turn; each test waits for its own."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {name: pool.submit(printed, PROGRAMS / f"{name}.py", "0") for name in NAMES}


def test_each_program_is_recorded() -> None:
    programs = {path.stem for path in PROGRAMS.glob("*.py")} - {"record"}
    assert programs == set(NAMES)
    assert len(NAMES) >= 20


@pytest.mark.parametrize("name", NAMES)
def test_programs(name: str, running: dict[str, Future[str]]) -> None:
    assert running[name].result() == (PROGRAMS / f"{name}.txt").read_text()
