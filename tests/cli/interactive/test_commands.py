"""What lines at the prompt mean: what they change, what is answered, what is to be run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import groups_site
import pytest

from clush import groups
from clush.cli.interactive.commands import Reply, State, reply
from clush.errors import GroupResolverSourceError
from clush.sets import resolver
from clush.sets.nodeset import NodeSet


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in groups_site.make(tmp_path).items():
        monkeypatch.setenv(name, value)
    resolver.set_standard(groups.standard())
    yield
    resolver.set_standard(None)


# A line, and what it asks to be done with n[1-4].
DONE = [
    ("quit", Reply(over=True)),
    ("quit ", Reply(command="quit ")),
    (" quit", Reply(command=" quit")),
    ("", Reply()),
    ("  \t", Reply()),
    ("?", Reply(answer="Working with nodes: n[1-4]")),
    ("?what", Reply(answer="Working with nodes: n[1-4]")),
    (" ?", Reply(command=" ?")),
    ("uname -r", Reply(command="uname -r")),
    ("exit 4", Reply(command="exit 4")),
    ("=x", Reply(command="=x")),
    ("!date", Reply(command="date", local=True)),
    ("! date +%s", Reply(command=" date +%s", local=True)),
    ("!", Reply(complaint="no command after '!' (ignoring)")),
    ("! ", Reply(complaint="no command after '!' (ignoring)")),
]


@pytest.mark.parametrize(("line", "done"), DONE)
def test_lines_that_change_nothing(line: str, done: Reply) -> None:
    state = State(NodeSet("n[1-4]"), gathered=False)
    assert reply(line, state) == done
    assert (str(state.nodes), state.gathered) == ("n[1-4]", False)


# A line, the nodes afterwards, and the complaint if there is one.
CHANGES = [
    ("+n5", "n[1-5]", ""),
    ("+ n5,n7", "n[1-5,7]", ""),
    ("+@front", "n[1-4],web[1-2]", ""),
    ("+@racks:r2", "db2,n[1-4],web[3-4]", ""),
    ("+", "n[1-4]", ""),
    ("-n1", "n[2-4]", ""),
    ("-n[3-9]", "n[1-2]", ""),
    ("-zork", "n[1-4]", ""),
    ("-", "n[1-4]", ""),
    ("@web1", "web1", ""),
    ("@@web", "web[1-4]", ""),
    ("@@web!web1,n1", "n1,web[2-4]", ""),
    # Nothing but a parse error, or what would leave no node, keeps the set as it was.
    ("+n[", "n[1-4]", 'nodeset parse error (ignoring): missing bracket: "n["'),
    ("-n]", "n[1-4]", 'nodeset parse error (ignoring): illegal closing bracket: "n]"'),
    ("@n[3-1]", "n[1-4]", "nodeset parse error (ignoring): "),
    ("@", "n[1-4]", "no node would be left (ignoring)"),
    ("-n[1-99]", "n[1-4]", "no node would be left (ignoring)"),
    ("+@zork", "n[1-4]", "empty node set (ignoring) (@zork: unknown group)"),
    ("@@zork", "n[1-4]", "empty node set (ignoring) (@zork: unknown group)"),
    ("-zork*", "n[1-4]", "empty node set (ignoring) (zork*: no such node)"),
]


@pytest.mark.parametrize(("line", "nodes", "complaint"), CHANGES)
def test_changes_of_the_nodes(line: str, nodes: str, complaint: str) -> None:
    state = State(NodeSet("n[1-4]"), gathered=False)
    told = reply(line, state)
    assert str(state.nodes) == nodes
    assert told.complaint.startswith(complaint) and bool(told.complaint) == bool(complaint)
    assert told._replace(complaint="") == Reply(answer=f"Working with nodes: {nodes}")


def test_what_was_selected_first_is_not_changed_in_place() -> None:
    first = NodeSet("n[1-4]")
    state = State(first, gathered=False)
    for line in ("+n5", "-n1", "@n9"):
        reply(line, state)
    assert str(first) == "n[1-4]"


def test_a_source_that_does_not_exist_is_an_error_and_changes_nothing() -> None:
    state = State(NodeSet("n1"), gathered=False)
    with pytest.raises(GroupResolverSourceError):
        reply("+@zork:r1", state)
    assert str(state.nodes) == "n1"


def test_gathering_is_switched_on_and_off() -> None:
    state = State(NodeSet("n1"), gathered=False)
    assert reply("=", state) == Reply(notice="Switching to gathered output format")
    assert state.gathered
    assert reply("=", state) == Reply(notice="Switching to standard output format")
    assert not state.gathered
