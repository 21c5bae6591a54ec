"""The errors that a tool tells in one line, and how."""

from __future__ import annotations

import configparser
import errno

from clush.cli.program import FAILED, INTERRUPTED, complain, name, report
from clush.engine.limits import descriptor_limits
from clush.errors import ClushError, TopologyError
from ClusterShell.CLI.Config import ClushConfigError
from ClusterShell.Engine.Engine import EngineNotSupportedError
from ClusterShell.Worker.EngineClient import EngineClientError
from ClusterShell.Worker.Worker import WorkerError

__all__ = ["GENERIC_ERRORS", "handle_generic_error"]

# What is said about errors that `report` does not know, or not so; the first that fits decides.
_MESSAGES = (
    (ClushConfigError, "ERROR: {error}"),
    (TopologyError, "{prog}: TREE MODE: {error}"),
    (EngineNotSupportedError, "{prog}: I/O events engine '{error}' not supported on this host"),
    (EngineClientError, "{prog}: EngineClientError: {error}"),
    (Exception, "{prog}: {error}"),
)

GENERIC_ERRORS = (
    ClushError,
    ClushConfigError,
    configparser.Error,
    EngineNotSupportedError,
    EngineClientError,
    KeyboardInterrupt,
    OSError,
    TypeError,
    ValueError,
    WorkerError,
)


def handle_generic_error(excobj):
    """Tell one of ``GENERIC_ERRORS`` on standard error; the status to exit with."""
    if isinstance(excobj, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(excobj, TopologyError) or not isinstance(excobj, (ClushError, OSError)):
        message = next(text for kind, text in _MESSAGES if isinstance(excobj, kind))
        complain(message.format(prog=name(), error=excobj))
        return FAILED
    status = report(excobj)
    if getattr(excobj, "errno", None) == errno.EMFILE:
        soft, hard = descriptor_limits()
        complain(f"ERROR: maximum number of open file descriptors: soft={soft} hard={hard}")
    return status
