"""The local end of copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from clush.errors import JobError
from clush.job import Copy
from clush.sets.nodeset import NodeSet
from clush.transport.exec import Exec
from clush.transport.files import check_local_end, flags, local, remote_ends
from clush.transport.ssh import Ssh


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("folder").mkdir()
    Path("dangling").symlink_to("nowhere")


def copy(source: str, dest: str, **fields: object) -> Copy:
    return Copy(
        **{"nodes": NodeSet("n1"), "transport": Ssh(), **fields, "source": source, "dest": dest}
    )


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (copy("nosuch", "/tmp"), 'file "nosuch" not found'),
        (copy("hosts", "nosuch", reverse=True), 'directory "nosuch" not found'),
        (copy("hosts", "file", reverse=True), 'destination "file" is not a directory'),
    ],
)
def test_what_is_not_there_is_told(wanted: Copy, text: str) -> None:
    with pytest.raises(JobError) as caught:
        check_local_end(wanted)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    "wanted",
    [
        copy("file", "/x"),
        copy("folder/", "/x"),
        copy("dangling", "/x"),
        copy("/no/such/here", "folder/", reverse=True),
        copy("%h.conf", "/x", transport=Exec()),
    ],
)
def test_what_is_there(wanted: Copy) -> None:
    check_local_end(wanted)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (copy("file", "d"), []),
        (copy("file", "d", preserve=True), ["-p"]),
        (copy("folder", "d"), ["-r"]),
        (copy("folder/", "d", preserve=True), ["-r", "-p"]),
        (copy("any", "d", reverse=True), ["-r"]),
    ],
)
def test_flags(wanted: Copy, expected: list[str]) -> None:
    assert flags(wanted) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b", "a/b"),
        ("/a:b", "/a:b"),
        ("a/b:c", "a/b:c"),
        ("a:b", "./a:b"),
        ("host:a/b", "./host:a/b"),
        ("-r", "./-r"),
    ],
)
def test_a_local_path_is_neither_option_nor_remote(path: str, expected: str) -> None:
    assert local(path) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (copy("a:b", "x/"), ["./a:b", "u@h:x/"]),
        (copy("-f", "-x"), ["./-f", "u@h:-x"]),
        (copy("/a/b/", "-d/", reverse=True), ["u@h:/a/b", "./-d/b.n1"]),
    ],
)
def test_ends(wanted: Copy, expected: list[str]) -> None:
    assert remote_ends(wanted, "u@h", "n1") == expected
