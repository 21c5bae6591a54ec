"""ClusterShell.Defaults."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ClusterShell.Defaults import DEFAULTS, Defaults, config_paths


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "defaults.conf"
        path.write_text(text)
        return str(path)

    return write


def test_values_of_files(file):
    defaults = Defaults([file("[task.info]\nfanout: 5\n[nodeset]\nfold_axis: -1\n"), "/none"])
    assert (defaults.fanout, defaults.fold_axis, defaults.stdin) == (5, (-1,), True)
    assert Defaults(file("[engine]\nport_qlimit: 9\n")).port_qlimit == 9


def test_values_can_be_changed():
    defaults = Defaults([])
    defaults.fanout = "whatever"
    assert defaults.fanout == "whatever"
    assert Defaults([]).fanout == 64


def test_debug_lines_are_printed(capsys):
    Defaults([]).print_debug(None, "line")
    assert capsys.readouterr().out == "line\n"


@pytest.mark.parametrize("defaults", [Defaults([]), DEFAULTS])
def test_other_names(defaults):
    with pytest.raises(AttributeError):
        _ = defaults.zork
    with pytest.raises(AttributeError):
        defaults.zork = 1


@pytest.mark.parametrize("text", ["[task.info]\nfanout: abc\n", "[task.default]\nstderr: maybe\n"])
def test_a_bad_value_is_a_value_error(file, text):
    with pytest.raises(ValueError):
        Defaults([file(text)])


def test_config_paths(monkeypatch):
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", "/cfg")
    paths = config_paths("groups.conf")
    assert (paths[0], paths[-1]) == ("/etc/clustershell/groups.conf", "/cfg/groups.conf")
    assert len(paths) == 5


PROGRAM = """\
from ClusterShell.Defaults import DEFAULTS
DEFAULTS.debug = True
try:
    DEFAULTS.fanout
except ValueError as error:
    print(error)
"""


def test_nothing_is_read_at_import(file, tmp_path):
    path = file("[task.info]\nfanout: abc\n")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"CLUSTERSHELL_CFGDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    reason = "invalid literal for int() with base 10: 'abc'"
    assert done.stdout == f"(Config task.info.fanout): {reason} ({path}, line 2)\n"
    assert done.stderr == ""


def test_what_is_set_first_stays(file, tmp_path, monkeypatch):
    file("[task.info]\nfanout: 5\nconnect_timeout: 6\n")
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", str(tmp_path))
    unread = type(DEFAULTS)()
    unread.fanout = 7
    assert (unread.fanout, unread.connect_timeout) == (7, 6)


@pytest.mark.parametrize("line, axes", [("fold_axis: -1", (-1,)), ("", ())])
def test_node_sets_need_no_other_value(file, tmp_path, monkeypatch, line, axes):
    file(f"[task.info]\nfanout: abc\n[nodeset]\n{line}\n")
    monkeypatch.setenv("CLUSTERSHELL_CFGDIR", str(tmp_path))
    unread = type(DEFAULTS)()
    assert unread.fold_axis == axes
    with pytest.raises(ValueError, match="fanout"):
        _ = unread.fanout
