"""groups.conf: sources, their order, the default one, and what is said about mistakes."""

from __future__ import annotations

import os

import pytest

from clush.errors import ConfigSyntaxError, GroupResolverConfigError
from clush.groups.ansible import AnsibleSource
from clush.groups.configuration import load, load_file
from clush.groups.files import FileSource
from clush.groups.readers import Persistence
from clush.groups.upcall import UpcallSource
from clush.groups.yamlfile import YamlSource


class Site:
    """A directory of configuration files."""

    def __init__(self, folder) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    def load(self, text: str, **options):
        return load([self.write("groups.conf", text)], **options)


@pytest.fixture
def site(tmp_path) -> Site:
    return Site(tmp_path)


ECHO = "map: echo $SOURCE-$GROUP\n"


def test_a_section_is_a_source(site: Site) -> None:
    made = site.load(
        "[Main]\ndefault: b\n[a]\nmap: echo a $GROUP 100%\nlist:\nall: echo x\n"
        "cache_time: 0.5\nupcall_timeout: 7\n[b]\nmapall: echo g: n\nreverse: true\nother: x\n"
    )
    assert list(made.sources) == ["a", "b"]
    assert made.default == "b"
    a, b = made.sources.values()
    assert isinstance(a, UpcallSource)
    assert a.upcalls == {"map": "echo a $GROUP 100%", "all": "echo x"}
    assert (a.timeout, a.answers.cache_time, a.cfgdir) == (7, 0.5, str(site.folder))
    assert (b.upcalls, b.has_reverse) == ({"mapall": "echo g: n", "reverse": "true"}, True)
    assert (b.timeout, b.answers.cache_time) == (120, 3600)


def test_a_section_of_many_names(site: Site) -> None:
    made = site.load(f"[racks,rk , Main, x,,x]\n{ECHO}[main]\n{ECHO}")
    assert list(made.sources) == ["racks", "rk", "x", "main"]
    assert made.default == "racks"
    assert made.sources["rk"].map_group("g") == "rk-g"


def test_main_may_say_it_for_all(site: Site) -> None:
    made = site.load(f"[Main]\nupcall_timeout: 5\ncache_time: 6\n[a]\n{ECHO}cache_time: 7\n")
    source = made.sources["a"]
    assert (source.timeout, source.answers.cache_time) == (5, 7)


def test_files_are_read_one_over_the_other(site: Site) -> None:
    low = site.write("low/groups.conf", f"[lab]\n{ECHO}[x]\n{ECHO}")
    high = site.write("high/groups.conf", "[lab]\nreverse: pwd\n[y]\nmap: true\n")
    made = load([low, str(site.folder / "nosuch"), high])
    assert list(made.sources) == ["lab", "x", "y"]
    lab = made.sources["lab"]
    assert lab.map_group("g") == "lab-g"
    assert lab.reverse_node("n") == [lab.cfgdir] == [os.path.dirname(high)]


def test_nothing_is_no_error(site: Site) -> None:
    for text in ("", "[Main]\nconfdir: /nosuch\nautodir: $CFGDIR/nosuch\n"):
        made = site.load(text)
        assert (made.sources, made.default, made.problems) == ({}, None, [])


def test_where_more_sources_come_from_and_their_order(site: Site) -> None:
    site.write("more conf/b.conf", "[Main]\ndefault: cc\n[cc]\nmap: pwd; echo $CFGDIR\n")
    site.write("more conf/a.conf", f"[dd]\n{ECHO}")
    for ignored in (".x.conf", "x.conf.example", "x.cnf"):
        site.write(f"more conf/{ignored}", f"[{ignored}]\n{ECHO}")
    site.write("d/y.yaml", "ya: {g: n1}\nyb: {}\n")
    site.write("d/y.yml", "yc: {g: n1}\n")
    made = site.load(
        "[Main]\ndefault: aa\nconfdir: '$CFGDIR/more conf' ${CFGDIR}/./nosuch\n"
        f"autodir: $CFGDIR/d $CFGDIR//d\n[zz]\n{ECHO}[aa]\n{ECHO}"
    )
    assert list(made.sources) == ["dd", "cc", "ya", "yb", "zz", "aa"]
    assert made.default == "aa"
    confdir = str(site.folder / "more conf")
    assert made.sources["cc"].map_group("g") == f"{confdir}\n{confdir}"
    assert isinstance(made.sources["ya"], YamlSource)


def test_the_old_name_of_confdir(site: Site) -> None:
    site.write("old/a.conf", f"[old]\n{ECHO}")
    site.write("new/a.conf", f"[new]\n{ECHO}")
    made = site.load("[Main]\ngroupsdir: $CFGDIR/old\nconfdir: $CFGDIR/new\n")
    assert list(made.sources) == ["old"]


def test_readers_of_files(site: Site) -> None:
    site.write("local.cfg", "g1: n1\n")
    site.write("my hosts", "[web]\nw1\n")
    made = site.load(
        "[flat]\nreader: flat\npath: local.cfg $CFGDIR/local.cfg\ncache_time: 5\n"
        "[inv,i]\nreader: ansible\npath: 'my hosts'\n"
    )
    flat, inventory, _ = made.sources.values()
    assert isinstance(flat, FileSource)
    assert isinstance(inventory, AnsibleSource)
    assert flat.map_group("g1") == "n1,n1"
    assert inventory.map_group("web") == "w1"


MISTAKES = [
    (f"[Main]\ndefault: zork\n[a]\n{ECHO}", 'Default group source not found: "zork"', 2),
    (f"[a]\n{ECHO}[b]\nlist: x\n", "No option 'map' or 'mapall' in section: 'b'", 3),
    (f"[a,b]\n{ECHO}[b]\n{ECHO}", "GroupSource 'b': name collision", 3),
    (f"[a]\n{ECHO}cache_time: x\n", "could not convert string to float: 'x'", 3),
    (f"[Main]\ncache_time: x\n[a]\n{ECHO}", "could not convert string to float: 'x'", 2),
    (f"[a]\n{ECHO}upcall_timeout: 1 # s\n", "could not convert string to float: '1 # s'", 3),
    ("[a]\nreader: x\n", "No reader 'x' in section: 'a' (there are: ansible, flat)", 2),
    ("[a]\nreader: flat\n", "No option 'path' in section: 'a'", 1),
    ("[a]\nreader: flat\npath: 'x\n", "No closing quotation", 3),
    ("[Main]\nconfdir: 'x\n", "No closing quotation", 2),
]


@pytest.mark.parametrize(("text", "reason", "line"), MISTAKES)
def test_a_mistake_is_named_with_its_place(site: Site, text: str, reason: str, line: int) -> None:
    with pytest.raises(GroupResolverConfigError) as caught:
        site.load(text)
    file = str(site.folder / "groups.conf")
    assert str(caught.value) == f"{reason} ({file}, line {line})"
    assert (caught.value.reason, caught.value.file, caught.value.line) == (reason, file, line)


@pytest.mark.parametrize("setting", ["confdir", "groupsdir", "autodir"])
def test_a_file_in_place_of_a_directory(site: Site, setting: str) -> None:
    file = site.write("x", "")
    with pytest.raises(GroupResolverConfigError) as caught:
        site.load(f"[Main]\n{setting}: {file}\n")
    kind = "autodir" if setting == "autodir" else "confdir"
    assert str(caught.value).startswith(f"Defined {kind} {file} is not a directory (")


@pytest.mark.parametrize("name", ["ya.yaml", "conf.conf"])
def test_sources_of_one_name(site: Site, name: str) -> None:
    text = "a: {}\n" if name.endswith("yaml") else f"[a]\n{ECHO}"
    site.write(f"d/{name}", text)
    site.write(f"d/x{name}", text)
    with pytest.raises(GroupResolverConfigError, match="GroupSource 'a': name collision"):
        site.load("[Main]\nconfdir: $CFGDIR/d\nautodir: $CFGDIR/d\n")


def test_what_is_no_configuration(site: Site) -> None:
    with pytest.raises(ConfigSyntaxError, match="File contains no section headers"):
        site.load("hello\n")


def test_a_bad_yaml_file_harms_only_what_is_in_it(site: Site) -> None:
    site.write("d/bad.yaml", "bad: [\n")
    site.write("d/empty.yaml", "# nothing yet\n")
    site.write("d/half.yaml", "good: {g: n1}\nhalf: 1\n")
    made = site.load(f"[Main]\ndefault: a\nautodir: $CFGDIR/d\n[a]\n{ECHO}")
    assert list(made.sources) == ["good", "half", "a"]
    assert made.default == "a"
    assert made.default_problem is None
    problems = [os.path.basename(problem.file) for problem in made.problems]
    assert problems == ["bad.yaml", "half.yaml"]


def test_a_default_source_that_may_be_in_a_bad_file(site: Site) -> None:
    site.write("d/bad.yaml", "bad: [\n")
    for main in ("default: bad\n", ""):
        made = site.load(f"[Main]\n{main}autodir: $CFGDIR/d\n[a]\n{ECHO}")
        assert made.default is None
        assert made.default_problem is made.problems[0]
    # A source that comes before the bad file is the first one in any case.
    site.write("c/a.conf", f"[first]\n{ECHO}")
    made = site.load("[Main]\nautodir: $CFGDIR/d\nconfdir: $CFGDIR/c\n")
    assert (made.default, made.default_problem) == ("first", None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_files_that_cannot_be_read_are_passed_over(site: Site) -> None:
    os.chmod(site.write("d/a.yaml", "a: {}"), 0)
    os.chmod(site.write("d/a.conf", f"[b]\n{ECHO}"), 0)
    made = site.load("[Main]\nconfdir: $CFGDIR/d\nautodir: $CFGDIR/d\n")
    assert (made.sources, made.problems) == ({}, [])


def test_links_that_lead_nowhere_are_passed_over(site: Site) -> None:
    os.mkdir(site.folder / "d")
    for name in ("a.yaml", "a.conf"):
        os.symlink("nosuch", site.folder / "d" / name)
    made = site.load("[Main]\nconfdir: $CFGDIR/d\nautodir: $CFGDIR/d\n")
    assert (made.sources, made.problems) == ({}, [])


def test_a_file_that_has_to_be_there(site: Site, monkeypatch) -> None:
    site.write("g.conf", "[a]\nmap: pwd\n")
    monkeypatch.chdir(site.folder)
    assert load_file("g.conf").sources["a"].map_group("g") == str(site.folder)
    with pytest.raises(GroupResolverConfigError, match=r"^cannot read x.conf: No such file"):
        load_file("x.conf")


@pytest.mark.parametrize(
    ("persistence", "seconds"),
    [
        (Persistence(), [30, 0, 30, 60]),
        (Persistence(at_least=45), [45, 45, 45, 60]),
        (Persistence(enabled=False, at_least=45), [0, 0, 0, 0]),
    ],
)
def test_answers_on_disk(site: Site, persistence: Persistence, seconds: list[float]) -> None:
    persistence.directory = str(site.folder / "cache")
    made = site.load(
        "[a]\nmap: true\ncache_persist: 30\n[b]\nmap: true\ncache_persist: 0\n"
        "[Main]\ncache_persist: 30\n[c]\nmap: true\n"
        "[i]\nreader: ansible\ncache_persist: 60\npath: hosts\n",
        persistence=persistence,
    )
    stores = [made.sources[name].answers.store for name in "abci"]
    assert [store.lifetime if store else 0 for store in stores] == seconds
    assert {store.directory for store in stores if store} <= {persistence.directory}
