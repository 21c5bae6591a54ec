"""`ClusterShell.MsgTree`: equal messages, added line by line, found again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.gather import Gatherer
from ClusterShell.MsgTree import MODE_DEFER, MODE_SHIFT, MODE_TRACE, MsgTree, MsgTreeElem

MODES = (MODE_DEFER, MODE_SHIFT, MODE_TRACE)
ADDS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from([b"", b"a", b"b", b"a\nb"])), max_size=25
)


def worked_case(mode: int) -> MsgTree:
    tree = MsgTree(mode)
    for key, line in (("n1", b"ok"), ("n2", b"ok"), ("n2", b"warn"), ("n3", b"ok")):
        tree.add(key, line)
    return tree


def walked(tree: MsgTree, *args: object, **kwargs: object) -> dict[bytes, list[object]]:
    return {bytes(elem): sorted(keys) for elem, keys in tree.walk(*args, **kwargs)}


@pytest.mark.parametrize("mode", [MODE_DEFER, MODE_SHIFT])
def test_walk(mode: int) -> None:
    assert walked(worked_case(mode)) == {b"ok": ["n1", "n3"], b"ok\nwarn": ["n2"]}


def test_walk_with_beginnings() -> None:
    assert walked(worked_case(MODE_TRACE)) == {b"ok": ["n1", "n2", "n3"], b"ok\nwarn": ["n2"]}


def test_walk_trace() -> None:
    tree = worked_case(MODE_TRACE)
    assert list(tree.walk_trace()) == [
        (b"ok", ["n1", "n2", "n3"], 1, 1),
        (b"warn", ["n2"], 2, 0),
    ]
    assert list(tree.walk_trace(lambda key: key == "n3", str.upper)) == [(b"ok", ["N3"], 1, 1)]


@pytest.mark.parametrize("mode", [MODE_DEFER, MODE_SHIFT])
def test_walk_trace_needs_its_mode_at_the_first_step(mode: int) -> None:
    steps = worked_case(mode).walk_trace()
    with pytest.raises(AssertionError, match="only callable in trace mode"):
        next(steps)


@pytest.mark.parametrize(
    ("use", "mode"),
    [
        (lambda tree: next(tree.walk()), MODE_SHIFT),
        (lambda tree: next(tree.messages()), MODE_SHIFT),
        (lambda tree: tree.walk(), MODE_DEFER),  # a generator does nothing before its first step
        (lambda tree: list(tree.items()), MODE_DEFER),
        (lambda tree: tree.get("n1"), MODE_DEFER),
        (lambda tree: list(tree.keys()), MODE_DEFER),
        (lambda tree: tree.remove(), MODE_DEFER),
    ],
)
def test_what_settles_the_mode(use: object, mode: int) -> None:
    tree = worked_case(MODE_DEFER)
    use(tree)  # type: ignore[operator]
    assert tree.mode == mode


@given(st.sampled_from(MODES), ADDS, st.sets(st.integers(0, 5)))
def test_against_a_dict(mode: int, adds: list[tuple[int, bytes]], removed: set[int]) -> None:
    tree = MsgTree(mode)
    model: dict[int, list[bytes]] = {}
    seen = []
    for key, line in adds:
        tree.add(key, line)
        model.setdefault(key, []).append(line)
        seen.append((tree[key], list(model[key])))
    for elem, lines in seen:
        assert (list(elem), bytes(elem)) == (lines, b"\n".join(lines))
    assert list(tree.keys()) == list(tree) == list(model)
    tree.remove(lambda key: key in removed)
    model = {key: lines for key, lines in model.items() if key not in removed}
    assert len(tree) == len(model)
    assert [(key, list(elem)) for key, elem in tree.items()] == list(model.items())

    messages = {tuple(lines) for lines in model.values()}
    if mode == MODE_TRACE:
        messages = {m[:end] for m in messages for end in range(1, len(m) + 1)}
    expected = {
        message: {
            key
            for key, lines in model.items()
            if tuple(lines[: len(message)] if mode == MODE_TRACE else lines) == message
        }
        for message in messages
    }
    pairs = [(tuple(elem), keys) for elem, keys in tree.walk()]
    assert len(pairs) == len(expected)
    assert {message: set(keys) for message, keys in pairs} == expected
    assert all(len(keys) == len(set(keys)) for _, keys in pairs)
    assert sorted(map(tuple, tree.messages())) == sorted(expected)


def test_match_and_mapper() -> None:
    tree = worked_case(MODE_DEFER)
    assert walked(tree, match=lambda key: key != "n1", mapper=str.upper) == {
        b"ok": ["N3"],
        b"ok\nwarn": ["N2"],
    }
    assert walked(tree, match=lambda key: key == "n2") == {b"ok\nwarn": ["n2"]}
    assert [bytes(elem) for elem in tree.messages(lambda key: key == "n2")] == [b"ok\nwarn"]
    items = tree.items(lambda key: key != "n1", str.upper)
    assert [(key, bytes(elem)) for key, elem in items] == [("N2", b"ok\nwarn"), ("N3", b"ok")]


def test_keys() -> None:
    tree = worked_case(MODE_DEFER)
    assert (len(tree), list(tree), "n3" in tree, "n4" in tree) == (
        3,
        ["n1", "n2", "n3"],
        True,
        False,
    )
    assert (tree.get("n4"), tree.get("n4", 7)) == (None, 7)
    with pytest.raises(KeyError, match="n4"):
        tree["n4"]


def test_adding_keys_while_iterating_them() -> None:
    tree = worked_case(MODE_DEFER)
    for key in tree:
        tree.add(key, b"more")
    with pytest.raises(RuntimeError):
        for key in tree:
            tree.add(key + "x", b"more")


def test_remove_and_clear() -> None:
    tree = worked_case(MODE_SHIFT)
    tree.remove(lambda key: key == "n1")
    assert walked(tree) == {b"ok": ["n3"], b"ok\nwarn": ["n2"]}
    tree.add("n1", b"ok")
    assert walked(tree) == {b"ok": ["n1", "n3"], b"ok\nwarn": ["n2"]}
    tree.remove()
    assert (len(tree), walked(tree), tree.mode) == (0, {}, MODE_SHIFT)
    tree = worked_case(MODE_TRACE)
    tree.clear()
    assert (len(tree), walked(tree), tree.mode) == (0, {}, MODE_TRACE)


def test_one_empty_line_is_a_message() -> None:
    tree = MsgTree()
    tree.add("n1", b"")
    elem = tree["n1"]
    assert walked(tree) == {b"": ["n1"]}
    assert (list(elem), len(elem), bool(elem)) == ([b""], 0, False)


def test_lines_are_not_split() -> None:
    tree = MsgTree()
    tree.add("n1", b"a\nb")
    tree.add("n2", b"a")
    tree.add("n2", b"b")
    assert sorted((list(elem), keys) for elem, keys in tree.walk()) == [
        ([b"a", b"b"], ["n2"]),
        ([b"a\nb"], ["n1"]),
    ]
    assert tree["n1"] == tree["n2"]


def a_chain() -> MsgTreeElem:
    return MsgTreeElem().append(b"a").append(b"").append(b"c")


def from_output(text: bytes) -> MsgTreeElem:
    gatherer: Gatherer[str] = Gatherer()
    gatherer.feed("n1", text)
    output = gatherer.get("n1")
    assert output is not None
    return MsgTreeElem.from_output(output)


@pytest.mark.parametrize("make", [a_chain, lambda: from_output(b"a\n\nc\n")])
def test_element(make: object) -> None:
    elem = make()  # type: ignore[operator]
    assert (bytes(elem), elem.message(), len(elem), bool(elem)) == (b"a\n\nc", b"a\n\nc", 4, True)
    assert list(elem) == list(elem.lines()) == list(elem.splitlines()) == [b"a", b"", b"c"]
    assert (elem[0], elem[-1], elem[1:], elem[9:]) == (b"a", b"c", [b"", b"c"], [])
    assert (b"c" in elem, b"d" in elem) == (True, False)
    assert elem == b"a\n\nc" == elem == a_chain() == from_output(b"a\n\nc")
    assert elem != b"a\n\nc\n"
    assert elem != "a\n\nc"
    assert elem != None  # noqa: E711 - the operator is what is tested
    with pytest.raises(IndexError):
        elem[3]
    with pytest.raises(TypeError, match="unhashable"):
        hash(elem)
    for to_text in (str, "%s".__mod__, "{}".format):
        assert to_text(elem) == "a\n\nc"
        assert to_text(MsgTreeElem(b"\xff")) == "\ufffd"
    below = elem.append(b"d")
    assert (list(below), bytes(below)) == ([b"a", b"", b"c", b"d"], b"a\n\nc\nd")
    assert below is elem.append(b"d", "n1")
    assert below is not elem.append(b"e")
    assert elem.append(b"e") is elem.append(b"e")
    assert len(elem) == 4


@pytest.mark.parametrize(
    ("text", "lines"), [(b"", []), (b"\n", [b""]), (b"\n\n", [b"", b""]), (b"a", [b"a"])]
)
def test_element_of_an_output(text: bytes, lines: list[bytes]) -> None:
    elem = from_output(text)
    assert (list(elem), bytes(elem)) == (lines, b"\n".join(lines))
    assert len(elem) == len(bytes(elem))


def test_element_made_by_hand() -> None:
    assert (list(MsgTreeElem()), bytes(MsgTreeElem()), len(MsgTreeElem())) == ([], b"", 0)
    elem = MsgTreeElem(b"b", parent=MsgTreeElem(b"a"), trace=True)
    assert bytes(elem) == b"a\nb"


def test_text_lines_are_refused_at_once() -> None:
    with pytest.raises(TypeError, match="bytes, not str: 'ok'"):
        MsgTree().add("n1", "ok")  # type: ignore[arg-type]
