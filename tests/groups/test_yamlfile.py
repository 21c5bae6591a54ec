"""Groups in YAML files: what they may say, what is wrong with them, when they are read."""

from __future__ import annotations

import os
import sys

import pytest

from clush.errors import GroupResolverConfigError, GroupSourceNoUpcall, GroupSourceQueryFailed
from clush.groups.yamlfile import YamlFile, YamlSource

SITE = """\
svc:
  lb: 'lb[1-2]'
  jobs: ['app[05-06]', 'batch1 batch2']
  web: '@lb,@api'
  spare:
  none: []
  empty: ''
  b[1-2]: x
hall:
  row1: &one 'lb1,app[01-03]'
  copy: *one
  all: '@row1'
void: {}
"""


@pytest.fixture
def write(tmp_path):
    path = tmp_path / "groups.yaml"

    def write(text: str) -> str:
        path.write_text(text)
        return str(path)

    return write


def source(path: str, name: str = "svc", **options) -> YamlSource:
    return YamlSource(name, YamlFile(path, **options))


@pytest.mark.parametrize(
    ("group", "nodes"),
    [
        ("lb", "lb[1-2]"),
        ("jobs", "app[05-06],batch1,batch2"),
        ("web", "@lb,@api"),
        ("spare", ""),
        ("none", ""),
        ("empty", ""),
        ("nosuch", ""),
        ("b1", "x"),
        ("b[1-2]", "x"),
        ("b3", ""),
    ],
)
def test_the_nodes_of_a_group(write, group: str, nodes: str) -> None:
    assert source(write(SITE)).map_group(group) == nodes


def test_sources_and_their_lists(write) -> None:
    file = YamlFile(write(SITE))
    assert file.names() == ["svc", "hall", "void"]
    assert file.problems == []
    assert YamlSource("svc", file).list_groups()[-1] == "b[1-2]"
    assert YamlSource("hall", file).list_groups() == ["row1", "copy", "all"]
    assert YamlSource("hall", file).all_nodes() == "@row1"
    assert YamlSource("void", file).list_groups() == []
    for name in ("svc", "void"):
        with pytest.raises(GroupSourceNoUpcall):
            YamlSource(name, file).all_nodes()


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("a: [", "parsing", None),
        ("a:\n  b: @x", "put what begins with this character in quotes", 2),
        ("a: {}\n---\nb: {}", "expected a single document", 2),
        ("a: {}\nb: !!python/object:os.x {}", "could not determine a constructor", 2),
        ("a:\n  b: 2021-13-45", "month must be in 1..12", None),
        ("a: \x01", "control characters|special characters", None),
        ("- a", r"invalid content \(base is not a dict\)", 1),
        ("word", r"invalid content \(base is not a dict\)", 1),
    ],
)
def test_a_file_that_is_no_such_file(write, text: str, reason: str, line: int | None) -> None:
    path = write(text)
    with pytest.raises(GroupResolverConfigError, match=reason) as caught:
        YamlFile(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    if line:
        assert str(caught.value).endswith(f" (line {line})")
        assert (caught.value.file, caught.value.line) == (path, line)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ok: {}\nX: [a]", "invalid content (group source 'X' is not a dict) (line 2)"),
        ("ok: {}\nX:", "invalid content (group source 'X' is not a dict) (line 2)"),
        ("X:\n  a: b\n  no: c", "X: group name False not a string (add quotes?) (line 3)"),
        ("X:\n  1: c", "X: group name 1 not a string (add quotes?) (line 2)"),
    ],
)
def test_a_bad_source_harms_only_itself(write, text: str, message: str) -> None:
    file = YamlFile(path := write(f"svc: {{lb: 'lb[1-2]'}}\n{text}"))
    message = message[:-2] + f"{int(message[-2]) + 1})"
    assert YamlSource("svc", file).map_group("lb") == "lb[1-2]"
    assert [str(problem) for problem in file.problems] == [f"{path}: {message}"]
    for asked in (lambda: YamlSource("X", file).map_group("a"), YamlSource("X", file).list_groups):
        with pytest.raises(GroupResolverConfigError) as caught:
            asked()
        assert str(caught.value) == f"{path}: {message}"


def test_a_source_whose_name_is_no_text(write) -> None:
    file = YamlFile(path := write("svc: {}\n1: {a: b}"))
    assert file.names() == ["svc"]
    expected = f"{path}: group source 1 not a string (add quotes?) (line 2)"
    assert [str(problem) for problem in file.problems] == [expected]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("12", "12"),
        ("yes", "True"),
        ("1.5", "1.5"),
        ("{x: y}", "{'x': 'y'}"),
        ("[a, 1]", "1"),
        ("[a, null]", "None"),
        ("[[a]]", "['a']"),
        ("2021-02-03", "datetime.date(2021, 2, 3)"),
    ],
)
def test_a_bad_group_harms_only_itself(write, value: str, shown: str) -> None:
    path = write(f"svc:\n  lb: 'lb[1-2]'\n  bad: {value}\n  all: {value}\n")
    found = source(path)
    assert found.list_groups() == ["lb", "bad", "all"]
    assert found.map_group("lb") == "lb[1-2]"
    with pytest.raises(GroupResolverConfigError) as caught:
        found.map_group("bad")
    expected = f"{path}: svc: group bad: {shown} is not a node set (add quotes?) (line 3)"
    assert str(caught.value) == expected
    with pytest.raises(GroupResolverConfigError, match="group all"):
        found.all_nodes()


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "null"])
def test_an_empty_file_has_no_sources(write, text: str) -> None:
    file = YamlFile(write(text))
    assert (file.names(), file.problems, file.empty) == ([], [], True)


def test_a_file_that_is_not_there(tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        YamlFile(str(tmp_path / "nosuch.yaml"))


def test_a_changed_file_is_read_again(write) -> None:
    path = write("a: {x: n1, y: n2}\nb: {x: n3}")
    file = YamlFile(path, cache_time=0)
    a, b = YamlSource("a", file), YamlSource("b", file)
    write("a: {x: n4, z: n5}\nc: {x: n6}")
    assert a.map_group("x") == "n4"
    assert a.list_groups() == ["x", "z"]
    assert b.map_group("x") == "n3"
    assert file.names() == ["a", "b"]
    write("a: [")
    for _ in range(2):
        with pytest.raises(GroupResolverConfigError):
            a.map_group("x")
    os.unlink(path)
    with pytest.raises(FileNotFoundError):
        file.groups("a")
    with pytest.raises(GroupSourceQueryFailed) as caught:
        a.map_group("x")
    assert str(caught.value) == f"{path} (No such file or directory)"


def test_a_file_is_not_looked_at_before_its_time(write) -> None:
    found = source(path := write("svc: {x: n1}"))
    write("svc: {x: n2 }")
    assert found.map_group("x") == "n1"
    found.clear_cache()
    assert found.map_group("x") == "n2"
    assert source(path).map_group("x") == "n2"


def test_without_the_parser(write, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(GroupResolverConfigError, match="disable autodir"):
        YamlFile(write(SITE))


def test_the_parser_without_its_c_part(write, monkeypatch) -> None:
    import yaml

    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert source(write(SITE)).map_group("lb") == "lb[1-2]"
