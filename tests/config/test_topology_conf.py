"""topology.conf."""

from __future__ import annotations

import pytest

from clush.config.topology import find, load
from clush.errors import NodeSetParseError, TopologyError


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "topology.conf"
        path.write_text(text)
        return str(path)

    return write


@pytest.mark.parametrize(
    "text, routes",
    [
        ("[routes]\na: b\n", ["a -> b"]),
        ("[routes]\na = b\nb: c[1-2],d\n", ["a -> b", "b -> c[1-2],d"]),
        ("[routes]\na[1-2] , x: b[1-4]!b2\n", ["a[1-2],x -> b[1,3-4]"]),
        ("[routes]\nA: b\na: c\n", ["A -> b", "a -> c"]),
        ("[routes]\na: b,\n   c\n", ["a -> b,c"]),
        ("[routes]\na: b # remark\n# all of it\nb: c ; remark\n", ["a -> b", "b -> c"]),
        ("[routes]\na: b\n[Main]\nc: d\n", ["a -> b"]),
        ("[other]\nx: y\n[routes]\na: b%1\n", ["a -> b%1"]),
        ("[routes]\n", []),
    ],
)
def test_routes(file, text, routes):
    assert list(map(str, load(file(text)).routes)) == routes


@pytest.mark.parametrize(
    "line, sides",
    [
        ("@m:gw: cn[1-4]", ("@m:gw", "cn[1-4]")),
        ("@m:gw = cn[1-4]", ("@m:gw", "cn[1-4]")),
        ("a,@m:gw :cn", ("a,@m", "gw :cn")),
        ("a:@m:cn", ("a", "@m:cn")),
        ("a: @m:cn,@n:cn", ("a", "@m:cn,@n:cn")),
        ("a=@m:cn", ("a", "@m:cn")),
    ],
)
def test_where_a_line_is_split(line, sides):
    from clush.config.topology import _Dialect

    parser = _Dialect()
    parser.read_string(f"[routes]\n{line}\n")
    assert parser.items("routes") == [sides]


def test_the_former_section(file):
    path = file("[Main]\na: b\n")
    with pytest.warns(DeprecationWarning, match=r"section \[Main\] is deprecated") as caught:
        graph = load(path)
    assert list(map(str, graph.routes)) == ["a -> b"]
    assert caught[0].filename == __file__


def test_routes_without_nodes_are_noticed(file):
    path = file("[routes]\na: b\nb:\n")
    notices = []
    assert len(load(path, notices.append).routes) == len(load(path).routes) == 1
    assert notices == [f"no nodes on one side of the route from b ({path}, line 3)"]


@pytest.mark.parametrize(
    "text, message",
    [
        ("a: b\n", "Invalid configuration file: PATH: File contains no section headers."),
        ("[x]\na: b\n", "Invalid configuration file: PATH: no section [routes]"),
        ("[routes]\na: b\na: c\n", "Invalid configuration file: PATH: While reading from"),
        ("[routes]\na\n", "Invalid configuration file: PATH: Source contains parsing errors"),
        ("[routes]\na: %(x)s\n", "Invalid configuration file: PATH: (Config routes.a): Bad value"),
        ("[routes]\na: b\nb: b,c\n", "Source and destination nodesets overlap (PATH, line 3)"),
        (
            "[routes]\na: b[1-2]\nb1: c\nc: a\n",
            "Loop detected! Cannot add route c -> a (PATH, line 4)",
        ),
    ],
)
def test_files_that_describe_no_tree(file, text, message):
    path = file(text)
    with pytest.raises(TopologyError) as caught:
        load(path)
    assert str(caught.value).startswith(message.replace("PATH", path))
    assert "\n" not in str(caught.value)


def test_a_missing_file():
    with pytest.raises(TopologyError) as caught:
        load("/nonexistent/t.conf")
    assert str(caught.value) == (
        "Invalid configuration file: /nonexistent/t.conf: No such file or directory"
    )


def test_a_bad_node_set_keeps_its_own_error(file):
    path = file("[routes]\na: b\nb: c[\n")
    with pytest.raises(NodeSetParseError) as caught:
        load(path)
    assert str(caught.value) == f'missing bracket: "c[" ({path}, line 3)'


def test_only_the_file_of_highest_priority_counts(tmp_path, monkeypatch):
    low, high = tmp_path / "low", tmp_path / "high"
    for path in (low, high):
        path.touch()
    assert find([str(low), str(high), "/nonexistent"]) == str(high)
    assert find(["/nonexistent"]) is None
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", str(tmp_path))
    (tmp_path / "topology.conf").touch()
    assert find() == str(tmp_path / "topology.conf")
