"""Classic node sets: old names, the string-free base, the parsing engine, old pickles."""

from __future__ import annotations

import base64
import pickle
import sys
from pathlib import Path

import pytest
from resolvers import Sources

from clush.sets import resolver
from ClusterShell.NodeSet import (
    RESOLVER_NOGROUP,
    NodeSet,
    NodeSetBase,
    NodeSetException,
    NodeSetExternalError,
    NodeSetParseError,
    ParsingEngine,
    RangeSet,
    RangeSetND,
    expand,
    fold,
    grouplist,
    set_std_group_resolver,
    std_group_resolver,
)

module = sys.modules[NodeSet.__module__]

# Written by releases of ClusterShell with protocol 2: release, base64, text.
PICKLES = [
    line.split(maxsplit=2)
    for line in Path(__file__).with_name("pickles.txt").read_text().splitlines()
]


@pytest.fixture
def site():
    kept = resolver.slot()
    found = Sources(main={"web": "w[1-4]", "b": "k1"}, other={"o": "@p,w?", "p": "w2"})
    set_std_group_resolver(found)
    yield found
    resolver.refill(kept)


def test_all_names_are_there():
    for name in module.__all__:
        assert hasattr(module, name)
    assert module.RESOLVER_STD_GROUP is module.STD_GROUP_RESOLVER is None
    assert (module.RESOLVER_NOGROUP, module.RESOLVER_NOINIT) == (-1, -2)
    assert set("@,!&^*") == module.ILLEGAL_GROUP_CHARS


def test_functions(site):
    assert expand("n[2,1]") == ["n1", "n2"]
    assert fold("n1,n2") == "n[1-2]"
    assert fold(NodeSet("n[1,3,5]", autostep=3)) == "n[1-5/2]"
    assert grouplist() == ["b", "web"]
    assert grouplist("other", resolver=site) == ["o", "p"]
    assert std_group_resolver() is site
    assert str(NodeSet("@web!w1")) == "w[2-4]"
    assert str(NodeSet.fromall("other")) == "w2,w?"


def test_no_groups():
    nodes = NodeSet("@x,w*", resolver=RESOLVER_NOGROUP)
    assert str(nodes) == "@x,w*"
    assert str(NodeSet.fromlist(["@x"], resolver=RESOLVER_NOGROUP)) == "@x"
    with pytest.raises(NodeSetExternalError, match="Group resolver is not defined"):
        NodeSet.fromall(resolver=RESOLVER_NOGROUP)
    with pytest.raises(NodeSetExternalError, match="No node group resolver"):
        nodes.regroup()


def test_old_accessors():
    nodes = NodeSet("n[1,3,5]")
    nodes.set_autostep(3)
    assert (nodes.get_autostep(), str(nodes)) == (3, "n[1-5/2]")
    assert list(nodes.striter()) == ["n1", "n3", "n5"]
    with pytest.raises(NodeSetException):
        NodeSet("n[")


def test_every_result_is_classic():
    nodes = NodeSet("r[1-2]n[1-2],x")
    made = [nodes | nodes, nodes & nodes, nodes - NodeSet("x"), nodes[1:], nodes.copy()]
    made += [*nodes.split(2), *nodes.contiguous(), *nodes.nsiter(), NodeSet.fromlist(["a"])]
    assert {type(each) for each in made} == {NodeSet}


def test_the_site_chooses_the_axes(monkeypatch):
    monkeypatch.setitem(module.DEFAULTS.__dict__, "fold_axis", (0,))
    assert str(NodeSet("r[1-2]n[1-2]")) == "r[1-2]n1,r[1-2]n2"
    assert str(NodeSet("r[1-2]n[1-2]", fold_axis=[1])) == "r1n[1-2],r2n[1-2]"


def test_base():
    indexes = RangeSet("1-3")
    base = NodeSetBase("a%%b%s", indexes)
    assert str(base) == "a%b[1-3]"
    assert base == NodeSet("a%b[1-3]")
    assert isinstance(NodeSet(), NodeSetBase)
    indexes.add("9")
    assert len(base) == 3
    assert str(NodeSetBase("n%s", RangeSet("1-3"), False, 2, [0])) == "n[1-3]"
    assert str(NodeSetBase("r%sn%s", RangeSetND([["1-2", "3"]]))) == "r[1-2]n3"
    assert str(NodeSetBase("login")) == "login"
    assert not NodeSetBase()
    base.update(NodeSetBase("z%s", RangeSet("1")))
    assert str(NodeSet("z[1-2]") & base) == "z1"
    assert type(NodeSet("a") | base) is NodeSet
    with pytest.raises(ValueError, match="missing pattern"):
        NodeSetBase(None, indexes)
    with pytest.raises(TypeError, match="Unsupported NodeSet input"):
        base.update("n1")


def test_parsing_engine(site):
    engine = ParsingEngine(site)
    assert str(engine.parse("@web!w1", 2)) == "w[2-4]"
    assert str(engine.parse_string("@p", namespace="other")) == "w2"
    assert str(engine.parse_string_single("@web")) == "@web"
    assert str(engine.parse_group("o", "other")) == "w2,w?"
    assert str(engine.all_nodes()) == "k1,w[1-4]"
    assert engine.grouplist("other") == ["o", "p"]
    assert type(engine.parse("a")) is NodeSetBase
    assert not engine.parse(None)
    nodes = NodeSet("a")
    assert engine.parse(nodes) is nodes
    assert str(ParsingEngine(site, node_wildcard_enable=False).parse("w?")) == "w?"
    assert str(ParsingEngine(None).parse("@web")) == "@web"
    with pytest.raises(TypeError):
        engine.parse(5)
    with pytest.raises(NodeSetParseError):
        engine.parse("a,")


@pytest.mark.parametrize(("release", "data", "text"), PICKLES)
def test_old_pickles(release, data, text):
    made = pickle.loads(base64.b64decode(data))
    assert str(made).replace("\n", "|") == text
    twin = pickle.loads(pickle.dumps(made))
    assert twin == made
    assert (type(twin), twin.autostep) == (type(made), made.autostep)
    assert made.autostep == (3 if "/2" in text else None)


def test_a_pickle_leaves_the_resolver_behind(site):
    made = pickle.loads(pickle.dumps(NodeSet("@web")))
    made.add("@b")
    assert str(made) == "@b,w[1-4]"
