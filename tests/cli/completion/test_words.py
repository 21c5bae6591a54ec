"""Lines taken apart while they are being typed."""

from __future__ import annotations

import pytest

from clush.cli.completion.words import split

# The text, its words, where they begin, and if a quote is open.
SPLITS = [
    ("", [""], [0], False),
    ("clush -w n", ["clush", "-w", "n"], [0, 6, 9], False),
    (" clush  -w ", ["clush", "-w", ""], [1, 8, 11], False),
    ("a 'b c' d", ["a", "b c", "d"], [0, 2, 8], False),
    ("a 'b c", ["a", "b c"], [0, 2], True),
    ("a \"b'c", ["a", "b'c"], [0, 2], True),
    (r"a b\ c", ["a", "b c"], [0, 2], False),
    (r'a "b\&\"', ["a", r"b\&" + '"'], [0, 2], True),
    (r"a 'b\'", ["a", "b\\"], [0, 2], False),
    ("a ''", ["a", ""], [0, 2], False),
]


@pytest.mark.parametrize(("text", "words", "starts", "quoted"), SPLITS)
def test_words_of_a_line(text: str, words: list[str], starts: list[int], quoted: bool) -> None:
    assert split(text) == (words, starts, quoted)
