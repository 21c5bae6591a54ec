"""Where configuration files are looked for."""

from __future__ import annotations

import os
import sys

import pytest

from clush.config.paths import directories, files_in, search_path
from clush.errors import ConfigError

PREFIX = f"{sys.prefix}/etc/clustershell/x.conf"
FIRST = ["/etc/clustershell/x.conf", "/home/u/.local/etc/clustershell/x.conf", PREFIX]


@pytest.mark.parametrize(
    "environ, last",
    [
        ({}, ["/home/u/.config/clustershell/x.conf"]),
        ({"XDG_CONFIG_HOME": "/xdg"}, ["/xdg/clustershell/x.conf"]),
        ({"XDG_CONFIG_HOME": ""}, ["/home/u/.config/clustershell/x.conf"]),
        (
            {"CLUSTERSHELL_CFGDIR": "/cfg"},
            ["/home/u/.config/clustershell/x.conf", "/cfg/x.conf"],
        ),
        ({"CLUSTERSHELL_CFGDIR": ""}, ["/home/u/.config/clustershell/x.conf"]),
        (
            {"XDG_CONFIG_HOME": "/xdg", "CLUSTERSHELL_CFGDIR": "/cfg/"},
            ["/xdg/clustershell/x.conf", "/cfg/x.conf"],
        ),
    ],
)
def test_search_path(monkeypatch, environ, last):
    monkeypatch.setenv("HOME", "/home/u")
    assert search_path("x.conf", environ) == FIRST + last


def test_search_path_reads_the_environment_of_the_moment(monkeypatch):
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", "/one")
    assert search_path("f")[-1] == "/one/f"
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", "/two")
    assert search_path("f")[-1] == "/two/f"


@pytest.mark.parametrize(
    "setting, expected",
    [
        ("", []),
        ("/a /b", ["/a", "/b"]),
        ("/a/ /a /b//c/../d", ["/a", "/b/d"]),
        ("$CFGDIR/d ${CFGDIR}/e", ["/my cfg/d", "/my cfg/e"]),
        ('"/with blank" /x', ["/with blank", "/x"]),
        ("$OTHER/d ~/e", ["$OTHER/d", "~/e"]),
        ("/a\n  /b", ["/a", "/b"]),
    ],
)
def test_directories(setting, expected):
    assert directories(setting, "/my cfg") == expected


def test_directories_with_an_open_quote():
    with pytest.raises(ValueError, match="No closing quotation"):
        directories('/a "/b', "")


def test_files_in(tmp_path):
    for name in ("b.conf", "a.conf", ".hidden.conf", "c.conf.example", "d.yaml", "e.yml"):
        (tmp_path / name).touch()
    listed = files_in(str(tmp_path), ".conf", "confdir")
    assert [os.path.basename(path) for path in listed] == ["a.conf", "b.conf"]
    assert files_in(str(tmp_path / "none"), ".conf", "confdir") == []


def test_files_in_something_else(tmp_path):
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(ConfigError) as caught:
        files_in(str(path), ".yaml", "autodir")
    assert str(caught.value) == f"Defined autodir {path} is not a directory"
