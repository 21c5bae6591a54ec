"""side_by_side.py OLDEST NEWEST: pytest in two virtual environments at once.

The first one's output is shown as it comes, the second one's after it, so that the last
lines are the second one's summary.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path


def main(first: str, second: str) -> int:
    """The worse of both exit codes."""
    with tempfile.TemporaryFile() as kept:
        later = subprocess.Popen(pytest(second), stdout=kept, stderr=subprocess.STDOUT)
        try:
            announce(first)
            worst = subprocess.run(pytest(first)).returncode
            announce(second)
            worst = max(worst, later.wait())
        finally:
            later.terminate()
            later.wait()
        kept.seek(0)
        sys.stdout.buffer.write(kept.read())
        sys.stdout.flush()
    return worst


def pytest(environment: str) -> list[str]:
    return [str(Path(environment) / "bin" / "python"), "-m", "pytest"]


def announce(environment: str) -> None:
    print(f"== pytest on Python {environment.rpartition('-')[2]}", flush=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
