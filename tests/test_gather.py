"""`clush.gather`: equal streams are one output, however their bytes arrive."""

from __future__ import annotations

import doctest
import gc
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush import gather
from clush.gather import CHUNK, PIECE, Gatherer, Output, normalize, trace

# Few bytes, so that streams agree, fork and end inside each other all the time.
STREAMS = st.lists(st.text("ab\n", max_size=12).map(str.encode), min_size=1, max_size=12)


def groups(gatherer: Gatherer[int]) -> list[tuple[bytes, list[int]]]:
    return [(bytes(output), keys) for output, keys in gatherer.outputs()]


def expected(streams: dict[int, bytes]) -> list[tuple[bytes, list[int]]]:
    by_text: dict[bytes, list[int]] = {}
    for key, text in streams.items():
        by_text.setdefault(text, []).append(key)
    return list(by_text.items())


@st.composite
def feedings(draw: st.DrawFn) -> list[tuple[int, bytes]]:
    """Streams of several keys, each cut anywhere, in any interleaving."""
    feeds = []
    for key, text in enumerate(draw(STREAMS)):
        cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=4)))
        for start, stop in zip([0, *cuts], [*cuts, len(text)]):
            feeds.append((key, start, text[start:stop]))
    order = draw(st.permutations(feeds))
    # Shuffled between the keys; what one key says keeps its order.
    pieces = {key: iter([f for f in feeds if f[0] == key]) for key, _, _ in feeds}
    return [(key, next(pieces[key])[2]) for key, _, _ in order]


@given(feedings())
def test_same_groups_however_the_streams_are_cut(feeds: list[tuple[int, bytes]]) -> None:
    gatherer: Gatherer[int] = Gatherer()
    model: dict[int, bytes] = {}
    seen: list[tuple[Output, bytes]] = []
    for key, data in feeds:
        gatherer.feed(key, data)
        model[key] = model.get(key, b"") + data
        output = gatherer.get(key)
        assert output is not None
        seen.append((output, model[key]))
        assert groups(gatherer) == expected(model)
    # No output obtained on the way has changed, and equality is that of the bytes.
    for output, text in seen:
        assert (bytes(output), len(output)) == (text, len(text))
        assert {other for other, _ in seen if other == output} == {output}
        assert all((other == output) == (said == text) for other, said in seen)


@given(STREAMS, st.binary(max_size=3), st.data())
def test_feeding_many_is_feeding_each(
    streams: list[bytes], more: bytes, data: st.DataObject
) -> None:
    together: Gatherer[int] = Gatherer()
    each: Gatherer[int] = Gatherer()
    for key, text in enumerate(streams):
        together.feed(key, text)
        each.feed(key, text)
    chosen = data.draw(st.lists(st.integers(0, 15), unique=True))
    together.feed_all(chosen, more)
    for key in chosen:
        each.feed(key, more)
    assert groups(together) == groups(each)


@given(STREAMS, st.integers(-1, 14), st.integers(0, 14))
def test_read(streams: list[bytes], start: int, stop: int) -> None:
    gatherer: Gatherer[int] = Gatherer()
    for key, text in enumerate(streams):
        gatherer.feed(key, text)
    for key, text in enumerate(streams):
        output = gatherer.get(key)
        assert output is not None
        assert output.read(start, stop) == text[max(start, 0) : stop]
        assert b"".join(output.chunks(3)) == text


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (b"", []),
        (b"\n", [b""]),
        (b"a", [b"a"]),
        (b"a\n", [b"a"]),
        (b"a\nb", [b"a", b"b"]),
        (b"\na\n\n", [b"", b"a", b""]),
        (b"a\rb\r\nc\x0bd\n", [b"a\rb\r", b"c\x0bd"]),
        (b"x" * (CHUNK - 1) + b"\ny\n", [b"x" * (CHUNK - 1), b"y"]),
        (b"x" * CHUNK + b"\ny\n", [b"x" * CHUNK, b"y"]),
        (b"x" * (2 * CHUNK + 1), [b"x" * (2 * CHUNK + 1)]),
    ],
)
def test_lines(text: bytes, lines: list[bytes]) -> None:
    gatherer: Gatherer[str] = Gatherer()
    gatherer.feed("n1", text)
    output = gatherer.get("n1")
    assert output is not None
    assert list(output) == lines
    assert bytes(output) == text


def test_big_chunks_that_fork_late() -> None:
    gatherer: Gatherer[int] = Gatherer()
    common = bytes(range(256)) * 1024
    texts = [common[: PIECE * 2 + 7] + bytes([key]) + common for key in range(5)]
    for key, text in enumerate(texts):
        gatherer.feed(key, text)
    assert groups(gatherer) == [(text, [key]) for key, text in enumerate(texts)]


def test_a_prefix_is_another_output_and_nothing_is_one_too() -> None:
    gatherer: Gatherer[str] = Gatherer()
    for node, text in (("n1", b"ok\n"), ("n2", b"ok\nwarn\n"), ("n3", b""), ("n4", b"\n")):
        gatherer.feed(node, text)
    assert [bytes(output) for output, _ in gatherer.outputs()] == [
        b"ok\n",
        b"ok\nwarn\n",
        b"",
        b"\n",
    ]


def test_keys() -> None:
    gatherer: Gatherer[str] = Gatherer()
    assert (len(gatherer), list(gatherer), gatherer.get("n1")) == (0, [], None)
    for node in ("n2", "n1", "n2"):
        gatherer.feed(node, b"x")
    assert (len(gatherer), list(gatherer), list(gatherer.keys())) == (2, ["n2", "n1"], ["n2", "n1"])
    assert "n1" in gatherer
    gatherer.forget(["n2", "unknown"])
    assert [keys for _, keys in gatherer.outputs()] == [["n1"]]
    gatherer.feed("n2", b"x")
    assert [(bytes(output), keys) for output, keys in gatherer.outputs()] == [(b"x", ["n1", "n2"])]


@pytest.mark.parametrize("empty", [Gatherer.clear, lambda gatherer: gatherer.forget(gatherer)])
def test_an_output_outlives_its_gatherer(empty: object) -> None:
    gatherer: Gatherer[str] = Gatherer()
    gatherer.feed("n1", b"x")
    gatherer.feed("n2", b"xy")
    output = gatherer.get("n2")
    empty(gatherer)  # type: ignore[operator]
    assert (len(gatherer), list(gatherer.outputs())) == (0, [])
    gatherer.feed("n1", b"xy")
    assert bytes(output or b"") == b"xy"
    assert gatherer.get("n1") != output  # outputs of two lives are compared by their bytes
    assert output != b"xy"


@pytest.mark.parametrize(
    ("chunk", "text"),
    [
        (b"", b""),
        (b"a", b"a\n"),
        (b"a\n", b"a\n"),
        (b"a\r\nb\r\n", b"a\nb\n"),
        (b"a\r\nb", b"a\nb\n"),
        (b"50%\r100%\n", b"50%\r100%\n"),
        (b"a\n\rb\n", b"a\n\rb\n"),
        (b"a\r", b"a\r\n"),
        (b"\n\n", b"\n\n"),
    ],
)
def test_normalize(chunk: bytes, text: bytes) -> None:
    assert normalize(chunk) == text


@given(st.lists(st.text("a\r", max_size=3), min_size=1), st.booleans(), st.booleans())
def test_line_ends_do_not_tell_texts_apart(lines: list[str], crlf: bool, last: bool) -> None:
    lines = [line.rstrip("\r") + "." for line in lines]
    plain = "".join(f"{line}\n" for line in lines).encode()
    other = plain.replace(b"\n", b"\r\n") if crlf else plain
    other = other if last else other.rstrip(b"\r\n")
    assert normalize(other) == plain


def test_trace() -> None:
    messages = [
        ([b"init", b"go"], ["n1"]),
        ([b"init", b"stop", b"bye"], ["n2", "n3"]),
        ([b"init"], ["n4"]),
        ([b"other"], ["n5"]),
        ([], ["n6"]),
    ]
    assert list(trace(messages)) == [
        (b"init", ["n1", "n2", "n3", "n4"], 1, 2),
        (b"go", ["n1"], 2, 0),
        (b"stop", ["n2", "n3"], 2, 1),
        (b"bye", ["n2", "n3"], 3, 0),
        (b"other", ["n5"], 1, 0),
    ]
    assert list(trace([])) == []


LINES = st.lists(st.lists(st.sampled_from([b"a", b"b"]), max_size=4), max_size=8)


@given(LINES)
def test_trace_against_counting_prefixes(messages: list[list[bytes]]) -> None:
    nodes = list(trace((lines, [key]) for key, lines in enumerate(messages)))
    path: list[bytes] = []
    prefixes = []
    for line, keys, depth, children in nodes:
        path[depth - 1 :] = [line]
        prefixes.append(tuple(path))
        longer = {tuple(m[: depth + 1]) for m in messages if m[:depth] == path and m[depth:]}
        assert keys_of(messages, path) == sorted(keys)
        assert children == len(longer)
    assert len(prefixes) == len(set(prefixes))
    assert set(prefixes) == {tuple(m[:i]) for m in messages for i in range(1, len(m) + 1)}


def keys_of(messages: list[list[bytes]], path: list[bytes]) -> list[int]:
    return [key for key, lines in enumerate(messages) if lines[: len(path)] == path]


def test_equal_output_is_stored_once() -> None:
    """A hundred equal streams of 200 kB take less than two of them, in any order of arrival."""
    import tracemalloc

    text = b"".join(b"line %06d of the very same output\n" % i for i in range(6000))
    gatherer: Gatherer[int] = Gatherer()
    tracemalloc.start()
    for start in range(0, len(text), 5000):
        for key in range(100):
            gatherer.feed(key, text[start : start + 5000 - key])
            gatherer.feed(key, text[start + 5000 - key : start + 5000])
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert groups(gatherer) == [(text, list(range(100)))]
    assert held < 2 * len(text)


def test_what_nobody_needs_is_freed_at_once() -> None:
    """Without waiting for the garbage collector, which does not know how large a text is."""

    def segments() -> int:
        return sum(isinstance(thing, gather._Segment) for thing in gc.get_objects())

    before = segments()
    gatherer: Gatherer[int] = Gatherer()
    for key in range(300):
        gatherer.feed(key, b"%d" % key)
    output = gatherer.get(0)
    assert segments() > before + 100
    gatherer.clear()
    assert segments() <= before + 2  # an empty root, and what the output stands on
    assert bytes(output or b"") == b"0"


def test_imports_nothing() -> None:
    """`clubak` starts with this module: it must not load what a bare interpreter has not."""
    code = (
        "import sys; before = set(sys.modules); import clush.gather;"
        "print(*sorted(set(sys.modules) - before))"
    )
    argv = [sys.executable, "-c", code]
    run = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True)
    assert {name for name in run.stdout.split() if not name.startswith("clush")} <= {"__future__"}


def test_examples() -> None:
    assert doctest.testmod(gather).failed == 0
