"""Results as values, and the form in which they leave the program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clush.document import SCHEMA
from clush.events import Ended, Output, Started, Status
from clush.result import Collector, NodeResult, Result

PAGE = Path(__file__).resolve().parents[1] / "docs" / "results.md"


@pytest.fixture
def result() -> Result:
    collector = Collector()
    for event in (
        Started("n2", 10.0),
        Output("n2", "stdout", b"a\r\nb\xff"),
        Output("n2", "stderr", b"odd\n"),
        Ended("n2", Status.FAILED, 3, "", 10.0, 12.5),
        Ended("n10", Status.NOT_STARTED, None, "stopped before it was started", None, 13.0),
        Started("n1", 10.0),
        Ended("n1", Status.OK, 0, "", 10.0, 11.0),
    ):
        collector(event)
    return collector.result()


def test_what_is_said_alike_is_as_if_each_had_said_it() -> None:
    one, all_at_once = Collector(), Collector()
    for stream, lines in (("stdout", b"ok\n"), ("stderr", b"hm\n"), ("stdout", b"more\n")):
        for node in ("n1", "n2"):
            one(Output(node, stream, lines))
        all_at_once.alike(("n1", "n2"), stream, lines)
    for collector in (one, all_at_once):
        collector(Output("n2", "stdout", b"odd\n"))
        for node in ("n1", "n2"):
            collector(Ended(node, Status.OK, 0, "", 10.0, 11.0, "gw1"))
    assert one.result().to_dict() == all_at_once.result().to_dict()
    assert one.result()["n2"].to_dict()["gateway"] == "gw1"


def test_as_a_mapping(result: Result) -> None:
    assert list(result) == ["n1", "n2", "n10"]
    assert result["n2"] == NodeResult(
        "n2", Status.FAILED, 3, "", 10.0, 12.5, b"a\r\nb\xff", b"odd\n"
    )
    assert [node.seconds for node in result.values()] == [1.0, 2.5, 0.0]


def test_as_a_dictionary(result: Result) -> None:
    assert result.to_dict() == {
        "schema": "clush-result/1",
        "ok": False,
        "nodes": "n[1-2,10]",
        "count": 3,
        "by_status": {"ok": "n1", "failed": "n2", "not started": "n10"},
        "by_stdout": [
            {"nodes": "n[1,10]", "count": 2, "stdout": ""},
            {
                "nodes": "n2", "count": 1,
                "stdout": "a\r\nb\ufffd", "stdout_base64": "YQ0KYv8=",
            },
        ],
        "by_stderr": [
            {"nodes": "n[1,10]", "count": 2, "stderr": ""},
            {"nodes": "n2", "count": 1, "stderr": "odd\n"},
        ],
        "results": [
            {
                "node": "n1", "status": "ok", "rc": 0, "detail": "",
                "started": 10.0, "ended": 11.0, "stdout": "", "stderr": "",
            },
            {
                "node": "n2", "status": "failed", "rc": 3, "detail": "",
                "started": 10.0, "ended": 12.5,
                "stdout": "a\r\nb\ufffd", "stdout_base64": "YQ0KYv8=", "stderr": "odd\n",
            },
            {
                "node": "n10", "status": "not started", "rc": None,
                "detail": "stopped before it was started",
                "started": None, "ended": 13.0, "stdout": "", "stderr": "",
            },
        ],
    }  # fmt: skip


def test_json_can_hold_it(result: Result) -> None:
    assert json.loads(json.dumps(result.to_dict())) == result.to_dict()
    assert json.loads(json.dumps(Collector().result().to_dict())) == {
        "schema": SCHEMA, "ok": True, "nodes": "", "count": 0,
        "by_status": {}, "by_stdout": [], "by_stderr": [], "results": [],
    }  # fmt: skip


def test_what_was_said_need_not_be_repeated(result: Result) -> None:
    whole = result.to_dict()
    folded = {
        k: [*v] if k in whole and isinstance(whole[k], list) else v
        for k, v in result.fields(texts=False)
    }
    assert folded.pop("results") == [
        {k: v for k, v in each.items() if not k.startswith("std")} for each in whole.pop("results")
    ]
    assert folded == whole


def test_the_page_describes_what_there_is(result: Result) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f'"{SCHEMA}"' in page
    described = result.to_dict()
    keys = {*described, *result["n2"].to_dict()}
    assert [key for key in keys if f"| `{key}` |" not in page] == []
    assert [status.value for status in Status if f"| `{status.value}` |" not in page] == []
