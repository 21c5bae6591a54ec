"""The direct targets of a hop, as the job is told of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from local_tree import Local

from clush.events import Ended, Event, Started, Written
from clush.job import Job
from clush.plan.routes import Pool, Ways
from clush.runtime.task import Task
from clush.sets.nodeset import NodeSet
from clush.transport.exec import Exec
from clush.tree.head import Plan, submit
from clush.tree.link import Via

SIZE = 1_000_000

# Who reads all of it knows that all has come, and lets the others close their end.
READERS = """
    if [ %n = 0 ]; then cat >/dev/null; touch {gate}; exit; fi
    while ! [ -e {gate} ]; do sleep 0.02; done
    exec 0<&-
    while ! [ -e {told} ]; do sleep 0.02; done
"""


ONE: Ways = {"gw1": {}}
TWO: Ways = {"gw1": {"gw11": {}}}


@pytest.mark.parametrize(
    "ways",
    [[{}, {}, {}], [ONE, ONE, ONE], [TWO, TWO, TWO], [ONE, ONE, {}]],
    ids=["flat", "one level", "two levels", "some direct"],
)
def test_input_that_is_not_taken_is_told(ways: list[Ways], tree: Local, tmp_path: Path) -> None:
    """The same wherever it was lost, and while the node runs: all of it is accounted for."""
    nodes = NodeSet("node[1-3]")
    gate, told = tmp_path / "gate", tmp_path / "told"
    job = Job(nodes, READERS.format(gate=gate, told=told), Exec(), timeout=20, stdin=True)
    pools = [Pool([rank], [name], way) for rank, (name, way) in enumerate(zip(nodes, ways))]
    plan = Plan(pools, Via(Exec(), silence=tree.silence), 0.05)
    taken = dict.fromkeys(nodes, 0)
    lost: dict[str, int] = {}
    running: set[str] = set()

    def sink(event: Event) -> None:
        if isinstance(event, Started):
            running.add(event.node)
        elif isinstance(event, Written):
            taken[event.node] += event.size
        elif isinstance(event, Ended):
            running.remove(event.node)
            assert event.status.ok

    def input_lost(names: tuple[str, ...], size: int) -> None:
        assert running.issuperset(names)
        assert not lost.keys() & set(names)
        lost.update(dict.fromkeys(names, size))
        if len(lost) == 2:
            told.touch()

    async def main() -> None:
        async with Task(fanout=8) as task:
            run = submit(task, job, sink, plan)
            run.on_input_lost = input_lost
            run.write(bytes(SIZE))
            run.write_eof()
            await asyncio.wait_for(task.join(), 60)

    asyncio.run(main())
    assert lost.keys() == {"node2", "node3"}
    assert {name: taken[name] + lost.get(name, 0) for name in nodes} == dict.fromkeys(nodes, SIZE)
