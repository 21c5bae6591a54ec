"""Classic message trees: lines added one at a time under a key, equal messages found again.

The API of scripts that gather by hand.  A tree of lines is what that API shows (elements with a
parent, `MsgTreeElem.append`) and what line-by-line feeding is fastest with; output of commands
is gathered by `clush.gather`, and an element can stand for an output from there as well.

Keys are noted where their message ends; what `MODE_TRACE` adds is made when it is asked for.
"""

from __future__ import annotations

from clush.gather import trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator
    from typing import Any, Optional

    from clush.gather import Output

    Match = Optional[Callable[[Hashable], object]]
    Mapper = Optional[Callable[[Hashable], Any]]

MODE_DEFER = 0
MODE_SHIFT = 1
MODE_TRACE = 2


class MsgTreeElem:
    """A message: the lines from the root of its tree down to this element.

    ``bytes(elem)`` joins them by newlines, without a last one; iteration and indexing give
    single lines; ``==`` compares bytes.  ``str(elem)`` is for printing: what is not UTF-8 is
    replaced.
    """

    __slots__ = ("_first", "_others", "_output", "msgline", "parent")

    def __init__(
        self, msgline: bytes | None = None, parent: MsgTreeElem | None = None, trace: bool = False
    ) -> None:
        """``trace`` has no effect: any tree can be traced."""
        if isinstance(msgline, str):
            raise TypeError(f"a line of a message is bytes, not str: {msgline!r}")
        self.msgline = msgline
        self.parent = parent
        # Most elements have one line below: a dict is made for those with more.
        self._first: MsgTreeElem | None = None
        self._others: dict[bytes, MsgTreeElem] | None = None
        self._output: Output | None = None

    @classmethod
    def from_output(cls, output: Output) -> MsgTreeElem:
        """The element that has the lines of ``output``, however many, and no parent."""
        elem = cls()
        elem._output = output
        return elem

    def append(self, line: bytes, key: Hashable = None) -> MsgTreeElem:
        """The element below this one that ends in ``line``: always the same for equal lines.

        ``key`` has no effect: which key is at which element is known by the tree.
        """
        first = self._first
        if first is None:
            self._first = first = MsgTreeElem(line, self)
        if first.msgline == line:
            return first
        if self._others is None:
            self._others = {}
        elem = self._others.get(line)
        if elem is None:
            elem = self._others[line] = MsgTreeElem(line, self)
        return elem

    def lines(self) -> Iterator[bytes]:
        """An iterator over the lines, first to last, without line ends."""
        lines = []
        elem: MsgTreeElem | None = self
        while elem is not None:
            if elem.msgline is not None:
                lines.append(elem.msgline)
            elif elem._output is not None:
                lines.extend(reversed(list(elem._output)))
            elem = elem.parent
        return reversed(lines)

    splitlines = lines
    __iter__ = lines

    def message(self) -> bytes:
        """The lines joined by newlines, without a last one."""
        if self._output is None:
            return b"\n".join(self.lines())
        text = bytes(self._output)
        return text[:-1] if text.endswith(b"\n") else text

    __bytes__ = message

    def __len__(self) -> int:
        if self._output is None:
            return len(self.message())
        size = len(self._output)
        return size - (self._output.read(size - 1, size) == b"\n")

    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        return list(self.lines())[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MsgTreeElem):
            return self.message() == other.message()
        if isinstance(other, (bytes, bytearray, memoryview)):
            return self.message() == other
        return NotImplemented

    def __str__(self) -> str:
        return self.message().decode(errors="replace")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)} bytes>"


class MsgTree:
    """Messages by key, gathered: `walk` yields each distinct message with its keys.

    With ``MODE_TRACE``, keys also stay on each message that theirs begins with.  The other
    two modes give the same results.
    """

    def __init__(self, mode: int = MODE_DEFER) -> None:
        self.mode = mode
        self.clear()

    def clear(self) -> None:
        """Empty the tree; the mode stays."""
        self._root = MsgTreeElem()
        self._elems: dict[Hashable, MsgTreeElem] = {}

    def add(self, key: Hashable, msgline: bytes) -> None:
        """Append the line ``msgline`` (as it is: it is not split) to the message of ``key``."""
        self._elems[key] = self._elems.get(key, self._root).append(msgline)

    def get(self, key: Hashable, default: Any = None) -> Any:
        """The `MsgTreeElem` of ``key``, or ``default``."""
        return self._elems.get(key, default)

    def keys(self) -> Iterator[Hashable]:
        """An iterator over the keys, in the order in which they were first added."""
        return iter(self._elems)

    def __getitem__(self, key: Hashable) -> MsgTreeElem:
        return self._elems[key]

    def __len__(self) -> int:
        return len(self._elems)

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._elems)

    def __contains__(self, key: object) -> bool:
        return key in self._elems

    def messages(self, match: Match = None) -> Iterator[MsgTreeElem]:
        """Each distinct message that a matching key has."""
        for elem, _ in self.walk(match):
            yield elem

    def items(self, match: Match = None, mapper: Mapper = None) -> Iterator[tuple[Any, Any]]:
        """``(key, element)`` for each matching key, the key passed through ``mapper``."""
        for key, elem in self._elems.items():
            for chosen in _choose([key], match, mapper):
                yield chosen, elem

    def walk(
        self, match: Match = None, mapper: Mapper = None
    ) -> Iterator[tuple[MsgTreeElem, list[Any]]]:
        """Each distinct message, with the list of its matching keys passed through ``mapper``."""
        if self.mode == MODE_DEFER:
            self.mode = MODE_SHIFT
        for elem, keys in self._groups(with_beginnings=self.mode == MODE_TRACE):
            chosen = _choose(keys, match, mapper)
            if chosen:
                yield elem, chosen

    def walk_trace(
        self, match: Match = None, mapper: Mapper = None
    ) -> Iterator[tuple[bytes, list[Any], int, int]]:
        """The tree of lines, parents first: ``(line, keys, depth from 1, number of children)``.

        AssertionError, at the first step, unless the mode is ``MODE_TRACE``.
        """
        if self.mode != MODE_TRACE:
            raise AssertionError("walk_trace() is only callable in trace mode")
        messages = ((elem.lines(), keys) for elem, keys in self._groups(with_beginnings=False))
        order = {key: number for number, key in enumerate(self._elems)}
        for line, keys, depth, children in trace(messages):
            chosen = _choose(sorted(keys, key=order.__getitem__), match, mapper)
            if chosen:
                yield line, chosen, depth, children

    def remove(self, match: Match = None) -> None:
        """Forget the matching keys, or all of them."""
        for key in _choose(list(self._elems), match, None):
            del self._elems[key]
        if not self._elems:
            self.clear()

    def _groups(self, with_beginnings: bool) -> list[tuple[MsgTreeElem, list[Hashable]]]:
        """The elements where keys are, and on request those above them, with all their keys."""
        groups: dict[int, tuple[MsgTreeElem, list[Hashable]]] = {}
        for key, elem in self._elems.items():
            while elem.parent is not None:
                groups.setdefault(id(elem), (elem, []))[1].append(key)
                if not with_beginnings:
                    break
                elem = elem.parent
        return list(groups.values())


def _choose(keys: list[Hashable], match: Match, mapper: Mapper) -> list[Any]:
    chosen = keys if match is None else [key for key in keys if match(key)]
    return chosen if mapper is None else [mapper(key) for key in chosen]
