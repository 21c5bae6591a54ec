"""How a shell asks what may be put in place of a word, and how it is answered.

``PROG --shell-completion SHELL`` writes the script that teaches it to a shell, a file of
``scripts``.  The script calls the same with more arguments: what was typed, as its shell
sees it.  The first line of the answer says what there is: ``words``, which follow, or what
the shell is to complete itself: ``files``, ``directories``, or the ``command`` that begins
at the word, for bash at the character, of that number.
"""

from __future__ import annotations

import os

from clush.cli.completion.proposals import ByShell, propose
from clush.cli.completion.words import split
from clush.cli.program import COMPLETION
from clush.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clush.cli.completion.candidates import Candidate
    from clush.cli.completion.proposals import Proposals
    from clush.cli.options import CommandLine

    Answer = Callable[[CommandLine, Sequence[str]], str]

# What bash would not take as a part of a word.
SPECIAL = frozenset(" \t&;|<>()$`\"'\\")

SCRIPTS = os.path.join(os.path.dirname(__file__), "scripts")


def answer(line: CommandLine, arguments: Sequence[str]) -> str:
    """What to write for the ``arguments`` that stand after the option."""
    shell, question = "".join(arguments[:1]), arguments[1:]
    if shell not in SHELLS:
        known = ", ".join(map(repr, SHELLS))
        raise UsageError(f"option {COMPLETION}: invalid choice: {shell!r} (choose from {known})")
    script, answered = SHELLS[shell]
    if question:
        return answered(line, question)
    with open(os.path.join(SCRIPTS, script), encoding="utf-8") as file:
        return file.read()


def _bash(line: CommandLine, question: Sequence[str]) -> str:
    """The command line up to the cursor, and the part of its last word that is replaced.

    That begins after the last of the characters at which bash breaks words, such as ``:``.
    """
    text, replaced = question
    words, starts, quoted = split(text)
    stays = text[starts[-1] :].removesuffix(replaced)
    kept = len(split(stays)[0][-1])

    def entry(one: Candidate) -> str:
        text = one.text[kept:]
        if quoted:  # a blank before the quote that ends the word would be a part of it
            return text
        return "".join("\\" * (c in SPECIAL) + c for c in text) + " " * one.complete

    return _told(propose(line, words[1:]), entry, starts)


def _zsh(line: CommandLine, words: Sequence[str]) -> str:
    """The words up to the cursor.  A blank marks what is complete, a colon ends the text."""

    def entry(one: Candidate) -> str:
        text = one.text.replace("\\", "\\\\").replace(":", "\\:")
        return f"{' ' if one.complete else '+'}{text}" + (f":{one.about}" if one.about else "")

    return _told(propose(line, words), entry)


def _fish(line: CommandLine, words: Sequence[str]) -> str:
    """The words up to the cursor, the last one as it was typed; fish knows what is complete."""
    *before, last = words
    typed = split(last)[0][-1]
    return _told(propose(line, [*before, typed]), lambda one: f"{one.text}\t{one.about}")


def _told(
    proposals: Proposals, entry: Callable[[Candidate], str], starts: Sequence[int] | None = None
) -> str:
    """The answer; ``starts`` is where the words begin, where words do not count as such."""
    if isinstance(proposals, ByShell):
        if proposals.first is None:
            return f"{proposals.what}\n"
        number = proposals.first + 1  # the first word is the tool
        return f"{proposals.what} {number if starts is None else starts[number]}\n"
    return "\n".join(["words", *map(entry, proposals), ""])


# The script of each shell, and how its questions are answered.
SHELLS: dict[str, tuple[str, Answer]] = {
    "bash": ("bash/clush", _bash),
    "zsh": ("zsh/_clush", _zsh),
    "fish": ("fish/clush.fish", _fish),
}
