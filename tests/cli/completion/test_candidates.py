"""What is proposed when there is too much to be shown."""

from __future__ import annotations

from clush.cli.completion.candidates import MOST, matching

NODES = [f"node{number}" for number in range(1, 201)]


def found(names: list[str], typed: str) -> dict[str, bool]:
    return {one.text: one.complete for one in matching(names, typed)}


def test_few_are_shown_as_they_are() -> None:
    assert found(NODES, "node20") == {"node20": True, "node200": True}
    assert found(NODES, "x") == {}
    assert len(found(NODES[:MOST], "")) == MOST


def test_many_are_shown_one_character_further() -> None:
    steps = [f"node{digit}" for digit in range(1, 10)]
    assert found(NODES, "n") == dict.fromkeys(steps, False)
    steps = ["node1", *(f"node1{digit}" for digit in range(10))]
    assert found(NODES, "node1") == dict.fromkeys(steps, False)


def test_whoever_follows_the_steps_comes_to_every_node() -> None:
    for node in NODES:
        typed = ""
        while typed != node:
            steps = [text for text in found(NODES, typed) if node.startswith(text)]
            assert len(max(steps)) > len(typed), f"no way from {typed} to {node}"
            typed = max(steps)
