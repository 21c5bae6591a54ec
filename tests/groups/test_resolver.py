"""Resolvers: which source is asked, what for, and node sets that ask them."""

from __future__ import annotations

import pytest

from clush.errors import (
    ConfigSyntaxError,
    GroupResolverConfigError,
    GroupResolverIllegalCharError,
    GroupResolverSourceError,
    GroupSourceNoUpcall,
    NodeSetExternalError,
    NodeSetParseError,
)
from clush.groups import DictSource, Resolver, Source, from_file, plugins, standard
from clush.sets.nodeset import NodeSet

SVC = {
    "lb": "lb[1-2]",
    "api": "app[01-04]",
    "jobs": ["app[05-06]", "batch1 batch2"],
    "web": "@lb,@api",
    "spare": None,
}
HALL = {
    "row1": "lb1,app[01-03]",
    "row2": "lb2,app[04-06]",
    "rows": "@row[1-2]",
    "hot": "@svc:api&@row1",
    "all": "@rows",
}


@pytest.fixture(autouse=True)
def no_plugins(monkeypatch) -> None:
    monkeypatch.setattr(plugins, "_points", list)


@pytest.fixture
def site() -> Resolver:
    return Resolver(DictSource("svc", SVC), DictSource("hall", HALL, every="@rows"))


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("@web", "app[01-04],lb[1-2]"),
        ("@jobs", "app[05-06],batch[1-2]"),
        ("@spare,@nosuch,@rows,@all,@w*", ""),
        ("@hall:rows", "app[01-06],lb[1-2]"),
        ("@hall:row[1-2]", "app[01-06],lb[1-2]"),
        ("@hall:*", "app[01-06],lb[1-2]"),
        ("@hall:hot", "app[01-03]"),
        ("@*", "app[01-06],batch[1-2],lb[1-2]"),
        ("@@", "api,jobs,lb,spare,web"),
        ("@@hall", "all,hot,row[1-2],rows"),
        ("app*", "app[01-06]"),
        ("b*[1]", "batch1"),
        ("@web ^ @hall:row2", "app[01-03,05-06],lb1"),
        ("@web,@jobs!@hall:row1&app[01-06]", "app[04-06]"),
    ],
)
def test_node_sets_ask(site: Resolver, text: str, nodes: str) -> None:
    assert str(NodeSet(text, resolver=site)) == nodes


def test_groups_that_stand_for_nodes(site: Resolver) -> None:
    def regrouped(text: str, source: str | None = None) -> str:
        return NodeSet(text, resolver=site).regroup(source)

    assert regrouped("lb[1-2],app[01-05]") == "@web,app05"
    assert regrouped("@*") == "@jobs,@web"
    # A name without source, in what a source says, is one of that source.
    assert regrouped("lb[1-2],app[01-06]", "hall") == "@hall:all"
    assert str(NodeSet.fromall("hall", resolver=site)) == "app[01-06],lb[1-2]"
    found = NodeSet("app01", resolver=site).groups("hall")
    assert sorted(found) == ["@hall:all", "@hall:hot", "@hall:row1", "@hall:rows"]


def test_the_order_of_sources_and_the_default_one(site: Resolver) -> None:
    assert (site.default, site.sources()) == ("svc", ["svc", "hall"])
    site.default = "hall"
    assert (site.default, site.sources()) == ("hall", ["hall", "svc"])
    assert str(NodeSet("@row1", resolver=site)) == "app[01-03],lb1"
    with pytest.raises(GroupResolverSourceError, match=r"^zork$"):
        site.default = "zork"
    with pytest.raises(ValueError, match="GroupSource 'svc': name collision"):
        site.add(DictSource("svc", {}))
    assert Resolver(DictSource("a", {}), DictSource("b", {}), default="b").default == "b"


def test_what_a_resolver_answers(site: Resolver) -> None:
    assert site.group_nodes("web") == ["@lb,@api"]
    assert site.group_nodes("jobs", "svc") == ["app[05-06],batch1,batch2"]
    assert site.group_nodes("spare") == site.group_nodes("nosuch") == []
    assert site.all_nodes("hall") == ["@rows"]
    assert site.grouplist("") == list(SVC)
    assert not site.has_node_groups()
    assert not site.has_node_groups("nosuch")
    for asked in (site.all_nodes, lambda: site.node_groups("n1")):
        with pytest.raises(GroupSourceNoUpcall):
            asked()


def test_an_unknown_source(site: Resolver) -> None:
    for asked in (lambda: site.group_nodes("g", "x"), lambda: NodeSet("@x:g", resolver=site)):
        with pytest.raises(GroupResolverSourceError, match=r"^x$"):
            asked()
    nothing = Resolver()
    assert nothing.sources() == []
    with pytest.raises(GroupResolverSourceError, match=r"^<default>$"):
        NodeSet("@g", resolver=nothing)


class Reversible(Source):
    has_reverse = True

    def list_groups(self) -> list[str]:
        return ["ok", "b@d!"]

    def reverse_node(self, node: str) -> list[str]:
        return ["x*"] if node == "n1" else ["ok"]


def test_names_that_could_not_be_written_are_refused() -> None:
    resolver = Resolver(Reversible("r"), illegal_chars="@,!&^*")
    with pytest.raises(GroupResolverIllegalCharError, match=r"^! @$"):
        resolver.grouplist()
    with pytest.raises(GroupResolverIllegalCharError, match=r"^\*$"):
        resolver.node_groups("n1")
    assert resolver.node_groups("n2") == ["ok"]
    assert Resolver(Reversible("r")).grouplist() == ["ok", "b@d!"]


@pytest.fixture
def write(tmp_path):
    def write(text: str, **yaml: str):
        for name, content in yaml.items():
            (tmp_path / f"{name}.yaml").write_text(content)
        (tmp_path / "groups.conf").write_text(text)
        return from_file(str(tmp_path / "groups.conf"))

    return write


MAIN = "[Main]\nautodir: $CFGDIR\n"


def test_a_configuration_is_read_when_it_is_needed(write) -> None:
    resolver = write("broken")
    assert str(NodeSet("n[1-2]", resolver=resolver)) == "n[1-2]"
    for _ in range(2):
        for text in ("@g", "n*", "@@"):
            with pytest.raises(ConfigSyntaxError):
                NodeSet(text, resolver=resolver)
    resolver = write("[lab]\nmap: echo n1\n")
    assert (resolver.sources(), resolver.default) == (["lab"], "lab")
    resolver = write("[lab]\nmap: echo n1\n")
    resolver.default = "lab"
    resolver = write("[lab]\nmap: echo n1\n")
    resolver.add(DictSource("more", {}))
    assert resolver.sources() == ["lab", "more"]


def test_an_error_of_the_configuration_stays(write) -> None:
    resolver = write("[lab]\nlist: x\n")
    for _ in range(2):
        for asked in (resolver.sources, resolver.grouplist, lambda: resolver.default):
            with pytest.raises(GroupResolverConfigError, match="No option 'map' or 'mapall'"):
                asked()


def test_who_misses_a_source_is_told_of_the_bad_file(write) -> None:
    resolver = write(f"{MAIN}default: lab\n[lab]\nmap: echo n1\n", bad="bad:\n  g: [\n")
    assert str(NodeSet("@g", resolver=resolver)) == "n1"
    assert resolver.sources() == ["lab"]
    with pytest.raises(GroupResolverConfigError, match=r"bad.yaml: .* \(line \d\)$"):
        NodeSet("@bad:g", resolver=resolver)
    resolver = write(f"{MAIN}default: bad\n[lab]\nmap: echo n1\n")
    assert str(NodeSet("@lab:g", resolver=resolver)) == "n1"
    with pytest.raises(GroupResolverConfigError, match=r"bad\.yaml: "):
        NodeSet("@g", resolver=resolver)
    assert resolver.sources() == ["lab"]


def test_the_standard_resolver(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", str(tmp_path))
    (tmp_path / "groups.conf").write_text("[Main]\ndefault: lab-x\n[lab-x]\nmap: echo n-$GROUP\n")
    assert str(NodeSet("@g", resolver=standard())) == "n-g"


def test_a_failing_upcall_in_a_node_set(write) -> None:
    resolver = write("[lab]\nmap: exit 3\nall: exit 4\nlist: exit 5\n")
    with pytest.raises(NodeSetParseError) as caught:
        NodeSet("n1,@g", resolver=resolver)
    assert str(caught.value) == 'exit 3: "@g" (exit code 3)'
    with pytest.raises(NodeSetExternalError) as failed:
        NodeSet("@*", resolver=resolver)
    assert str(failed.value) == "Failed to get all nodes: exit 4 (exit code 4)"


def test_many_groups_are_asked_for_together(tmp_path, write) -> None:
    """Each of the upcalls waits for another one to have begun."""
    meet = f"cd {tmp_path}; touch $GROUP; while [ $(ls g? | wc -l) -lt 4 ]; do sleep 0.01; done; "
    text = f"[lab]\nmap: {meet}echo n-$GROUP\nlist: echo g1 g2 g[3-4]\nupcall_timeout: 20\n"
    assert str(NodeSet("@*", resolver=write(text))) == "n-g[1-4]"
    for group in tmp_path.glob("g?"):
        group.unlink()
    assert NodeSet("n-g[1-4],x", resolver=write(text)).regroup() == "@g[1-4],x"


def test_reverse_upcalls_are_asked_for_together(tmp_path, write) -> None:
    meet = f"cd {tmp_path}; touch $NODE; while [ $(ls n? | wc -l) -lt 4 ]; do sleep 0.01; done; "
    text = f"[lab]\nmap: echo n[1-4]\nreverse: {meet}echo g1\nupcall_timeout: 20\n"
    assert NodeSet("n[1-4],x[1-3]", resolver=write(text)).regroup() == "@g1,x[1-3]"
