"""INI files: merging, and errors that say where."""

from __future__ import annotations

import os

import pytest

from clush.config.ini import Ini
from clush.errors import ClushError, ConfigError, ConfigSyntaxError


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    return write


def read(*paths):
    ini = Ini()
    ini.read(*paths)
    return ini


def test_files_merge_key_by_key(write):
    low = write("low", "[Main]\na: 1\nb: 1\n[only]\nx: 1\n")
    high = write("high", "[Main]\nb = 2\n[more]\n")
    ini = read(low, "/nonexistent/file", high)
    assert ini.files == [low, high]
    assert [ini.get("Main", key) for key in "abc"] == ["1", "2", None]
    assert ini.sections() == ["Main", "only", "more"]
    assert ini.keys("Main") == ["a", "b"]
    assert ini.keys("nowhere") == ini.keys("DEFAULT") == []
    assert ini.get("nowhere", "a") is None


def test_cfgdir_is_that_of_the_last_file_read(write, tmp_path, monkeypatch):
    low, high = write("low/f", ""), write("high/f", "[s]\n")
    assert read(low, high, "/nonexistent/f").cfgdir == os.path.dirname(high)
    assert read().cfgdir == ""
    monkeypatch.chdir(tmp_path)
    assert read("low/f").cfgdir == os.path.dirname(low)


@pytest.mark.parametrize(
    "text, value",
    [
        ("[s]\nkey: value\n", "value"),
        ("[s]\nKEY = value\n", "value"),
        ("[s]\nkey: a=b:c\n", "a=b:c"),
        ("[s]\nkey:\n", ""),
        ("[s]\nkey: 3 # x\n", "3 # x"),
        ("[s]\n# key: 1\n; key: 2\nkey: 3\n", "3"),
        ("[s]\nkey: one\n  two\n", "one\ntwo"),
        ("[DEFAULT]\nkey: d\n[s]\n", "d"),
        ("[s]\nkey: 100%%\n", "100%"),
        ("[s]\nkey: %r@%h:%%p 9%\n", "%r@%h:%p 9%"),
        ("[s]\nother: o\nkey: %(other)s\n", "o"),
        ("[S]\nkey: 1\n", None),
    ],
)
def test_syntax(write, text, value):
    assert read(write("f", text)).get("s", "key") == value


def test_raw_values_keep_percent_signs(write):
    assert read(write("f", "[s]\nkey: %d %% %(x)s\n")).get("s", "key", raw=True) == "%d %% %(x)s"


def test_bytes_that_are_no_text_are_kept(write):
    ini = read(write("f", b"[s]\n# caf\xe9\nkey: caf\xe9\n"))
    assert os.fsencode(ini.get("s", "key")) == b"caf\xe9"


@pytest.mark.parametrize(
    "text, line, words",
    [
        ("key: 1\n", 1, "File contains no section headers."),
        ("[s\n", 1, "File contains no section headers."),
        ("[s]\na: 1\nnonsense\n", 3, "Source contains parsing errors: '"),
        ("[s]\na: 1\nA: 2\n", 3, "option 'a' in section 's' already exists"),
        ("[s]\na: 1\n\n[s]\n", 4, "section 's' already exists"),
    ],
)
def test_a_file_that_is_no_configuration(write, text, line, words):
    path = write("f", text)
    with pytest.raises(ConfigSyntaxError) as caught:
        read(path)
    error = caught.value
    assert (error.file, error.line) == (path, line)
    assert words in str(error)
    assert path in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize("value", ["%(nobody)s", "%(open", "%(loop)s"])
def test_bad_interpolation_says_where(write, value):
    path = write("f", f"[s]\n# comment\nloop: {value}\n")
    with pytest.raises(ConfigError) as caught:
        read(path).get("s", "loop")
    error = caught.value
    assert (error.file, error.section, error.key, error.line) == (path, "s", "loop", 3)
    assert str(error).startswith("(Config s.loop): ")
    assert str(error).endswith(f" ({path}, line 3)")
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "section, key, place",
    [
        ("Main", "a", ("low", 2)),
        ("Main", "B", ("high", 3)),
        ("mode:x", "b", ("high", 7)),
        ("mode:x", None, ("high", 5)),
        ("mode:x", "fallback", ("low", 5)),
        ("Main", "nowhere", (None, None)),
        ("nowhere", None, (None, None)),
    ],
)
def test_where(write, section, key, place):
    low = write("low", "[Main]\na: 1\nb: 1\n[DEFAULT]\nfallback: 1\n")
    high = write("high", "# top\n[Main]\nb = 2\n  b: not a key\n[mode:x]\n#b: 2\nb: 3\n")
    names = {low: "low", high: "high", None: None}
    file, line = read(low, high).where(section, key)
    assert (names[file], line) == place


@pytest.mark.parametrize(
    "section, value, expanded",
    [
        ("Main", "x", "x"),
        ("Main", "-o%%h", "-o%h"),
        ("Main", "%(user)s@%(host)s", "u@h"),
        ("nowhere", "%(host)s", "h"),
    ],
)
def test_a_value_that_no_file_gives(write, section, value, expanded):
    ini = read(write("f", "[DEFAULT]\nhost: h\n[Main]\nuser: u\nkey: old\n"))
    assert ini.expand(section, "key", value) == expanded
    assert ini.get("Main", "key") == "old"
    with pytest.raises(ValueError, match="Bad value substitution"):
        ini.expand(section, "key", "%(nobody)s")


def test_a_file_that_has_to_be_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        Ini().read_required(str(tmp_path / "none"))


def test_a_file_that_is_gone_when_the_error_is_told(write):
    path = write("f", "[s]\nkey: 1\n")
    ini = read(path)
    os.unlink(path)
    assert str(ini.error("bad", "s", "key")) == "(Config s.key): bad"


def test_errors_are_values_too():
    error = ConfigError("bad", file="f", section="s", key="k", line=3)
    assert isinstance(error, (ClushError, ValueError))
    assert (error.reason, error.exit_code) == ("bad", 1)
    assert str(ConfigError("bad", section="s")) == "bad"
