"""Output as the tools show it, for programs."""

from __future__ import annotations

import io
import sys

import pytest
from classic_options import options

from ClusterShell.CLI.Config import ClushConfig
from ClusterShell.CLI.Display import (
    VERB_DEBUG,
    VERB_QUIET,
    VERB_STD,
    VERB_VERB,
    WHENCOLOR_CHOICES,
    Display,
    sys_stdin,
)
from ClusterShell.MsgTree import MsgTree
from ClusterShell.NodeSet import NodeSet


def message(*lines: bytes):
    tree = MsgTree()
    for line in lines:
        tree.add("key", line)
    ((found, _),) = tree.walk()
    return found


def display(line="", **more) -> Display:
    made = Display(options(line), **more)
    made.out, made.err = io.StringIO(), io.StringIO()
    return made


RULE = "---------------\n"
BLOCKS = f"{RULE}n[1-2] (2)\n{RULE}a\nb\n{RULE}n3\n{RULE}a\nb\n{RULE}k,l (2)\n{RULE}a\nb\n"


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("", BLOCKS),
        ("-b", BLOCKS),
        ("-q", BLOCKS.replace(" (2)", "")),
        ("-N", "a\nb\n" * 3),
        ("-L", "n[1-2]: a\nn[1-2]: b\nn3: a\nn3: b\nk,l: a\nk,l: b\n"),
        ("-LN", "a\nb\n" * 3),
        ("--color=always -N", "a\nb\n" * 3),
    ],
)
def test_gathered_output(line: str, out: str) -> None:
    shown = display(line)
    shown.print_gather(NodeSet("n[1-2]"), message(b"a", b"b"))
    shown.print_gather("n3", [b"a", b"b"])
    shown.print_gather_keys(["k", "l"], message(b"a", b"b"))
    shown.print_gather_finalize(NodeSet("n[1-3]"))
    shown.flush()
    assert (shown.out.getvalue(), shown.err.getvalue()) == (out, "")


def test_lines() -> None:
    shown = display("--color=always")
    shown.print_line("n1", b"\xff")
    shown.print_line(NodeSet("n[1-2]"), b"x")
    shown.print_line_error("n1", b"e")
    assert shown.out.getvalue() == "\x1b[94mn1: \x1b[0m\ufffd\n\x1b[94mn[1-2]: \x1b[0mx\n"
    assert shown.err.getvalue() == "\x1b[91mn1: \x1b[0me\n"


def test_differences() -> None:
    shown = display("--diff")
    assert shown.gather
    for nodes, lines in (("n4", [b"a"]), ("n2", [b"a", b"c"]), ("n[1,3]", [b"a"])):
        shown.print_gather(NodeSet(nodes), lines)
    shown.print_gather_finalize(NodeSet("n5"))
    shown.print_gather_finalize(NodeSet())
    assert shown.out.getvalue() == (
        "--- n4\n+++ n2\n@@ -1 +1,2 @@\n a\n+c\n--- n4\n+++ n5\n@@ -1 +0,0 @@\n-a\n"
    )
    with pytest.raises(ValueError, match="diff not supported in line_mode"):
        shown.line_mode = True


def test_headers() -> None:
    assert display().format_header(NodeSet("n[1-2]")) == f"{RULE}n[1-2] (2)\n{RULE}"
    assert display("-q").format_header(NodeSet("n[1-2]"), 2) == f"  {RULE}  n[1-2]\n  {RULE}"
    assert display("-N").format_header("n1") == ""


def test_verbosity() -> None:
    assert (VERB_QUIET, VERB_STD, VERB_VERB, VERB_DEBUG) == (0, 1, 2, 3)
    for line, out, err in (
        ("-q", "", "0\n"),
        ("", "1\n", "0\n"),
        ("-v", "1\n2\n", "0\n"),
        ("-qvd", "1\n2\n", "0\n3\n"),
    ):
        shown = display(line)
        shown.vprint(VERB_STD, "1")
        shown.vprint(VERB_VERB, "2")
        shown.vprint_err(VERB_QUIET, "0")
        shown.vprint_err(VERB_DEBUG, "3")
        assert (shown.out.getvalue(), shown.err.getvalue()) == (out, err)


def test_a_configuration_has_its_say(tmp_path) -> None:
    (tmp_path / "clush.conf").write_text("[Main]\nnode_count: no\nverbosity: 2\n")
    config = ClushConfig(options(), filename=str(tmp_path / "clush.conf"))
    shown = display(config=config)
    assert (shown.verbosity, shown.node_count) == (2, False)
    assert shown.format_header(NodeSet("n[1-2]")) == f"{RULE}n[1-2]\n{RULE}"


def test_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    assert WHENCOLOR_CHOICES == ["", "never", "always", "auto"]
    assert Display.COLOR_STDOUT_FMT % "n1: " == "\x1b[94mn1: \x1b[0m"
    assert "\x1b" not in display().format_header("n1")
    assert "\x1b" in display(color=True).format_header("n1")
    monkeypatch.setenv("CLICOLOR_FORCE", "1")
    assert "\x1b" in display().format_header("n1")
    assert "\x1b" not in display(color=False).format_header("n1")


def test_standard_input_for_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(buffer))
    assert sys_stdin() is buffer
    text = io.StringIO()
    monkeypatch.setattr(sys, "stdin", text)
    assert sys_stdin() is text
