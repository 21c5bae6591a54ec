"""Equal outputs, and who said them.

Values only: bytes go in, under a key (a node), in chunks of any size; distinct outputs come out,
each with its keys.  Nothing here knows of nodes, files, clocks or any other module.

All streams live in one radix tree of bytes.  A stream is a place in it, and two streams are equal
exactly when they are at the same place: nothing is compared at the end, equal output is stored
once, and memory is proportional to what is *distinct*.  Text is only ever appended at the end of a
segment, so a place once given out keeps its meaning.  Feeding costs one ``memcmp``; lines are
made when somebody iterates.  See `normalize` for what counts as the same text.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator
    from typing import Generic, TypeVar

    K = TypeVar("K", bound=Hashable)
else:
    # Importing `typing` costs more than all the rest of a short-lived tool.
    K = None

    class Generic:
        def __class_getitem__(cls, params):
            return cls


# More than this is fed in pieces: what is left of a chunk is copied at each fork it passes.
PIECE = 64 * 1024
# Lines are made out of this much at a time: enough that the cost per piece vanishes.
CHUNK = 256 * 1024


class _Segment:
    """A run of bytes, and where it begins: after the part of ``parent`` that its place says.

    ``text`` only grows.  Segments know their parents only, so what nobody needs is freed at once.
    """

    __slots__ = ("parent", "start", "text")

    def __init__(self, parent: _Segment | None, start: int, text: bytes) -> None:
        self.parent = parent
        self.start = start  # offset of the first byte in the whole stream
        self.text = bytearray(text)


def _agreement(text: bytearray, offset: int, data: bytes) -> int:
    """How many bytes at the front of ``data`` stand in ``text`` at ``offset``."""
    low, high = 0, min(len(text) - offset, len(data))
    if text.startswith(data[:high], offset):
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if text.startswith(data[low:middle], offset + low):
            low = middle
        else:
            high = middle - 1
    return low


class Output:
    """What one or many keys had said when it was asked for; it does not change any more.

    ``bytes(output)`` is all of it and ``len(output)`` its size in bytes, known at once.
    Iteration makes the lines, without their newlines; a carriage return is no line end.

    Outputs of one gatherer are equal exactly when their bytes are, at no cost, and can be
    keys of a dict.  To compare outputs of two gatherers, compare their bytes.
    """

    __slots__ = ("_offset", "_segment")

    def __init__(self, segment: _Segment, offset: int) -> None:
        self._segment = segment
        self._offset = offset

    def __len__(self) -> int:
        return self._segment.start + self._offset

    def __bytes__(self) -> bytes:
        return self.read(0, len(self))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Output):
            return NotImplemented
        return self._segment is other._segment and self._offset == other._offset

    def __hash__(self) -> int:
        return hash((self._segment, self._offset))

    def __repr__(self) -> str:
        return f"<Output of {len(self)} bytes>"

    def __iter__(self) -> Iterator[bytes]:
        rest = b""
        for chunk in self.chunks():
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()
            yield from lines
        if rest:
            yield rest

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """All the bytes in pieces of at most ``size``: to write without holding a copy."""
        for start in range(0, len(self), size):
            yield self.read(start, start + size)

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from ``start`` up to ``stop``, both counted from the first byte said."""
        start, stop = max(start, 0), min(stop, len(self))
        segment = self._segment
        parts: list[bytearray] = []
        while start < stop:
            first = max(start, segment.start)
            if first < stop:
                # A copy: text that is looked at through a memoryview cannot grow.
                parts.append(segment.text[first - segment.start : stop - segment.start])
                stop = first
            if segment.parent is not None:
                segment = segment.parent
        parts.reverse()
        return b"".join(parts)


class Gatherer(Generic[K]):
    """Gathers streams of bytes by key; equal streams share their storage.

    >>> gatherer = Gatherer()
    >>> for node, data in (("n1", b"ok\\n"), ("n2", b"o"), ("n3", b"ok\\n"), ("n2", b"h\\n")):
    ...     gatherer.feed(node, data)
    >>> [(bytes(output), nodes) for output, nodes in gatherer.outputs()]
    [(b'ok\\n', ['n1', 'n3']), (b'oh\\n', ['n2'])]

    ``len``, ``in`` and iteration are about the keys, in the order in which they were first fed.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget every key and free all memory; outputs already given out stay valid."""
        self._origin = (_Segment(None, 0, b""), 0)
        self._place: dict[K, tuple[_Segment, int]] = {}
        # The forks: (segment, offset, next byte) of those who said that byte there instead of
        # what the segment has.  So every stream has exactly one place.
        self._branches: dict[tuple[_Segment, int, int], _Segment] = {}

    def feed(self, key: K, data: bytes) -> None:
        """Append ``data``, cut anywhere, to what ``key`` has said (maybe nothing so far)."""
        segment, offset = self._place.get(key, self._origin)
        if segment.text.startswith(data, offset):  # as others said before: no need to cut it
            self._place[key] = segment, offset + len(data)
            return
        for start in range(0, len(data), PIECE):
            segment, offset = self._follow(segment, offset, data[start : start + PIECE])
        self._place[key] = segment, offset

    def _follow(self, segment: _Segment, offset: int, data: bytes) -> tuple[_Segment, int]:
        """The place of a stream that was at ``offset`` of ``segment``, then said ``data``."""
        while True:
            text = segment.text
            agreed = _agreement(text, offset, data)
            offset += agreed
            if agreed == len(data):
                return segment, offset
            data = data[agreed:]
            if offset == len(text):
                text += data
                return segment, len(text)
            fork = segment, offset, data[0]
            branch = self._branches.get(fork)
            if branch is None:
                branch = _Segment(segment, segment.start + offset, data)
                self._branches[fork] = branch
                return branch, len(data)
            segment, offset = branch, 0

    def feed_all(self, keys: Iterable[K], data: bytes) -> None:
        """Append ``data`` to each of ``keys``; those that were equal cost one feeding."""
        places: dict[tuple[_Segment, int], tuple[_Segment, int]] = {}
        for key in keys:
            before = self._place.get(key, self._origin)
            if before not in places:
                self.feed(key, data)
                places[before] = self._place[key]
            self._place[key] = places[before]

    def get(self, key: K) -> Output | None:
        """What ``key`` has said, or None if it was never fed (an empty feed does count)."""
        place = self._place.get(key)
        return None if place is None else Output(*place)

    def outputs(self) -> Iterator[tuple[Output, list[K]]]:
        """Each distinct output with the keys that said it, both in first-fed order."""
        groups: dict[tuple[_Segment, int], list[K]] = {}
        for key, place in self._place.items():
            groups.setdefault(place, []).append(key)
        for place, keys in groups.items():
            yield Output(*place), keys

    def forget(self, keys: Iterable[K]) -> None:
        """Drop ``keys`` (unknown ones are no error); memory is freed with the last key."""
        for key in list(keys):
            self._place.pop(key, None)
        if not self._place:
            self.clear()

    def keys(self) -> Iterator[K]:
        """The keys that were fed; feeding a new one meanwhile raises RuntimeError."""
        return iter(self._place)

    def __iter__(self) -> Iterator[K]:
        return iter(self._place)

    def __contains__(self, key: object) -> bool:
        return key in self._place

    def __len__(self) -> int:
        return len(self._place)


def normalize(lines: bytes) -> bytes:
    """A chunk of whole lines, for people: ``\\r\\n`` is a line end, the last line has one.

    A gatherer compares bytes, as programs need it.  Who gathers *text* applies this to each
    chunk first, so that outputs which differ only in line ends, or in whether the last one is
    there, are the same.  A carriage return elsewhere is a character like any other.  Chunks
    must not be cut inside a line: only the last one of a stream may lack its newline.
    """
    if b"\r" in lines:
        lines = lines.replace(b"\r\n", b"\n")
    return lines + b"\n" if lines and not lines.endswith(b"\n") else lines


def trace(
    messages: Iterable[tuple[Iterable[bytes], list[K]]],
) -> Iterator[tuple[bytes, list[K], int, int]]:
    """The tree of the lines of ``messages``: one branch while successive lines are equal.

    Takes (lines, keys) pairs, such as `Gatherer.outputs` yields.  Yields, parents first,
    ``(line, keys that said it there, depth from 1, number of branches that follow)``.
    The tree is never held as a whole: lines are read as they are yielded.
    """

    def fork(streams: list[tuple[Iterator[bytes], list[K]]]) -> _Fork[K]:
        branches: _Fork[K] = {}
        for lines, keys in streams:
            for line in lines:
                branches.setdefault(line, []).append((lines, keys))
                break
        return branches

    # Forks being walked, from the root down; of each, the branches not yet walked are left.
    path = [iter(fork([(iter(lines), keys) for lines, keys in messages]).items())]
    while path:
        for line, streams in path[-1]:
            below = fork(streams)
            yield line, [key for _, keys in streams for key in keys], len(path), len(below)
            path.append(iter(below.items()))
            break
        else:
            path.pop()


if TYPE_CHECKING:
    # The next line, and the streams that go on with it: what is left of each, and its keys.
    _Fork = dict[bytes, list[tuple[Iterator[bytes], list[K]]]]
