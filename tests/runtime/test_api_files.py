"""copy and fetch: the native API for files, carried out locally."""

from __future__ import annotations

import asyncio
import inspect
import os
from pathlib import Path

import pytest

import clush


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("motd").write_text("welcome\n")
    Path("etc").mkdir()
    Path("etc/hosts").write_text("127.0.0.1 localhost\n")
    Path("got").mkdir()
    return tmp_path


def found(folder: str) -> dict[str, str]:
    """The files below a folder, and what is in them."""
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in Path(folder).rglob("*")
        if path.is_file()
    }


def test_copy_to_each_node() -> None:
    result = clush.copy("motd", "got/motd-%h", "n[1-2]", transport="exec")
    assert result.ok
    assert list(result) == ["n1", "n2"]
    assert found("got") == {"motd-n1": "welcome\n", "motd-n2": "welcome\n"}


def test_a_directory_is_copied_with_all_that_is_in_it() -> None:
    assert clush.copy("etc", "got/%h", "n1", transport="exec").ok
    assert found("got") == {"n1/hosts": "127.0.0.1 localhost\n"}


def test_times_and_modes_are_kept_on_request() -> None:
    os.utime("motd", (1_000_000_000, 1_000_000_000))
    os.chmod("motd", 0o640)
    clush.copy("motd", "got/kept", "n1", transport="exec", preserve=True)
    clush.copy("motd", "got/new", "n1", transport="exec")
    kept, new = os.stat("got/kept"), os.stat("got/new")
    assert (kept.st_mtime, kept.st_mode & 0o777) == (1_000_000_000, 0o640)
    assert new.st_mtime > 1_000_000_000


@pytest.mark.parametrize("dest", ["got", "got/", "got//"])
@pytest.mark.parametrize("source", ["etc", "etc/", "./etc//"])
def test_what_is_fetched_is_called_after_its_node(source: str, dest: str) -> None:
    assert clush.fetch(source, dest, "n[1-2]", transport="exec").ok
    assert found("got") == dict.fromkeys(["etc.n1/hosts", "etc.n2/hosts"], "127.0.0.1 localhost\n")


def test_a_file_that_only_some_nodes_have() -> None:
    Path("log.n2").write_text("text\n")
    result = clush.fetch("log.%h", "got", "n[1-2]", transport="exec")
    assert str(result.failed) == "n1"
    assert b"No such file" in result["n1"].stderr
    assert found("got") == {"log.n2.n2": "text\n"}


@pytest.mark.parametrize(
    ("call", "arguments", "text"),
    [
        (clush.copy, ("nosuch", "/tmp"), 'file "nosuch" not found'),
        (clush.copy, ("", "/tmp"), "no file to be copied given"),
        (clush.copy, ("motd", ""), "no destination given for 'motd'"),
        (clush.fetch, ("motd", "nosuch"), 'directory "nosuch" not found'),
        (clush.fetch, ("motd", "motd"), 'destination "motd" is not a directory'),
        (
            clush.fetch,
            ("*.txt", "got"),
            "cannot fetch '*.txt': a wildcard, where one file is meant",
        ),
        (clush.fetch, ("/", "got"), "cannot fetch '/': its copies would have no name"),
    ],
)
def test_mistakes_are_told_before_anything_starts(call, arguments: tuple, text: str) -> None:
    with pytest.raises(clush.JobError) as caught:
        call(*arguments, nodes="n1", transport="ssh")
    assert str(caught.value) == text


def test_nothing_is_copied_for_no_nodes() -> None:
    assert len(clush.copy("motd", "got/x", "", transport="exec")) == 0
    assert found("got") == {}


def test_the_twins_are_awaited() -> None:
    async def main() -> tuple[clush.Result, clush.Result]:
        sent = await clush.acopy("motd", "got/motd", "n1", transport="exec")
        return sent, await clush.afetch("got/motd", "etc", "n1", transport="exec")

    assert all(result.ok for result in asyncio.run(main()))
    assert found("etc")["motd.n1"] == "welcome\n"


@pytest.mark.parametrize("name", ["run", "copy", "fetch"])
def test_twins_look_alike(name: str) -> None:
    call, twin = getattr(clush, name), getattr(clush, "a" + name)
    assert inspect.signature(call) == inspect.signature(twin)
    assert (call.__name__, twin.__name__) == (name, "a" + name)
    assert inspect.iscoroutinefunction(twin)
    assert not inspect.iscoroutinefunction(call)


def test_stream_takes_what_run_takes() -> None:
    run, stream = (inspect.signature(call).parameters for call in (clush.run, clush.stream))
    assert run == stream
