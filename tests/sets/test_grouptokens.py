"""Group tokens and wildcards, asked of a resolver made of dicts."""

from __future__ import annotations

import pytest
from resolvers import FAILS, Sources

from clush.errors import (
    GroupResolverSourceError,
    GroupSourceQueryFailed,
    NodeSetExternalError,
    NodeSetParseError,
)
from clush.sets import resolver
from clush.sets.nodeset import NodeSet, grouplist
from clush.sets.resolver import NO_GROUPS


@pytest.fixture
def site() -> Sources:
    return Sources(
        main={
            "web": "w[1-4]",
            "odd": "w[1,3] x1",
            "io1": "i1",
            "io2": "i2",
            "io01": "i01",
            "mixed": "@odd,@jobs:idle!x1",
            "hot": "w?",
            "loop": "n1,@back",
            "back": "@loop",
            "bad": FAILS,
            "a:b": "c1",
            "two words": "t1",
        },
        jobs={"idle": "w2,k[1-3]", "9:1": "j9", "here": "@idle!k1", "there": "@main:web"},
        rack1={"top": "r1"},
        rack2={"top": "r2"},
        all_of={"main": "w[1-4],i[1-2],log1,x1,w*", "rack1": FAILS},
    )


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("@web", "w[1-4]"),
        ("@odd", "w[1,3],x1"),
        ("@:web", "w[1-4]"),
        ("@main:web", "w[1-4]"),
        ("@jobs:idle", "k[1-3],w2"),
        ("@jobs:9:1", "j9"),
        ("@io[1-3]", "i[1-2]"),
        ("@io[01-02]", "i01"),
        ("@rack[1-2]:top", "r[1-2]"),
        ("@mixed", "k[1-3],w[1-3]"),
        ("@jobs:here", "k[2-3],w2"),
        ("@jobs:there", "w[1-4]"),
        ("@web&@jobs:idle!k1", "w2"),
        (" @web , @io1 ", "i1,w[1-4]"),
        ("@two words", "t1"),
        ("@nosuch", ""),
        ("@", ""),
        ("@jobs:", ""),
        ("@*", "i[1-2],log1,w*,w[1-4],x1"),
        ("@jobs:*", "j9,k[1-3],w[1-4]"),
        ("@@rack1", "top"),
        ("@@jobs", "9:1,here,idle,there"),
        ("@@rack[1-2]", "top"),
        ("@@rack1,@rack1:top", "r1,top"),
        ("a@web", "a@web"),
        ("w*", "w*,w[1-4]"),
        ("w?", "w*,w[1-4]"),
        ("*!log*", "i[1-2],w*,w[1-4],x1"),
        ("*[1-2]", "i[1-2],log1,w[1-2],x1"),
        ("W*", ""),
        ("?", ""),
        ("@hot", "w*,w[1-4]"),
    ],
)
def test_tokens(site: Sources, text: str, folded: str) -> None:
    found = NodeSet(text, resolver=site)
    assert sorted(str(found).split(",")) == sorted(folded.split(","))
    assert len(NodeSet("a1", resolver=site).union(text)) == len(found) + 1


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("@nowhere:x", GroupResolverSourceError, "^nowhere$"),
        ("@@nowhere", GroupResolverSourceError, "^nowhere$"),
        ("n1,@bad", NodeSetParseError, 'map bad: "@bad"'),
        ("@loop", NodeSetParseError, 'group recursion: this group contains itself: "@loop"'),
        ("@rack1:*", NodeSetExternalError, "Failed to get all nodes: list all"),
        ("@io[1", NodeSetParseError, 'missing bracket: "@io.1"'),
        ("@io]", NodeSetParseError, 'illegal closing bracket: "@io]"'),
        ("n1,@@racks[", NodeSetParseError, 'missing bracket: "@@racks."'),
        ("(@web)", NodeSetParseError, "parentheses are not supported"),
    ],
)
def test_refused(site: Sources, text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        NodeSet(text, resolver=site)


def test_an_error_in_a_group_says_where_it_is() -> None:
    site = Sources(main={"web": "w1 w[2-"})
    with pytest.raises(NodeSetParseError, match="missing bracket") as caught:
        NodeSet("n1,@web", resolver=site)
    assert (caught.value.text, caught.value.position) == ("w1,w[2-", 3)


def test_the_words_of_a_group_are_one_expression() -> None:
    site = Sources(main={"web": "w[1-3] w4!w2"})
    assert str(NodeSet("@web", resolver=site)) == "w[1,3-4]"


def test_all_nodes_is_asked_once_for_many_wildcards(site: Sources) -> None:
    nodes = NodeSet("*1,w*!*3", resolver=site)
    assert str(nodes) == "i1,log1,w[1-2,4],w*,x1"
    nodes = NodeSet.fromlist(["w1*", "w2*", "n1"], resolver=site)
    assert str(nodes) == "n1,w[1-2]"


def test_all_nodes_without_such_a_question() -> None:
    site = Sources(main={"a": "n[1-2]", "b": "n2,@a,m*"})
    assert str(NodeSet.fromall(resolver=site)) == "m*,n[1-2]"
    assert str(NodeSet("n?", resolver=site)) == "n[1-2]"
    with pytest.raises(NodeSetExternalError, match="Not enough working methods"):
        NodeSet("n*", resolver=Sources(main={FAILS: ""}))
    failing = Sources(main={"a": FAILS})
    with pytest.raises(GroupSourceQueryFailed):
        NodeSet.fromall(resolver=failing)
    with pytest.raises(NodeSetParseError, match=r'map a: "@\*"'):
        NodeSet("@*", resolver=failing)


def test_fromall(site: Sources) -> None:
    assert str(NodeSet.fromall("jobs", resolver=site)) == "j9,k[1-3],w[1-4]"
    with pytest.raises(NodeSetExternalError, match="GroupResolverSourceError: nowhere"):
        NodeSet.fromall("nowhere", resolver=site)
    with pytest.raises(NodeSetExternalError, match="Group resolver is not defined"):
        NodeSet.fromall(resolver=NO_GROUPS)


def test_the_resolver_goes_with_the_set(site: Sources) -> None:
    nodes = NodeSet("w[1-9]", resolver=site)
    for made in (nodes.copy(), nodes[:8], nodes | NodeSet("z1"), next(nodes.split(2))):
        assert "@io1" not in made
        made.update("@io1")
        assert "i1" in made
    nodes.intersection_update("@web")
    assert str(nodes) == "w[1-4]"


def test_the_slot_is_filled_when_the_first_group_is_met(empty_slot: None, site: Sources) -> None:
    made: list[Sources] = []

    def factory() -> Sources:
        made.append(site)
        return site

    with pytest.raises(NodeSetExternalError, match="no group resolver was set"):
        NodeSet("@web")
    resolver.set_standard_factory(factory)
    assert str(NodeSet("n1,w[2-5]")) == "n1,w[2-5]"
    assert made == []
    assert str(NodeSet("@web&w[2-5]")) == "w[2-4]"
    assert str(NodeSet.fromall("jobs")) == "j9,k[1-3],w[1-4]"
    assert grouplist("jobs") == ["9:1", "here", "idle", "there"]
    assert made == [site]
    resolver.set_standard(Sources(main={"web": "z1"}))
    assert str(NodeSet("@web")) == "z1"
    resolver.set_standard_factory(factory)
    assert str(NodeSet("@web")) == "z1"
    resolver.set_standard(None)
    assert str(NodeSet("@web")) == "w[1-4]"
    assert made == [site, site]


def test_names_of_groups_are_listed_one_by_one() -> None:
    assert grouplist(resolver=Sources(main={"b[1-2]": "", "a": "", "b1": ""})) == ["a", "b1", "b2"]
    with pytest.raises(NodeSetExternalError, match="No node group resolver"):
        grouplist(resolver=NO_GROUPS)
