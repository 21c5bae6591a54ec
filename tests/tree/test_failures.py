"""Gateways that fail, in every way and at every moment, at either level.

Whatever happens: the run ends, each target has one outcome, none runs twice, what was lost is
said to be lost, the reason is told once, and the other gateway's targets never notice.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import broken_gateway
import pytest
from local_tree import Local, Outcome
from pythons import pythons

from clush.events import Event, GatewayNews, Status
from clush.job import Job
from clush.plan.routes import Pool, Ways
from clush.result import Collector, Result
from clush.runtime.task import Task
from clush.sets.nodeset import NodeSet
from clush.transport.exec import Exec
from clush.transport.rsh import Rsh
from clush.transport.ssh import Ssh
from clush.tree import bundle, link, links, minify, pack, share
from clush.tree.head import Plan, TreeRun, submit
from clush.tree.link import Via

SILENCE = 3.0  # a good gateway is heard of within that, even on a busy machine
PATIENCE = 3.0  # for gateways that come up
TARGETS = 24
INPUT = b"a line of input\n" * 30_000
SUM = subprocess.run(["cksum"], input=INPUT, capture_output=True).stdout

WAYS: dict[int, Ways] = {
    0: {"gw1": {}},  # and no other
    1: {"gw1": {}, "gw2": {}},
    2: {"top": {"gw1": {}, "gw2": {}}},
}

# Carries a command out here as ssh would there; where a play is for the node, that is on.
FAKE_SSH = """\
#!/bin/sh
for word; do node=$command command=$word; done
export GATEWAY=$node
echo $$ >> "{folder}/pids"
if [ -e "{folder}/$node.play" ]; then exec sh "{folder}/$node.play" "$command"; fi
exec sh -c "$command"
"""


def fake_ssh(folder: Path, play: str = "") -> Ssh:
    """An ssh that does ``play`` in place of reaching gw1."""
    path = folder / "ssh"
    path.write_text(FAKE_SSH.format(folder=folder))
    path.chmod(0o755)
    if play:
        (folder / "gw1.play").write_text(play)
    return Ssh(path=str(path), connect_timeout=1)


class Scene(NamedTuple):
    """What goes wrong: gw1 plays ``stage`` and ``how``, or a target of it does ``deed``."""

    stage: str
    how: str = ""
    deed: str = ""
    level: int = 1
    lost: bool = False  # whether some targets may be lost
    fanout: int = 4
    grooming: float = 0.05
    reading: bool = False  # whether targets read INPUT

    @property
    def name(self) -> str:
        return f"{self.stage}: {self.how}, level {self.level}"


class Played(NamedTuple):
    outcome: Outcome
    ran: Counter[str]
    left: list[int]  # of the processes of gateways, those that did not go away


def broken(stage: str, how: str) -> str:
    """What plays that gateway."""
    words = [sys.executable, broken_gateway.__file__, stage, how]
    source = Path(bundle.__file__).parents[2]
    return f"PYTHONPATH={shlex.quote(str(source))} {shlex.join(words)}; exit\n"


def set_up(scene: Scene, folder: Path) -> Ssh:
    folder.mkdir()
    play = "" if scene.deed else broken(scene.stage, scene.how.split(",")[0])
    (folder / "ran").touch()
    (folder / "pids").touch()  # all may be over before the first gateway has begun
    return fake_ssh(folder, play)


def carried_out(scene: Scene, folder: Path, via: Ssh) -> Played:
    """Carry out a job over two gateways, the first of which is a bad one."""
    record = folder / "ran"
    command = f"echo %h >> {record}; {deed(scene, folder)} echo said by %h"
    if scene.reading:
        command += "; cksum"
    outcome = Local(scene.fanout, SILENCE).run(
        f"n[1-{TARGETS}]",
        command,
        WAYS[scene.level],
        via=via,
        python=pythons()[-1].path,
        grooming=scene.grooming,
        stdin=INPUT if scene.reading else None,
    )
    return Played(outcome, Counter(record.read_text().split()), left(folder))


def deed(scene: Scene, folder: Path) -> str:
    """What one target of gw1 does to its gateway."""
    if not scene.deed:
        return ""
    once = f'[ "$GATEWAY" = gw1 ] && mkdir {folder}/done 2>/dev/null'
    return f"if {once}; then {scene.deed}; fi;"


def left(folder: Path) -> list[int]:
    """Processes of gateways that are still there, a while later; they are ended then."""
    groups = [int(word) for word in (folder / "pids").read_text().split()]
    deadline = time.monotonic() + 60
    while alive := [group for group in groups if exists(group)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    for group in alive:
        os.killpg(group, signal.SIGKILL)
    return alive


def exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


WORST = ("dies", "stops", "talks nonsense")

# What a gateway does before it has been given anything: no target is lost.
EARLY = [
    *(
        Scene(stage, how, level=level)
        for stage in ("before the greeting", "greeted", "within the bundle", "up", "declared")
        for how in WORST
        for level in (1, 2)
        if level == 1 or stage not in ("greeted", "declared")
    ),
    *(
        Scene(stage, how)
        for stage in ("before the greeting", "up")
        for how in ("leaves", "is cut off", "floods")
    ),
    *(Scene("declared", "does nothing", level=level) for level in (1, 2)),
]

# The same, where there is no other gateway.
ALONE = [
    Scene(stage, how, level=0)
    for stage, how in (
        ("before the greeting", "dies"),
        ("before the greeting", "stops"),
        ("before the greeting", "leaves"),
        ("before the greeting", "talks nonsense"),
        ("greeted", "talks nonsense"),
        ("within the bundle", "is cut off"),
        ("up", "stops"),
        ("declared", "dies"),
        ("declared", "does nothing"),
    )
]

# What it does when it has some: what is not exposed is lost only where that cannot be known.
KNOWN = {("queued", "dies"), ("queued", "leaves")}
LATE = [
    Scene(stage, how, level=level, lost=(stage, how) not in KNOWN)
    for stage in ("queued", "exposed")
    for how in broken_gateway.HOW
    for level in (1, 2)
    if level == 1 or (stage, how) in KNOWN or how in WORST
] + [Scene("queued", "does nothing", level=level, lost=True) for level in (1, 2)]

LIES = [
    *(Scene(stage, "lies") for stage in broken_gateway.LIES),
    Scene("from the future", "lies", level=2),
]

# A real gateway, to which something is done by one of its own targets; its channel's way up
# is its descriptor 4.
DEEDS = {
    "killed": "kill -9 $PPID; sleep 0.2",
    "stopped": "kill -STOP $PPID",
    "scribbled": "head -c 500 /dev/zero | tr '\\0' x > /proc/$PPID/fd/4; sleep 0.2",
}
REAL = [
    Scene(stage, how, done, level, True, fanout, grooming)
    for stage, fanout, grooming, wait in (
        ("running", 4, 0.05, ""),
        ("others queued", 1, 0.05, ""),
        ("ended, not groomed", 4, 30.0, "sleep 0.3; "),
    )
    for how, done in ((how, wait + done) for how, done in DEEDS.items())
    for level in (1, 2)
    if level == 1 or stage == "running"
]

# With input that whoever comes late needs from its beginning.
READING = [
    Scene("up", "dies, with input", reading=True),
    *(
        Scene("reading", how, done, level, True, reading=True)
        for how, done in DEEDS.items()
        for level in (1, 2)
        if level == 1 or how == "killed"
    ),
]

SCENES = {scene.name: scene for scene in [*EARLY, *ALONE, *LATE, *LIES, *REAL, *READING]}


@pytest.fixture(autouse=True)
def no_gateway_is_left() -> None:
    """Each scene looks for itself: others are played at the same time."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Played]]]:
    """All scenes, side by side, as most of them wait for something."""
    folder = tmp_path_factory.mktemp("scenes")
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(8) as pool:
        patch.setattr(link, "BOOT_TIME", PATIENCE)
        # On gateways, too.
        shorter = minify.minify
        patch.setattr(minify, "minify", lambda source: patient(shorter(source)))
        patch.setattr(bundle, "_place", lambda *_about: None)
        patch.setattr(pack, "_bundles", {})
        # All at first: no program can be run that is open for writing in a child just forked.
        places = {name: folder / str(number) for number, name in enumerate(SCENES)}
        vias = {name: set_up(SCENES[name], place) for name, place in places.items()}
        yield {
            name: pool.submit(carried_out, SCENES[name], place, vias[name])
            for name, place in places.items()
        }


def patient(source: str) -> str:
    return source.replace("\nBOOT_TIME = 20.0\n", f"\nBOOT_TIME = {PATIENCE}\n")


@pytest.mark.parametrize("name", SCENES)
def test_all_is_accounted_for(played: dict[str, Future[Played]], name: str) -> None:
    scene = SCENES[name]
    outcome, ran, left = played[name].result()
    result = outcome.result
    assert len(result) == TARGETS
    assert max(ran.values(), default=0) <= 1
    for node, one in result.items():
        if one.status is Status.OK:
            assert ran[node] == 1
            assert one.stdout == f"said by {node}\n".encode() + SUM * scene.reading
        elif scene.how == "lies":
            assert (one.status, one.rc, ran[node]) == (Status.FAILED, 3, 0)
            assert one.detail == "?[2Ja lie?over two lines"
        elif scene.level == 0:
            assert (one.status, one.rc, ran[node]) == (Status.NOT_STARTED, 76, 0)
            assert "gw1: " in one.detail
        else:
            assert scene.lost
            assert (one.status, one.rc) == (Status.GATEWAY_LOST, 76)
            assert one.detail.startswith("gateway gw1: ")
    statuses = {one.status for one in result.values()}
    assert Status.OK in statuses or scene.level == 0
    assert left == []


@pytest.mark.parametrize("name", SCENES)
def test_the_reason_is_told_once(played: dict[str, Future[Played]], name: str) -> None:
    scene = SCENES[name]
    outcome = played[name].result().outcome
    told = [news for news in outcome.kinds("lost") if news.gateway == "gw1"]
    lost = any(one.status is Status.GATEWAY_LOST for one in outcome.result.values())
    # The others may have done everything before it was found out.
    assert len(told) == 1 if lost or scene.level == 0 else len(told) <= 1
    for news in told:
        assert news.text
        assert news.text.isprintable()


@pytest.mark.parametrize("ways", [WAYS[0], {"top": {"gw1": {}}}], ids=["one", "two levels"])
@pytest.mark.parametrize("what", broken_gateway.BREACHES)
def test_who_breaks_the_rules_is_done_without(
    tree: Local, tmp_path: Path, what: str, ways: Ways
) -> None:
    """What it says that it has done cannot be relied on."""
    via = fake_ssh(tmp_path, broken(what, "breaks the rules"))
    result = tree.run("n[1-4]", "echo", ways, via=via, python=pythons()[-1].path).result
    lost = [one for one in result.values() if one.status is Status.GATEWAY_LOST]
    assert lost
    assert all(one.detail.startswith("gateway gw1: it ") for one in lost)
    assert {one.status for one in result.values()} <= {Status.GATEWAY_LOST, Status.NOT_STARTED}


def test_what_a_gateway_over_rsh_had_may_have_run(tree: Local, tmp_path: Path) -> None:
    """rsh ends with 0 when its connection is lost, too: nothing is known of what was not heard."""
    ssh = fake_ssh(tmp_path, broken("queued", "leaves"))
    rsh = tmp_path / "rsh"
    rsh.write_text(f'#!/bin/sh\nexec {ssh.path} "$1" "$2$3"\n')
    rsh.chmod(0o755)
    for via, status in ((ssh, Status.NOT_STARTED), (Rsh(path=str(rsh)), Status.GATEWAY_LOST)):
        outcome = tree.run("n[1-4]", "echo", WAYS[0], via=via, python=pythons()[-1].path)
        assert {one.status for one in outcome.result.values()} == {status}


def test_who_only_complains_is_not_there(tree: Local, tmp_path: Path) -> None:
    """What comes on standard error may be of the program that reaches the gateway."""
    complains = "while sleep 0.2; do echo still waiting >&2; done &"
    via = fake_ssh(tmp_path, f"{complains} {broken('declared', 'stops')}")
    outcome = tree._replace(silence=2.0).run("n[1-4]", "echo", WAYS[0], via=via)
    assert "gw1" in {news.gateway for news in outcome.kinds("lost")}


# -- what is said on the way ------------------------------------------------------------------


REFUSED = "ssh: connect to host gw1 port 22: Connection refused"


def test_what_ssh_says_is_told_once(tree: Local, tmp_path: Path) -> None:
    play = f"echo Pseudo-terminal: no >&2; printf '{REFUSED}\\r\\n' >&2; exit 255"
    via = fake_ssh(tmp_path, play)
    outcome = tree.run("n[1-8]", "echo %h", WAYS[1], via=via, python=pythons()[-1].path)
    about = [(news.kind, news.text) for news in outcome.news if news.gateway == "gw1"]
    assert about[:2] == [
        ("stderr", "Pseudo-terminal: no"),
        ("lost", f"the connection failed: {REFUSED}"),
    ]
    assert {one.rc for one in outcome.result.values()} == {0}


def test_each_job_is_told_once(tree: Local, tmp_path: Path) -> None:
    """Of gateways further down, too, by a relay that several jobs share."""
    via = Via(fake_ssh(tmp_path, "echo go away >&2; exit 255"), pythons()[-1].path, SILENCE)
    told: list[list[tuple[str, str]]] = [[], [], []]
    all_told = tmp_path / "told"
    command = f"while ! [ -e {all_told} ]; do sleep 0.02; done"

    async def main() -> None:
        async with Task() as task:
            for number, heard in enumerate(told):
                nodes = NodeSet(f"n{number}-[1-8]")
                plan = Plan([Pool(list(range(8)), list(nodes), WAYS[2])], via)

                def sink(event: Event, heard: list[tuple[str, str]] = heard) -> None:
                    if isinstance(event, GatewayNews):
                        heard.append((event.gateway, event.kind))
                        if all(("gw1", "lost") in heard for heard in told):
                            all_told.touch()

                submit(task, Job(nodes, command, Exec()), sink, plan)
            await asyncio.wait_for(task.join(), 30)

    asyncio.run(main())
    for heard in told:
        assert sorted(heard) == [("gw1", "lost"), ("gw2", "up"), ("top", "up")]


def test_who_has_failed_is_not_tried_again_for_a_while(
    tree: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by later jobs of the same process either, as long as there are others."""
    via = fake_ssh(tmp_path, f"echo >> {tmp_path}/tries; exit 3")

    def tries_after(ways: Ways) -> tuple[int, set[int | None]]:
        result = tree.run("n[1-8]", "echo %h", ways, via=via, python=pythons()[-1].path).result
        return (tmp_path / "tries").read_text().count("\n"), {one.rc for one in result.values()}

    assert tries_after(WAYS[1]) == (1, {0})
    assert tries_after(WAYS[1]) == (1, {0})
    assert tries_after(WAYS[0]) == (2, {76})  # there is no other
    monkeypatch.setattr(links, "RETRY", 0.0)
    assert tries_after(WAYS[1]) == (3, {0})


def test_who_was_stopped_has_not_failed(tree: Local, tmp_path: Path) -> None:
    via = fake_ssh(tmp_path, f"echo >> {tmp_path}/tries; exec sleep 600")
    tries = tmp_path / "tries"
    tries.touch()

    for times in (1, 2):

        async def stop(task: Task, run: TreeRun, times: int = times) -> None:
            while tries.read_text().count("\n") < times:
                await asyncio.sleep(0.02)
            task.abort()

        outcome = tree.run("n[1-8]", "exec sleep 60", WAYS[1], via=via, during=stop,
                           python=pythons()[-1].path)  # fmt: skip
        assert len(outcome.result) == 8
        assert tries.read_text().count("\n") == times


def test_what_a_profile_says_is_told_when_it_is_up(tree: Local, tmp_path: Path) -> None:
    via = fake_ssh(tmp_path, 'echo on stdout; echo on stderr >&2; exec sh -c "$1"')
    outcome = tree.run("n[1-8]", "echo %h", {"gw1": {}}, via=via, python=pythons()[-1].path)
    said = [news.text for news in outcome.kinds("stderr")]
    assert sorted(said) == ["on stderr", "on stdout"]
    assert {one.rc for one in outcome.result.values()} == {0}


# -- what is no failure -----------------------------------------------------------------------


def test_a_relay_may_wait_for_a_gateway_below(
    tree: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has targets, and can tell nothing of them until the other one is up."""
    monkeypatch.setattr(share, "SLACK", 0.3)
    via = fake_ssh(tmp_path, 'sleep 3; exec sh -c "$1"')
    impatient = tree._replace(silence=1.0)
    python = pythons()[-1].path
    outcome = impatient.run("n[1-4]", "echo %h", WAYS[2], via=via, python=python, timeout=0.3)
    assert outcome.result.ok
    assert outcome.kinds("lost") == []


def test_input_is_kept_for_who_started_and_waits_for_it(tree: Local, tmp_path: Path) -> None:
    """All have started, one of them on a gateway that comes up while the relay is in midst."""
    via = fake_ssh(tmp_path, 'sleep 0.7; exec sh -c "$1"')
    outcome = tree._replace(fanout=4).run(
        "n[1-5]",
        "echo $GATEWAY >&2; head -c 9000000 >/dev/null; sleep 2; wc -c",
        {"top": {"gw2": {}, "gw1": {}}},
        via=via,
        stdin=bytes(30_000_000),
        python=pythons()[-1].path,
    )
    assert {one.stdout.strip() for one in outcome.result.values()} == {b"21000000"}
    assert {one.stderr for one in outcome.result.values()} == {b"gw1\n", b"gw2\n"}


# Takes all that it is given at once, and passes it on at a low rate, but for the beginning.
SLOW = """
import os, threading, time
heard, more = [], threading.Semaphore(0)
def pass_on():
    sent = 0
    while True:
        more.acquire()
        data = heard.pop(0)
        if not data:
            os._exit(0)
        sent += os.write(1, data)
        if sent > 200_000:
            time.sleep(len(data) / 400_000)
threading.Thread(target=pass_on).start()
while not heard or heard[-1]:
    heard.append(os.read(0, 20_000))
    more.release()
"""


def test_who_hears_input_slowly_is_there(tree: Local, tmp_path: Path) -> None:
    """Its targets read none, and a ping has to wait behind all of it."""
    (tmp_path / "slow").write_text(SLOW)
    via = fake_ssh(tmp_path, f'{sys.executable} {tmp_path}/slow | sh -c "$1"')
    impatient = tree._replace(silence=3.5)
    outcome = impatient.run("n[1-4]", "exec sleep 8", WAYS[0], via=via, stdin=bytes(3_000_000),
                            python=pythons()[-1].path)  # fmt: skip
    assert outcome.kinds("lost") == []
    assert outcome.result.ok


def test_a_gateway_that_failed_before_is_better_than_none(tmp_path: Path) -> None:
    """The second job goes without it, until the other one fails."""
    words = [sys.executable, broken_gateway.__file__, "queued", "dies"]
    source = Path(bundle.__file__).parents[2]
    via = fake_ssh(tmp_path, f"PYTHONPATH={shlex.quote(str(source))} {shlex.join(words)}; exit\n")
    (tmp_path / "gw1.play").rename(tmp_path / "gw2.play")
    (tmp_path / "gw1.play").write_text("exit 1")
    names = [f"n{number}" for number in range(1, 25)]

    async def main() -> list[Result]:
        results = []
        async with Task(fanout=4) as task:
            for ways in ({"gw1": {}}, WAYS[1]):
                plan = Plan([Pool(list(range(24)), names, ways)], Via(via, pythons()[-1].path))
                collector = Collector()
                job = Job(NodeSet("n[1-24]"), "echo %h", Exec())
                submit(task, job, collector, plan)
                await asyncio.wait_for(task.join(), 30)
                results.append(collector.result())
                (tmp_path / "gw1.play").write_text('exec sh -c "$1"')
        return results

    first, second = asyncio.run(main())
    assert set(first.by_status) == {Status.NOT_STARTED}
    assert second.ok
    assert {one.gateway for one in second.values()} == {"gw1"}


@pytest.mark.parametrize("level", [0, 1, 2])
def test_who_can_start_nothing_more_is_done_without(
    tree: Local, tmp_path: Path, level: int
) -> None:
    """What it has not started goes to another one, and none ends by what it does itself."""
    via = fake_ssh(tmp_path)
    record = tmp_path / "ran"
    full = '[ "$GATEWAY" != gw1 ] || prlimit --pid $PPID --nofile=12:12'
    outcome = tree._replace(fanout=2).run(
        "n[1-16]", f"echo %h >> {record}; {full}; sleep 0.3", WAYS[level], via=via,
        python=pythons()[-1].path,
    )  # fmt: skip
    [lost] = [news.text for news in outcome.kinds("lost") if news.gateway == "gw1"]
    assert "Too many open files" in lost
    ran = Counter(record.read_text().split())
    assert set(ran.values()) == {1}
    for node, one in outcome.result.items():
        if one.status is Status.GATEWAY_LOST:
            assert "gw1: " in one.detail
        elif level or ran[node]:
            assert (one.status, ran[node]) == (Status.OK, 1)
        else:
            assert (one.status, one.rc) == (Status.NOT_STARTED, 76)
            assert "Too many open files" in one.detail


@pytest.mark.parametrize("level", [0, 1])
def test_who_has_no_program_to_reach_nodes_with_says_so_once(
    tree: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: int
) -> None:
    via = fake_ssh(tmp_path, 'PATH=/usr/bin:/bin; export PATH; exec sh -c "$1"')
    Path(via.path).with_name("our-ssh").symlink_to(via.path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    outcome = tree._replace(fanout=4).run(
        "n[1-12]", "sleep 0.5", WAYS[level], via=via, transport=Ssh(path="our-ssh"),
        python=pythons()[-1].path,
    )  # fmt: skip
    why = "our-ssh: No such file or directory"
    assert [(one.gateway, one.text) for one in outcome.kinds("stderr")] == [("gw1", why)]
    result = outcome.result
    assert result.ok if level else {one.rc for one in result.values()} == {76}


def test_a_gateway_runs_no_more_at_once_than_it_has_descriptors_for(
    tree: Local, tmp_path: Path
) -> None:
    via = fake_ssh(tmp_path, 'ulimit -n 80; exec sh -c "$1"')
    outcome = tree.run("n[1-64]", "sleep 0.1", WAYS[0], via=via, python=pythons()[-1].path)
    assert outcome.kinds("lost") == []
    assert outcome.result.ok


def test_one_that_is_not_there_soon_is_not_waited_for(tree: Local, tmp_path: Path) -> None:
    via = fake_ssh(tmp_path, "exec sleep 30")._replace(connect_timeout=20)
    start = time.monotonic()
    ways: Ways = {"gw1": {}, "gw2": {}}
    outcome = tree.run("n[1-3]", "echo", ways, via=via, python=pythons()[-1].path)
    assert time.monotonic() - start < 10
    assert outcome.result.ok
    assert {one.gateway for one in outcome.result.values()} == {"gw2"}


@pytest.mark.parametrize("count", [3, 8])  # a gateway is opened for each four
def test_what_a_gateway_cannot_reach_goes_to_one_that_was_not_open(
    tree: Local, tmp_path: Path, count: int
) -> None:
    via = fake_ssh(tmp_path)
    (tmp_path / "deep.play").write_text("exit 1")
    ways: Ways = {"gw1": {"deep": {}}, "gw2": {}}
    outcome = tree.run(f"n[1-{count}]", "echo", ways, via=via, python=pythons()[-1].path)
    assert outcome.result.ok
    assert {one.gateway for one in outcome.result.values()} == {"gw2"}


def test_one_that_failed_before_is_better_than_one_that_reaches_nobody(
    tree: Local, tmp_path: Path
) -> None:
    via, python = fake_ssh(tmp_path), pythons()[-1].path
    ways: Ways = {"gw1": {"deep": {}}, "gw2": {}}
    (tmp_path / "gw2.play").write_text("exit 1")
    assert tree.run("n[1-8]", "echo", ways, via=via, python=python).kinds("lost")
    (tmp_path / "gw2.play").unlink()
    (tmp_path / "deep.play").write_text("exit 1")
    result = tree.run("n[1-8]", "echo", ways, via=via, python=python).result
    assert result.ok
    assert {one.gateway for one in result.values()} == {"gw2"}


def test_the_gateway_above_one_that_hangs_is_not_blamed(tree: Local, tmp_path: Path) -> None:
    """As with a process that cannot be killed; others below it go on."""
    via = fake_ssh(tmp_path, broken("started", "does nothing"))
    outcome = tree._replace(silence=2.0, fanout=4).run(
        "n[1-24]", "sleep 0.5", {"top": {"gw1": {}}}, {"top": {"gw2": {}}},
        via=via, python=pythons()[-1].path, timeout=2.0,
    )  # fmt: skip
    assert [news.gateway for news in outcome.kinds("lost")] == ["gw1"]
    assert len(outcome.result.by_status[Status.OK]) == 12


def test_an_error_of_ours_ends_a_gateway(tree: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes through every target's way to its start."""
    shorter = minify.minify
    begin = "def exposed(self, ids, go):\n"
    monkeypatch.setattr(
        minify, "minify", lambda source: shorter(source).replace(begin, f"{begin}  1 / 0\n")
    )
    monkeypatch.setattr(bundle, "_place", lambda *_about: None)
    monkeypatch.setattr(pack, "_bundles", {})
    outcome = tree.run("n[1-4]", "echo %h", WAYS[0])
    for one in outcome.result.values():
        assert (one.status, one.rc) == (Status.NOT_STARTED, 76)
        assert "gw1: an error of its own: ZeroDivisionError" in one.detail
    assert any("Traceback" in news.text for news in outcome.kinds("stderr"))
