"""The transports by the names they are chosen by, and what each may be told.

The one place where a name becomes a transport, for the library and for the tools.  A
transport is imported only when it is asked for: a short run notices.

Any other name is that of a module which brings its own: its ``WORKER_CLASS`` has a method
``transport(settings)``, as the workers of ClusterShell do.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Callable, Optional, TypedDict

from clush.errors import UnknownTransportError

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
    """The transport called ``name``, as ``settings`` say.

    Raises :class:`clush.errors.UnknownTransportError` if there is none.
    """
    maker = TRANSPORTS.get(name.lower()) or _of_module(name)
    return maker(settings)


def _of_module(name: str) -> Callable[[Settings], Transport]:
    try:
        module = import_module(name)
    except (ImportError, ValueError, TypeError) as exc:  # the last two: no name of a module
        known = f"choose from {', '.join(TRANSPORTS)}"
        missing = not isinstance(exc, ImportError) or f"{name}.".startswith(f"{exc.name}.")
        raise UnknownTransportError(name, known if missing else str(exc)) from None
    worker_class: Any = getattr(module, "WORKER_CLASS", None)
    if not hasattr(worker_class, "transport"):
        raise UnknownTransportError(name, "the module has no WORKER_CLASS that is a transport")
    maker: Callable[[Settings], Transport] = worker_class.transport
    return maker


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
