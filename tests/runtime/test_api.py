"""run, arun and stream: the native API, with real local commands."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

import clush
from clush.runtime import api


def test_the_headline() -> None:
    result = clush.run("echo %h; exit %n", nodes="node[36-39]", transport="exec")
    assert list(result) == ["node36", "node37", "node38", "node39"]
    assert result["node38"].stdout == b"node38\n"
    assert result["node38"].rc == 2
    assert str(result.failed) == "node[37-39]"
    assert not result.ok


def test_views() -> None:
    command = "case %n in 0) echo odd >&2; exit 3;; 1) kill -9 $$;; 2) ;; *) echo same;; esac"
    result = clush.run(command, "n[1-8]", transport="exec")
    assert {rc: str(nodes) for rc, nodes in result.by_rc.items()} == {
        0: "n[3-8]", 3: "n1", 137: "n2",
    }  # fmt: skip
    assert [(str(nodes), out) for nodes, out in result.by_output()] == [
        ("n[4-8]", b"same\n"), ("n[1-3]", b""),
    ]  # fmt: skip
    assert [(str(nodes), out) for nodes, out in result.by_output("stderr")] == [
        ("n[2-8]", b""), ("n1", b"odd\n"),
    ]  # fmt: skip
    assert {status.value: str(nodes) for status, nodes in result.by_status.items()} == {
        "ok": "n[3-8]", "failed": "n1", "signalled": "n2",
    }  # fmt: skip
    assert repr(result) == "<Result ok: n[3-8], failed: n1, signalled: n2>"
    assert result["n2"].detail == "killed by SIGKILL"
    assert str(result.nodes) == "n[1-8]"


def test_times_are_told() -> None:
    before = time.time()
    node = clush.run("sleep 0.2", "n1", transport="exec")["n1"]
    assert before <= node.started <= node.ended <= time.time()
    assert 0.15 <= node.seconds <= 10


def test_a_result_cannot_be_changed() -> None:
    node = clush.run("true", "n1", transport="exec")["n1"]
    with pytest.raises(AttributeError):
        node.rc = 1


def test_input_and_merged_error() -> None:
    result = clush.run(
        "cat; echo err >&2", "n[1-2]", transport="exec", stdin=b"text\n", merge_stderr=True
    )
    assert {node.stdout for node in result.values()} == {b"text\nerr\n"}


def test_timeout_is_a_status_of_the_node() -> None:
    result = clush.run("sleep 60", "n1", transport="exec", timeout=0.1)
    assert result["n1"].status is clush.Status.TIMED_OUT
    assert result["n1"].rc is None
    assert result["n1"].detail == "still running after 0.1 s"


def test_nothing_runs_for_no_nodes(tmp_path: Path) -> None:
    result = clush.run(f"touch {tmp_path}/ran", nodes="", transport="exec")
    assert len(result) == 0
    assert result.ok
    assert repr(result) == "<Result of no node>"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"nodes": "n[1-"}, clush.NodeSetParseError, "missing bracket"),
        ({"command": ""}, clush.JobError, "no command"),
        ({"transport": "telnet"}, clush.JobError, r"'telnet' \(choose from ssh, exec, rsh, pdsh\)"),
        ({"command": "date +%s"}, clush.JobError, "use '%%' to escape"),
        ({"fanout": 0}, clush.JobError, "at least 1"),
    ],
)
def test_mistakes_are_one_clear_error(arguments: dict, error: type, text: str) -> None:
    with pytest.raises(error, match=text):
        clush.run(**{"command": "true", "nodes": "n1", "transport": "exec", **arguments})


def test_inside_a_running_loop() -> None:
    async def main() -> clush.Result:
        return clush.run("echo nested", "n1", transport="exec")

    assert asyncio.run(main())["n1"].stdout == b"nested\n"


def test_arun_runs_beside_other_work() -> None:
    async def main() -> list[clush.Result]:
        return await asyncio.gather(
            *(clush.arun(f"echo {n}", "n[1-2]", transport="exec") for n in range(3))
        )

    assert [r["n1"].stdout for r in asyncio.run(main())] == [b"0\n", b"1\n", b"2\n"]


def running(marker: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if marker.encode() in (entry / "environ").read_bytes():
                    found.append(entry.name)
            except OSError:
                pass
    return [pid for pid in found if pid != str(os.getpid())]


def test_cancelling_stops_the_children() -> None:
    marker = f"CLUSH_TEST_MARK={os.getpid()}"

    async def main() -> None:
        started = asyncio.Event()

        async def watch() -> None:
            async for event in clush.stream(
                f"{marker} exec sleep 600", "n[1-3]", transport="exec", timeout=60
            ):
                if isinstance(event, clush.Started) and event.node == "n3":
                    started.set()

        watching = asyncio.ensure_future(watch())
        await started.wait()
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching

    asyncio.run(main())
    assert running(marker) == []


def test_arun_with_wait_for_stops_the_children() -> None:
    marker = f"CLUSH_TEST_WAIT={os.getpid()}"

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(
                clush.arun(f"{marker} exec sleep 600", "n[1-3]", transport="exec"), 0.3
            )

    asyncio.run(main())
    assert running(marker) == []


def test_an_interrupt_stops_the_children() -> None:
    marker = f"CLUSH_TEST_INT={os.getpid()}"
    with pytest.raises(KeyboardInterrupt):
        clush.run(
            f"test %n = 2 && kill -INT {os.getpid()}; {marker} exec sleep 600",
            "n[1-3]",
            transport="exec",
        )
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert running(marker) == []


def test_stream_gives_events_as_they_happen() -> None:
    async def main() -> list[tuple[str, str]]:
        seen = []
        async for event in clush.stream("echo %h", "n[1-2]", transport="exec", fanout=1):
            seen.append((type(event).__name__, event.node))
        return seen

    assert asyncio.run(main()) == [
        ("Started", "n1"), ("Output", "n1"), ("Ended", "n1"),
        ("Started", "n2"), ("Output", "n2"), ("Ended", "n2"),
    ]  # fmt: skip


def test_a_slow_consumer_makes_the_commands_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "STREAM_HIGH", 200_000)
    monkeypatch.setattr(api, "STREAM_LOW", 100_000)
    most = 0
    put = api._Mailbox.put

    def measure(mailbox: api._Mailbox, event: clush.Event) -> None:
        nonlocal most
        put(mailbox, event)
        most = max(most, mailbox._size)

    monkeypatch.setattr(api._Mailbox, "put", measure)

    async def main() -> int:
        size = 0
        async for event in clush.stream("yes | head -c 3000000", "n[1-2]", transport="exec"):
            if isinstance(event, clush.Output):
                size += len(event.data)
                await asyncio.sleep(0)
        return size

    assert asyncio.run(main()) == 6_000_000
    assert most < 400_000


def test_stream_raises_what_run_raises() -> None:
    async def main() -> None:
        async for _ in clush.stream("date +%s", "n1", transport="exec"):
            pass

    with pytest.raises(clush.JobError):
        asyncio.run(main())


def test_memory_is_shared_between_equal_outputs() -> None:
    result = clush.run("head -c 100000 /dev/zero", "n[1-30]", transport="exec")
    ((nodes, output),) = result.by_output()
    assert (len(nodes), len(output)) == (30, 100000)


def test_public_names_are_there_and_cost_nothing() -> None:
    for name in clush.__all__:
        assert getattr(clush, name) is not None
    assert set(clush.__all__) <= set(dir(clush))
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        clush.nonsense  # noqa: B018
