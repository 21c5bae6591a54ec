"""Fixtures of the whole suite: a private virtual cluster to run real ssh on."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clush.lab import Lab


@pytest.fixture(autouse=True, scope="session")
def interruptible() -> Iterator[None]:
    """Ctrl-C means something, although a background job (``nohup make test &``) ignores it."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def no_gateway_has_failed_yet() -> None:
    """What one test did to a gateway is not held against that of another."""
    links = sys.modules.get("clush.tree.links")
    if links is not None:
        links.FAILURES.forget()


# Besides its good nodes, the shared lab has one that is named after each thing that goes wrong.
TROUBLE = {knob: knob for knob in ("refuse", "unknown", "silent", "off", "badkey", "hostkey")}
GOOD = "node[1-200]"


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A running lab: ``node[1-200]``, ``noisy``, ``late`` (0.5 s), and the nodes of TROUBLE.

    Programs find it with ``env=lab.environ()``, or through the fixture ``in_lab``.
    """
    from clush.errors import LabError
    from clush.lab import Lab
    from clush.lab.keeper import choose

    try:
        choose("auto")
    except LabError as error:
        pytest.skip(str(error))
    nodes = ",".join((GOOD, *TROUBLE, "noisy", "late"))
    with Lab(nodes, noisy="noisy", delay="late:0.5", **TROUBLE) as running:
        yield running


@pytest.fixture
def in_lab(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The shared lab, with ``os.environ`` changed for this test so that ssh finds it."""
    for name, value in lab.environ().items():
        monkeypatch.setenv(name, value)
    return lab
