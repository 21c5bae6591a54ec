"""``clubak --json``: what was said, for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from clush.cli.clubak import main

LINES = b"n1: same\nn[2-3]: other \xff\nn4: same\n"
HEAD = {"schema": "clush-result/1", "nodes": "n[1-4]", "count": 4}
ODD = {"stdout": "other \ufffd\n", "stdout_base64": "b3RoZXIg/wo="}
SAME = {"stdout": "same\n"}
GROUPS = [
    {"nodes": "n[1,4]", "count": 2, **SAME},
    {"nodes": "n[2-3]", "count": 2, **ODD},
]


def test_it_is_the_document_of_a_run_as_far_as_that_is_known(tool) -> None:
    ran = tool(main, "clubak", "--json", "-v", "-S", ": ", stdin=LINES)
    assert (ran.err, ran.rc) == ("", 0)
    assert json.loads(ran.out) == {
        **HEAD,
        "by_stdout": GROUPS,
        "results": [
            {"node": "n1", **SAME},
            {"node": "n2", **ODD},
            {"node": "n3", **ODD},
            {"node": "n4", **SAME},
        ],
    }


@pytest.mark.parametrize("option", ["-b", "-B"])
def test_what_is_gathered_is_said_once(tool, option: str) -> None:
    ran = tool(main, "clubak", "--json", option, "-S", ": ", stdin=LINES)
    assert json.loads(ran.out) == {**HEAD, "by_stdout": GROUPS}


def test_keys_may_be_plain_strings(tool) -> None:
    ran = tool(main, "clubak", "--json", "-b", stdin="n[1:a\nn[2-3]:a\n")
    assert json.loads(ran.out) == {
        "schema": "clush-result/1",
        "nodes": "n[1,n[2-3]",
        "count": 2,
        "by_stdout": [{"nodes": "n[1,n[2-3]", "count": 2, "stdout": "a\n"}],
    }


def test_nothing_said_is_a_document_too(tool) -> None:
    ran = tool(main, "clubak", "--json", stdin="")
    assert json.loads(ran.out) == {
        "schema": "clush-result/1", "nodes": "", "count": 0, "by_stdout": [], "results": [],
    }  # fmt: skip


@pytest.mark.parametrize("flag", ["--diff", "-T", "-L"])
def test_one_form_at_a_time(tool, flag: str) -> None:
    ran = tool(main, "clubak", "--json", flag, stdin="n1: a\n")
    assert (ran.out, ran.rc) == ("", 2)
    assert ran.err.endswith(f"clubak: error: --json cannot be combined with {flag}\n")


def test_a_reader_that_leaves_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        done = subprocess.run(
            [sys.executable, "-c", "from clush.cli.clubak import main; main()", "--json"],
            input=LINES,
            stdout=gone,
            stderr=subprocess.PIPE,
        )
    assert (done.stderr, done.returncode) == (b"", 1)
