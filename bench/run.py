"""Run the benchmarks of this folder and print one summary: ``python bench/run.py [NAME...]``.

Each script is a program with a ``main(argv)`` that prints rows of `_table`; it runs in a process of
its own, so that none disturbs the memory or the imports of another.  Options such as
``--quick`` are passed on.  The exit code is 1 if a bar was missed or a script failed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from _table import MISSED, Row, failed, parse, show

FOLDER = Path(__file__).resolve().parent
NO_BENCHMARKS = {"run", "peers"}


def names() -> list[str]:
    """The benchmarks, by name of their script."""
    return sorted(
        path.stem
        for path in FOLDER.glob("[!_]*.py")
        if path.stem not in NO_BENCHMARKS and "\ndef main(" in path.read_text()
    )


def rows(name: str, options: list[str]) -> list[Row]:
    """Run one script, printing what it prints as it comes; its rows, named after it."""
    argv = [sys.executable, str(FOLDER / f"{name}.py"), *options]
    found = []
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as script:
        assert script.stdout is not None
        for line in script.stdout:
            print(line, end="", flush=True)
            row = parse(line)
            if row is not None:
                found.append(row._replace(claim=f"{name}: {row.claim}"))
    missed = any(row.verdict.startswith(MISSED) for row in found)
    if script.returncode != missed:
        found.append(failed(name, f"exit code {script.returncode}"))
    return found


def main(argv: list[str]) -> int:
    """Run the named benchmarks, or all; the exit code."""
    options = [word for word in argv if word.startswith("-")]
    chosen = [word for word in argv if not word.startswith("-")] or names()
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(names())}", file=sys.stderr)
        return 2
    found = []
    for name in chosen:
        print(f"== {name}", flush=True)
        found += rows(name, options)
    print("\n== summary")
    return show(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
