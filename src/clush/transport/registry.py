"""The transports by the names they are chosen by, and what each may be told.

The one place where a name becomes a transport, for the library and for the tools.  A
transport is imported only when it is asked for: a short run notices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional, TypedDict

from clush.errors import JobError

if TYPE_CHECKING:
    from clush.transport.base import Transport


class Settings(TypedDict, total=False):
    """What a site or a user may set about transports; a transport takes what is its own.

    What is missing, ``None`` or empty has the transport's default.  Timeouts are seconds.
    """

    fanout: Optional[int]
    connect_timeout: Optional[float]
    command_timeout: Optional[float]
    ssh_path: Optional[str]
    ssh_options: Optional[str]
    ssh_user: Optional[str]
    scp_path: Optional[str]
    scp_options: Optional[str]
    scp_user: Optional[str]
    rsh_path: Optional[str]
    rsh_options: Optional[str]
    rsh_user: Optional[str]
    rcp_path: Optional[str]
    rcp_options: Optional[str]
    pdsh_path: Optional[str]
    pdsh_user: Optional[str]
    pdcp_path: Optional[str]
    rpdcp_path: Optional[str]


def make_transport(name: str, settings: Settings) -> Transport:
    """The transport called ``name``, as ``settings`` say; ``JobError`` if there is none."""
    maker = TRANSPORTS.get(name)
    if maker is None:
        known = ", ".join(TRANSPORTS)
        raise JobError(f"unknown transport '{name}' (choose from {known})")
    return maker(settings)


def _ssh(settings: Settings) -> Transport:
    from clush.transport.ssh import Ssh

    return Ssh(
        path=settings.get("ssh_path") or "ssh",
        options=settings.get("ssh_options") or "",
        user=settings.get("ssh_user"),
        connect_timeout=settings.get("connect_timeout"),
        scp_path=settings.get("scp_path") or "scp",
        scp_options=settings.get("scp_options") or "",
        scp_user=settings.get("scp_user"),
    )


def _exec(settings: Settings) -> Transport:
    from clush.transport.exec import Exec

    return Exec()


def _rsh(settings: Settings) -> Transport:
    from clush.transport.rsh import Rsh

    return Rsh(
        path=settings.get("rsh_path") or "rsh",
        options=settings.get("rsh_options") or "",
        user=settings.get("rsh_user"),
        rcp_path=settings.get("rcp_path") or "rcp",
        rcp_options=settings.get("rcp_options") or "",
    )


def _pdsh(settings: Settings) -> Transport:
    from clush.transport.pdsh import Pdsh

    return Pdsh(
        path=settings.get("pdsh_path") or "pdsh",
        pdcp_path=settings.get("pdcp_path") or "pdcp",
        rpdcp_path=settings.get("rpdcp_path") or "rpdcp",
        user=settings.get("pdsh_user"),
        connect_timeout=settings.get("connect_timeout"),
        command_timeout=settings.get("command_timeout"),
        fanout=settings.get("fanout"),
    )


TRANSPORTS: dict[str, Callable[[Settings], Transport]] = {
    "ssh": _ssh,
    "exec": _exec,
    "rsh": _rsh,
    "pdsh": _pdsh,
}
