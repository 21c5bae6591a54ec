"""Lines of the form ``KEY SEPARATOR TEXT``, taken apart.

Pure functions from chunks of whole lines to what each key said in them.  Where one key
says many lines in a row they are cut off in one go; only where keys alternate is a chunk
taken apart line by line.
"""

from __future__ import annotations

from clush.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# How much is read at a time: enough that the work per key and chunk vanishes.
CHUNK = 1024 * 1024
# Not searched for a run of one key any more: a run in less is not worth finding.
LEAF = 8 * 1024


def whole_lines(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """What ``read`` returns until it returns nothing, cut at line ends; the last may lack one."""
    tail: list[bytes] = []
    while True:
        data = read(CHUNK)
        if not data:
            break
        end = data.rfind(b"\n") + 1
        if end:
            yield b"".join((*tail, data[:end]))
            tail = []
        tail.append(data[end:])
    rest = b"".join(tail)
    if rest:
        yield rest


def by_key(lines: bytes, separator: bytes) -> dict[bytes, bytes]:
    """The text of each key in ``lines``, which end with a newline; keys as first seen.

    A line is split at its first separator, and blanks around the key do not count.  Blank
    lines say nothing.  Any other line without a key is an :class:`InputError`.
    """
    if not separator:
        raise InputError(lines.partition(b"\n")[0], "empty separator")
    texts = _Texts(separator)
    pieces = [lines]
    while pieces:
        piece = pieces.pop()
        if texts.add_run(piece):
            continue
        middle = piece.find(b"\n", len(piece) // 2) + 1
        if len(piece) > LEAF and middle < len(piece):
            pieces += piece[middle:], piece[:middle]
        else:
            texts.add_lines(piece)
    return {key: b"\n".join(parts) + b"\n" for key, parts in texts.of_key.items()}


def in_order(lines: bytes, separator: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The same as pairs, in the order of the lines: a key comes again after another one."""
    last = b""
    texts: list[bytes] = []
    for line in lines[:-1].split(b"\n"):
        prefix, found, text = line.partition(separator)
        if not found:
            continue
        key = prefix.strip()
        if key != last and texts:
            yield last, b"\n".join(texts) + b"\n"
            texts = []
        last = key
        texts.append(text)
    if texts:
        yield last, b"\n".join(texts) + b"\n"


class _Texts:
    """The pieces of text seen so far, without their last newline, by key."""

    __slots__ = ("_of_prefix", "_separator", "of_key")

    def __init__(self, separator: bytes) -> None:
        self.of_key: dict[bytes, list[bytes]] = {}
        self._of_prefix: dict[bytes, list[bytes]] = {}  # by what stands before the separator
        self._separator = separator

    def add_run(self, piece: bytes) -> bool:
        """Add ``piece`` if all its lines have the same key; return whether they have."""
        at = piece.find(self._separator, 0, piece.find(b"\n"))
        if at < 0:
            return False
        prefix = piece[: at + len(self._separator)]
        if not piece.startswith(prefix, piece.rfind(b"\n", 0, -1) + 1):
            return False  # the last line differs from the first: no need to look at the others
        text = piece.replace(b"\n" + prefix, b"\n")[len(prefix) :]
        if len(piece) - len(text) != len(prefix) * piece.count(b"\n"):
            return False
        self._of(prefix[:at], piece).append(text[:-1])
        return True

    def add_lines(self, piece: bytes) -> None:
        """Add ``piece`` line by line."""
        of_prefix = self._of_prefix
        separator = self._separator
        for line in piece[:-1].split(b"\n"):
            prefix, found, text = line.partition(separator)
            if not found:
                if line.strip():
                    raise InputError(line, f"no separator {_shown(separator)!r} in line")
            elif prefix in of_prefix:
                of_prefix[prefix].append(text)
            else:
                self._of(prefix, line).append(text)

    def _of(self, prefix: bytes, line: bytes) -> list[bytes]:
        parts = self._of_prefix.get(prefix)
        if parts is None:
            key = prefix.strip()
            if not key:
                raise InputError(line.partition(b"\n")[0], "no node found")
            parts = self._of_prefix[prefix] = self.of_key.setdefault(key, [])
        return parts


def _shown(text: bytes) -> str:
    return text.decode(errors="replace")
