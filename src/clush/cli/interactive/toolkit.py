"""The editor of prompt_toolkit, which shows proposals as a menu."""

from __future__ import annotations

from collections.abc import Iterable

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import History as ToolkitHistory
from prompt_toolkit.shortcuts import CompleteStyle

from clush.cli.interactive.editors import Propose
from clush.cli.interactive.history import History


class ToolkitEditor:
    """An :class:`clush.cli.interactive.editors.Editor`."""

    def __init__(self, history: History, propose: Propose) -> None:
        self._session: PromptSession[str] = PromptSession(
            history=_Recorded(history),
            completer=_Proposed(propose),
            complete_while_typing=False,
            # A group source may take its time to answer.
            complete_in_thread=True,
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
    """Our proposals as prompt_toolkit knows them."""

    def __init__(self, propose: Propose) -> None:
        self._propose = propose

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        before = document.text_before_cursor
        start, texts = self._propose(before)
        for text in texts:
            yield Completion(text, start_position=start - len(before))
