"""JSON piece by piece is the JSON it would be at once."""

from __future__ import annotations

import json

import pytest

from clush.cli.jsontext import document, event


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ([("a", 1)], '{\n"a": 1\n}\n'),
        ([("a", "\u00e9\n"), ("b", [1, 2])], '{\n"a": "\\u00e9\\n",\n"b": [1, 2]\n}\n'),
        ([("a", iter(()))], '{\n"a": []\n}\n'),
        ([("a", iter([{"x": None}, 2])), ("b", 0)], '{\n"a": [\n{"x": null},\n2\n],\n"b": 0\n}\n'),
    ],
)
def test_a_line_for_each_key_and_element(fields: list[tuple[str, object]], text: str) -> None:
    assert b"".join(document(fields)).decode() == text


def test_a_document_is_never_held_as_a_whole() -> None:
    made = 0

    def elements():
        nonlocal made
        for number in range(100):
            made += 1
            yield {"number": number, "text": "x" * 10_000}

    pieces = document([("results", elements())])
    first = next(pieces)
    assert made < 10
    whole = json.loads(b"".join([first, *pieces]))
    assert [result["number"] for result in whole["results"]] == list(range(100))


def test_an_event_is_a_line() -> None:
    assert event({"event": "output", "text": "a\nb \udcff"}) == (
        b'{"event": "output", "text": "a\\nb \\udcff"}\n'
    )
