"""Tar streams as they come: what others write, any cut, any bytes."""

from __future__ import annotations

import io
import random
import tarfile
import tracemalloc
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clush.errors import CopyError
from clush.tree.untar import MAX_EXTENSION, End, Member, Reader

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def info(name: str, text: bytes = b"", **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    one = tarfile.TarInfo(name)
    one.size = len(text)
    for field, value in fields.items():
        setattr(one, field, value)
    return one, text


def archive(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.GNU_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as tar:
        for one, text in members:
            tar.addfile(one, io.BytesIO(text))
    return file.getvalue()


def follow(reader: Reader, pieces: Iterable[bytes], found: list[list[Any]]) -> None:
    """Add to ``found`` what comes: members, whether they ended, their bytes."""
    for piece in pieces:
        for event in reader.feed(piece):
            if isinstance(event, Member):
                found.append([event, False, b""])
            elif isinstance(event, End):
                found[-1][1] = True
            else:
                found[-1][2] += event


def read(pieces: Iterable[bytes], end: bool = True) -> list[Any]:
    """Members, each with its bytes (None where it had no end)."""
    reader = Reader()
    found: list[list[Any]] = []
    follow(reader, pieces, found)
    if end:
        reader.close()
    return [(member, text if ended else None) for member, ended, text in found]


SAMPLE = [
    info("top", type=tarfile.DIRTYPE, mode=0o755, mtime=1_000_000_000),
    info("top/a", b"text", mode=0o4640, mtime=1_000_000_001),
    info("top/empty"),
    info("top/block", b"x" * 512),
    info("top/link", type=tarfile.SYMTYPE, linkname="a"),
    info("top/hard", type=tarfile.LNKTYPE, linkname="top/a"),
    info("top/pipe", type=tarfile.FIFOTYPE),
    info("top/null", type=tarfile.CHRTYPE),
    info("top/disk", type=tarfile.BLKTYPE),
]


@pytest.mark.parametrize("form", FORMATS)
def test_all_kinds_of_members(form: str) -> None:
    found = read([archive(*SAMPLE, form=FORMATS[form])])
    assert [(member.kind, member.name, member.link, text) for member, text in found] == [
        ("directory", b"top/", b"", None),
        ("file", b"top/a", b"", b"text"),
        ("file", b"top/empty", b"", b""),
        ("file", b"top/block", b"", b"x" * 512),
        ("symbolic link", b"top/link", b"a", None),
        ("hard link", b"top/hard", b"top/a", None),
        ("pipe", b"top/pipe", b"", None),
        ("character device", b"top/null", b"", None),
        ("block device", b"top/disk", b"", None),
    ]
    assert found[0][0][3:] == (0, 0o755, 1_000_000_000)
    assert found[1][0][3:] == (4, 0o640, 1_000_000_001)


NAMES = ["x" * 100, "x" * 101, "d" * 90 + "/" + "x" * 90, "ümlaut" * 30, "d/" * 120 + "x" * 254]


@pytest.mark.parametrize("name", NAMES, ids=len)
@pytest.mark.parametrize("form", ["gnu", "pax"])
def test_long_names(form: str, name: str) -> None:
    link = info("link" + name, type=tarfile.SYMTYPE, linkname=name)
    found = read([archive(info(name, b"text"), link, info("after", b"x"), form=FORMATS[form])])
    assert [(member.name, member.link) for member, _ in found] == [
        (name.encode(), b""),
        (f"link{name}".encode(), name.encode()),
        (b"after", b""),
    ]


def test_a_name_in_two_parts() -> None:
    name = "d" * 90 + "/" + "x" * 90
    ((member, _),) = read([archive(info(name), form=tarfile.USTAR_FORMAT)])
    assert member.name == name.encode()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (0, 0),
        (1.9, 1),
        (-5, -5),
        (-5.5, -5),
        (2**40, 2**33),
        (-(2**40), -(2**33)),
    ],
)
@pytest.mark.parametrize("form", ["gnu", "pax"])
def test_times(form: str, said: float, meant: int) -> None:
    text = archive(info("a", mtime=said if form == "pax" else int(said)), form=FORMATS[form])
    assert read([text])[0][0].mtime == meant


def test_old_archives_know_no_types() -> None:
    text = bytearray(archive(info("d/")))
    text[156] = 0
    text[257:265] = bytes(8)
    text = signed(text)
    assert read([bytes(text)])[0][0].kind == "directory"


def signed(text: bytearray) -> bytearray:
    """With the sum of its header as it should be."""
    text[148:156] = b" " * 8
    text[148:156] = b"%06o\0 " % sum(text[:512])
    return text


def test_what_is_for_all_members_is_not_believed() -> None:
    file = io.BytesIO()
    with tarfile.open(
        fileobj=file, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"path": "b", "size": "9"}
    ) as tar:
        tar.addfile(*(lambda one: (one[0], io.BytesIO(one[1])))(info("a", b"text")))
    assert [(member.name, text) for member, text in read([file.getvalue()])] == [(b"a", b"text")]


def test_sparse_files_are_known() -> None:
    one, text = info("a", b"text", pax_headers={"GNU.sparse.major": "1"})
    found = read([archive((one, text), info("b", b"x"), form=tarfile.PAX_FORMAT)])
    assert [(member.kind, member.name) for member, _ in found] == [
        ("sparse file", b"a"),
        ("file", b"b"),
    ]


def test_what_is_empty_takes_back_what_was_said() -> None:
    text = b"10 path=b\n" + b"8 path=\n" + b"8 size=\n" + b"9 mtime=\n" + b"13 linkpath=\n"
    ((member, _),) = read([pax(text)])
    assert member == Member("file", b"a", b"", 0, 0o644, 0)


def test_unknown_types_are_known_as_such() -> None:
    found = read([archive(info("a", b"text", type=b"Z"), info("b", b"x"))])
    assert [member.kind for member, _ in found] == ["file of an unknown kind", "file"]


@given(st.data(), st.sampled_from(list(FORMATS)))
def test_any_cut_of_the_stream_gives_the_same(data: st.DataObject, form: str) -> None:
    name = "top/" + "n" * (150 if form != "ustar" else 50)
    text = archive(*SAMPLE, info(name, b"y" * 700), form=FORMATS[form])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=10)))
    pieces = [text[i:j] for i, j in zip([0, *cuts], [*cuts, len(text)])]
    assert read(pieces) == read([text])


@pytest.mark.parametrize("form", FORMATS)
def test_any_end_before_the_end_is_told(form: str) -> None:
    text = archive(*SAMPLE, form=FORMATS[form])
    end = len(text.rstrip(b"\0")) // 512 * 512 + 512
    assert read([text[: end + 1024]]) == read([text])
    for cut in {*range(0, end + 1024, 128), end + 1023}:
        with pytest.raises(CopyError, match=r"^the archive was cut$"):
            read([text[:cut]])


def test_what_follows_the_end_is_of_no_interest() -> None:
    text = archive(*SAMPLE)
    assert read([text, b"garbage"]) == read([text])


def patched(place: int, field: bytes, text: bytes | None = None) -> bytes:
    header = bytearray(text or archive(info("a", b"text")))
    header[place : place + len(field)] = field
    return bytes(signed(header))


def pax(record: bytes) -> bytes:
    """An archive with this in a header of pax."""
    size = b"%011o" % len(record)
    head = patched(124, size, patched(156, b"x"))[:512]
    return head + record.ljust(512, b"\0") + archive(info("a"))


BROKEN = {
    "text": b"no such file\n" * 100,
    "gzip": b"\x1f\x8b\x08" + bytes(range(256)) * 2,
    "sum": archive(info("a")).replace(b"a", b"b", 1),
    "size": patched(124, b"abcdefghijk"),
    "negative size": patched(124, b"\xff" * 12),
    "negative size of a header": patched(124, b"\xff" * 12, patched(156, b"L")),
    "signed size": patched(124, b"-0000000001", patched(156, b"L")),
    "positive size": patched(124, b"+0000000005"),
    "size with underscores": patched(124, b"0000_000005"),
    "mode": patched(100, b"9999999"),
    "one block of zeros": bytes(512) + archive(info("a")),
    "record": pax(b"no record at all\n"),
    "length": pax(b"99 path=a\n"),
    "no length": pax(b" path=a\n"),
    "length 0": pax(b"0 path=a\n"),
    "negative length": pax(b"-9 path=a\n"),
    "length back to the beginning": pax(b"-7 path=a\n1\n\n"),
    "signs": pax(b"--9 path=a\n"),
    "huge length": pax(b"9" * 400 + b" path=a\n"),
    "no end": pax(b"9 path=abc"),
    "pax size": pax(b"11 size=-1\n"),
    "pax size in letters": pax(b"12 size=abc\n"),
    "pax size with a part": pax(b"12 size=0.5\n"),
    "pax size with a sign": pax(b"11 size=-0\n"),
    "length with a part": pax(b"11. path=b\n"),
    "pax time": pax(b"13 mtime=inf\n"),
    "pax time with a sign in its part": pax(b"14 mtime=1.-5\n"),
    "long pax time": pax(b"112 mtime=" + b"9" * 101 + b"\n"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_archive(name: str) -> None:
    with pytest.raises(CopyError, match=r"^what came is no archive$"):
        read([BROKEN[name]])


@pytest.mark.parametrize("kind", [b"L", b"K", b"x", b"g"])
def test_what_a_header_brings_is_bounded(kind: bytes) -> None:
    for size in (MAX_EXTENSION, MAX_EXTENSION + 1, 2**33 - 1):
        header = patched(124, b"%011o" % size, patched(156, kind))[:512]
        if size <= MAX_EXTENSION:
            assert read([header], end=False) == []
        else:
            with pytest.raises(CopyError, match=f"^an archive with a header of {size} bytes$"):
                read([header])


def test_what_headers_bring_for_one_member_is_bounded() -> None:
    text = b"%d k%07d=%s\n"
    headers = []
    for number in range(12):
        record = text % (100_017, number, b"v" * 100_000)
        assert len(record) == 100_017
        head = patched(124, b"%011o" % len(record), patched(156, b"x"))[:512]
        headers.append(head + record + bytes(-len(record) % 512))
    read([*headers[:10], archive(info("a"))[:512], *headers[:10]], end=False)
    with pytest.raises(CopyError, match=r"^an archive with a header of \d+ bytes$"):
        read(headers)


def test_what_headers_bring_for_others_is_not_kept() -> None:
    record = b"".join(b"13 k%07d=\n" % number for number in range(70_000))
    head = patched(124, b"%011o" % len(record), patched(156, b"x"))[:512]
    reader = Reader()
    tracemalloc.start()
    try:
        list(reader.feed(head + record + bytes(-len(record) % 512)))
        assert tracemalloc.get_traced_memory()[0] < 500_000
    finally:
        tracemalloc.stop()


def test_a_reader_that_has_failed_may_be_fed_again() -> None:
    reader = Reader()
    for _ in range(3):
        with pytest.raises(CopyError):
            list(reader.feed(pax(b"x" * 1024)[: 3 * 512]))


@pytest.mark.parametrize("kind", [b"L", b"K", b"x", b"g"])
def test_a_header_that_brings_nothing_holds_nothing(kind: bytes) -> None:
    """Not even bytes of the member behind it, of which nothing is kept."""
    empty = patched(124, b"%011o" % 0, patched(156, kind))[:512]
    member = patched(124, b"%011o" % 50_000_000, patched(156, b"Z"))[:512]
    reader = Reader()
    list(reader.feed(empty + member))
    tracemalloc.start()
    try:
        for _ in range(50):
            list(reader.feed(bytes(1_000_000)))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_members_without_bytes_have_none_whatever_they_say() -> None:
    link = patched(124, b"%011o" % 512, archive(info("a", type=tarfile.SYMTYPE, linkname="b")))
    found = read([link[:512] + archive(info("c", b"x"))])
    assert [member.name for member, _ in found] == [b"a", b"c"]


def test_sizes_cost_no_memory() -> None:
    header = patched(124, b"\x80" + b"\xff" * 11)[:512]
    reader = Reader()
    tracemalloc.start()
    try:
        for _ in range(100):
            list(reader.feed(header if not _ else bytes(100_000)))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


FIELDS = [
    lambda dice: b"",
    lambda dice: dice.randbytes(1),
    lambda dice: dice.randbytes(12),
    lambda dice: dice.choice([b"L", b"K", b"x", b"g", b"S", b"0", b"1"]),
    lambda dice: dice.choice([b"\xff" * 12, b"-0000000001", b"\x80" + b"\xff" * 11, b"7" * 11]),
    lambda dice: bytes(dice.choice([1, 12, 512])),
]


@pytest.mark.parametrize("seed", range(10))
def test_fuzz(seed: int) -> None:
    """Any bytes in any pieces: the same members and bytes, and the same end or CopyError."""
    dice = random.Random(seed)
    long = info("n" * 200, b"text", pax_headers={"comment": "x" * 50})
    samples = [archive(*SAMPLE, long, form=FORMATS[form]) for form in ("gnu", "pax")]
    for _ in range(600):
        text = bytearray(dice.choice(samples))
        for _ in range(dice.randint(1, 3)):
            place = dice.randrange(len(text))
            if dice.random() < 0.5:  # where a header has its size, or its kind
                place += dice.choice([124, 156]) - place % 512
            text[place : place + dice.choice([1, 8, 512])] = dice.choice(FIELDS)(dice)
            if dice.random() < 0.7:
                start = place - place % 512
                text[start : start + 512] = signed(text[start : start + 512])
        ends = []
        for size in (len(text), 512, 100):
            found: list[Any] = []
            reader = Reader()
            try:
                follow(reader, (text[at : at + size] for at in range(0, len(text), size)), found)
                reader.close()
            except CopyError as error:
                assert len(str(error)) < 100
                found.append(str(error))
            ends.append(found)
        assert ends[0] == ends[1] == ends[2]
