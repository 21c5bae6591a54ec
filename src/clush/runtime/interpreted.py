"""A started launch whose process says more than its nodes do: its interpreter has the word.

Kept apart from ``process`` so that a launch without an interpreter costs nothing more.
An interpreter that fails ends the run, not the accounting: each node still has its end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Optional

from clush.engine.child import KILL_GRACE
from clush.runtime.process import Process
from clush.transport.base import Closing

if TYPE_CHECKING:
    from clush.runtime.run import Run
    from clush.transport.base import Interpreter, Launch, Verdict


class InterpretedProcess(Process):
    """Owner of a child that ``interpreter`` reads for the nodes of ``launch``."""

    __slots__ = ("_heard", "_interpreter")

    def __init__(self, run: Run, launch: Launch, interpreter: Interpreter) -> None:
        super().__init__(run, launch)
        self._interpreter = interpreter
        self._heard: Optional[dict[str, Optional[Verdict]]] = None

    def stop(self, grace: float = KILL_GRACE, *, timed_out: bool = False) -> None:
        if self._heard is None:
            # What it says from now on may be about our stopping it.
            self._heard = self._hear(None)
        super().stop(grace, timed_out=timed_out)

    def _hear(self, closing: Optional[Closing]) -> dict[str, Optional[Verdict]]:
        try:
            return {node: self._interpreter.verdict(node, closing) for node in self.launch.nodes}
        except Exception as exc:
            self.run.fail(exc)
            return dict.fromkeys(self.launch.nodes)

    def _say(self, stream: str, lines: bytes) -> None:
        self._telling = True  # what was read at once may be about many nodes
        try:
            for output in self._interpreter.feed(stream, lines):
                self._emit(output)
        except Exception as exc:
            self.run.fail(exc)
        self._told()

    def _verdicts(self, returncode: Optional[int]) -> Iterable[tuple[str, Verdict]]:
        for output in self._interpreter.close():
            self._emit(output)
        heard = self._heard
        if heard is None or not self._cancelled:
            heard = self._hear(self._closing(returncode))
        of_process = self._verdict(returncode)
        return [(node, verdict or of_process) for node, verdict in heard.items()]
