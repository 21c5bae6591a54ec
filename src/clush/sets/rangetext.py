"""How a range set is written: text to buckets, and buckets to text.

Reading is done in bulk: numbers together, runs together; only a piece that is neither
a number nor ``a-b`` is looked at alone. Writing goes run by run. What a bucket is stands
in ``buckets``.
"""

from __future__ import annotations

from itertools import chain

from clush.errors import RangeSetParseError
from clush.sets.buckets import PLAIN, put, segments
from clush.sets.indexset import CHUNK, IndexSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clush.sets.buckets import Buckets

    Run = tuple[int, int, int]  # first, last, width
    Folded = tuple[int, int, int, int]  # first, last, step, width

# Larger numbers name no node, and Python converts long texts slowly.
MAX_DIGITS = 100
MAX_VALUE = 10**MAX_DIGITS
MAX_WIDTH = 1000

# Fewer pieces than this are read one by one: sorting them out would take longer.
FEW = 8

# A text may spread over this many values: 65 536 chunks, at worst 40 MB.
MAX_SPREAD = 1 << 28


# Reading


def parse(text: str) -> Buckets:
    """The buckets of a list of ranges; ``RangeSetParseError`` when it is none."""
    pieces = text.split(",")
    buckets: Buckets = {}
    if len(pieces) < FEW or not _is_bulk(text):
        _load_pieces(buckets, pieces)
    elif "-" not in text:
        load_numbers(buckets, pieces)
    else:
        load_numbers(buckets, [piece for piece in pieces if "-" not in piece])
        spans = [piece for piece in pieces if "-" in piece]
        if not _load_spans(buckets, spans):
            _load_pieces(buckets, spans)
    return buckets


# What bulk reading sees of a text: digits, separators, anything else.
_SHAPE = bytes(
    ord("0") if char in b"0123456789" else ord(",") if char in b",-" else ord("x")
    for char in range(256)
)
_TOO_LONG = b"0" * (MAX_DIGITS + 1)


def _is_bulk(text: str) -> bool:
    """Whether ``text`` holds nothing but numbers of usual length and separators."""
    if not text.isascii():
        return False
    shape = b",%b," % text.encode().translate(_SHAPE)
    return not (b"x" in shape or b",," in shape or _TOO_LONG in shape)


def load_numbers(buckets: Buckets, numbers: list[str]) -> None:
    """Add numbers, each at most ``MAX_DIGITS`` ASCII digits, to ``buckets``."""
    if not numbers:
        return
    if numbers[0][0] != "0" and ",0" not in ",".join(numbers):
        put(buckets, PLAIN, IndexSet(map(int, numbers)))
        return
    by_length: dict[int, list[str]] = {}
    for number in numbers:
        by_length.setdefault(len(number), []).append(number)
    for length, group in by_length.items():
        put(buckets, length, IndexSet(map(int, group)))


def _load_spans(buckets: Buckets, spans: list[str]) -> bool:
    """Add ranges ``a-b`` of one width; False when they must be looked at one by one."""
    ends = ",".join(spans).replace("-", ",").split(",")
    width = PLAIN
    if any(end[0] == "0" for end in ends):
        width = len(ends[0])
        if any(len(end) != width for end in ends):
            return False
    values = list(map(int, ends))
    firsts, lasts = values[::2], values[1::2]
    usual = len(ends) == 2 * len(spans) and all(map(int.__le__, firsts, lasts))
    if not usual or sum(lasts) - sum(firsts) > MAX_SPREAD:
        return False
    put(buckets, width, IndexSet(runs=zip(firsts, lasts)))
    return True


def _load_pieces(buckets: Buckets, pieces: list[str]) -> None:
    runs: dict[int, list[tuple[int, int]]] = {}
    room = MAX_SPREAD
    for piece in pieces:
        first, last, step, width = _simple(piece) or read_piece(piece)
        places = last - first
        room -= places if step < CHUNK else places // step * CHUNK
        if room < 0:
            raise RangeSetParseError(piece.strip(), f"range too large (limit is {MAX_SPREAD})")
        if step == 1:
            runs.setdefault(width, []).append((first, last))
        else:
            put(buckets, width, IndexSet.from_range(first, last + 1, step))
    for width, group in runs.items():
        put(buckets, width, IndexSet(runs=group))


def _simple(piece: str) -> Folded | None:
    """The usual ``a`` or ``a-b`` in short, or None when ``piece`` must be looked at."""
    low, dash, high = piece.partition("-")
    if not dash:
        high = low
    if not (low.isdigit() and high.isdigit() and piece.isascii() and len(piece) <= MAX_DIGITS):
        return None
    width = PLAIN
    if low[0] == "0" or high[0] == "0":
        if len(low) != len(high):
            return None
        width = len(low)
    first, last = int(low), int(high)
    return (first, last, 1, width) if first <= last else None


def read_piece(piece: str) -> Folded:
    """First, last, step and width of ``INT``, ``INT-INT`` or ``INT-INT/STEP``."""
    piece = piece.strip()
    if not piece:
        raise RangeSetParseError("", "empty range")
    span, slash, step_text = piece.partition("/")
    span = span.strip()
    dash = span.find("-", 1)  # a dash in front is a sign
    step = _number(step_text, piece) if slash else 1
    if dash < 0:
        if step != 1:
            raise RangeSetParseError(piece, "invalid step usage")
        first = last = _number(span, piece)
        width = _width(span, span, piece)
    else:
        low, high = span[:dash].strip(), span[dash + 1 :].strip()
        first, last = _number(low, piece), _number(high, piece)
        width = _width(low, high, piece)
    if first > last or step < 1 or max(-first, last) > MAX_VALUE:
        raise RangeSetParseError(piece, "invalid values in range")
    return first, last, step, width


def _number(text: str, piece: str) -> int:
    """The value of ``-?[0-9]+``; blanks around the tokens are allowed."""
    text = text.strip()
    digits = text[1:].lstrip() if text.startswith("-") else text
    if not (digits.isascii() and digits.isdigit()):
        raise RangeSetParseError(piece, "cannot convert string to integer")
    significant = digits.lstrip("0")
    if len(significant) > MAX_DIGITS + 1 or len(digits) > MAX_WIDTH:
        raise RangeSetParseError(piece, "invalid values in range")
    value = int(significant or "0")
    return -value if text.startswith("-") else value


def _width(low: str, high: str, piece: str) -> int:
    """The width of padding that both ends of a range agree on."""
    padded = [text for text in (low, high) if is_padded(text)]
    if not padded:
        return PLAIN
    if padded[0].startswith("-"):
        raise RangeSetParseError(piece, "padding not supported in negative ranges")
    if len(low) != len(high) or low.startswith("-"):
        raise RangeSetParseError(piece, "padding length mismatch")
    return len(low)


def is_padded(text: str) -> bool:
    """Whether a number is written with leading zeros, which are then significant."""
    digits = text.lstrip("- ")
    return len(digits) > 1 and digits[0] == "0"


def element(index: int | str, pad: int = 0) -> tuple[int, int]:
    """Width and value of one index; an int is padded to ``pad`` digits.

    ``ValueError`` when it is not one plain index.
    """
    if isinstance(index, int) and (pad <= 1 or index < 0):
        return PLAIN, index
    if isinstance(index, str) and index.isdigit() and index.isascii() and len(index) <= MAX_DIGITS:
        return (len(index) if index[0] == "0" and len(index) > 1 else PLAIN), int(index)
    text = index if isinstance(index, str) else written(pad, index)
    try:
        first, last, _, width = read_piece(text)
    except RangeSetParseError as error:
        raise ValueError(str(error)) from None
    if first != last:
        raise ValueError(f"not a single index: {text!r}")
    return (width if 0 <= first < 10 ** (width - 1) else PLAIN), first


# Writing


def written(width: int, value: int) -> str:
    """The text of one element."""
    return f"{value:0{width}d}" if value >= 0 else str(value)


def texts(buckets: Buckets, head: str = "", tail: str = "") -> Iterator[str]:
    """The text of every element between two texts, in order, made as it is asked for."""
    return chain.from_iterable(
        _padded(piece, width, head, tail) if width else _plain(piece, head, tail)
        for width, values in segments(buckets)
        for piece in values.pieces()
    )


def _padded(values: Iterable[int], width: int, head: str, tail: str) -> Iterable[str]:
    pattern = f"{head.replace('%', '%%')}%0{width}d{tail.replace('%', '%%')}"
    return map(pattern.__mod__, values)


def _plain(values: range | list[int], head: str, tail: str) -> Iterable[str]:
    if isinstance(values, range) and values.start >= 0 and len(values) > 1000 and not tail:
        return _by_thousands(values, head)
    return [f"{head}{value}{tail}" for value in values]


_THOUSAND: list[str] = []  # the last three digits, when they have been needed


def _by_thousands(values: range, head: str) -> Iterator[str]:
    """Long runs: what stands before the last three digits is made once per thousand."""
    if not _THOUSAND:
        _THOUSAND.extend([f"{number:03d}" for number in range(1000)])
    yield from [f"{head}{value}" for value in range(values.start, 1000)]
    for start in range(max(values.start - values.start % 1000, 1000), values.stop, 1000):
        ends = _THOUSAND[max(values.start - start, 0) : values.stop - start]
        yield from map(f"{head}{start // 1000}".__add__, ends)


def runs(buckets: Buckets) -> list[Run]:
    """The maximal ranges ``(first, last, width)`` in order."""
    return [(a, b, width) for width, values in segments(buckets) for a, b in values.runs()]


def fold(buckets: Buckets, autostep: float | None) -> Iterable[Folded]:
    """The ranges ``(first, last, step, width)`` that the text is made of."""
    if autostep is None:
        return ((first, last, 1, width) for first, last, width in runs(buckets))
    return _stepped(runs(buckets), autostep)


def text(buckets: Buckets, autostep: float | None = None) -> str:
    """The folded text, empty when there is no element."""
    if autostep is not None:
        return ",".join([_range_text(*folded) for folded in fold(buckets, autostep)])
    return ",".join([_segment_text(width, values) for width, values in segments(buckets)])


def _segment_text(width: int, values: IndexSet) -> str:
    if width == PLAIN and values.is_scattered():
        return ",".join(map(str, values))
    if width == PLAIN:
        return ",".join([f"{a}-{b}" if a != b else f"{a}" for a, b in values.runs()])
    one, two = f"%0{width}d", f"%0{width}d-%0{width}d"
    return ",".join([two % (a, b) if a != b else one % a for a, b in values.runs()])


def _range_text(first: int, last: int, step: int, width: int) -> str:
    start = written(width, first)
    if first == last:
        return start
    return f"{start}-{written(width, last)}" + (f"/{step}" if step > 1 else "")


def _stepped(todo: list[Run], threshold: float) -> Iterator[Folded]:
    """Join single values at equal distances, at least ``threshold`` of them, to ``a-b/s``."""
    todo.reverse()  # the next one is popped
    stepped_to: int | None = None
    while todo:
        first, last, width = todo.pop()
        if first == last and stepped_to != first - 1:
            end, step, count = _progression(todo, first, width)
            if count >= threshold:
                _consume(todo, count - 1, end)
                yield first, end, step, width
                stepped_to = end
                continue
        yield first, last, 1, width
        stepped_to = None


def _progression(todo: list[Run], first: int, width: int) -> tuple[int, int, int]:
    """How far values at equal distance follow a single ``first``: last, step, count."""
    end, step, count = first, 1, 1
    for start, last, kind in reversed(todo):
        if not _compatible(width, start, kind) or (count > 1 and start - end != step):
            break
        step, end, count = start - end, start, count + 1
        if start != last:
            break
    return end, step, count


def _compatible(width: int, value: int, kind: int) -> bool:
    """Whether ``value``, written in the way ``kind``, may continue a range of ``width``."""
    return kind == width or (kind == PLAIN and 10 ** (width - 1) <= value < 10**width)


def _consume(todo: list[Run], count: int, end: int) -> None:
    """Take ``count`` values from the front; of a longer run only its first value, ``end``."""
    for _ in range(count):
        _, last, width = todo.pop()
    if last > end:
        padded = width and end + 1 < 10 ** (width - 1)
        todo.append((end + 1, last, width if padded else PLAIN))
