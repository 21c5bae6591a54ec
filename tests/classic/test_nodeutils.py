"""Classic group sources and resolvers, as scripts use them."""

from __future__ import annotations

import pytest

from ClusterShell.NodeSet import (
    DEF_GROUPS_CONFIGS,
    NodeSet,
    set_std_group_resolver,
    set_std_group_resolver_config,
    std_group_resolver,
)
from ClusterShell.NodeUtils import (
    FileGroupSource,
    GroupResolver,
    GroupResolverConfig,
    GroupResolverConfigError,
    GroupResolverError,
    GroupResolverIllegalCharError,
    GroupResolverSourceError,
    GroupSource,
    GroupSourceError,
    GroupSourceNoUpcall,
    GroupSourceQueryFailed,
    UpcallGroupSource,
    YAMLGroupLoader,
)


def test_the_tree_of_errors() -> None:
    assert issubclass(GroupSourceNoUpcall, GroupSourceError)
    assert issubclass(GroupSourceQueryFailed, GroupSourceError)
    for kind in (
        GroupResolverSourceError,
        GroupResolverIllegalCharError,
        GroupResolverConfigError,
    ):
        assert issubclass(kind, GroupResolverError)
    error = GroupSourceQueryFailed("message", "source")
    assert (str(error), error.group_source) == ("message", "source")


def test_a_dictionary() -> None:
    source = GroupSource("dc", {"east": "e[1-9]", "west": ["w1", "w[4-5]"]}, "e[1-9],w[1-9]")
    assert (source.name, source.has_reverse) == ("dc", False)
    assert source.resolv_map("west") == ["w1", "w[4-5]"]
    assert source.resolv_map("north") == ""
    assert sorted(source.resolv_list()) == ["east", "west"]
    assert source.resolv_all() == "e[1-9],w[1-9]"
    with pytest.raises(GroupSourceNoUpcall, match=r"^Not implemented$"):
        source.resolv_reverse("e1")
    with pytest.raises(GroupSourceNoUpcall, match=r"^All groups info not available$") as caught:
        GroupSource("empty").resolv_all()
    assert caught.value.group_source.groups == {}
    resolver = GroupResolver(source)
    assert resolver.group_nodes("west") == ["w1,w[4-5]"]
    assert str(NodeSet("@west", resolver=resolver)) == "w[1,4-5]"
    assert str(NodeSet("@*", resolver=resolver)) == "e[1-9],w[1-9]"


def test_upcalls() -> None:
    source = UpcallGroupSource("lab", map_upcall="echo a; echo $GROUP", list_upcall="echo g1 g2")
    assert isinstance(source, GroupSource)
    assert source.upcalls == {"map": "echo a; echo $GROUP", "list": "echo g1 g2"}
    assert (source.cache_time, source.cfgdir, source.groups) == (3600, None, {})
    assert source.resolv_map("g1") == "a\ng1"
    assert source.resolv_list().split() == ["g1", "g2"]
    assert not source.has_reverse
    for kind, asked in (
        ("all", source.resolv_all),
        ("reverse", lambda: source.resolv_reverse("n")),
    ):
        with pytest.raises(GroupSourceNoUpcall, match=f"^{kind}$") as caught:
            asked()
        assert caught.value.group_source is source
    resolver = GroupResolver(source)
    assert resolver.group_nodes("g1") == ["a", "g1"]
    assert str(NodeSet("@g1", resolver=resolver)) == "a,g1"


def test_upcalls_that_are_remembered(tmp_path) -> None:
    counting = f"cd {tmp_path}; mkdir $$$$; ls | wc -l"
    source = UpcallGroupSource("lab", counting, cache_time=1e9)
    assert source.resolv_map("g") == source.resolv_map("g") == "1"
    source.clear_cache()
    assert source.resolv_map("g") == "2"
    source.cache_time = 0
    source.clear_cache()
    assert source.resolv_map("g") != source.resolv_map("g")


def test_one_command_for_all() -> None:
    source = UpcallGroupSource("lab", mapall_upcall="echo 'g1: n1 n2'; echo g2:n3")
    resolver = GroupResolver(source)
    assert resolver.grouplist() == ["g1", "g2"]
    assert str(NodeSet.fromall(resolver=resolver)) == "n[1-3]"


@pytest.fixture
def yaml(tmp_path):
    def yaml(text: str) -> str:
        (tmp_path / "g.yaml").write_text(text)
        return str(tmp_path / "g.yaml")

    return yaml


def test_a_loader(yaml) -> None:
    path = yaml("svc:\n  lb: 'lb[1-2]'\n  jobs: [a1, 'a2 a3']\nhall:\n  all: '@svc:lb'\n")
    loader = YAMLGroupLoader(path)
    assert [source.name for source in loader] == list(loader.sources) == ["svc", "hall"]
    assert (loader.filename, loader.cache_time) == (path, 3600)
    assert loader.groups("svc") == {"lb": "lb[1-2]", "jobs": ["a1", "a2 a3"]}
    svc, hall = loader
    assert isinstance(svc, FileGroupSource)
    assert (svc.groups, svc.allgroups) == (loader.groups("svc"), None)
    assert hall.allgroups == hall.resolv_all() == "@svc:lb"
    with pytest.raises(GroupSourceNoUpcall):
        svc.resolv_all()
    resolver = GroupResolver(svc)
    resolver.add_source(hall)
    assert str(NodeSet("@jobs,@hall:*", resolver=resolver)) == "a[1-3],lb[1-2]"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "invalid content (base is not a dict)"),
        ("a: 1", "invalid content (group source 'a' is not a dict)"),
        ("1: {}", "group source 1 not a string (add quotes?)"),
        ("a: {no: b}", "a: group name False not a string (add quotes?)"),
        ("a: [", ""),
    ],
)
def test_a_loader_refuses_what_is_wrong(yaml, text: str, reason: str) -> None:
    with pytest.raises(GroupResolverConfigError) as caught:
        YAMLGroupLoader(yaml(text))
    assert str(caught.value).startswith(f"{yaml(text)}: {reason}")


def test_a_loader_of_nothing(tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        YAMLGroupLoader(str(tmp_path / "nosuch"))


class Rooms:
    """A source that derives from nothing."""

    name = "rooms"
    has_reverse = True

    def resolv_map(self, group):
        return ["n1", "n2"] if group == "left" else "n3\nn4 n5"

    def resolv_list(self):
        return iter(("left", "right"))

    def resolv_all(self):
        raise GroupSourceNoUpcall("all", self)

    def resolv_reverse(self, node):
        return ["left"] if str(node) in ("n1", "n2") else "right"


def test_a_source_of_ones_own() -> None:
    resolver = GroupResolver(Rooms())
    assert resolver.has_node_groups()
    assert resolver.node_groups("n1") == ["left"]
    assert resolver.group_nodes("right") == ["n3", "n4", "n5"]
    assert str(NodeSet.fromall(resolver=resolver)) == "n[1-5]"
    assert NodeSet("n[1-2]", resolver=resolver).regroup() == "@left"
    assert NodeSet("n1", resolver=resolver).regroup() == "n1"
    assert sorted(NodeSet("n1", resolver=resolver).groups("rooms")) == ["@rooms:left"]


def test_sources_of_a_resolver() -> None:
    resolver = GroupResolver()
    assert (resolver.sources(), resolver.default_source_name) == ([], None)
    with pytest.raises(GroupResolverSourceError, match=r"^<default>$"):
        resolver.group_nodes("g")
    resolver.add_source(GroupSource("a", {"g": "n1"}))
    resolver.add_source(GroupSource("b"))
    with pytest.raises(ValueError, match=r"^GroupSource 'a': name collision$"):
        resolver.add_source(GroupSource("a"))
    assert resolver.sources() == ["a", "b"]
    resolver.default_source_name = "b"
    assert resolver.sources() == ["b", "a"]
    with pytest.raises(GroupResolverSourceError):
        resolver.default_source_name = "c"
    assert not resolver.has_node_groups("c")
    with pytest.warns(DeprecationWarning, match="no effect"):
        resolver.set_verbosity(1)


def test_names_that_are_refused() -> None:
    resolver = GroupResolver(GroupSource("a", {"x!": "n1"}), illegal_chars=set("@,!&^*"))
    with pytest.raises(GroupResolverIllegalCharError, match=r"^!$"):
        resolver.grouplist()
    assert resolver.group_nodes("x!") == ["n1"]


def test_a_configuration(tmp_path) -> None:
    (tmp_path / "a.conf").write_text("[Main]\ndefault: lab\n[lab]\nmap: echo n-$GROUP\n")
    (tmp_path / "b.conf").write_text("[lab]\nlist: echo g1 r[1-2]\n[more]\nmap: true\n")
    paths = [str(tmp_path / "a.conf"), str(tmp_path / "b.conf"), str(tmp_path / "nosuch")]
    resolver = GroupResolverConfig(paths)
    assert (resolver.filenames, resolver.config) == (paths, None)
    assert resolver.sources() == ["lab", "more"]
    assert resolver.config is not None
    assert (resolver.grouplist(), resolver.default_source_name) == (["g1", "r[1-2]"], "lab")
    assert str(NodeSet("@r[1-2]", resolver=resolver)) == "n-r[1-2]"
    assert GroupResolverConfig(paths[0]).filenames == paths[:1]
    with pytest.raises(GroupResolverSourceError, match=r"^<default>$"):
        GroupResolverConfig(str(tmp_path / "nosuch")).grouplist()


def test_a_configuration_with_a_mistake(tmp_path) -> None:
    (tmp_path / "a.conf").write_text("[lab]\nlist: true\n")
    resolver = GroupResolverConfig(str(tmp_path / "a.conf"))
    for _ in range(2):
        with pytest.raises(GroupResolverConfigError, match="No option 'map' or 'mapall'"):
            resolver.grouplist()


@pytest.fixture
def standard():
    yield
    set_std_group_resolver(None)


def test_the_standard_resolver(tmp_path, standard) -> None:
    set_std_group_resolver(None)
    found = std_group_resolver()
    assert isinstance(found, GroupResolverConfig)
    assert found.filenames == DEF_GROUPS_CONFIGS
    set_std_group_resolver_config("")
    assert std_group_resolver() is found
    (tmp_path / "g.conf").write_text("[lab]\nmap: echo n1\nlist: echo a@b\n")
    set_std_group_resolver_config(str(tmp_path / "g.conf"))
    assert str(NodeSet("@g")) == "n1"
    assert std_group_resolver().grouplist() == ["a@b"]
    std_group_resolver().add_source(GroupSource("more", {"g": "n2"}))
    assert str(NodeSet("@more:g")) == "n2"
    set_std_group_resolver_config(str(tmp_path / "g.conf"), illegal_chars={"@"})
    with pytest.raises(GroupResolverIllegalCharError):
        std_group_resolver().grouplist()
