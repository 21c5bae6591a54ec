"""Run the rows of all transcripts with ClusterShell, and write down what it answers.

``scripts/recapture [WORD]`` calls this, with the ClusterShell of the package index in a virtual
environment that nothing else uses.  Rows are added by hand, with their first line alone.  A row
that is not the same twice is an error.  With a WORD, only what contains it is run.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from running import place
from transcript import Answer, Row, read, transcripts, written

AT_ONCE = 4
PATIENCE = 60


def captured(row: Row, programs: Path) -> bool:
    """Have ``row`` answered by the programs in a folder; whether that is the same every time."""
    row.expected, again = (_once(row, programs, seed) for seed in ("1", "2"))
    if row.expected == again:
        return True
    print(f"{row.place}: not the same twice: {row.line}\n{row.expected}\n{again}", file=sys.stderr)
    return False


def _once(row: Row, programs: Path, seed: str) -> Answer:
    with place(row) as where, open(where.out, "wb") as out, open(where.err, "wb") as err:
        name, *words = row.words(str(where.folder))
        done = subprocess.run(
            [str(programs / name), *words],
            input=row.stdin,
            stdout=out,
            stderr=err,
            cwd=where.folder,
            env={**where.environ(row), "PYTHONHASHSEED": seed},
            timeout=PATIENCE,
        )
        return where.answer(done.returncode).comparable(row.ordered)


def main(programs: Path, wanted: str = "") -> int:
    if Path("/etc/clustershell").exists():
        raise SystemExit("this machine has a configuration in /etc/clustershell: use another")
    # What the package brings would hide the files of the rows.
    shutil.rmtree(programs.parent / "etc" / "clustershell", ignore_errors=True)
    certain = True
    for path in transcripts():
        rows = read(path)
        chosen = [row for row in rows if wanted in f"{row.place} {row.line}"]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            certain &= all([*pool.map(lambda row: captured(row, programs), chosen)])
        path.write_text(written(rows), encoding="utf-8")
        print(f"{path.name}: {len(chosen)} of {len(rows)} rows")
    return int(not certain)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
