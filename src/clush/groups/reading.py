"""How a shell reads a command: which quotes each place of it stands in.

The text is fed in pieces, holes in between; each hole learns its context and the fixed text
of the word that it is part of. Quotes, ``$( )``, ``( )``, comments and continued lines are
followed. What shells read differently, or reread (here-documents, arithmetic, ``$'...'``,
``case`` within ``$( )``), ends the reading: the context of all that follows is `UNKNOWN`.
Inside back quotes and ``${ }`` it is `UNKNOWN` as well, but reading goes on behind them.
"""

from __future__ import annotations

BARE, SINGLE, DOUBLE, COMMENT, UNKNOWN = "bare", "single", "double", "comment", "unknown"

_QUOTES = {"'": SINGLE, '"': DOUBLE}
_BLANK = frozenset(" \t")
_ENDS_WORD = _BLANK | frozenset("\n;&|()<>")
_ENDS_READING_OF_BRACES = frozenset("'\"`${\\")

# What was opened and not yet closed, besides quotes.
_SUBSHELL, _SUBSTITUTION = "(", "$("


class Hole:
    """A place for the value of ``name``."""

    __slots__ = ("around", "context", "name", "redirected")

    def __init__(self, name: str) -> None:
        self.name = name
        self.context = UNKNOWN
        self.around = ""  # the fixed text of the word
        self.redirected = False  # "<" or ">" follows: a number here would be a descriptor


class _Word:
    __slots__ = ("chars", "holes")

    def __init__(self) -> None:
        self.chars: list[str] = []
        self.holes: list[Hole] = []

    def end(self) -> None:
        for hole in self.holes:
            hole.around = "".join(self.chars)
        self.chars, self.holes = [], []


class Reading:
    """The state of a shell that reads one command, ``literal`` being all its fixed text."""

    def __init__(self, literal: str) -> None:
        self._literal = literal
        self._open: list[str] = []
        self._words = [_Word()]  # one for each open substitution, the innermost last
        self._lost = False
        self._until = ""  # what ends the back quotes or braces that are being skipped
        self._comment = False
        self._escaped = False  # behind a backslash
        self._dollar = False  # behind a dollar sign
        self._at_start = True  # of a word
        self._duplicates = False  # in the word behind >&, which bash expands a second time
        self._before: str | Hole = ""  # the last thing read outside of quotes

    def text(self, text: str) -> None:
        """Read on, over fixed text."""
        here = 0
        while here < len(text) and not self._lost:
            char, following = text[here], text[here + 1 : here + 2]
            if char == "\\" and following == "\n" and self._joins_lines():
                here += 1
            else:
                self._read(char, following)
            here += 1

    def hole(self, hole: Hole) -> None:
        """Read on, over a hole, which learns where it is."""
        hole.context = self._context()
        self._words[-1].holes.append(hole)
        self._escaped = self._dollar = self._at_start = False
        self._before = hole

    def end(self) -> None:
        """The command has been read."""
        for word in self._words:
            if self._lost:
                for hole in word.holes:
                    hole.context = UNKNOWN
            word.end()

    def _context(self) -> str:
        if self._lost or self._until or self._dollar or self._escaped or self._duplicates:
            return UNKNOWN
        if self._comment:
            return COMMENT
        return _QUOTES.get(self._innermost(), BARE)

    def _innermost(self) -> str:
        return self._open[-1] if self._open else ""

    def _joins_lines(self) -> bool:
        return not (self._comment or self._escaped or self._until or self._innermost() == "'")

    def _read(self, char: str, following: str) -> None:
        before, self._before = self._before, ""
        if self._until:
            self._skip(char)
        elif self._innermost() == "'":
            self._in_single(char)
        elif self._comment:
            self._comment = char != "\n"
            self._at_start = not self._comment
        elif self._escaped:
            self._escaped = self._at_start = False
            self._words[-1].chars.append(char)
        elif char == "\\":
            self._escaped, self._dollar = True, False
        elif self._dollar and self._behind_dollar(char, following):
            self._dollar = False
        elif char == "$":
            self._dollar, self._at_start = True, False
        elif char == "`":
            self._until, self._dollar, self._at_start = char, False, False
        elif self._innermost() == '"':
            self._dollar = False
            self._in_double(char)
        else:
            self._dollar = False
            self._bare(char, before)

    def _skip(self, char: str) -> None:
        if self._escaped:
            self._escaped = False
        elif char == self._until:
            self._until = ""
        elif self._until == "}":
            self._lost = char in _ENDS_READING_OF_BRACES
        else:
            self._escaped = char == "\\"

    def _in_single(self, char: str) -> None:
        if char == "'":
            self._open.pop()
        else:
            self._words[-1].chars.append(char)

    def _in_double(self, char: str) -> None:
        if char == '"':
            self._open.pop()
        else:
            self._words[-1].chars.append(char)

    def _behind_dollar(self, char: str, following: str) -> bool:
        """Whether the dollar sign gives ``char`` a meaning of its own."""
        if char == "(":
            # A ")" that ends no substitution stands in arithmetic, and behind a case.
            self._lost = following == "(" or "case" in self._literal
            self._open.append(_SUBSTITUTION)
            self._words.append(_Word())
            self._at_start = True
        elif char == "{":
            self._until = "}"
        elif char == "[" or (char == "'" and self._innermost() != '"'):
            self._lost = True
        return char in "({$#[" or self._lost

    def _bare(self, char: str, before: str | Hole) -> None:
        word = self._words[-1]
        if char in _ENDS_WORD:
            self._operator(char, before)
        elif char in _QUOTES:
            self._open.append(char)
            self._at_start = False
        elif char == "#" and (self._at_start or before == ")"):
            self._comment = True
            # "$(...)#" goes on with the word, "(...)#" begins a comment.
            self._lost = before == ")"
        else:
            word.chars.append(char)
            self._at_start = False
        self._before = char

    def _operator(self, char: str, before: str | Hole) -> None:
        if char in "<>" and isinstance(before, Hole):
            before.redirected = True
        # A here-document, or arithmetic.
        self._lost = char == before and char in "<("
        word = self._words[-1]
        if char not in _BLANK or word.chars or word.holes:
            self._duplicates = char == "&" and before in ("<", ">")
        self._at_start = True
        word.end()
        if char == "(":
            self._open.append(_SUBSHELL)
        elif char == ")" and self._open and self._open.pop() == _SUBSTITUTION:
            self._words.pop()
            self._at_start = False
