"""The errors that a tool tells in one line."""

from __future__ import annotations

import configparser
import errno
import sys

import pytest

from clush.errors import ClushError, UsageError
from ClusterShell.CLI.Config import ClushConfigError
from ClusterShell.CLI.Error import GENERIC_ERRORS, handle_generic_error
from ClusterShell.Engine.Engine import EngineNotSupportedError
from ClusterShell.NodeSet import NodeSetParseError, RangeSetParseError
from ClusterShell.NodeUtils import GroupResolverSourceError, GroupSource, GroupSourceNoUpcall
from ClusterShell.Topology import TopologyError
from ClusterShell.Worker.EngineClient import EngineClientError
from ClusterShell.Worker.Worker import WorkerError

TOLD = [
    (configparser.Error("wrong"), "prog: wrong\n", 1),
    (EngineNotSupportedError("epoll"),
     "prog: I/O events engine 'epoll' not supported on this host\n", 1),
    (EngineClientError("wrong"), "prog: EngineClientError: wrong\n", 1),
    (NodeSetParseError("n[", "missing bracket"), 'prog: Parse error: missing bracket: "n["\n', 1),
    (RangeSetParseError("x", "wrong"), 'prog: Parse error: wrong : "x"\n', 1),
    (GroupResolverSourceError("nope"), 'prog: Unknown group source: "nope"\n', 1),
    (GroupSourceNoUpcall("list", GroupSource("s")),
     'prog: No list upcall defined for group source "s"\n', 1),
    (ClushConfigError("Main", "o", "wrong"), "ERROR: (Config Main.o): wrong\n", 1),
    (TopologyError("wrong"), "prog: TREE MODE: wrong\n", 1),
    (WorkerError("wrong"), "prog: wrong\n", 1),
    (TypeError("wrong"), "prog: wrong\n", 1),
    (ValueError("wrong"), "prog: wrong\n", 1),
    (OSError(errno.ENOENT, "No such file", "f"), "ERROR: [Errno 2] No such file: 'f'\n", 1),
    (BrokenPipeError(), "", 1),
    (KeyboardInterrupt(), "", 130),
    (UsageError("wrong"), "prog: wrong\n", 2),
    (ClushError("wrong"), "prog: wrong\n", 1),
]  # fmt: skip


@pytest.mark.parametrize(("error", "told", "status"), TOLD, ids=lambda value: type(value).__name__)
def test_errors(error, told: str, status: int, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/bin/prog"])
    with pytest.raises(GENERIC_ERRORS):
        raise error
    assert handle_generic_error(error) == status
    assert capsys.readouterr() == ("", told)


def test_the_limit_of_open_files_is_told(capsys) -> None:
    handle_generic_error(OSError(errno.EMFILE, "Too many open files"))
    first, second = capsys.readouterr().err.splitlines()
    assert first == "ERROR: [Errno 24] Too many open files"
    assert second.startswith("ERROR: maximum number of open file descriptors: soft=")
