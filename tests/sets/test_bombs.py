"""Any text gives a NodeSet or a NodeSetParseError, in bounded time and memory."""

from __future__ import annotations

import subprocess
import sys
from itertools import islice

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clush.errors import NodeSetParseError
from clush.sets.nodeset import NodeSet
from clush.sets.resolver import NO_GROUPS

# What texts of node sets are made of, and what only looks like it.
PIECES = [
    *["n", "rack", "[", "]", "[1-3]", "[01-10/3]", ",", "!", "&", "^", "-", "/", "0", "7", "09"],
    *["[1-2,4]", "[-5]", "[-3-3]", "9" * 30, "0" * 30, " ", "\t", "\n", "%", "%s", "%%", "(", ")"],
    *["@", "@all", "@*", ":", "*", "?", ".", "é", "\u0661", "\u00b2", "\x00", "[1-1000000]"],
    *["1-2", "[1-2]x[1-2]", "n[1-5]x[1-5]"],
]

texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.text(max_size=20),
    st.text("n[]0123-/,!&^", max_size=20),
)


@settings(max_examples=400, deadline=None)
@given(texts)
@example("n[" + "1" * 101 + "]")
@example("n" + "1" * 5000)
@example("n[1-3" + "0" * 5000 + "]")
@example("[1-2]" * 50)
@example("-".join(["[1-2]"] * 50))
@example("[" * 2000)
@example("n,!" * 500)
def test_any_text(text: str) -> None:
    try:
        nodes = NodeSet(text, resolver=NO_GROUPS)
    except NodeSetParseError as error:
        assert str(error)
        return
    folded = str(nodes)
    assert NodeSet(folded, resolver=NO_GROUPS) == nodes
    for name in islice(nodes, 3):
        assert name in nodes


# Each of these would take minutes or gigabytes where ranges, or products of them, are
# expanded, or where what overlaps is cut into ever more parts.
BOMBS = {
    "long ranges": "n[1-99999999999]",
    "many long ranges": ",".join(f"n[{k}-{k}99999999]" for k in range(1, 99)),
    "long steps": "n[1-999999999999/3]",
    "all the same": ",".join(["n[1-9000000]"] * 200),
    "product": "a[1-9000000]b[1-9000000]c[1-9000000]d[1-9000000]",
    "product with a hole": "a[1-9000000]b[1-9000000]c[1-9000000]!a5b6c7",
    "many axes": "-".join(["[1-9000]"] * 40) + "!" + "-".join(["[1-9]"] * 40),
    "steps in products": ",".join(f"a[1-900000/{k}]b{k}c[1-{k}]" for k in range(2, 60)) + "!a1b1c1",
    "long rows": ",".join(f"a[1-999]b[{k}-9000000]" for k in range(2, 60)) + "!a1b5",
    "exclusions": "^".join(f"a[{k}-3000000/{k}]b[{k}-{k}000]" for k in range(2, 16)),
}  # fmt: skip

SECONDS = 60  # of processor time; the worst takes about 2
MEMORY = 2 << 30  # bytes; the worst takes a quarter of it

PROGRAM = f"""
import resource, sys
from clush.errors import NodeSetParseError
from clush.sets.nodeset import NodeSet
resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
try:
    NodeSet(sys.argv[1])
except NodeSetParseError as error:
    print(error)
"""


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_no_danger(text: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, text], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
