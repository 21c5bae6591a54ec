"""Bundles: made on the head, kept beside its bytecode, adopted by relays."""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from clush.tree import bundle as making
from clush.tree import pack
from clush.tree.bootstrap import Later, unpacked
from clush.tree.bundle import SHIPPED, bundle
from clush.tree.greeting import NO_MAGIC

PARTS = list(SHIPPED)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Where bundles are kept."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    folder = Path(str(tmp_path) + str(Path(making.__file__).parent))
    folder.mkdir(parents=True)
    yield folder
    os.chmod(folder, 0o755)


@pytest.fixture
def none_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack, "_bundles", {})


@pytest.mark.parametrize("part", PARTS)
def test_source_for_others(part: str) -> None:
    modules = unpacked(bundle(NO_MAGIC, part))
    assert sorted(modules) == list(SHIPPED[part])
    for name, source in modules.items():
        assert isinstance(source, str)
        compile(source, name, "exec")


@pytest.mark.parametrize("part", PARTS)
def test_code_for_our_own(part: str) -> None:
    modules = unpacked(bundle(MAGIC_NUMBER, part))
    assert sorted(modules) == list(SHIPPED[part])
    for code in modules.values():
        assert isinstance(code, CodeType)
        assert list(code.co_lines() if sys.version_info >= (3, 10) else code.co_lnotab) == []


def test_a_traceback_of_code_without_lines() -> None:
    """It names the functions, and nothing crashes."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from clush.tree.bundle import _slim\n"
        "code = 'def f(x):\\n  try:\\n    g(x)\\n  finally:\\n    x += 1\\ndef g(x):\\n  1 / x'\n"
        "exec(_slim(compile(code, '<clush.some.module>', 'exec', optimize=2)))\n"
        "f(0)\n"
    )
    source = str(Path(making.__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", script, source], capture_output=True, text=True)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert ", in f\n" in done.stderr
    assert ", in g\n" in done.stderr


def test_what_was_made_is_kept(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bundle(MAGIC_NUMBER, "rest")
    (kept,) = place.glob("*.bundle")
    assert kept.name == f"rest.{sys.implementation.cache_tag}.bundle"
    monkeypatch.setattr(making, "_source", None)  # nothing is made anew
    assert bundle(MAGIC_NUMBER, "rest") == made


def test_what_is_out_of_date_is_made_anew(place: Path) -> None:
    made = bundle(NO_MAGIC, "rest")
    (kept,) = place.glob("*.bundle")
    stamps, _ = marshal.loads(kept.read_bytes())
    name, time, size = stamps[-1]
    kept.write_bytes(marshal.dumps(([*stamps[:-1], (name, time - 1, size)], b"old")))
    assert bundle(NO_MAGIC, "rest") == made
    assert marshal.loads(kept.read_bytes()) == (stamps, made)


@pytest.mark.parametrize("content", [b"", b"x", marshal.dumps(1), marshal.dumps((1, 2, 3))])
def test_what_is_broken_is_made_anew(place: Path, content: bytes) -> None:
    made = bundle(NO_MAGIC, "rest")
    (kept,) = place.glob("*.bundle")
    kept.write_bytes(content)
    assert bundle(NO_MAGIC, "rest") == made
    assert kept.read_bytes() != content


def test_nothing_is_kept_where_python_keeps_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert bundle(NO_MAGIC, "rest")
    assert list(place.iterdir()) == []


def test_a_place_that_cannot_be_written(place: Path) -> None:
    place.rmdir()
    place.write_text("a file")
    assert bundle(NO_MAGIC, "rest")
    place.unlink()
    place.mkdir()


@pytest.mark.usefixtures("none_at_hand")
def test_it_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = pack.pack(NO_MAGIC)
    monkeypatch.setattr(making, "bundle", None)
    assert pack.pack(NO_MAGIC) is first


@pytest.mark.usefixtures("none_at_hand")
def test_a_relay_passes_on_what_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    class Spec:
        loader = object()

    monkeypatch.setattr(pack, "__spec__", Spec)
    pack.prepare()  # not to be had, and no error
    with pytest.raises(KeyError):
        pack.pack(NO_MAGIC)
    pack.adopt(NO_MAGIC, "first", b"given")
    assert pack.pack(NO_MAGIC) == b"given"
    with pytest.raises(KeyError):
        pack.pack(NO_MAGIC, "rest")


def test_later_is_imported_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "this_module_is_for_later"
    later: Any = Later(name)
    monkeypatch.setitem(sys.modules, name, later)
    assert not hasattr(later, "__path__")
    with pytest.raises(ModuleNotFoundError):
        assert later.something
    later = Later("colorsys")
    monkeypatch.setitem(sys.modules, "colorsys", later)
    assert later.rgb_to_hls(0, 0, 0) == (0.0, 0.0, 0.0)
    assert sys.modules["colorsys"] is not later
