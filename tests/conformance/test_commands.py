"""What every transport does with commands."""

from __future__ import annotations

from pathlib import Path

import pytest

import clush
from clush.errors import JobError
from clush.events import Ended, Output, Started, Status


def test_each_node_says_its_own(kit) -> None:
    result = kit.run("echo here is ME")
    assert [(r.node, r.stdout, r.stderr, r.rc) for r in result.values()] == [
        ("node1", b"here is node1\n", b"", 0),
        ("node2", b"here is node2\n", b"", 0),
    ]
    assert result.ok


def test_return_codes_are_by_node(kit) -> None:
    result = kit.run("test ME = node2 && sh -c 'exit 254'; test $? = 1 || sh -c 'exit 7'")
    assert {node: (r.status, r.rc) for node, r in result.items()} == {
        "node1": (Status.OK, 0),
        "node2": (Status.FAILED, 7),
    }


def test_standard_error_apart(kit) -> None:
    node = kit.run("echo out; echo err >&2", "node1")["node1"]
    assert (node.stdout, node.stderr, node.rc) == (b"out\n", b"err\n", 0)


def test_standard_error_merged(kit) -> None:
    node = kit.run("echo out; echo err >&2; sh -c 'exit 3'", "node1", merge_stderr=True)["node1"]
    assert sorted(node.stdout.splitlines()) == [b"err", b"out"]
    assert (node.stderr, node.rc) == (b"", 3)


SAID = [
    ("true", b""),
    ("echo; echo; echo x", b"\n\nx\n"),
    (r"printf 'whole\nunended'", b"whole\nunended"),
    (r"printf 'a\r\nb\rc\n\r\n\377\376: \303\n'", b"a\r\nb\rc\n\r\n\xff\xfe: \xc3\n"),
    (
        "echo node2: hello; echo 'x@y: node1: sh exited with exit code 9'",
        b"node2: hello\nx@y: node1: sh exited with exit code 9\n",
    ),
]


@pytest.mark.parametrize(("command", "expected"), SAID)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_output_is_what_was_said(kit, command: str, expected: bytes, stream: str) -> None:
    """And an unended last line hides no return code."""
    redirect = ">&2" if stream == "stderr" else ""
    node = kit.run(f"{{ {command}; }} {redirect}; sh -c 'exit 3'", "node1")["node1"]
    other = "stderr" if stream == "stdout" else "stdout"
    assert (getattr(node, stream), getattr(node, other), node.rc) == (expected, b"", 3)


def test_an_unended_line_hides_no_return_code_when_merged(kit) -> None:
    node = kit.run("printf part >&2; sh -c 'exit 5'", "node1", merge_stderr=True)["node1"]
    assert (node.stdout, node.rc) == (b"part", 5)


def test_big_output(kit) -> None:
    result = kit.run(
        "seq -f 'ME %%.0f' 150000" if kit.name == "exec" else "seq -f ME' %.0f' 150000"
    )
    for node in ("node1", "node2"):
        lines = result[node].stdout.splitlines()
        assert len(lines) == 150000
        assert lines[99999] == f"{node} 100000".encode()


def test_a_long_line(kit) -> None:
    """Of a length that pdsh does not cut."""
    node = kit.run("head -c 100000 /dev/zero | tr '\\0' x; echo; echo next", "node1")["node1"]
    assert node.stdout == b"x" * 100000 + b"\nnext\n"


def test_input_is_given_to_all(kit) -> None:
    if not kit.takes_input:
        with pytest.raises(JobError, match="writing to stdin is not supported by"):
            kit.run("cat", stdin=b"text\n")
        return
    text = b"line\n" * 50000
    result = kit.run("cat; echo ME", stdin=text)
    assert [r.stdout for r in result.values()] == [text + b"node1\n", text + b"node2\n"]


def test_without_input_its_end_is_seen_at_once(kit) -> None:
    assert kit.run("cat; echo end", "node1", timeout=20)["node1"].stdout == b"end\n"


def test_nothing_runs_for_no_nodes(kit, tmp_path: Path) -> None:
    assert len(kit.run(f"touch {tmp_path}/ran", "")) == 0
    assert not (tmp_path / "ran").exists()


def test_a_missing_program_is_told(kit) -> None:
    if kit.missing is None:
        pytest.skip("local execution needs no program but sh")
    result = kit._replace(transport=kit.missing).run("true")
    assert {(r.status, r.rc, r.started) for r in result.values()} == {
        (Status.NOT_STARTED, 127, None)
    }
    assert {r.detail.partition(": ")[2] for r in result.values()} == {"No such file or directory"}


def test_a_command_that_is_not_there(kit) -> None:
    node = kit.run("/no/such/command", "node1")["node1"]
    assert (node.status, node.rc) == (Status.FAILED, 127)
    assert b"/no/such/command" in node.stderr


def test_a_time_limit_is_for_each_node(kit) -> None:
    job = kit.job("echo said; test ME != node2 || sleep 60", "node[1-2]", timeout=kit.tick)
    told = kit.told(job)
    assert [(end.node, end.status, end.rc) for end in sorted(told.ends.values())] == [
        ("node1", Status.OK, 0),
        ("node2", Status.TIMED_OUT, None),
    ]
    assert told.said("node2") == b"said\n"
    assert told.ends["node2"].detail


def test_stopping_accounts_for_all(kit) -> None:
    """Nodes that spoke are running; those that wait in a window never started."""

    def stop(run, event) -> None:
        if isinstance(event, Output):
            run.abort()

    job = kit.job("echo said; sleep 60", "node[1-3]", fanout=2)
    told = kit.told(job, meanwhile=stop)
    for end in told.ends.values():
        assert end.status is (Status.CANCELLED if end.node in told.started else Status.NOT_STARTED)
        assert end.rc is None
    assert "node1" in told.started


def test_fanout_bounds_what_runs(kit, tmp_path: Path) -> None:
    command = f"cd {tmp_path} && mkdir ME.on && ls -d *.on | wc -l; sleep 0.05; rmdir ME.on"
    command = command.replace("ME", kit.me)
    result = clush.run(command, "node[1-6]", transport=kit.transport, fanout=2)
    assert result.ok
    assert max(int(node.stdout) for node in result.values()) <= 2


def test_nodes_start_in_node_order(kit, tmp_path: Path) -> None:
    kit.run(f"echo ME >> {tmp_path}/order", "node[9-11,2]", fanout=1)
    assert (tmp_path / "order").read_text().split() == ["node2", "node9", "node10", "node11"]


def test_events_come_in_order(kit) -> None:
    told = kit.told(kit.job("echo one; echo two", "node1"))
    kinds = [type(event) for event in told.events]
    assert kinds[0] is Started
    assert set(kinds[1:-1]) == {Output}
    assert kinds[-1] is Ended
    started, ended = told.events[0], told.events[-1]
    assert started.at == ended.started <= ended.ended
    assert told.said("node1") == b"one\ntwo\n"
