"""``Lab``: the handle that a program or a test holds on its private virtual cluster."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import clush
from clush.errors import LabError
from clush.lab import folder as folders
from clush.lab.cluster import KNOBS, Plan, build
from clush.lab.texts import FOLDER_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

ENDING = 10.0  # seconds for a keeper to end; then it is killed and its work is done here


class Lab:
    """A private virtual cluster: context manager, or ``start()`` and ``stop()``.

    ``nodes`` is a node set as text. The knobs each take the text of the nodes they apply
    to: ``refuse``, ``unknown``, ``silent``, ``off``, ``badkey``, ``hostkey``, ``noisy``
    (explained by ``python -m clush.lab exec --help``); ``delay`` takes ``NODES:SECONDS``,
    or several of them. ``flavour`` is ``sshd``, ``asyncssh`` or ``auto``. The lab ends
    with its owner, except when ``detached``. LabError when it cannot be started.
    """

    def __init__(
        self,
        nodes: str = "node[1-8]",
        *,
        delay: str | Sequence[str] = (),
        flavour: str = "auto",
        folder: Path | None = None,
        detached: bool = False,
        **knobs: str,
    ) -> None:
        unknown = sorted(set(knobs) - set(KNOBS))
        if unknown:
            raise TypeError(f"no such knob: {unknown[0]} (there are: {', '.join(KNOBS)}, delay)")
        delays = [delay] if isinstance(delay, str) else list(delay)
        self._plan = Plan("", nodes, knobs, delays, flavour, detached)
        self.nodes = [node.name for node in build(nodes, knobs, delays)]
        self._wanted_folder = folder
        self._folder: Path | None = None
        self._state: folders.State | None = None
        self._keeper: subprocess.Popen[str] | None = None

    def __enter__(self) -> Lab:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def folder(self) -> Path:
        """The lab's folder; LabError when the lab is not up."""
        if self._folder is None:
            raise LabError("the lab is not up")
        return self._folder

    @property
    def ssh_config(self) -> Path:
        """What to give to ``ssh -F``."""
        return self.folder / "ssh_config"

    @property
    def port(self) -> int:
        """The port on loopback where the well-behaved nodes are."""
        return self.state.port

    @property
    def flavour(self) -> str:
        """Who serves the logins: ``sshd`` or ``asyncssh``."""
        return self.state.flavour

    @property
    def state(self) -> folders.State:
        """What the keeper said about itself; LabError when the lab is not up."""
        if self._state is None:
            raise LabError("the lab is not up")
        return self._state

    def environ(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """A copy of ``base`` (default: ``os.environ``) in which ssh and scp find the nodes."""
        env = dict(os.environ if base is None else base)
        env["PATH"] = f"{self.folder / 'bin'}:{env.get('PATH', os.defpath)}"
        env[FOLDER_VARIABLE] = str(self.folder)
        return env

    def home(self, node: str) -> Path:
        """The home of ``node``: where its commands and relative copies land."""
        return self.folder / "home" / node

    def start(self) -> None:
        """Start the lab; it is ready for logins when this returns."""
        if self._keeper is not None:
            raise LabError(f"the lab is up already in {self._folder}")
        folders.sweep()
        folder = self._wanted_folder
        if folder is None:
            folder = folders.temporary()
        else:
            folders.claim(folder)
        try:
            self._start(folder)
        except BaseException:
            self.stop()
            folders.remove(folder)
            raise

    def _start(self, folder: Path) -> None:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "clush.lab.keeper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_with_this_package(os.environ),
            text=True,
            start_new_session=True,  # Ctrl-C is for the owner, who then ends the lab
        )
        self._keeper, self._folder = keeper, folder
        assert keeper.stdin is not None and keeper.stdout is not None
        plan = self._plan._replace(folder=str(folder))
        keeper.stdin.write(json.dumps(plan._asdict()) + "\n")
        keeper.stdin.flush()
        answer: dict[str, Any] = json.loads(keeper.stdout.readline() or "{}")
        if "error" in answer or not answer:
            raise LabError(answer.get("error") or "the lab's keeper died before it was ready")
        self._state = folders.State(**answer)

    def stop(self) -> None:
        """End the lab: no process and no folder of it remains. No-op when it is not up."""
        keeper, folder = self._keeper, self._folder
        if keeper is None or folder is None:
            return
        assert keeper.stdin is not None and keeper.stdout is not None
        keeper.terminate()
        try:
            keeper.wait(ENDING)
        except subprocess.TimeoutExpired:
            keeper.kill()
            keeper.wait()
        keeper.stdin.close()
        keeper.stdout.close()
        if folder.exists():  # it was killed: do what it could not
            folders.end(folder)
        self._keeper = self._folder = self._state = None


def _with_this_package(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment in which a new interpreter imports the same ``clush`` as we did."""
    source = Path(clush.__file__).resolve().parents[1]
    path = environ.get("PYTHONPATH")
    return {**environ, "PYTHONPATH": f"{source}:{path}" if path else str(source)}
