"""IndexSet: a set of integers that is fast when it is large, dense or sparse.

A dict maps a chunk number to a Python int of ``CHUNK`` bits, one bit per value. Union,
intersection and difference are integer operations, so they run at the speed of C;
runs of consecutive values are found by searching the binary digits of a chunk.
Values of any size and sign work: a far value costs one chunk. Solid chunks share one
integer, so a range of a million costs a few kilobytes.

Invariant: no chunk is zero. This module knows numbers only: zero padding and text are
the business of ``ranges``.
"""

from __future__ import annotations

from itertools import chain, compress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SHIFT = 12
CHUNK = 1 << SHIFT  # bits: below this dict work is felt, above it the price of one far value
LOW = CHUNK - 1
FULL = (1 << CHUNK) - 1

# Up to this many times the number of values, one byte per place of their span is cheaper
# (and never larger than a list of the values) than growing the chunks bit by bit.
DENSE = 32
FEW = 16  # below, neither matters

# From this many bits of a chunk on, it is quicker to go through all places than to search.
CROWDED = CHUNK // 4
_FLAGS = bytes.maketrans(b"01", b"\0\1")


def _count_by_digits(bits: int) -> int:
    return bin(bits).count("1")


bit_count: Callable[[int], int] = getattr(int, "bit_count", _count_by_digits)  # Python 3.10


class IndexSet:
    """A mutable set of integers, iterated in increasing order."""

    __slots__ = ("_chunks",)

    def __init__(self, values: Iterable[int] = (), runs: Iterable[tuple[int, int]] = ()) -> None:
        """The single ``values`` and every value of the ``runs`` (first, last)."""
        self._chunks: dict[int, int] = _gather(list(values), list(runs))

    @classmethod
    def from_range(cls, start: int, stop: int, step: int = 1) -> IndexSet:
        """The values of ``range(start, stop, step)``; ``step`` is positive.

        The cost is one dict entry per chunk that the range touches.
        """
        return cls._of(_span(start, stop) if step == 1 else _stride(start, stop, step))

    @classmethod
    def _of(cls, chunks: dict[int, int]) -> IndexSet:
        made = cls.__new__(cls)
        made._chunks = chunks
        return made

    def copy(self) -> IndexSet:
        """An equal set that shares nothing that can change."""
        return self._of(self._chunks.copy())

    def __repr__(self) -> str:
        text = ",".join(f"{a}-{b}" if a < b else str(a) for a, b in self.runs())
        return f"<IndexSet {text}>"

    # One value

    def add(self, value: int) -> None:
        """Put one value in."""
        chunks, number = self._chunks, value >> SHIFT
        chunks[number] = chunks.get(number, 0) | 1 << (value & LOW)

    def discard(self, value: int) -> None:
        """Take one value out, if it is in."""
        number = value >> SHIFT
        bits = self._chunks.get(number, 0) & ~(1 << (value & LOW))
        if bits:
            self._chunks[number] = bits
        else:
            self._chunks.pop(number, None)

    def __contains__(self, value: int) -> bool:
        return bool(self._chunks.get(value >> SHIFT, 0) >> (value & LOW) & 1)

    # The whole

    def __bool__(self) -> bool:
        return bool(self._chunks)

    def __len__(self) -> int:
        return sum(map(bit_count, self._chunks.values()))

    def __eq__(self, other: object) -> bool:
        return self._chunks == other._chunks if isinstance(other, IndexSet) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def key(self) -> frozenset[tuple[int, int, int]]:
        """A hashable value, equal for equal sets.

        The hash of an int knows its bits modulo 61 only; with its length in bits, the keys
        of single values and of equal patterns at different places differ in hash, too.
        """
        return frozenset([(n, bits.bit_length(), bits) for n, bits in self._chunks.items()])

    def chunks(self) -> int:
        """The number of chunks: what the set costs in memory, and each operation in time."""
        return len(self._chunks)

    def min(self) -> int:
        """The smallest value; ``ValueError`` when empty."""
        number = min(self._chunks)
        bits = self._chunks[number]
        return (number << SHIFT) + (bits & -bits).bit_length() - 1

    def max(self) -> int:
        """The largest value; ``ValueError`` when empty."""
        number = max(self._chunks)
        return (number << SHIFT) + self._chunks[number].bit_length() - 1

    def runs(self) -> Iterator[tuple[int, int]]:
        """The maximal runs ``(first, last)`` of consecutive values, in order."""
        return chain.from_iterable(self._runs_by_chunk())

    def _runs_by_chunk(self) -> Iterator[Iterable[tuple[int, int]]]:
        chunks = self._chunks
        begun: list[int] = []  # the start of a run that goes on into the next chunk
        for number in sorted(chunks):
            bits, base = chunks[number], number << SHIFT
            before = chunks.get(number - 1, 0) >> LOW
            after = chunks.get(number + 1, 0) & 1
            first_bits = bits & ~(bits << 1 | before)
            last_bits = bits & ~(bits >> 1 | after << LOW)
            firsts = begun + _places(first_bits, base)
            alone = first_bits == last_bits and not begun
            lasts = firsts if alone else _places(last_bits, base)
            begun = firsts[len(lasts) :]
            yield zip(firsts, lasts)

    def is_scattered(self) -> bool:
        """Whether no two values are consecutive."""
        chunks = self._chunks
        return not any(
            bits & bits >> 1 or (bits >> LOW and chunks.get(number + 1, 0) & 1)
            for number, bits in chunks.items()
        )

    def pieces(self) -> Iterator[range | list[int]]:
        """The values of each chunk in order: a range where they are one run."""
        for number, bits in sorted(self._chunks.items()):
            yield _values(bits, number << SHIFT)

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self.pieces())

    # Algebra

    def __or__(self, other: IndexSet) -> IndexSet:
        mine, theirs = self._chunks, other._chunks
        made = {**mine, **theirs}
        for number in mine.keys() & theirs.keys():
            made[number] = mine[number] | theirs[number]
        return self._of(made)

    def __and__(self, other: IndexSet) -> IndexSet:
        mine, theirs = self._chunks, other._chunks
        if len(mine) > len(theirs):
            mine, theirs = theirs, mine
        return self._of(
            {n: both for n, bits in mine.items() if n in theirs and (both := bits & theirs[n])}
        )

    def __sub__(self, other: IndexSet) -> IndexSet:
        mine, theirs = self._chunks, other._chunks
        made = mine.copy()
        for number in mine.keys() & theirs.keys():
            rest = mine[number] & ~theirs[number]
            if rest:
                made[number] = rest
            else:
                del made[number]
        return self._of(made)

    def __xor__(self, other: IndexSet) -> IndexSet:
        mine, theirs = self._chunks, other._chunks
        made = {**mine, **theirs}
        for number in mine.keys() & theirs.keys():
            rest = mine[number] ^ theirs[number]
            if rest:
                made[number] = rest
            else:
                del made[number]
        return self._of(made)

    def __ior__(self, other: IndexSet) -> IndexSet:
        _merge(self._chunks, other._chunks)
        return self

    def isdisjoint(self, other: IndexSet) -> bool:
        """Whether no value is in both."""
        mine, theirs = self._chunks, other._chunks
        return not any(mine[n] & theirs[n] for n in mine.keys() & theirs.keys())

    def issubset(self, other: IndexSet) -> bool:
        """Whether every value is also in ``other``."""
        theirs = other._chunks
        return all(not bits & ~theirs.get(n, 0) for n, bits in self._chunks.items())

    # Order

    def between(self, low: int, high: int) -> IndexSet:
        """The values ``low <= value < high``."""
        if low >= high:
            return IndexSet()
        chunks = self._chunks
        first, last = low >> SHIFT, (high - 1) >> SHIFT
        made = {n: bits for n, bits in chunks.items() if first <= n <= last}
        for number in {first, last} & made.keys():
            base = number << SHIFT
            kept = made[number] & _mask(max(low - base, 0), min(high - base, CHUNK))
            if kept:
                made[number] = kept
            else:
                del made[number]
        return self._of(made)

    def select(self, rank: int) -> int:
        """The value that has ``rank`` values before it, ``0 <= rank < len``."""
        for number in sorted(self._chunks):
            bits = self._chunks[number]
            size = bit_count(bits)
            if rank < size:
                return (number << SHIFT) + _select(bits, rank)
            rank -= size
        raise IndexError(rank)

    def rank(self, value: int) -> int:
        """How many values are smaller than ``value``."""
        chunks, last = self._chunks, value >> SHIFT
        whole = sum(bit_count(bits) for number, bits in chunks.items() if number < last)
        return whole + bit_count(chunks.get(last, 0) & ((1 << (value & LOW)) - 1))

    def cut(self, sizes: Iterable[int]) -> Iterator[IndexSet]:
        """Consecutive subsets of the given sizes, in one pass; the last may be shorter."""
        numbers = sorted(self._chunks)
        place, bits = 0, 0  # the chunks from `place` on are untouched; `bits` is left of the last
        for size in sizes:
            part: dict[int, int] = {}
            while size > 0:
                if not bits:
                    if place == len(numbers):
                        break
                    bits = self._chunks[numbers[place]]
                    place += 1
                here = bit_count(bits)
                if here <= size:
                    part[numbers[place - 1]], bits = bits, 0
                else:
                    head = bits & ((1 << _select(bits, size)) - 1)
                    part[numbers[place - 1]], bits = head, bits ^ head
                size -= here
            yield self._of(part)


def _mask(low: int, high: int) -> int:
    """Bits ``low .. high - 1``."""
    return (1 << high) - (1 << low)


def _values(bits: int, base: int) -> range | list[int]:
    """The values of one chunk in order."""
    low = (bits & -bits).bit_length() - 1
    if bits == (1 << bits.bit_length()) - (1 << low):  # one run
        return range(base + low, base + bits.bit_length())
    return _places(bits, base)


def _places(bits: int, base: int) -> list[int]:
    """``base`` plus the place of each bit, in order."""
    if not bits:
        return []
    digits = bin(bits)[:1:-1]
    if bit_count(bits) > CROWDED:
        return list(compress(range(base, base + CHUNK), digits.encode().translate(_FLAGS)))
    find = digits.find
    places = []
    place = find("1")
    while place >= 0:
        places.append(base + place)
        place = find("1", place + 1)
    return places


def _select(bits: int, rank: int) -> int:
    """The place of the bit of one chunk that has ``rank`` bits below it."""
    place, width = 0, CHUNK
    while width > 1:
        width >>= 1
        low = bits & ((1 << width) - 1)
        below = bit_count(low)
        if rank < below:
            bits = low
        else:
            bits >>= width
            rank -= below
            place += width
    return place


def _span(start: int, stop: int) -> dict[int, int]:
    """The chunks of all values ``start <= value < stop``."""
    if start >= stop:
        return {}
    first, last = start >> SHIFT, (stop - 1) >> SHIFT
    if first == last:
        return {first: _mask(start & LOW, ((stop - 1) & LOW) + 1)}
    chunks = dict.fromkeys(range(first, last + 1), FULL)
    chunks[first] &= _mask(start & LOW, CHUNK)
    chunks[last] &= _mask(0, ((stop - 1) & LOW) + 1)
    return chunks


def _stride(start: int, stop: int, step: int) -> dict[int, int]:
    """The chunks of ``range(start, stop, step)``; chunks of one phase share one integer."""
    chunks: dict[int, int] = {}
    patterns: dict[int, int] = {}
    value = start
    while value < stop:
        number, phase = value >> SHIFT, value & LOW
        inside = min(stop - (number << SHIFT), CHUNK)
        bits = patterns.get(phase) if inside == CHUNK else None
        if bits is None:
            bits = sum(1 << place for place in range(phase, inside, step))
            if inside == CHUNK:
                patterns[phase] = bits
        chunks[number] = bits
        value += len(range(phase, inside, step)) * step
    return chunks


def _gather(values: list[int], runs: list[tuple[int, int]]) -> dict[int, int]:
    """The chunks of values and runs in any order, which may overlap."""
    places = len(values) + len(runs)
    if places < FEW:
        return _gather_sparse(values, runs)
    lows, highs = [a for a, _ in runs], [b for _, b in runs]
    first = min(min(each) for each in (values, lows) if each) >> SHIFT
    last = max(max(each) for each in (values, highs) if each) >> SHIFT
    if (last - first + 1) << SHIFT > DENSE * places:
        return _gather_sparse(values, runs)
    base = first << SHIFT
    marks = bytearray(b"0") * ((last - first + 1) << SHIFT)
    for value in values:
        marks[value - base] = 49  # "1"
    for start, end in runs:
        marks[start - base : end - base + 1] = b"1" * (end - start + 1)
    marks.reverse()  # the highest value is the first binary digit
    chunks = {}
    for number in range(first, last + 1):
        end = (last - number + 1) << SHIFT
        bits = int(marks[end - CHUNK : end], 2)
        if bits:
            chunks[number] = bits
    return chunks


def _gather_sparse(values: list[int], runs: list[tuple[int, int]]) -> dict[int, int]:
    chunks: dict[int, int] = {}
    for value in values:
        number = value >> SHIFT
        chunks[number] = chunks.get(number, 0) | 1 << (value & LOW)
    for first, last in runs:
        _merge(chunks, _span(first, last + 1))
    return chunks


def _merge(chunks: dict[int, int], more: dict[int, int]) -> None:
    """Add ``more`` to ``chunks``; new chunks are taken as they are, so they stay shared."""
    for number, bits in more.items():
        had = chunks.get(number)
        chunks[number] = bits if had is None else had | bits
