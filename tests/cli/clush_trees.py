"""Running ``clush`` for the tests through gateways: nodes of the lab, reached by real ssh."""

from __future__ import annotations

import os
from pathlib import Path

from clush_runs import CLUSH, Ran, run

from clush.lab import Lab

# What a topology calls us.
HERE = os.uname().nodename.partition(".")[0]

# Routes to node[5-100] over one level of gateways and over two; the rest of the nodes is direct.
ONE = ("HERE: node[1-2]", "node[1-2]: node[5-100]")
TWO = ("HERE: node[1-2]", "node[1-2]: node[3-4]", "node[3-4]: node[5-100]")

# The same, where it is known which gateways they are.
CHAIN = ("HERE: node1", "node1: node3", "node3: node[5-100]")

RULE = "-" * 15 + "\n"


def topology(folder: Path, *routes: str, name: str = "routes.conf") -> str:
    """The path of a topology file in ``folder``, in which HERE stands for us."""
    path = folder / name
    path.write_text("\n".join(["[routes]", *routes, ""]).replace("HERE", HERE))
    return str(path)


class Trees:
    """Runs ``clush`` on the nodes of ``lab``; files are in ``folder``."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder

    def __call__(self, routes: tuple[str, ...], *words: str, **options: object) -> Ran:
        """What came of ``words`` by these ``routes``, or flat if there are none."""
        through = ("--topology", topology(self.folder, *routes)) if routes else ()
        return run(*CLUSH, *through, *words, **{"env": self.lab.environ(), **options})
