"""Keyed lines, however they are laid out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.cli import keyed
from clush.errors import InputError


def one_by_one(lines: bytes, separator: bytes) -> dict[bytes, bytes]:
    """The same by the plainest means."""
    texts: dict[bytes, bytes] = {}
    for line in lines.split(b"\n")[:-1]:
        if line.strip():
            key, _, text = line.partition(separator)
            texts[key.strip()] = texts.get(key.strip(), b"") + text + b"\n"
    return texts


RUNS = st.tuples(
    st.sampled_from([b"n1", b" n1", b"n1 ", b"n10", b"n2", b"1"]),
    st.sampled_from([b"", b"x", b" n1:", b":", b"n2: y", b"\t"]),
    st.integers(1, 40),
)


@given(st.lists(RUNS | st.just((b"", b"", 1)), min_size=1), st.sampled_from([b":", b"::", b": "]))
def test_each_key_gets_its_text(runs: list[tuple[bytes, bytes, int]], separator: bytes) -> None:
    lines = b"".join(
        (key + separator + text + b"\n") * count if key else b" \n" for key, text, count in runs
    )
    expected = one_by_one(lines, separator)
    found = keyed.by_key(lines, separator)
    assert found == expected
    assert list(found) == list(expected)


@given(st.lists(RUNS | st.just((b"", b"", 1)), min_size=1), st.sampled_from([b":", b"::", b": "]))
def test_lines_in_order(runs: list[tuple[bytes, bytes, int]], separator: bytes) -> None:
    said = [(key.strip(), text) for key, text, count in runs for _ in range(count) if key]
    lines = b"".join(
        (key + separator + text + b"\n") * count if key else b" \n" for key, text, count in runs
    )
    found = [*keyed.in_order(lines, separator)]
    assert [(key, text) for key, texts in found for text in texts[:-1].split(b"\n")] == said
    assert all(before[0] != after[0] for before, after in zip(found, found[1:]))


def test_a_long_run_and_what_surrounds_it() -> None:
    run = b"".join(b"n1: %d\n" % number for number in range(10 * keyed.LEAF // 8))
    lines = b"n2: a\n" + run + b"n2: b\nn1: end\n"
    assert keyed.by_key(lines, b":") == one_by_one(lines, b":")


@pytest.mark.parametrize(
    ("lines", "separator", "message"),
    [
        (b"n1: a\nnothing\n", b":", "no separator ':' in line: \"nothing\""),
        (b"n1: a\nn1\n", b":", "no separator ':' in line: \"n1\""),
        (b"n1: a\n", b"|", "no separator '|' in line: \"n1: a\""),
        (b": a\n", b":", 'no node found: ": a"'),
        (b"n1: a\n  : b\xff\n", b":", 'no node found: "  : b\ufffd"'),
        (b"n1: a\nn2: b\n", b"", 'empty separator: "n1: a"'),
    ],
)
def test_lines_without_a_key(lines: bytes, separator: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        keyed.by_key(lines, separator)
    assert str(caught.value) == message


@given(st.lists(st.binary(min_size=1, max_size=5).map(lambda data: data.replace(b"x", b"\n"))))
def test_chunks_are_cut_at_line_ends(reads: list[bytes]) -> None:
    pieces = iter([*reads, b""])
    chunks = list(keyed.whole_lines(lambda size: next(pieces)))
    assert b"".join(chunks) == b"".join(reads)
    assert all(chunk.endswith(b"\n") for chunk in chunks[:-1])
    assert all(chunks)
