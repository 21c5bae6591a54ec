"""Transports by name, and which settings are whose."""

from __future__ import annotations

from pathlib import Path

import pytest

from clush.errors import JobError, UnknownTransportError
from clush.transport.exec import Exec
from clush.transport.pdsh import Pdsh
from clush.transport.registry import TRANSPORTS, Settings, make_transport
from clush.transport.rsh import Rsh
from clush.transport.ssh import Ssh

# Each setting has a value of its own, so that none can be taken for another.
ALL: Settings = {name: name for name in Settings.__annotations__}  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("exec", Exec),
        (
            "ssh",
            Ssh("ssh_path", "ssh_options", "ssh_user", "connect_timeout", "scp_path",
                "scp_options", "scp_user"),
        ),
        ("rsh", Rsh("rsh_path", "rsh_options", "rsh_user", "rcp_path", "rcp_options")),
        (
            "pdsh",
            Pdsh("pdsh_path", "pdcp_path", "rpdcp_path", "pdsh_user", "connect_timeout",
                 "command_timeout", "fanout"),
        ),
    ],
)  # fmt: skip
def test_settings(name: str, expected) -> None:
    made = make_transport(name, ALL)
    assert made == expected or isinstance(made, Exec)
    assert made.name == name


@pytest.mark.parametrize(("name", "default"), [("ssh", Ssh()), ("rsh", Rsh()), ("pdsh", Pdsh())])
@pytest.mark.parametrize("settings", [{}, dict.fromkeys(ALL)])
def test_defaults(name: str, default, settings: Settings) -> None:
    assert make_transport(name, settings) == default


def test_every_setting_is_somebodys() -> None:
    taken = {value for name in TRANSPORTS if name != "exec" for value in make_transport(name, ALL)}
    assert taken == set(ALL)


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules of somebody else: one with a transport, and some that have none."""
    (tmp_path / "clush_own.py").write_text(
        "class WORKER_CLASS:\n    transport = staticmethod(lambda settings: ('own', settings))\n"
    )
    (tmp_path / "clush_none.py").write_text("WORKER_CLASS = None\n")
    (tmp_path / "clush_broken.py").write_text("import clush_nowhere\n")
    monkeypatch.syspath_prepend(tmp_path)


def test_a_module_may_bring_its_own(modules: None) -> None:
    assert make_transport("clush_own", {"fanout": 3}) == ("own", {"fanout": 3})


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("clush_none", "the module has no WORKER_CLASS that is a transport"),
        ("clush_broken", "No module named 'clush_nowhere'"),
        ("json", "the module has no WORKER_CLASS that is a transport"),
        ("clush_nowhere", "choose from ssh, exec, rsh, pdsh"),
        ("clush_own.nowhere", "choose from ssh, exec, rsh, pdsh"),
        ("", "choose from ssh, exec, rsh, pdsh"),
        (".ssh", "choose from ssh, exec, rsh, pdsh"),
        ("../ssh", "choose from ssh, exec, rsh, pdsh"),
    ],
)
def test_a_module_that_brings_none(modules: None, name: str, reason: str) -> None:
    with pytest.raises(UnknownTransportError) as caught:
        make_transport(name, {})
    assert (caught.value.name, caught.value.reason) == (name, reason)
    assert str(caught.value) == f"unknown transport '{name}' ({reason})"


def test_names_may_be_written_in_capitals() -> None:
    assert make_transport("SSH", {}) == make_transport("ssh", {})


def test_an_unknown_name_is_told_with_those_there_are() -> None:
    with pytest.raises(JobError, match=r"'telnet' \(choose from ssh, exec, rsh, pdsh\)"):
        make_transport("telnet", {})
