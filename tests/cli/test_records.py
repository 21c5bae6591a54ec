"""``clush --json`` and ``clush --jsonl``: runs for programs."""

from __future__ import annotations

import json
import os
import subprocess
from base64 import b64decode

import pytest
from clush_runs import LOCALLY, NO_INPUT, PATIENCE, Ran, read_until, run, started

import clush

# Three nodes: one says something else and fails.
COMMAND = "[ %n = 1 ] || { echo same; exit; }; echo other; echo err >&2; exit 3"
CODES = "clush: n2: exited with exit code 3\n"


def without_times(result: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in result.items() if key not in ("started", "ended", "at")}


def events(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_document_is_that_of_the_library() -> None:
    ran = run(*NO_INPUT, "--json", "-w", "n[1-3]", COMMAND)
    assert (ran.err, ran.rc) == (CODES, 0)
    document = json.loads(ran.out)
    native = clush.run(COMMAND, nodes="n[1-3]", transport="exec").to_dict()
    for each in (document, native):
        each["results"] = [without_times(result) for result in each["results"]]
    assert document == native
    assert list(document) == list(native)
    assert document["by_stdout"] == [
        {"nodes": "n[1,3]", "count": 2, "stdout": "same\n"},
        {"nodes": "n2", "count": 1, "stdout": "other\n"},
    ]


@pytest.mark.parametrize("option", ["-b", "-B"])
def test_what_is_gathered_is_said_once(option: str) -> None:
    ran = run(*NO_INPUT, "--json", option, "-S", "-w", "n[1-3]", COMMAND)
    assert (ran.err, ran.rc) == (CODES, 3)
    document = json.loads(ran.out)
    assert [without_times(result) for result in document["results"]] == [
        {"node": "n1", "status": "ok", "rc": 0, "detail": ""},
        {"node": "n2", "status": "failed", "rc": 3, "detail": ""},
        {"node": "n3", "status": "ok", "rc": 0, "detail": ""},
    ]
    merged = option == "-B"
    assert document["by_stdout"][1]["stdout"] == ("other\nerr\n" if merged else "other\n")
    assert len(document["by_stderr"]) == (1 if merged else 2)


def test_no_byte_is_lost(tmp_path) -> None:
    everything = bytes(range(256)) * 40
    path = tmp_path / "bytes"
    path.write_bytes(everything)
    document = json.loads(run(*NO_INPUT, "--json", "-w", "n[1-2]", f"cat {path}").out)
    (said,) = document["by_stdout"]
    assert said["nodes"] == "n[1-2]"
    assert b64decode(said["stdout_base64"]) == everything
    assert said["stdout"] == everything.decode(errors="replace")
    lines = events(run(*NO_INPUT, "--jsonl", "-w", "n1", f"cat {path}").out)
    assert everything == b"".join(
        b64decode(line["text_base64"]) if "text_base64" in line else line["text"].encode()
        for line in lines
        if line["event"] == "output"
    )


def test_events_come_in_order_and_end_with_a_summary() -> None:
    ran = run(*NO_INPUT, "--jsonl", "-S", "-f1", "-w", "n[1-2]", COMMAND)
    assert (ran.err, ran.rc) == (CODES, 3)
    head = {"schema": "clush-result/1", "nodes": "n[1-2]", "count": 2}
    first, *middle, last = events(ran.out)
    assert first == {"event": "begin", **head}
    assert last == {
        "event": "summary", "ok": False, "by_status": {"ok": "n1", "failed": "n2"}, **head,
    }  # fmt: skip
    seen = [without_times(line) for line in middle]
    ok = {"event": "end", "status": "ok", "rc": 0, "detail": ""}
    assert seen[:3] == [
        {"event": "start", "node": "n1"},
        {"event": "output", "node": "n1", "stream": "stdout", "text": "same\n"},
        {**ok, "node": "n1"},
    ]
    assert seen[3] == {"event": "start", "node": "n2"}
    assert seen[4:-1] == [
        {"event": "output", "node": "n2", "stream": "stdout", "text": "other\n"},
        {"event": "output", "node": "n2", "stream": "stderr", "text": "err\n"},
    ] or seen[4:-1] == [
        {"event": "output", "node": "n2", "stream": "stderr", "text": "err\n"},
        {"event": "output", "node": "n2", "stream": "stdout", "text": "other\n"},
    ]
    assert seen[-1] == {**ok, "node": "n2", "status": "failed", "rc": 3}
    start, end = middle[0], middle[2]
    assert start["at"] == end["started"] <= end["ended"]


def test_an_event_is_there_as_it_happens() -> None:
    words = (*LOCALLY, "--jsonl", "-w", "n1", "echo one; read line; echo $line")
    with started(*words, stdin=subprocess.PIPE) as process:
        read_until(process.stdout.fileno(), b'"text": "one\\n"}\n')
        process.stdin.write(b"two\n")
        process.stdin.flush()
        read_until(process.stdout.fileno(), b'"text": "two\\n"}\n')
        assert process.wait(PATIENCE) == 0


@pytest.fixture
def sources(tmp_path) -> list[str]:
    for name in ("good", "bad"):
        (tmp_path / name).write_text("text")
    (tmp_path / "there").mkdir()
    return [str(tmp_path / "good"), str(tmp_path / "bad")]


def test_copies_have_a_result_per_node_and_file(sources: list[str], tmp_path) -> None:
    there = tmp_path / "there"
    (there / "bad").mkdir()  # in the way: a directory cannot be overwritten
    # One after the other: both nodes are this machine, and make the same file.
    words = ("-S", "-f", "1", "-w", "n[1-2]", "-c", *sources, "--dest", f"{there}/")
    ran = run(*NO_INPUT, "--json", *words)
    assert (ran.err, ran.rc) == ("clush: n[1-2] (2): exited with exit code 1\n", 1)
    document = json.loads(ran.out)
    assert document["ok"] is False
    assert document["count"] == 2
    assert document["by_status"] == {"ok": "n[1-2]", "failed": "n[1-2]"}
    assert [(each["source"], each["nodes"]) for each in document["by_stderr"]] == [
        (source, "n[1-2]") for source in sources
    ]
    assert [(each["source"], each["node"], each["rc"]) for each in document["results"]] == [
        (source, node, rc) for source, rc in zip(sources, (0, 1)) for node in ("n1", "n2")
    ]
    last = json.loads(run(*NO_INPUT, "--jsonl", *words).out.splitlines()[-1])
    assert last["by_status"] == document["by_status"]


def test_events_of_copies_say_which_file(sources: list[str], tmp_path) -> None:
    words = ("-w", "n1", "--copy", *sources, "--dest", str(tmp_path / "there"))
    ran = run(*NO_INPUT, "--jsonl", "-v", *words)
    assert (ran.err, ran.rc) == ("", 0)
    seen = [(line["event"], line.get("source")) for line in events(ran.out)]
    assert sorted(seen[1:-1]) == sorted(
        (kind, source) for kind in ("start", "end") for source in sources
    )


@pytest.mark.parametrize("form", ["--json", "--jsonl"])
def test_timeouts_are_told_as_ever(form: str) -> None:
    ran = run(*NO_INPUT, form, "-S", "-u", "0.5", "-w", "n[1-2]", "echo up; exec sleep 60")
    assert (ran.err, ran.rc) == ("clush: n[1-2]: command timeout\n", 255)
    document = json.loads(ran.out if form == "--json" else ran.out.splitlines()[-1])
    assert document["by_status"] == {"timed out": "n[1-2]"}


@pytest.mark.parametrize("form", ["--json", "--jsonl"])
def test_an_interrupted_run_is_complete_as_a_document(form: str) -> None:
    words = (*NO_INPUT, form, "-f1", "-w", "n[1-2]", "kill -INT $PPID; exec sleep 60")
    ran = run(*words)
    assert ran.rc == 130
    assert "Keyboard interrupt" in ran.err
    document = json.loads(ran.out if form == "--json" else ran.out.splitlines()[-1])
    assert document["by_status"] == {"cancelled": "n1", "not started": "n2"}


@pytest.mark.parametrize("form", ["--json", "--jsonl"])
def test_a_reader_that_leaves_is_no_error(form: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        ran = run(*NO_INPUT, form, "-w", "n[1-2]", "echo a", stdout=gone)
    assert ran == Ran("", "", 1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--json", "--jsonl"), "--json cannot be combined with --jsonl"),
        (("--json", "--diff"), "--json cannot be combined with --diff"),
        (("--jsonl", "-L"), "--jsonl cannot be combined with -L"),
    ],
)
def test_one_form_at_a_time(words: tuple[str, ...], message: str) -> None:
    ran = run(*NO_INPUT, *words, "-w", "n1", "echo a")
    assert (ran.out, ran.rc) == ("", 2)
    assert ran.err.endswith(f"clush: error: {message}\n")


def test_standard_output_is_for_the_document_alone() -> None:
    ran = run(*NO_INPUT, "--json", "-d", "--pick=1", "-w", "n[1-2]", "echo a")
    assert len(json.loads(ran.out)["results"]) == 1
    assert "Picked random nodes: n" in ran.err
    assert 'command="echo a"' in ran.err


def test_files_are_saved_all_the_same(tmp_path) -> None:
    ran = run(*NO_INPUT, "--jsonl", "--outdir", str(tmp_path), "-w", "n[1-2]", "echo %h")
    assert len(ran.out.splitlines()) == 8
    assert (tmp_path / "n2").read_text() == "n2\n"
