"""Transports on their way to a gateway: by name, with their settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from clush.errors import JobError, ProtocolError

if TYPE_CHECKING:
    from clush.transport.base import Transport
    from clush.wire.message import Setting


def carried(transport: Transport) -> tuple[str, Mapping[str, Setting]]:
    """What a gateway has to be told; ``JobError`` for a transport that it cannot have."""
    if transport.name not in CARRIED:
        known = ", ".join(CARRIED)
        raise JobError(f"transport '{transport.name}' does not work behind gateways ({known} do)")
    as_dict = getattr(transport, "_asdict", dict)
    return transport.name, as_dict()


def made(name: str, settings: Mapping[str, Setting]) -> Transport:
    """The transport that the head has told of; ``ProtocolError`` if there is none such."""
    maker = CARRIED.get(name)
    if maker is None:
        raise ProtocolError(f"JOB: no transport is called {name!r} here")
    try:
        return maker(dict(settings))
    except TypeError as exc:
        raise ProtocolError(f"JOB: settings of {name}: {exc}") from exc


def _ssh(settings: dict[str, Any]) -> Transport:
    from clush.transport.ssh import Ssh

    return Ssh(**settings)


def _rsh(settings: dict[str, Any]) -> Transport:
    from clush.transport.rsh import Rsh

    return Rsh(**settings)


def _exec(settings: dict[str, Any]) -> Transport:
    from clush.transport.exec import Exec

    return Exec(**settings)


CARRIED = {"ssh": _ssh, "rsh": _rsh, "exec": _exec}
