"""Equal lines, and who said them, while they are being said.

Values only, on top of `gather`: whole lines go in under a key (a node), and as soon as every key
has said its line of some number, these lines come out, each distinct one with its keys.

What waits is kept in a `Gatherer`, so it is held once however many keys said it.  Lines are
compared in blocks first: they are only taken apart where keys disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from clush.gather import PIECE, Gatherer, Output

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator
    from typing import Any

K = TypeVar("K", bound="Hashable")

# Lines are compared at least this much at a time, although a slow key says them one by one.
LEAST_WINDOW = 4 * 1024
# Lines that were given out are forgotten once every key has this much of them.
ENOUGH_GIVEN = 1024 * 1024


class LineGatherer(Generic[K]):
    """Gathers line by line, live: the first lines of all keys, then their second lines...

    A line is given out once every unfinished key has said as many.  `feed` and `close` return
    what became ready, in order: pairs of a text and the keys (in no special order) that say it.
    Lines of one number come in the order of ``order(keys)``, by default as they are found.
    A text is one line, or a block of successive lines on which *all* the keys that still have
    something to say agree; it ends with a newline, so one ``replace`` labels it either way.

    >>> live = LineGatherer(["n1", "n2", "n3"])
    >>> live.feed("n1", b"a\\nb\\n"), live.feed("n2", b"a\\n")
    ([], [])
    >>> live.feed("n3", b"a\\nc\\n")
    [(b'a\\n', ['n1', 'n2', 'n3'])]
    >>> live.close("n2")
    [(b'b\\n', ['n1']), (b'c\\n', ['n3'])]

    What waits for a slow key is held once, however many keys said it.
    """

    def __init__(self, keys: Iterable[K], order: Callable[[list[K]], Any] = lambda keys: 0) -> None:
        self._order = order
        # How much was given out of what each key said, as `_said` has it.  A key leaves when it
        # is closed and all is given out.
        self._given: dict[K, int] = dict.fromkeys(keys, 0)
        self._open = set(self._given)
        self._silent = set(self._given)  # open, with nothing left to give: the others wait
        self._said: Gatherer[K] = Gatherer()

    def feed(self, key: K, lines: bytes) -> list[tuple[bytes, list[K]]]:
        """``key`` said these whole lines (a last newline may be missing); see `normalize`.

        KeyError if ``key`` was not expected, or is closed.
        """
        if key not in self._open:
            raise KeyError(key)
        if not lines:
            return []
        self._said.feed(key, lines if lines.endswith(b"\n") else lines + b"\n")
        self._silent.discard(key)
        return self._ready()

    def close(self, key: K) -> list[tuple[bytes, list[K]]]:
        """``key`` says no more and holds up nobody; closing it again changes nothing."""
        self._open.discard(key)
        if key in self._silent:
            self._silent.remove(key)
            del self._given[key]
        return self._ready()

    def _ready(self) -> list[tuple[bytes, list[K]]]:
        ready: list[tuple[bytes, list[K]]] = []
        while self._given and not self._silent:
            texts = self._next_lines()
            block = min(texts, key=len)
            if all(text.startswith(block) for text in texts):
                ready.append((block, list(self._given)))
                used = [len(block)] * len(texts)
            else:
                count = min(text.count(b"\n") for text in texts)
                columns = [text.split(b"\n", count) for text in texts]
                used = [len(text) - len(column.pop()) for text, column in zip(texts, columns)]
                ready += self._regroup(columns, list(texts.values()))
            for keys, amount in zip(texts.values(), used):
                self._give(keys, amount)
        if len(self._silent) == len(self._given):  # all that was said is given out
            self._restart({})
        return ready

    def _next_lines(self) -> dict[bytes, list[K]]:
        """The next whole lines of every key, at least one: the keys by these lines."""
        streams = self._streams()
        left = [len(output) - given for output, given in streams]
        if min(given for _, given in streams) >= max(ENOUGH_GIVEN, *left):
            self._restart(streams)
            streams = self._streams()
        # The key with the least sets the pace: there is no use in reading much further.
        size = min(max(min(left), LEAST_WINDOW), PIECE)
        texts: dict[bytes, list[K]] = {}
        for (output, given), keys in streams.items():
            texts.setdefault(_whole_lines(output, given, size), []).extend(keys)
        return texts

    def _streams(self) -> dict[tuple[Output, int], list[K]]:
        """The keys by what they said and how much of it was given out; nobody is silent."""
        streams: dict[tuple[Output, int], list[K]] = {}
        for key, given in self._given.items():
            streams.setdefault((self._output(key), given), []).append(key)
        return streams

    def _output(self, key: K) -> Output:
        output = self._said.get(key)
        assert output is not None  # else it would be silent
        return output

    def _give(self, keys: list[K], amount: int) -> None:
        for key in keys:
            self._given[key] += amount
            if self._given[key] < len(self._output(key)):
                continue
            if key in self._open:
                self._silent.add(key)
            else:
                del self._given[key]

    def _restart(self, streams: dict[tuple[Output, int], list[K]]) -> None:
        """Forget what was given out: keep only what is left of ``streams``."""
        self._said.clear()
        self._given = dict.fromkeys(self._given, 0)
        for (output, given), keys in streams.items():
            self._said.feed_all(keys, output.read(given, len(output)))

    def _regroup(
        self, columns: list[list[bytes]], keys: list[list[K]]
    ) -> Iterator[tuple[bytes, list[K]]]:
        """The lines of ``columns``, equally many for each list of ``keys``, row by row by text."""
        everyone = [key for each in keys for key in each]
        agreed: list[bytes] = []
        for row in zip(*columns):
            if row.count(row[0]) == len(row):
                agreed.append(row[0])
                continue
            if agreed:
                yield b"\n".join([*agreed, b""]), everyone
                agreed = []
            says: dict[bytes, list[K]] = {}
            for line, sayers in zip(row, keys):
                says.setdefault(line, []).extend(sayers)
            for line, sayers in sorted(says.items(), key=lambda said: self._order(said[1])):
                yield line + b"\n", sayers
        if agreed:
            yield b"\n".join([*agreed, b""]), everyone


def _whole_lines(output: Output, start: int, size: int) -> bytes:
    """The whole lines of ``output`` from ``start``: about ``size`` bytes, at least one line."""
    text = output.read(start, start + size)
    while not (end := text.rfind(b"\n") + 1):
        size *= 2
        text = output.read(start, start + size)
    return text[:end]
