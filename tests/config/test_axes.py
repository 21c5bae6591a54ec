"""The axes that node sets fold by default."""

from __future__ import annotations

import sys

import pytest

from clush.config.axes import fold_axis
from clush.errors import ConfigError


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "defaults.conf"
        path.write_text(text)
        return str(path)

    return write


def test_the_search_path_is_read(file, tmp_path, monkeypatch):
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", str(tmp_path))
    file("[nodeset]\nfold_axis: 1\n")
    assert fold_axis() == (1,)


@pytest.mark.parametrize(
    "text, axes",
    [
        ("", None),
        ("[nodeset]\nfold_axis: 0\n", (0,)),
        ("[nodeset]\n  Fold_Axis = -1,0\n", (-1, 0)),
        ("[task.info]\nfanout: abc\n[nodeset]\nfold_axis: 1\n", (1,)),
        ("[other]\nfold_axis: 1\n", None),
        ("[nodeset]\nfold_axis:\n", None),
    ],
)
def test_fold_axis(file, text, axes):
    assert fold_axis([file(text), "/nonexistent"]) == axes


@pytest.mark.parametrize("text", ["no configuration\n", "[nodeset]\n# fold_axis: 1\n"])
def test_fold_axis_parses_no_file_that_does_not_set_it(file, text, monkeypatch):
    monkeypatch.setitem(sys.modules, "clush.config.ini", None)
    assert fold_axis([file(text)]) is None


def test_a_bad_fold_axis(file):
    with pytest.raises(ConfigError, match=r"\(Config nodeset.fold_axis\): invalid literal"):
        fold_axis([file("[nodeset]\nfold_axis: a\n")])
