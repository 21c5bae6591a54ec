"""The words of a line as shells take them, while it is being typed.

Quotes and backslashes are understood, nothing is expanded.
"""

from __future__ import annotations


def split(text: str) -> tuple[list[str], list[int], bool]:
    """The words of ``text`` as a shell takes them, where each begins, and if a quote is open.

    The last one is being typed; it is empty after a blank.
    """
    words: list[str] = []
    starts: list[int] = []
    quote = ""
    inside = escaped = False
    for at, character in enumerate(text):
        if not (quote or escaped) and character.isspace():
            inside = False
            continue
        if not inside:
            inside = True
            words.append("")
            starts.append(at)
        if escaped:
            # In double quotes a backslash before most characters is a backslash.
            words[-1] += "\\" * (quote == '"' and character not in '$`"\\') + character
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
        else:
            words[-1] += character
    if not inside:
        words.append("")
        starts.append(len(text))
    return words, starts, bool(quote)
