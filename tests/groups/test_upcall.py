"""Sources that answer by commands: what they ask, what they remember, how they fail."""

from __future__ import annotations

import pytest

from clush.errors import GroupSourceNoUpcall, GroupSourceQueryFailed
from clush.groups import answers as answers_module
from clush.groups.upcall import UpcallSource


def mapped(source: UpcallSource, *groups: str) -> dict[str, str]:
    source.prefetch(groups=groups)
    return {group: source.map_group(group) for group in groups}


class Lab:
    """Upcalls that note each of their runs in a file."""

    def __init__(self, folder) -> None:
        self.log = folder / "log"
        self.log.write_text("")

    def source(self, **upcalls) -> UpcallSource:
        options = {key: upcalls.pop(key) for key in list(upcalls) if key.startswith("cache_")}
        noted = {kind: f"echo {kind} >>{self.log}; {text}" for kind, text in upcalls.items()}
        return UpcallSource("lab", noted, **options)

    def runs(self) -> list[str]:
        runs = self.log.read_text().split()
        self.log.write_text("")
        return runs


@pytest.fixture
def lab(tmp_path) -> Lab:
    return Lab(tmp_path)


ALL = "printf 'g1: n[1-2] n9\\n\\n g2 :\\ng1:n3\\nr[1-2]: x!y\\n'"


def test_questions_and_answers(lab: Lab) -> None:
    source = lab.source(
        map="echo $GROUP-1 $SOURCE",
        list="echo g1 g2; echo g3",
        all="echo a,b",
        reverse="echo $NODE",
    )
    assert source.has_reverse
    assert source.map_group("g1") == "g1-1 lab"
    assert mapped(source, "g1", "g2") == {"g1": "g1-1 lab", "g2": "g2-1 lab"}
    assert source.list_groups() == ["g1", "g2", "g3"]
    assert source.all_nodes() == "a,b"
    assert source.reverse_node("n1") == ["n1"]
    assert sorted(lab.runs()) == ["all", "list", "map", "map", "reverse"]
    source.prefetch(nodes=["n1", "n2"])
    assert lab.runs() == ["reverse"]
    assert source.reverse_node("n2") == ["n2"]
    assert lab.runs() == []


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("map", lambda source: source.map_group("g1")),
        ("list", lambda source: source.list_groups()),
        ("all", lambda source: source.all_nodes()),
        ("reverse", lambda source: source.reverse_node("n1")),
    ],
)
def test_a_question_without_upcall(kind: str, asked) -> None:
    source = UpcallSource("lab", {"map": "", "list": None})
    assert not source.has_reverse
    with pytest.raises(GroupSourceNoUpcall) as caught:
        asked(source)
    assert str(caught.value) == kind
    assert caught.value.group_source is source


def test_the_environment_has_the_names_too(tmp_path) -> None:
    source = UpcallSource("lab", {"map": "printenv GROUP SOURCE CFGDIR; pwd"}, cfgdir=str(tmp_path))
    assert source.map_group("g 1").split("\n") == ["g 1", "lab", str(tmp_path), str(tmp_path)]


def test_a_failure_is_the_command_and_its_reason(lab: Lab) -> None:
    source = UpcallSource("lab", {"map": "test $GROUP != bad", "list": "exit 3"})
    with pytest.raises(GroupSourceQueryFailed) as caught:
        mapped(source, "good", "bad")
    assert str(caught.value) == "test bad != bad (exit code 1)"
    assert caught.value.message == "test bad != bad"
    assert caught.value.group_source is source
    with pytest.raises(GroupSourceQueryFailed, match=r"^exit 3 \(exit code 3\)$"):
        source.list_groups()
    source = UpcallSource("lab", {"all": "sleep 60"}, timeout=0.1)
    with pytest.raises(GroupSourceQueryFailed, match=r"^sleep 60 \(no answer within 0.1 s\)$"):
        source.all_nodes()


def test_a_name_that_is_refused_is_a_failure() -> None:
    source = UpcallSource("lab", {"map": "ssh adm nodes $GROUP"})
    with pytest.raises(GroupSourceQueryFailed, match="could be taken for code"):
        source.map_group("g1; reboot")


def test_answers_are_remembered_and_failures_are_not(lab: Lab) -> None:
    flag = lab.log.parent / "flag"
    source = lab.source(map=f"[ $GROUP = g1 ] || [ -e {flag} ] || exit 1; echo n-$GROUP")
    with pytest.raises(GroupSourceQueryFailed):
        mapped(source, "g1", "g2")
    flag.touch()
    lab.runs()
    assert mapped(source, "g1", "g2", "g3")["g2"] == "n-g2"
    assert lab.runs() == ["map", "map"]  # g1 is known already
    source.clear_cache()
    source.map_group("g1")
    assert lab.runs() == ["map"]


@pytest.mark.parametrize(
    ("cache_time", "later", "runs"),
    [(100, 99, 1), (100, 101, 2), (0, 0, 2), (-1, 0, 2), (float("inf"), 1e9, 1)],
)
def test_how_long(lab: Lab, monkeypatch, cache_time: float, later: float, runs: int) -> None:
    now = [0.0]
    monkeypatch.setattr(answers_module, "monotonic", lambda: now[0])
    source = lab.source(list="echo g1", cache_time=cache_time)
    assert source.list_groups() == ["g1"]
    now[0] += later
    assert source.list_groups() == ["g1"]
    assert len(lab.runs()) == runs


def test_one_command_for_all_groups(lab: Lab) -> None:
    source = lab.source(mapall=ALL, list="echo never")
    assert source.list_groups() == ["g1", "g2", "r[1-2]"]
    assert source.map_group("g1") == "n[1-2],n9,n3"
    assert mapped(source, "g2", "r1", "r2", "r3", "no") == {
        "g2": "",
        "r1": "x!y",
        "r2": "x!y",
        "r3": "",
        "no": "",
    }
    assert lab.runs() == ["mapall"]


def test_what_mapall_does_not_know_may_be_mapped(lab: Lab) -> None:
    source = lab.source(mapall=ALL, map="echo m-$GROUP")
    assert mapped(source, "g1", "g2", "x") == {"g1": "n[1-2],n9,n3", "g2": "", "x": "m-x"}
    assert lab.runs() == ["mapall", "map"]


@pytest.mark.parametrize("line", ["no colon", ": n1", "two words: n1", "# comment: x", "x"])
def test_a_bad_line_of_mapall_is_a_failure_and_not_remembered(lab: Lab, line: str) -> None:
    flag = lab.log.parent / "flag"
    source = lab.source(mapall=f"echo g1: n1; [ -e {flag} ] || echo '{line}'", map="echo no")
    for _ in range(2):
        with pytest.raises(GroupSourceQueryFailed) as caught:
            source.map_group("g1")
        expected = f"mapall: invalid line '{line}' (expected 'group: nodes')"
        assert str(caught.value) == expected
    assert lab.runs() == ["mapall", "mapall"]
    flag.touch()
    assert source.map_group("g1") == "n1"


def test_a_failing_mapall_is_not_replaced(lab: Lab) -> None:
    source = lab.source(mapall="exit 2", map="echo n1", list="echo g1")
    for asked in (lambda: source.map_group("g1"), source.list_groups):
        with pytest.raises(GroupSourceQueryFailed, match="exit 2"):
            asked()


def test_answers_on_disk_are_not_asked_for_again(lab: Lab, tmp_path, monkeypatch) -> None:
    options = {"cache_persist": 60, "cache_directory": str(tmp_path / "cache")}
    upcalls = {"map": "echo n-$GROUP-$$LAB", "mapall": ALL, "reverse": "echo g1"}
    monkeypatch.setenv("LAB", "x")

    def answers(**more) -> list:
        source = lab.source(**{**upcalls, **more}, **options)
        return [source.list_groups(), mapped(source, "g1", "x"), source.reverse_node("n1")]

    first = answers()
    assert sorted(lab.runs()) == ["map", "mapall", "reverse"]
    assert answers() == first
    assert lab.runs() == []
    # Another configuration, another value of a variable that is mentioned: ask again.
    answers(reverse="echo g1 ")
    monkeypatch.setenv("LAB", "y")
    assert answers()[1]["x"] == "n-x-y"
    assert len(lab.runs()) == 6
    monkeypatch.setenv("OTHER", "z")
    answers()
    assert lab.runs() == []
    options["cache_env"] = ["OTHER"]
    answers()
    assert len(lab.runs()) == 3


def test_without_memory_the_disk_still_answers(lab: Lab, tmp_path) -> None:
    source = lab.source(
        list="echo g1", cache_time=0, cache_persist=60, cache_directory=str(tmp_path / "c")
    )
    assert source.list_groups() == source.list_groups() == ["g1"]
    assert lab.runs() == ["list"]
