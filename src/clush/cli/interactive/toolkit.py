"""The editor of prompt_toolkit, which shows proposals as a menu."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterable

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import History as ToolkitHistory
from prompt_toolkit.shortcuts import CompleteStyle

from clush.cli.interactive.editors import Propose
from clush.cli.interactive.history import History
from clush.cli.interactive.proposals import Proposed


class ToolkitEditor:
    """An :class:`clush.cli.interactive.editors.Editor`."""

    def __init__(self, history: History, propose: Propose) -> None:
        self._session: PromptSession[str] = PromptSession(
            history=_Recorded(history),
            completer=_Proposed(propose),
            complete_while_typing=False,
            complete_style=CompleteStyle.MULTI_COLUMN,
            enable_suspend=True,
        )

    def read(self, prompt: str) -> str:
        return self._session.prompt(prompt)


class _Recorded(ToolkitHistory):
    """Our history as prompt_toolkit knows one."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history

    def load_history_strings(self) -> Iterable[str]:
        return reversed(self._history.lines)

    def store_string(self, string: str) -> None:
        self._history.add(string)


class _Proposed(Completer):
    """Our proposals as prompt_toolkit knows them.

    A group source may take its time to answer.  It is asked in a thread of ours, because
    prompt_toolkit would wait for its own even when the user has given up.
    """

    def __init__(self, propose: Propose) -> None:
        self._propose = propose
        self._turn = threading.Lock()

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        return _completions(document, self._propose(document.text_before_cursor))

    async def get_completions_async(
        self, document: Document, event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Proposed] = loop.create_future()

        def ask() -> None:
            with self._turn:
                proposed = self._propose(document.text_before_cursor)
            try:
                loop.call_soon_threadsafe(_answered, answer, proposed)
            except RuntimeError:
                pass  # the line is finished, and its loop closed

        threading.Thread(target=ask, name="proposals", daemon=True).start()
        for completion in _completions(document, await answer):
            yield completion


def _answered(answer: asyncio.Future[Proposed], proposed: Proposed) -> None:
    if not answer.done():
        answer.set_result(proposed)


def _completions(document: Document, proposed: Proposed) -> Iterable[Completion]:
    position = proposed.start - len(document.text_before_cursor)
    return [Completion(text, start_position=position) for text in proposed.texts]
